"""``aggregate``: what may be told of many."""

from pathlib import Path
from typing import Any

import click

from madang.cli.options import told


@click.group()
def aggregate() -> None:
    """Data of people as counts of many, with noise that hides each."""


@aggregate.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--box", required=True, help="WEST,SOUTH,EAST,NORTH in degrees: what is outside does not count.")
@click.option("--begin", required=True, help="When the window begins, such as 2026-03-01T00:00:00Z.")
@click.option("--window", default="P1D", show_default=True, help="How long it is (ISO 8601).")
@click.option("--every", default="PT1H", show_default=True, help="Presence is counted for so long each.")
@click.option("--cell", "cell_m", default=1000.0, show_default=True, help="The size of a cell, in metres.")
@click.option("--stay", default="PT10M", show_default=True, help="So long in one cell is a stay; trips are between.")
@click.option("--epsilon", default=1.0, show_default=True, help="The privacy that the file may cost a person.")
@click.option("--contributions", default=4, show_default=True, help="Trips and visits with which a person counts.")
@click.option("--minimum", default=10, show_default=True, help="Smaller counts are not told.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("mobility"), show_default=True, help="OUT.csv, .geojson."
)
@told
def mobility(file: Path, box: str, begin: str, out: Path, **given: Any) -> None:
    """Turn the positions in FILE into flows between cells and presence in them, with differential privacy.

    FILE is a CSV with the columns person, time, longitude, latitude. Whoever makes a second table of the same people
    spends as much of their privacy again: nothing here keeps account of that; a dataset's release does.
    """
    from madang.app import mobility as files
    from madang.model.release import Mobility

    try:
        corners = tuple(float(part) for part in box.split(","))
    except ValueError:
        raise click.BadParameter("four numbers, parted by commas", param_hint="--box") from None
    if not 0 < given["epsilon"] <= 100 or given["contributions"] < 1:
        raise click.BadParameter("epsilon is above 0 and at most 100, contributions at least 1")
    wish = Mobility(box=corners, budget=given["epsilon"], **given)
    click.echo(files.summary(files.aggregate(file, wish, begin, out), wish), err=True)
