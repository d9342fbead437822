"""``evaluate`` and ``replay``: what a service does, measured, and what it did, computed again."""

import logging
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from madang import city as cities
from madang.cli.options import CITY, DATA, STORE, line_of, settings_of, told
from madang.errors import MadangError
from madang.supervise import HOPELESS

WIDTH_OF_A_FILE = 180
"""Letters of a line of a table that no terminal shows."""


@click.command()
@click.argument("city", type=CITY, nargs=-1, required=True)
@click.option("--service", default="signals", show_default=True, help="The service to evaluate.")
@click.option("--seeds", default="1,2,3", show_default=True, help="Seeds of the demand, each under every control.")
@click.option("--baselines", default="all", show_default=True, help="Beside the fixed plan: all, none, or names.")
@click.option(
    "--sensing",
    multiple=True,
    metavar="M[:SHARE]",
    help="The service also with cameras of M metres that miss a SHARE (50:0.1).",
)
@click.option(
    "--disturb",
    multiple=True,
    metavar="KIND@SECOND",
    help="The service also with a part that fails for good: controller, detectors, hub or world@1800.",
)
@click.option("--hours", type=click.FloatRange(0, 24, min_open=True), default=1.0, show_default=True)
@click.option("--drain", type=click.FloatRange(0, 7200), default=1800.0, show_default=True, help="Longest drain, s.")
@click.option("--jobs", type=click.IntRange(1), help="Runs at once [number of cores].")
@click.option("--on", default="", metavar="dask://HOST:PORT", help="Run on a Dask cluster (extra `cluster`).")
@click.option("--out", type=click.Path(path_type=Path), default=Path("evidence"), show_default=True)
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a report with plots, too.")
@click.option(
    "--arterial", metavar="SIGNAL,SIGNAL", help="The report's road, by its signals [the straight one with most]."
)
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@told
def evaluate(city: tuple[Path, ...], service: str, seeds: str, out: Path, as_json: bool, **given: Any) -> None:
    """Measure a service: with it, without it and under its baselines on the same seeds, with intervals, as a table and
    an evidence file for each city. Of several cities --json prints a list, and one that cannot be measured does not
    stop the others. Exit code 1 where a disturbance was not survived (a conflict, or more than 5 % more delay than
    under the fixed plan from there on), 2 where a city could not be measured."""
    from madang.evaluate.report import report
    from madang.evaluate.table import overview

    html: Path | None = given.pop("html")
    if html is not None:
        _writable(html)
    plan = _plan(_seeds(seeds), detail=html is not None, **given)
    found, failed = _measured(city, service, plan, out, quiet=as_json)
    if html is not None:
        html.write_text(report(found, service, failed=failed), encoding="utf-8")
    if as_json:
        bare = [msgspec.structs.replace(comparison, drawings=None) for comparison in found]
        click.echo(msgspec.json.encode(bare if len(city) > 1 else bare[0]).decode())
    elif len(found) > 1:
        _console().print(overview(found, service))
    if failed:
        click.echo(f"Not measured, as said above: {', '.join(failed)}.", err=True)
        sys.exit(HOPELESS)
    if not all(verdict.holds for comparison in found for verdict in comparison.verdicts):
        sys.exit(1)


def _measured(
    folders: tuple[Path, ...], service: str, plan: Any, out: Path, *, quiet: bool
) -> tuple[list[Any], dict[str, str]]:
    """The comparisons, each shown and kept as soon as it is there; of the cities that have none, why. Raises
    MadangError where there is but one."""
    from madang.app.evaluation import evaluate as measure
    from madang.evaluate.session import keep
    from madang.evaluate.table import judged, table

    found, failed = list[Any](), dict[str, str]()
    for folder in folders:
        try:
            comparison = measure(folder, service, plan)
        except MadangError as error:
            if len(folders) == 1:
                raise
            failed[str(folder)] = line_of(error)
            click.echo(f"{folder}: {line_of(error)}", err=True)
            continue
        found.append(comparison)
        if not quiet:
            _console().print(table(comparison, service))
            if comparison.verdicts:
                _console().print(judged(comparison))
        click.echo(f"evidence: {keep(comparison, service, out)}", err=True)
    return found, failed


def _console() -> Any:
    """Where tables go: as wide as the terminal, and in a file or a pipe wide enough that no interval is cut off."""
    from rich.console import Console

    found = Console()
    return found if found.is_terminal else Console(width=max(found.width, WIDTH_OF_A_FILE))


def _writable(file: Path) -> None:
    """Hours of runs are not lost to a folder that is not there. Raises UsageError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.open("a").close()
    except OSError as error:
        raise click.UsageError(f"--html {file}: cannot be written: {error.strerror}") from error


def _plan(seeds: tuple[int, ...], *, hours: float, drain: float, jobs: int | None, **given: Any) -> Any:
    from madang.evaluate.disturbance import parse
    from madang.evaluate.session import Plan

    names: str = given["baselines"]
    chosen = None if names == "all" else () if names == "none" else tuple(name.strip() for name in names.split(","))
    sensing = tuple(map(_sensing, given["sensing"]))
    return Plan(
        seeds=seeds,
        hours=hours,
        drain_s=drain,
        baselines=chosen,
        sensing=sensing,
        disturbances=tuple(map(parse, dict.fromkeys(given["disturb"]))),
        at_once=jobs,
        on=given["on"],
        detail=given["detail"],
        arterial=tuple(part.strip() for part in (given["arterial"] or "").split(",") if part.strip()),
    )


def _sensing(text: str) -> Any:
    from madang.evaluate.run import Sensing

    metres, _, missed = text.partition(":")
    try:
        found = Sensing(range_m=float(metres), missed=float(missed or 0))
    except ValueError:
        raise click.UsageError(f"--sensing {text!r}: write metres and the share missed, such as 50:0.1") from None
    if not (0 < found.range_m <= 1000 and 0 <= found.missed < 1):
        raise click.UsageError(
            f"--sensing {text!r}: metres are above 0 and at most 1000, the share is from 0 to below 1"
        )
    return found


@click.command(hidden=True)
@told
def run() -> None:
    """One run of an evaluation: the job on standard input, progress and the result as lines of JSON."""
    from madang.app.evaluation import run_job

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    run_job(sys.stdin.buffer.read(), sys.stdout)


@click.command()
@click.argument("decision")
@click.option("--city", type=CITY, default=Path("cities/ingolstadt"), show_default=True)
@DATA
@STORE
@click.option("--json", "as_json", is_flag=True, help="The record and what is computed from it, as JSON.")
@told
def replay(decision: str, city: Path, as_json: bool, **given: Any) -> None:
    """Compute a recorded decision again from its recorded inputs, and compare. Exit code 1 if it differs."""
    from madang.app.account import replay as compute_again
    from madang.decide import tell

    found = compute_again(decision, cities.read(city), settings_of(**given))
    click.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(tell.lines(found)))
    sys.exit(0 if found.same else 1)


def _seeds(text: str) -> tuple[int, ...]:
    try:
        found = tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError as error:
        raise click.BadParameter(f"'{text}' is no list of numbers such as 1,2,3", param_hint="--seeds") from error
    if any(not 0 <= seed < 2**31 for seed in found):
        raise click.BadParameter("seeds are whole numbers from 0 to 2147483647", param_hint="--seeds")
    return found
