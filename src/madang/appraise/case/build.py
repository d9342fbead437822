"""From the form of a project file to a case that can be answered: its rates, inputs and streams, and every mistake."""

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from madang.appraise import discount
from madang.appraise.book import Parameter
from madang.appraise.case import bounds, double, ranking, sources, streams
from madang.appraise.case.form import Form, Rate
from madang.appraise.case.kinds import Prices, Timing
from madang.appraise.case.mistakes import Mistakes
from madang.appraise.case.preset import Preset
from madang.appraise.case.sources import Proof, Source
from madang.appraise.discount import Schedule
from madang.appraise.distribution import FIXED
from madang.appraise.project import Project
from madang.appraise.sample import factors
from madang.errors import AppraisalInvalid

LONGEST_YEARS = 200
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
ITSELF = " (by itself)"
"""Follows a stream's name where its own uncertainty is meant, beside that of its inputs."""


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """A discount rate and where it comes from."""

    view: Literal["economic", "financial"]
    rate: str
    source: str
    mark: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A project that can be answered. `drivers` are the inputs and after them the streams that are uncertain by
    themselves; `drives` are by stream the places of its drivers; `hurdle` the least EIRR."""

    form: Form
    project: Project
    preset: Preset | None
    rates: tuple[Behind, ...]
    hurdle: float
    drivers: tuple[Source, ...]
    drives: tuple[tuple[int, ...], ...]
    correlation: Mapping[tuple[int, int], float]
    warnings: tuple[str, ...]
    panel: ranking.Panel | None = None


class Library(msgspec.Struct, frozen=True, kw_only=True):
    """What a file may refer to: the parameter book, the presets, and the evidence by its name in the file."""

    book: Mapping[str, Parameter]
    presets: Mapping[str, Preset]
    proofs: Mapping[str, Proof] = {}


def build(form: Form, library: Library) -> tuple[Case | None, Mistakes]:
    """The case, or None where something is wrong; every mistake."""
    mistakes = Mistakes()
    bounds.check(form, mistakes)
    if mistakes:
        return None, mistakes
    preset = _preset(form, library, mistakes)
    schedules = [
        _schedule(view, form, preset, library=library, mistakes=mistakes) for view in ("economic", "financial")
    ]
    _about(form, mistakes)
    known = sources.resolve(form, library.book, library.proofs, mistakes)
    double.check(form, mistakes)
    resolved = streams.resolve(form, known, mistakes)
    unused = sorted(
        {one.name for one in (*form.input, *form.measured)}
        - {name for one in form.stream for name in one.times}
        - {one.transfer for one in form.measured}
    )
    for name in unused:
        mistakes.warn(("input",), f"{name!r} is used by no stream", "name it in times, or leave it out")
    panel = ranking.panel(form, library.book, mistakes)
    economic, financial = schedules
    if mistakes or economic is None or financial is None:
        return None, mistakes
    try:
        made = _case(form, preset, known, resolved=resolved, rates=(economic, financial), mistakes=mistakes)
        return made and msgspec.structs.replace(made, panel=panel), mistakes
    except AppraisalInvalid as error:
        mistakes.add(("project",), error.detail, "")
        return None, mistakes


def _case(
    form: Form,
    preset: Preset | None,
    known: Mapping[str, Source],
    *,
    resolved: list[streams.Resolved],
    rates: tuple[tuple[Schedule, Behind], tuple[Schedule, Behind]],
    mistakes: Mistakes,
) -> Case | None:
    (economic, _), (financial, _) = rates
    timing = form.project.timing.value if form.project.timing else preset.timing if preset else Timing.START.value
    project = Project(
        first_year=form.project.first_year,
        horizon=form.project.years,
        entity=form.project.entity,
        streams=tuple(one.stream for one in resolved),
        economic=economic,
        financial=financial,
        timing=timing,
        poor=form.poor,
    )
    drivers = [*known.values(), *map(_own, (one.stream for one in resolved if one.stream.uncertain != FIXED))]
    places = {one.name: n for n, one in enumerate(drivers)}
    drives = tuple(
        tuple(
            places[name] for name in (*one.drivers, *([_by_itself(one.stream.name)] * (one.stream.uncertain != FIXED)))
        )
        for one in resolved
    )
    correlation = _correlation(form, places, mistakes)
    if mistakes:
        return None
    return Case(
        form=form,
        project=project,
        preset=preset,
        rates=(rates[0][1], rates[1][1]),
        hurdle=economic.bands[0].rate if form.project.hurdle is None else form.project.hurdle,
        drivers=tuple(drivers),
        drives=drives,
        correlation=correlation,
        warnings=tuple(f"{one.message} ({one.remedy})" for one in mistakes.warnings),
    )


def _by_itself(stream: str) -> str:
    return f"{stream}{ITSELF}"


def _own(stream: streams.Typed) -> Source:
    """The uncertainty of a stream beside that of its inputs."""
    return Source(
        name=_by_itself(stream.name),
        value=1.0,
        unit="times",
        source="the stream's own uncertainty",
        mark="assumption",
        spread=stream.uncertain,
    )


def _preset(form: Form, library: Library, mistakes: Mistakes) -> Preset | None:
    name = form.project.preset
    if name is not None and name not in library.presets:
        remedy = f"one of: {', '.join(sorted(library.presets))}, or leave it out and write the rates"
        mistakes.add(("project", "preset"), f"the preset {name!r} is not known", remedy)
    return library.presets.get(name) if name else None


def _schedule(
    view: Literal["economic", "financial"],
    form: Form,
    preset: Preset | None,
    *,
    library: Library,
    mistakes: Mistakes,
) -> tuple[Schedule, Behind] | None:
    """The rates that the file writes, else those of the preset."""
    key = f"{view}_rate"
    written: Rate | None = getattr(form.project, key)
    if written is not None:
        try:
            found = discount.read(written) if isinstance(written, str) else discount.flat(written)
        except AppraisalInvalid as error:
            mistakes.add(("project", key), error.detail, "")
            return None
        if any(band.rate >= 1 for band in found.bands):
            mistakes.add(("project", key), f"the {view} rate {found} is 100 % a year or more", "write 0.09 for 9 %")
        return found, Behind(view=view, rate=str(found), source="the project's file", mark="assumption")
    place = preset and (preset.economic if view == "economic" else preset.financial)
    if not place:
        why = "" if form.project.preset is None else f": the preset {form.project.preset!r} has none"
        mistakes.add(("project",), f"there is no {view} rate{why}", f"write {key} = 0.05 for 5 % a year")
        return None
    if form.project.prices is Prices.NOMINAL:
        remedy = f"write {key} as a nominal rate: (1 + real) * (1 + inflation) - 1"
        mistakes.add(("project", "prices"), f"nominal prices with the real {view} rate of a preset", remedy)
    one = library.book[place]
    return one.schedule, Behind(view=view, rate=str(one.schedule), source=one.source, mark=one.mark)


def _about(form: Form, mistakes: Mistakes) -> None:
    about = form.project
    if not 2 <= about.years <= LONGEST_YEARS:
        remedy = f"the years of building and running, from 2 to {LONGEST_YEARS}"
        mistakes.add(("project", "years"), f"the horizon is {about.years} years", remedy)
    if not about.title.strip():
        mistakes.add(("project", "title"), "the project has no title", "say in a few words what is built")
    if about.hurdle is not None and not 0 <= about.hurdle < 1:
        mistakes.add(
            ("project", "hurdle"), f"the hurdle is {about.hurdle}", "a share of 0 or more: 0.09 for 9 % a year"
        )
    if len(about.currency) != 3 or not about.currency.isalpha() or not about.currency.isupper():
        mistakes.add(("project", "currency"), f"{about.currency!r} is no currency", "its three letters, such as EUR")
    if not _TAG.fullmatch(about.language):
        mistakes.add(("project", "language"), f"{about.language!r} is no language", "a tag such as en, de or ko")
    if about.prices is Prices.REAL and about.price_year is None:
        mistakes.add(("project",), "real prices of no year", 'write price_year, or prices = "nominal"')
    owners = {name for one in form.stream for name in (one.owner, one.payer)}
    if about.entity not in owners:
        names = ", ".join(sorted(name for name in owners if name))
        mistakes.add(("project", "entity"), f"{about.entity!r} owns or pays no stream", f"one of: {names}")
    for group, share in form.poor.items():
        if not 0 <= share <= 1:
            mistakes.add(("poor", group), f"the share of poor people is {share}", "a share from 0 to 1")
    names = [one.name for one in form.stream]
    for n, one in enumerate(form.stream):
        for key, named in (("name", one.name), ("owner", one.owner), ("payer", one.payer)):
            if named is not None and not named.strip():
                mistakes.add(("stream", n, key), f"the {key} has no name", "say it in a word or two")
    for n, name in enumerate(names):
        if name in names[:n]:
            mistakes.add(("stream", n, "name"), f"{name!r} is there already", "give each stream a name of its own")


def _correlation(form: Form, places: Mapping[str, int], mistakes: Mistakes) -> dict[tuple[int, int], float]:
    found: dict[tuple[int, int], float] = {}
    for n, given in enumerate(form.correlation):
        at = [places.get(name, places.get(_by_itself(name))) for name in given.between]
        known = [place for place in at if place is not None]
        if len(known) != 2 or len(at) != 2 or known[0] == known[1] or not -1 <= given.value <= 1:
            remedy = "two inputs or streams that are uncertain, and a value from -1 to 1"
            mistakes.add(("correlation", n), f"{', '.join(given.between)} at {given.value:g}", remedy)
        else:
            found[known[0], known[1]] = given.value
    try:
        factors([FIXED] * len(places), 1, seed=0, correlation=found)
    except AppraisalInvalid as error:
        mistakes.add(("correlation", 0), error.detail, "")
    return found
