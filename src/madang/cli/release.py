"""``release``: a dataset's next release, now."""

import asyncio
from pathlib import Path

import click
import msgspec

from madang import city as cities
from madang.cli.options import CITY, DATA, STORE, settings_of, told


@click.command()
@click.argument("city", type=CITY)
@click.argument("dataset")
@click.option("--hub", help="The address of the city's hub, where one runs, such as http://127.0.0.1:8080.")
@click.option("--key", default="", help="An operator's key, for a hub that is elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="The whole manifest, as JSON.")
@DATA
@STORE
@told
def release(
    city: Path, dataset: str, hub: str | None, key: str, as_json: bool, data: Path | None, store: str | None
) -> None:
    """Release DATASET of CITY as its declaration says, and tell which files that are.

    Nothing leaves that does not keep the declared guarantee. While the city's hub runs it has the data: then name it
    with --hub.
    """
    from madang.app import releases as app

    if hub:
        made = asyncio.run(app.ask(hub, dataset, key))
    else:
        made = asyncio.run(app.release_once(cities.read(city), settings_of(data=data, store=store), dataset))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(made), indent=2).decode())
        return
    click.echo(f"{dataset}: release {made['version']}, {made['rows']:,} rows, ledger entry {made['entry']}")
    for file in made["files"]:
        click.echo(f"  {file['sha256']}  {file['name']}")
