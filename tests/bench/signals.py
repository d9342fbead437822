"""The signals beside the other controls on the six city networks: ``python tests/bench/signals.py``.

Seeds 11 to 20, which no setting was chosen by, one hour of demand each, regulated constraints on. It makes a city for
each network in a folder of its own, runs ``madang evaluate``, keeps its evidence and report there, and prints what must
reached beside what was. Hours of computing: try ``--seeds 11 --hours 0.1`` first. A network whose evidence is there
already (``--out`` the same, seeds and hours too) is not run again.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table


class Aim(NamedTuple):
    """Mean delay in s that must be reached, and that is the goal; real-time factor on one core that must be reached."""

    must_s: float
    goal_s: float
    factor: float | None = None


NETWORKS = {
    "cologne1": Aim(16, 14.8),
    "cologne3": Aim(18, 17),
    "cologne8": Aim(17, 16, 300),
    "ingolstadt1": Aim(13, 11.6),
    "ingolstadt7": Aim(22, 19.9),
    "ingolstadt21": Aim(58, 51, 60),
}
FIGURES = ("delay_s", "delay_p95_s", "longest_wait_s", "teleports", "gridlocked", "conflicts", "guards_broken")


def city(name: str, folder: Path) -> Path:
    """A new city on the network, with the service's own settings."""
    made = folder / "cities" / name
    if not made.exists():
        subprocess.run([sys.executable, "-m", "madang", "init", str(made)], check=True, capture_output=True)
        file = made / "city.toml"
        file.write_text(file.read_text().replace('scenario = "cologne1"', f'scenario = "{name}"'))
    return made


def measured(name: str, given: argparse.Namespace) -> dict[str, Any]:
    """The comparison of one network: from the file of an earlier run, or run now."""
    file: Path = given.out / f"{name}.json"
    if file.exists():
        found = json.loads(file.read_text())
        if ",".join(map(str, found["seeds"])) == given.seeds and found["hours"] == given.hours:
            return found
    command = [sys.executable, "-m", "madang", "evaluate", str(city(name, given.out)), "--json"]
    command += ["--seeds", given.seeds, "--hours", str(given.hours), "--out", str(given.out / "evidence")]
    command += ["--html", str(given.out / f"{name}.html")] if given.html else []
    command += [part for each in given.sensing for part in ("--sensing", each)]
    command += [part for each in given.disturb for part in ("--disturb", each)]
    command += ["--jobs", str(given.jobs)] if given.jobs else []
    command += ["--on", given.on] if given.on else []
    done = subprocess.run(command, stdout=-1, text=True, check=False)
    # 1: a disturbance was not survived; what was measured is there all the same.
    if done.returncode not in (0, 1) or not done.stdout:
        sys.exit(f"{name}: madang evaluate ended with code {done.returncode}")
    file.write_text(done.stdout)
    return json.loads(done.stdout)


def number(found: Mapping[str, Any] | None, decimals: int = 1) -> str:
    return "" if found is None else f"{found['mean']:,.{decimals}f}"


def interval(found: Mapping[str, Any]) -> str:
    ends = found.get("ci95")
    return number(found) + (f" [{ends[0]:.1f}, {ends[1]:.1f}]" if ends else "")


def delays(comparisons: Mapping[str, Mapping[str, Any]]) -> Table:
    """Mean delay beside what must be reached."""
    drawn = Table(title="Mean delay (s), [95 %] over seeds", caption="Real-time factor of the slowest run on one core.")
    variants = list(dict.fromkeys(variant for one in comparisons.values() for variant in one["runs"]))
    for name in ("network", *variants, "must", "goal", "reached", "real-time factor"):
        drawn.add_column(name, justify="left" if name == "network" else "right")
    for name, one in comparisons.items():
        aim, runs = NETWORKS[name], one["runs"]
        mean_s = runs["signals"]["delay_s"]["mean"]
        reached = "goal" if mean_s <= aim.goal_s else "must" if mean_s <= aim.must_s else "NO"
        factor = f"{one['real_time_factor']:.0f}" + (f" (must {aim.factor:g})" if aim.factor else "")
        cells = (interval(runs[variant]["delay_s"]) if variant in runs else "" for variant in variants)
        drawn.add_row(name, *cells, f"{aim.must_s:g}", f"{aim.goal_s:g}", reached, factor)
    return drawn


def others(comparisons: Mapping[str, Mapping[str, Any]]) -> Table:
    """What must not be worse than the best baseline's, a row each network and control."""
    drawn = Table(title="Means over seeds; gridlocked is a share of runs")
    for name in ("network", "control", *FIGURES):
        drawn.add_column(name, justify="left" if name in ("network", "control") else "right")
    for name, one in comparisons.items():
        for variant, runs in one["runs"].items():
            drawn.add_row(name, variant, *(number(runs.get(figure), 2) for figure in FIGURES))
    return drawn


def judged(comparisons: Mapping[str, Mapping[str, Any]]) -> Sequence[Table]:
    """The disturbances; none where there were none."""
    drawn = Table(title="Disturbed: mean delay (s) from there on")
    for name in ("network", "disturbance", "seed", "fixed", "disturbed", "change", "conflicts", "holds"):
        drawn.add_column(name, justify="left" if name in ("network", "disturbance") else "right")
    for name, one in comparisons.items():
        for each in one["verdicts"]:
            change = each["disturbed_s"] / each["fixed_s"] - 1
            holds = "yes" if not each["conflicts"] and change <= 0.05 else "NO"
            pair = (f"{each['fixed_s']:.1f}", f"{each['disturbed_s']:.1f}")
            told = (each["disturbance"], str(each["seed"]), *pair, f"{change:+.1%}", str(each["conflicts"]), holds)
            drawn.add_row(name, *told)
    return [drawn] if drawn.rows else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--seeds", default=",".join(map(str, range(11, 21))))
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--sensing", action="append", default=[], help="as of madang evaluate: 50:0.1")
    parser.add_argument("--disturb", action="append", default=[], help="as of madang evaluate: hub@1800")
    parser.add_argument("--jobs", type=int, help="runs at once")
    parser.add_argument("--on", default="", help="a Dask cluster: dask://host:port")
    parser.add_argument("--html", action="store_true", help="a report for each network, too")
    parser.add_argument("--out", type=Path, default=Path("evidence/signals"))
    given = parser.parse_args()
    names = given.networks.split(",")
    if unknown := sorted(set(names).difference(NETWORKS)):
        parser.error(f"no network {', '.join(unknown)}; there are {', '.join(NETWORKS)}")
    given.out.mkdir(parents=True, exist_ok=True)
    comparisons = {name: measured(name, given) for name in names}
    console = Console(width=None if sys.stdout.isatty() else 200)
    for drawn in (delays(comparisons), others(comparisons), *judged(comparisons)):
        console.print(drawn)


if __name__ == "__main__":
    main()
