"""``world``: a city's simulated streets, run alone, taken over from SUMO, or made from a map."""

from pathlib import Path
from typing import Any

import click

from madang import city as cities
from madang import settings
from madang.cli.options import CITY, speed_of, together, told
from madang.logs import set_up
from madang.supervise import follow_parent


class _Worlds(click.Group):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # `madang world CITY` runs it.
        short = args and args[0] not in self.commands and Path(args[0]).is_dir()
        return super().parse_args(ctx, ["run", *args] if short else args)


@click.group(cls=_Worlds)
def world() -> None:
    """Run a city's streets alone, take streets over from SUMO, or make them from a map."""


@world.command("run")
@click.argument("city", type=CITY)
@click.option("--socket", type=click.Path(path_type=Path), required=True, help="Where the hub awaits the world.")
@click.option("--speed", help="Simulated seconds per second: a number, or 'max'.")
@click.option("--seed", type=int, help="The seed of the demand.")
@click.option("--supervised", is_flag=True, hidden=True)
@told
def run_streets(city: Path, socket: Path, speed: str | None, seed: int | None, supervised: bool) -> None:
    """Run a city's simulated streets alone and report to a hub ('madang serve --world SOCKET')."""
    from madang.app.streets import world as run_world

    if supervised:
        follow_parent()
    found = settings.from_environment()
    set_up(found.log_level, found.log_format)
    run_world(cities.read(city), socket=socket, speed=speed_of(speed), seed=seed)


_made = together(
    click.option("--out", type=CITY, required=True, help="The new city's folder."),
    click.option("--name", help="The city's name in English (default: the folder's name)."),
    click.option("--jurisdiction", help="ISO 3166 code, such as DE-BY: tells time zone, languages, side of the road."),
    click.option("--time-zone", help="IANA name [as the jurisdiction tells]."),
    click.option("--begin", type=click.FloatRange(0), help="The demand's first second [as the demand tells]."),
    click.option("--end", type=click.FloatRange(0, min_open=True), help="The demand's last second [likewise]."),
    click.option("--crossings", is_flag=True, help="Guess pavements and crossings, and let people walk."),
    click.option(
        "--pedestrians",
        type=click.FloatRange(0, 10_000),
        default=100.0,
        show_default=True,
        help="With --crossings: people an hour who set out at each signal.",
    ),
)


@world.command("import")
@click.argument("net", type=CITY)
@click.argument("routes", type=CITY, nargs=-1, required=True)
@_made
@click.option("--additional", type=CITY, multiple=True, help="A file of vehicle types, stops or signal programs.")
@click.option("--attribution", default="the city's own network", help="Whose data it is, under which licence.")
@told
def import_world(**given: Any) -> None:
    """Make a city of a SUMO model: NET.net.xml and its ROUTES.rou.xml (and .gz), copied, checked and tried.

    \b
    Then:   madang up FOLDER      madang evaluate FOLDER
    """
    from madang.app.worlds import import_asked

    import_asked(**given)


@world.command("build")
@click.option("--osm", type=CITY, required=True, help="An extract of OpenStreetMap: .osm, .osm.gz or .osm.pbf.")
@click.option("--counts", type=CITY, help="Traffic counts (CSV): lon,lat,bearing,from,to,count or edge,from,to,count.")
@_made
@click.option("--bbox", help="The part of the map to take: WEST,SOUTH,EAST,NORTH in degrees.")
@click.option("--match-distance", default=30.0, show_default=True, help="How far a count may lie from its street, m.")
@click.option("--density", default=50.0, show_default=True, help="Without counts: vehicles an hour and km of street.")
@click.option("--left-hand/--right-hand", default=None, help="The side of the road [as the country tells].")
@click.option("--guess-signals/--no-guess-signals", default=None, help="Signals where none is mapped [if none is].")
@told
def build_world(**given: Any) -> None:
    """Make a city of a map and of traffic counts: network, signals and demand.

    \b
    Then:   madang up FOLDER      madang evaluate FOLDER
    """
    from madang.app.worlds import build_asked

    build_asked(**given)
