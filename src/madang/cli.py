"""The command ``madang``: thin; each command parses its arguments and calls the room that does the work.

A command imports its part of ``app`` when it runs: the simulator's process need not load the web framework, nor the
hub's the simulator.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TextIO, TypeVar

import click
import msgspec

from madang import __version__, settings
from madang import city as cities
from madang.errors import CityInvalid, MadangError
from madang.logs import set_up
from madang.supervise import HOPELESS, follow_parent

P = ParamSpec("P")
R = TypeVar("R")

CITY = click.Path(path_type=Path)
STORE = click.option(
    "--store", help="Keep it on a PostgreSQL server instead: postgresql://user@host/database. Passwords: MADANG_STORE."
)


def _told(command: Callable[P, R]) -> Callable[P, R]:
    """Show one of our errors as a line that says what to do, not as a trace."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except CityInvalid as error:
            click.echo(error.detail, err=True)
        except MadangError as error:
            click.echo(f"madang: {error.title.lower()}: {error.detail}", err=True)
        sys.exit(HOPELESS)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="madang")
def main() -> None:
    """Madang: a city's data, its decisions and their account, in one process.

    \b
    Start here:   madang up cities/ingolstadt
    Your own:     madang init cities/mycity && madang up cities/mycity
    """


@main.command()
@click.argument("folder", type=CITY)
@click.option("--name", help="The city's name in English (default: the folder's name).")
@_told
def init(folder: Path, name: str | None) -> None:
    """Write the folder of a new city that runs at once."""
    cities.init(folder, name or folder.name.replace("-", " ").title())
    click.echo(f"{folder} is a city now. Read {folder / 'city.toml'}, then: madang up {folder}")


@main.command()
@click.argument("city", type=CITY)
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def check(city: Path, as_json: bool) -> None:
    """Check a city's folder: every mistake at once, with file and line."""
    from madang.app.scenarios import scenarios

    found, findings = cities.check(city, scenarios=scenarios())
    if as_json:
        click.echo(msgspec.json.encode(findings).decode())
    elif findings:
        click.echo(cities.render(findings), err=found is None)
    if found is None:
        sys.exit(HOPELESS)
    if not as_json:
        click.echo(f"{city}: {len(found.datasets)} datasets, {len(found.services)} services, all well")


_options = [
    click.argument("city", type=CITY),
    click.option("--port", type=click.IntRange(0, 65535), help="Where the page and the API listen [8080]."),
    click.option("--host", help="The address to listen on [127.0.0.1]."),
    click.option("--data", type=click.Path(path_type=Path), help="Where the city's state is kept [data]."),
    STORE,
]


def _served(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_options):
        command = option(command)
    return command


def _settings(**given: Any) -> settings.Settings:
    """The environment's settings with what the command line says."""
    known = {name: value for name, value in given.items() if value is not None}
    return msgspec.structs.replace(settings.from_environment(), **known)


@main.command()
@_served
@click.option("--speed", help="Simulated seconds per second: a number, or 'max' [as city.toml says].")
@click.option("--seed", type=int, help="The seed of the simulated demand [as city.toml says].")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@_told
def up(city: Path, speed: str | None, seed: int | None, no_browser: bool, **given: Any) -> None:
    """Run a city: its hub, its services and its simulated streets, until Ctrl-C."""
    from madang.app.running import up as run_city

    found = _settings(**given)
    browser = sys.stdout.isatty() and not no_browser
    sys.exit(asyncio.run(run_city(city, found, speed=_speed(speed), seed=seed, browser=browser)))


@main.command()
@_served
@click.option("--world", "socket", type=click.Path(path_type=Path), help="The socket on which a world is awaited.")
@click.option("--supervised", is_flag=True, hidden=True)
@_told
def serve(city: Path, socket: Path | None, supervised: bool, **given: Any) -> None:
    """Run a city's hub and services alone, without a simulated world."""
    from madang.app.hub import serve as run_hub
    from madang.listen import run

    if supervised:
        follow_parent()
    found = _settings(**given)
    set_up(found.log_level, found.log_format)
    run(run_hub(cities.read(city), found, socket=socket))


@main.command()
@click.argument("city", type=CITY)
@click.option("--socket", type=click.Path(path_type=Path), required=True, help="Where the hub awaits the world.")
@click.option("--speed", help="Simulated seconds per second: a number, or 'max'.")
@click.option("--seed", type=int, help="The seed of the demand.")
@click.option("--supervised", is_flag=True, hidden=True)
@_told
def world(city: Path, socket: Path, speed: str | None, seed: int | None, supervised: bool) -> None:
    """Run a city's simulated streets alone and report to a hub ('madang serve --world SOCKET')."""
    from madang.app.streets import world as run_world

    if supervised:
        follow_parent()
    found = settings.from_environment()
    set_up(found.log_level, found.log_format)
    run_world(cities.read(city), socket=socket, speed=_speed(speed), seed=seed)


