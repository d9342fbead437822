"""``export``, ``import`` and ``backup``: a city's data goes out, comes in, is copied."""

import sys
from pathlib import Path
from typing import Any, TextIO

import click

from madang import city as cities
from madang.cli.options import CITY, DATA, STORE, settings_of, together, told

_transferred = together(
    click.argument("city", type=CITY),
    DATA,
    STORE,
    click.option("--tenant", default="", help="The tenant; none is the city itself."),
    click.option("--past", is_flag=True, help="The history (temporal representations) instead of the current state."),
)


@click.command()
@_transferred
@click.option("--out", type=click.File("w", encoding="utf-8"), default="-", help="The file to write [standard output].")
@told
def export(city: Path, tenant: str, past: bool, out: TextIO, **given: Any) -> None:
    """Write a city's entities as NGSI-LD, a JSON-LD object a line; while a hub runs or not."""
    from madang.app import transfer as files

    told = files.progress("written")
    count = files.export(cities.read(city), settings_of(**given), out, tenant=tenant, past=past, told=told)
    click.echo(f"{count:,} entities written", err=True)


@click.command("import")
@_transferred
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@told
def import_(city: Path, tenant: str, past: bool, file: TextIO, **given: Any) -> None:
    """Read what 'madang export' wrote, or any JSON-LD entities, one a line, into a city whose hub does not run.

    What exists is replaced; a history is added to, where values without observedAt get the time of the import. The
    datasets' rules hold: a line that breaks one is named and left out, and the exit code is then 1.
    """
    from madang.app import transfer as files

    told = files.progress("read")
    taken, refused = files.take(cities.read(city), settings_of(**given), file, tenant=tenant, past=past, told=told)
    for line, why in refused:
        click.echo(f"line {line}: {why}", err=True)
    click.echo(f"{taken:,} entities read, {len(refused):,} lines left out", err=True)
    sys.exit(1 if refused else 0)


@click.command()
@click.argument("city", type=CITY)
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--plain", is_flag=True, help="Seal nothing: whoever has the copy has everybody's data, for ever.")
@DATA
@STORE
@told
def backup(city: Path, target: Path, plain: bool, **given: Any) -> None:
    """Copy a city's data into the new folder TARGET, while a hub writes or not, and check the copy.

    What is about a person is sealed with that person's key, which an erasure destroys. To restore: 'madang restore'.
    """
    from madang.app import transfer as files

    for file in files.backup(cities.read(city), settings_of(**given), target, plain=plain):
        click.echo(file)


@click.command()
@click.argument("city", type=CITY)
@click.argument("source", type=click.Path(path_type=Path))
@DATA
@STORE
@told
def restore(city: Path, source: Path, **given: Any) -> None:
    """Make the backup in the folder SOURCE the data of a city that has none: the hub stopped, its files moved away.

    Who was erased since the backup does not come back.
    """
    from madang.app import transfer as files

    people, erased = files.restore(cities.read(city), settings_of(**given), source)
    click.echo(f"restored; {people:,} people unsealed, {erased:,} erased since and not back", err=True)
