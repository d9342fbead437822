"""The anchor lane: published controls measured again under SUMO 1.9.1, as their authors ran them.

``python tests/bench/anchor.py`` makes an environment of its own with uv (eclipse-sumo, traci and sumolib 1.9.1; libsumo
1.9.1 has no wheel beyond Python 3.9, so TraCI is used), runs fixed plans, greedy and max-pressure on the networks of
the wheel sumo-rl by the published protocol (``parts/resco.py``), and prints each mean beside the published one. What
comes out near the published row says that the networks, the demand and the measure are those of the publication.
Figures under SUMO 1.28 are others and are never to be compared with these.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from madang.model.city import WorldSpec
from madang.sim.streets import scenario

VERSION = "1.9.1"
CONTROLS = ("fixed", "greedy", "max-pressure")
PUBLISHED = {
    "cologne1": (56.6, 27.8, 65.9),
    "cologne3": (46.4, 90.7, 162.0),
    "cologne8": (63.8, 21.9, 47.7),
    "ingolstadt1": (39.4, 28.3, 23.6),
    "ingolstadt7": (91.3, 80.6, 46.8),
    "ingolstadt21": (133.0, 76.3, 137.0),
}
"""Mean delay in s by control: J. Ault and G. Sharon, NeurIPS 2021 Datasets and Benchmarks (RESCO)."""


def environment(folder: Path) -> Path:
    """The environment, made where it is not there; its Python."""
    python = folder / "bin" / "python"
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        sys.exit("uv makes the environment and is not here: pip install uv")
    if not python.exists():
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    packages = [f"{name}=={VERSION}" for name in ("eclipse-sumo", "traci", "sumolib")]
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *packages], check=True)
    return python


def simulator(python: Path) -> str:
    """Where that environment has SUMO: its own start script of 1.9.1 does not run under newer Pythons."""
    ask = "import importlib.metadata as m; print(m.distribution('eclipse-sumo').locate_file('sumo/bin/sumo'))"
    return subprocess.run([str(python), "-c", ask], check=True, capture_output=True, text=True).stdout.strip()


def measured(python: Path, name: str, control: str, seed: int) -> float:
    """One run's mean delay in s."""
    found = scenario.resolve(WorldSpec(scenario=name))
    sumo = simulator(python)
    command = [str(python), str(Path(__file__).parent / "parts" / "resco.py"), "--sumo", sumo]
    command += ["--net", str(found.net), "--routes", ",".join(map(str, found.routes)), "--control", control]
    command += ["--begin-s", str(found.begin_s), "--end-s", str(found.end_s), "--seed", str(seed)]
    # It looks for its schemas on the web where it does not know where it is.
    home = {**os.environ, "SUMO_HOME": str(Path(sumo).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=home)
    if done.returncode:
        sys.exit(f"{name}, {control}, seed {seed}: {done.stderr.strip()[-1000:]}")
    return float(done.stdout.strip().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", default="cologne1")
    parser.add_argument("--controls", default=",".join(CONTROLS))
    parser.add_argument("--seeds", default="1,2,3,4,5", help="the publication drew its own")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--env", type=Path, default=Path(tempfile.gettempdir()) / f"madang-sumo-{VERSION}")
    given = parser.parse_args()
    python = environment(given.env)
    drawn = Table(
        title=f"Mean delay (s), SUMO {VERSION}, RESCO's protocol", caption="Not to be compared with SUMO 1.28"
    )
    for column in ("network", "control", "mean", "least to most", "published", "of it"):
        drawn.add_column(column, justify="left" if column in ("network", "control") else "right")
    with ThreadPoolExecutor(given.jobs) as pool:
        for name in given.networks.split(","):
            for control in given.controls.split(","):
                seeds = [int(seed) for seed in given.seeds.split(",")]
                found = list(pool.map(lambda seed, n=name, c=control: measured(python, n, c, seed), seeds))
                mean, published = statistics.fmean(found), PUBLISHED[name][CONTROLS.index(control)]
                ends = f"{min(found):.1f} to {max(found):.1f}"
                drawn.add_row(name, control, f"{mean:.1f}", ends, f"{published:g}", f"{mean / published:.2f}")
    Console().print(drawn)


if __name__ == "__main__":
    main()
