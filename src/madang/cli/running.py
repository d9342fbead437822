"""``init``, ``check``, ``up`` and ``serve``: a city is written, checked and run."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from madang import city as cities
from madang.cli.options import CITY, DATA, STORE, settings_of, speed_of, together, told
from madang.logs import set_up
from madang.supervise import HOPELESS, follow_parent

_served = together(
    click.argument("city", type=CITY),
    click.option("--port", type=click.IntRange(0, 65535), help="Where the page and the API listen [8080]."),
    click.option("--host", help="The address to listen on [127.0.0.1]."),
    DATA,
    STORE,
    click.option("--dry-run", is_flag=True, default=None, help="Record orders and send none: a rehearsal."),
)


@click.command()
@click.argument("folder", type=CITY)
@click.option("--name", help="The city's name in English (default: the folder's name).")
@told
def init(folder: Path, name: str | None) -> None:
    """Write the folder of a new city that runs at once."""
    cities.init(folder, name or folder.name.replace("-", " ").title())
    click.echo(f"{folder} is a city now. Read {folder / 'city.toml'}, then: madang up {folder}")


@click.command()
@click.argument("city", type=CITY)
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def check(city: Path, as_json: bool) -> None:
    """Check a city's folder, its projects too: every mistake at once, with file and line; and what its registers do
    not state yet."""
    from madang.app.scenarios import scenarios

    found, findings = cities.check(city, scenarios=scenarios())
    projects = sorted((city / "projects").glob("*.toml"))
    if projects:
        from madang.app.case import mistakes_of

        findings += [finding for file in projects for finding in mistakes_of(file)]
    wrong = found is None or any(finding.severity == "error" for finding in findings)
    if found is not None:
        findings += cities.unstated(found)
    if as_json:
        click.echo(msgspec.json.encode(findings).decode())
    elif findings:
        click.echo(cities.render(findings), err=wrong)
    if wrong or found is None:
        sys.exit(HOPELESS)
    if not as_json:
        counts = [f"{len(found.datasets)} datasets", f"{len(found.services)} services"]
        counts += [f"{len(projects)} project{'s' * (len(projects) > 1)}"] if projects else []
        click.echo(f"{city}: {', '.join(counts)}, all well")


@click.command()
@_served
@click.option("--speed", help="Simulated seconds per second: a number, or 'max' [as city.toml says].")
@click.option("--seed", type=int, help="The seed of the simulated demand [as city.toml says].")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@told
def up(city: Path, speed: str | None, seed: int | None, no_browser: bool, **given: Any) -> None:
    """Run a city: its hub, its services and its simulated streets, until Ctrl-C."""
    from madang.app.running import up as run_city

    found = settings_of(**given)
    browser = sys.stdout.isatty() and not no_browser
    sys.exit(asyncio.run(run_city(city, found, speed=speed_of(speed), seed=seed, browser=browser)))


@click.command()
@_served
@click.option("--world", "socket", type=click.Path(path_type=Path), help="The socket on which a world is awaited.")
@click.option("--supervised", is_flag=True, hidden=True)
@told
def serve(city: Path, socket: Path | None, supervised: bool, **given: Any) -> None:
    """Run a city's hub and services alone, without a simulated world."""
    from madang.app.hub import serve as run_hub
    from madang.listen import run

    if supervised:
        follow_parent()
    found = settings_of(**given)
    set_up(found.log_level, found.log_format)
    run(run_hub(cities.read(city), found, socket=socket))