@main.command()
@click.argument("city", type=CITY)
@click.option("--service", default="signals", show_default=True, help="The service to evaluate.")
@click.option("--seeds", default="1,2,3", show_default=True, help="Seeds of the demand, each with and without it.")
@click.option("--hours", type=click.FloatRange(0, 24, min_open=True), default=1.0, show_default=True)
@click.option("--drain", type=click.FloatRange(0, 7200), default=1800.0, show_default=True, help="Longest drain, s.")
@click.option("--jobs", type=click.IntRange(1), help="Runs at once [number of cores].")
@click.option("--out", type=click.Path(path_type=Path), default=Path("evidence"), show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@_told
def evaluate(city: Path, service: str, seeds: str, out: Path, as_json: bool, **run: Any) -> None:
    """Measure a service: with and without it on the same seeds, with intervals, as a table and an evidence file."""
    from rich.console import Console

    from madang.app.evaluation import evaluate as measure
    from madang.evaluate.session import Plan, keep
    from madang.evaluate.table import table

    plan = Plan(seeds=_seeds(seeds), hours=run["hours"], drain_s=run["drain"], at_once=run["jobs"])
    comparison = measure(city, service, plan)
    if as_json:
        click.echo(msgspec.json.encode(comparison).decode())
    else:
        Console().print(table(comparison, service))
    click.echo(f"evidence: {keep(comparison, service, out)}", err=True)


@main.command(hidden=True)
def run() -> None:
    """One run of an evaluation: the job on standard input, progress and the result as lines of JSON."""
    from madang.app.evaluation import run_job

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    run_job(sys.stdin.buffer.read(), sys.stdout)


@main.command()
@click.argument("decision")
@click.option("--city", type=CITY, default=Path("cities/ingolstadt"), show_default=True)
@click.option("--data", type=click.Path(path_type=Path), help="Where the city's state is kept [data].")
@STORE
@click.option("--json", "as_json", is_flag=True, help="The record and what is computed from it, as JSON.")
@_told
def replay(decision: str, city: Path, as_json: bool, **given: Any) -> None:
    """Compute a recorded decision again from its recorded inputs, and compare. Exit code 1 if it differs."""
    from madang.app.account import replay as compute_again
    from madang.decide import tell

    found = compute_again(decision, cities.read(city), _settings(**given))
    click.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(tell.lines(found)))
    sys.exit(0 if found.same else 1)


_kept = [
    click.argument("city", type=CITY),
    click.option("--data", type=click.Path(path_type=Path), help="Where the city's state is kept [data]."),
    STORE,
    click.option("--tenant", default="", help="The tenant; none is the city itself."),
    click.option("--past", is_flag=True, help="The history (temporal representations) instead of the current state."),
]


def _transferred(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_kept):
        command = option(command)
    return command


@main.command()
@_transferred
@click.option("--out", type=click.File("w", encoding="utf-8"), default="-", help="The file to write [standard output].")
@_told
def export(city: Path, tenant: str, past: bool, out: TextIO, **given: Any) -> None:
    """Write a city's entities as NGSI-LD, a JSON-LD object a line; while a hub runs or not."""
    from madang.app import transfer

    told = transfer.progress("written")
    count = transfer.export(cities.read(city), _settings(**given), out, tenant=tenant, past=past, told=told)
    click.echo(f"{count:,} entities written", err=True)


@main.command("import")
@_transferred
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@_told
def import_(city: Path, tenant: str, past: bool, file: TextIO, **given: Any) -> None:
    """Read what 'madang export' wrote, or any JSON-LD entities, one a line, into a city whose hub does not run.

    What exists is replaced; a history is added to, where values without observedAt get the time of the import. The
    datasets' rules hold: a line that breaks one is named and left out, and the exit code is then 1.
    """
    from madang.app import transfer

    told = transfer.progress("read")
    taken, refused = transfer.take(cities.read(city), _settings(**given), file, tenant=tenant, past=past, told=told)
    for line, why in refused:
        click.echo(f"line {line}: {why}", err=True)
    click.echo(f"{taken:,} entities read, {len(refused):,} lines left out", err=True)
    sys.exit(1 if refused else 0)


@main.command()
@click.argument("city", type=CITY)
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="Where the city's state is kept [data].")
@STORE
@_told
def backup(city: Path, target: Path, **given: Any) -> None:
    """Copy a city's data into the new folder TARGET, while a hub writes or not, and check the copy.

    To restore: stop the hub, and put the folder in the place of the city's own below --data.
    """
    from madang.app import transfer

    for file in transfer.backup(cities.read(city), _settings(**given), target):
        click.echo(file)


def _speed(text: str | None) -> float | None:
    """Simulated seconds per second; 0 is as fast as it goes."""
    if text is None:
        return None
    try:
        speed = 0.0 if text == "max" else float(text)
    except ValueError:
        speed = -1.0
    if not 0 <= speed <= 1000 or (speed == 0 and text != "max"):
        raise click.BadParameter(f"'{text}' is no speed: a number over 0 up to 1000, or 'max'", param_hint="--speed")
    return speed


def _seeds(text: str) -> tuple[int, ...]:
    try:
        found = tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError as error:
        raise click.BadParameter(f"'{text}' is no list of numbers such as 1,2,3", param_hint="--seeds") from error
    if any(not 0 <= seed < 2**31 for seed in found):
        raise click.BadParameter("seeds are whole numbers from 0 to 2147483647", param_hint="--seeds")
    return found
