"""``madang world import`` and ``madang world build``: a city's folder with streets of its own, or nothing at all."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from os import getpid
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from madang import city as cities
from madang.city import own
from madang.city.country import keeps_left
from madang.errors import AlreadyExists, BadRequestData
from madang.model.city import WorldSpec
from madang.sim.streets.build.extract import ATTRIBUTION, Box
from madang.sim.streets.build.fit import GOOD, Fit
from madang.sim.streets.build.making import Made, Source, make, survey
from madang.sim.streets.build.page import page
from madang.sim.streets.build.taking import Model, Taken, take
from madang.sim.streets.build.tool import StepFailed


def say(line: str) -> None:
    """Tell how far the work is, on standard error."""
    click.echo(line, err=True)


def import_asked(
    *, net: Path, routes: tuple[Path, ...], additional: tuple[Path, ...], attribution: str, out: Path, **given: Any
) -> None:
    """``madang world import`` as it was asked for; says what came of it. Raises as `import_model`."""
    window = {"begin_s": given.pop("begin"), "end_s": given.pop("end")}
    walks = {name: given.pop(name) for name in ("crossings", "pedestrians")}
    model = Model(net=net, routes=routes, additional=additional, **window, **walks)
    taken = import_model(model, out, _place(out, **given), attribution=attribution)
    click.echo(f"{out} is a city now: {taken.signals:,} signals, {taken.vehicles:,} departures. madang evaluate {out}")


def build_asked(*, out: Path, bbox: str | None, **given: Any) -> None:
    """``madang world build`` as it was asked for; says what came of it. Raises as `build`."""
    place = _place(out, *(given.pop(name) for name in ("name", "jurisdiction", "time_zone")))
    window = {"begin_s": given.pop("begin"), "end_s": given.pop("end"), "limit_m": given.pop("match_distance")}
    made = build(Source(**given, **window, box=_box(bbox)), out, place)
    if made.fit is not None:
        Console().print(fit_table(made.fit))
    taken = made.taken
    click.echo(
        f"{out} is a city now: {taken.signals:,} signals, {taken.vehicles:,} departures. Read {out / 'city.toml'}"
    )


def _place(out: Path, name: str | None, jurisdiction: str | None, time_zone: str | None) -> own.Place:
    name = name or out.resolve().name.replace("-", " ").title()
    return own.Place(name=name, jurisdiction=jurisdiction or own.NOWHERE, time_zone=time_zone or "")


def _box(text: str | None) -> Box | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadRequestData(f"--bbox: '{text}' is no west,south,east,north in degrees") from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise BadRequestData("--bbox: west lies west of east, south lies south of north, in degrees")
    return west, south, east, north


def import_model(model: Model, out: Path, place: own.Place, *, attribution: str) -> Taken:
    """Write the city `out` from a model of SUMO. Raises as ``taking.take`` and ``own.describe``, and AlreadyExists."""
    with _draft(out, place) as folder:
        taken = take(model, folder, told=say)
        centre = place.centre or taken.centre
        notes = [
            f"Streets and demand were taken over from {model.net.name}, "
            f"{', '.join(file.name for file in (*model.routes, *model.additional))} by 'madang world import'.",
            "Check the folder after each change: madang check FOLDER",
        ]
        where = msgspec.structs.replace(place, centre=centre)
        own.describe(folder, where, _world(taken, attribution), notes=notes)
    _tell_left_out(taken)
    return taken


def build(source: Source, out: Path, place: own.Place) -> Made:
    """Write the city `out` from a map and counts. Raises as ``making.survey``, ``making.make``, ``own.describe``, and
    AlreadyExists."""
    with _draft(out, place) as folder:
        work = folder / "work"
        work.mkdir()
        found = survey(source, work, told=say)
        jurisdiction = place.jurisdiction if place.jurisdiction != own.NOWHERE else found.country or own.NOWHERE
        left = keeps_left(jurisdiction) if source.left_hand is None else source.left_hand
        made = make(source, found, folder, left_hand=left, told=say)
        where = msgspec.structs.replace(place, jurisdiction=jurisdiction, centre=made.taken.centre)
        own.describe(folder, where, _world(made.taken, ATTRIBUTION), notes=_notes(source, made))
        if made.fit is not None:
            (folder / "fit.json").write_bytes(msgspec.json.format(msgspec.json.encode(made.fit)))
            (folder / "fit.html").write_text(page(made.fit, title=place.name), encoding="utf-8")
    return made


def _notes(source: Source, made: Made) -> list[str]:
    """What the reader of city.toml has to know of where its streets and its traffic come from."""
    side = "left" if made.left_hand else "right"
    guessed = " (guessed by netconvert: the map shows none)" if made.guessed else ""
    notes = [
        f"Streets were made from {source.osm.name}, {ATTRIBUTION}, by 'madang world build': traffic keeps {side},",
        f"{made.taken.signals} signals{guessed} with the fixed plans of netconvert: no signal plan of the real city.",
    ]
    if made.fit is None or source.counts is None:
        return [
            *notes,
            f"THE DEMAND IS NOT CALIBRATED: nobody counted it. It is {source.density:g} vehicles an hour and kilometre",
            f"of street ({made.vehicles_an_hour:.0f} an hour) between random places. Figures measured with it say",
            "nothing about the real city's traffic. Give counts: madang world build --counts counts.csv",
        ]
    return [
        *notes,
        f"The demand was estimated from {source.counts.name}: GEH below 5 at {made.fit.driven_good:.0%} of "
        f"{len(made.fit.rows)} counts (see fit.html).",
        "Trips that pass no counter are not in it.",
    ]


def _world(taken: Taken, attribution: str) -> WorldSpec:
    return WorldSpec(
        net=taken.net,
        routes=taken.routes,
        additional=taken.additional,
        attribution=attribution,
        begin_s=taken.begin_s,
        end_s=taken.end_s,
    )


def _tell_left_out(taken: Taken) -> None:
    if taken.programs:
        say(f"{taken.programs} signal programs of additional files are the network's fixed plans now")
    if taken.left_out:
        counts = ", ".join(f"{count} {name}" for name, count in sorted(taken.left_out.items()))
        say(f"left out of the additional files, as the city has its own: {counts}")


@contextmanager
def _draft(out: Path, place: own.Place) -> Generator[Path]:
    """A folder beside `out` that becomes `out` when all went well. Where a program failed its log is kept."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise AlreadyExists(f"{out} is there already: name a folder that does not exist yet, or an empty one")
    # Programs get the names of files in it, and some look for them from where they write.
    draft = out.resolve().parent / f".{out.resolve().name}-{getpid()}"
    try:
        cities.init(draft, place.name)
        # What is wrong with what was given is said before the work, not after it.
        own.describe(draft, place, None, notes=())
        yield draft
        if out.exists():
            out.rmdir()
        draft.rename(out)
    except StepFailed as error:
        log = out.parent / f"{out.name}-failed.log"
        shutil.copyfile(error.members["log"], log)
        shutil.rmtree(draft, ignore_errors=True)
        raise StepFailed(f"{error.detail}\nIts whole log: {log}", log=str(log)) from error
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise BadRequestData(f"{out} cannot be written: {error.strerror or error}") from error
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def fit_table(fit: Fit, *, longest: int = 20) -> Table:
    """The counts that the demand meets worst, and the shares of all."""
    shares = f"GEH below 5: {fit.driven_good:.0%} of {len(fit.rows)} counts as driven, {fit.drawn_good:.0%} as drawn."
    lost = f" Counts that lie on no street: {len(fit.unmatched)}." if fit.unmatched else ""
    drawn = Table(title="Counts and demand", caption=f"{shares}{lost} All of it: fit.html, fit.json.")
    drawn.add_column("Edge")
    for heading in ("Seconds", "Counted", "Drawn", "Driven", "GEH"):
        drawn.add_column(heading, justify="right")
    for row in sorted(fit.rows, key=lambda row: -row.geh_driven)[:longest]:
        counted = row.counted
        seconds = f"{counted.begin_s:.0f}-{counted.end_s:.0f}"
        mark = "[red]" if row.geh_driven >= GOOD else ""
        volumes = (f"{counted.count:.0f}", str(row.drawn), str(row.driven), f"{mark}{row.geh_driven:.1f}")
        drawn.add_row(escape(counted.edge), seconds, *volumes)
    return drawn
