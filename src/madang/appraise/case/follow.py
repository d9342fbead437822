"""After opening: what each stream was to bring or cost, and what it did, year by year.

A benefit that rests on a measured input is followed where the file says what the hub remembers of it (``[[follow]]``):
the gain that was remembered takes the place of the simulated one, and of the share of it that was expected to hold on
the street; everything else in the product stays as it was planned. What the books say (``[[actual]]``) takes the place
of the plan. The rest cannot be told apart from the plan, and that is said.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from madang.appraise.case.build import Case
from madang.appraise.case.form import Follow, Form
from madang.appraise.case.mistakes import Mistakes
from madang.appraise.case.remembered import Gained, Series, after, beside, rates, total
from madang.appraise.project import kernel, results

History = Mapping[str, Mapping[str, Series]]
"""By entity and attribute."""


class Known(msgspec.Struct, frozen=True):
    """How a figure of an evaluation is remembered by a running city."""

    attribute: str
    per: str | None
    factor: float


KNOWN: Mapping[str, Known] = {
    "delay_s": Known("meanDelay", "arrived", 1 / 3600),
    "co2_kg": Known("co2", None, 1e-3),
    "nox_g": Known("nox", None, 1e-3),
    "stops": Known("stops", "arrived", 1.0),
}


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """A measured input: `planned` an hour with what was expected to hold on the street, and what is remembered."""

    name: str
    unit: str
    planned: float
    gained: tuple[Gained, ...]
    how: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A stream in a year, at the owner's prices, costs above 0; `actual` None where it cannot be told. `by` is what it
    rests on: the name of the input, or the source of the books."""

    stream: str
    kind: str
    year: int
    planned: float
    actual: float | None
    interval: tuple[float, float] | None
    by: str


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """Planned against actual. `unseen` are the streams that nothing tells about, each with the reason. `enpv_planned`
    is the appraisal's, `enpv_followed` the same with what is known in the place of the plan, remembered gains lasting
    to the horizon."""

    title: str
    currency: str
    inputs: tuple[Input, ...]
    rows: tuple[Row, ...]
    unseen: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    enpv_planned: float
    enpv_followed: float


def wanted(form: Form) -> dict[str, set[str]]:
    """By entity, the attributes whose history is needed."""
    found: dict[str, set[str]] = {}
    figures = {one.name: one.figure for one in form.measured}
    for one in form.follow:
        known = _known(one, figures[one.measured])
        names = {known.attribute, *([known.per] if known.per else [])}
        for entity in filter(None, (one.present, one.without)):
            found.setdefault(entity, set()).update(names)
    return found


def check(form: Form, mistakes: Mistakes) -> None:
    """Report what cannot be followed."""
    figures = {one.name: one.figure for one in form.measured}
    for n, one in enumerate(form.follow):
        at = ("follow", n)
        if one.measured not in figures:
            remedy = f"one of: {', '.join(figures)}" if figures else "add it with evidence and figure"
            mistakes.add((*at, "measured"), f"{one.measured!r} is no [[measured]]", remedy)
        elif figures[one.measured] not in KNOWN and (one.attribute is None or one.factor is None):
            remedy = "write attribute, and factor: what one of it is in the unit of the measured input"
            mistakes.add(at, f"it is not known how the hub remembers {figures[one.measured]}", remedy)
        if (one.without is None) == (not one.before):
            mistakes.add(at, "what there would be without is not said, or twice", "write without or before")
        if one.before and _span(one.before) is None:
            remedy = 'two times with their zone, such as ["2026-03-01T00:00:00Z", "2026-06-01T00:00:00Z"]'
            mistakes.add((*at, "before"), f"{', '.join(one.before)} is no span of time", remedy)
        if not 1 <= one.window_minutes <= 7 * 24 * 60:
            mistakes.add((*at, "window_minutes"), f"a window of {one.window_minutes} minutes", "from 1 to 10080")
    streams = {one.name for one in form.stream}
    last = form.project.first_year + form.project.years - 1
    for n, books in enumerate(form.actual):
        if books.stream not in streams:
            mistakes.add(("actual", n, "stream"), f"{books.stream!r} is no stream", ", ".join(sorted(streams)))
        for year in books.amounts:
            if not year.isdigit() or not form.project.first_year <= int(year) <= last:
                remedy = f"calendar years from {form.project.first_year} to {last}"
                mistakes.add(("actual", n, "amounts", year), f"{year} is no year of the project", remedy)
        if not books.source.strip():
            mistakes.add(("actual", n, "source"), "no source", "name the books, such as accounts 2029, page 12")


def follow(case: Case, history: History, *, year: int | None = None) -> Followed:
    """What became of the plan; `year`: what is remembered counts as that calendar year (a simulated city's clock is
    not the project's)."""
    inputs = tuple(_input(one, case, history, year) for one in case.form.follow)
    rows, unseen, ratios = _streams(case, inputs)
    compiled = kernel(case.project)
    scaled = compiled.amounts.copy()
    for n, ratio in ratios.items():
        scaled[n] *= ratio
    for row in rows:
        n = compiled.names.index(row.stream)
        if row.actual is not None and n not in ratios:
            scaled[n, row.year - case.project.first_year] = row.actual
    changed = msgspec.structs.replace(compiled, amounts=scaled)
    return Followed(
        title=case.form.project.title,
        currency=case.form.project.currency,
        inputs=inputs,
        rows=tuple(sorted(rows, key=lambda row: (row.year, compiled.names.index(row.stream)))),
        unseen=tuple(unseen),
        notes=tuple(_notes(case, inputs)),
        enpv_planned=results(case.project, compiled).economic.npv,
        enpv_followed=results(case.project, changed).economic.npv,
    )


def _input(given: Follow, case: Case, history: History, year: int | None) -> Input:
    figures = {one.name: (one.figure, one.transfer) for one in case.form.measured}
    figure, transfer = figures[given.measured]
    known, window = _known(given, figure), 60.0 * given.window_minutes
    values = {one.name: one for one in case.drivers}
    present = rates(total(history.get(given.present, {}), known.attribute, known.per), window)
    if given.without is not None:
        other = rates(total(history.get(given.without, {}), known.attribute, known.per), window)
        gained = beside(present, other, known.factor, counts_as=year)
        how = f"beside {given.without}"
    else:
        gained = after(present, _span(given.before) or (0.0, 0.0), known.factor, counts_as=year)
        how = f"against {' to '.join(given.before)}"
    return Input(
        name=given.measured,
        unit=values[given.measured].unit,
        planned=values[given.measured].value * values[transfer].value,
        gained=tuple(gained),
        how=how,
    )


def _streams(case: Case, inputs: Sequence[Input]) -> tuple[list[Row], list[tuple[str, str]], dict[int, float]]:
    known = {one.name: one for one in inputs}
    books = {one.stream: one for one in case.form.actual}
    rows: list[Row] = []
    unseen: list[tuple[str, str]] = []
    ratios: dict[int, float] = {}
    for n, given in enumerate(case.form.stream):
        followed = [known[name] for name in given.times if name in known]
        planned = case.project.streams[n].profile(case.project.horizon)
        if given.name in books:
            rows += [
                Row(
                    stream=given.name,
                    kind=given.kind.value,
                    year=int(year),
                    planned=planned[int(year) - case.project.first_year],
                    actual=amount,
                    interval=None,
                    by=books[given.name].source,
                )
                for year, amount in books[given.name].amounts.items()
            ]
        elif followed and followed[0].gained and followed[0].planned:
            made = _remembered(case, n, followed[0], planned)
            rows += made
            ratios[n] = followed[0].gained[-1].value / followed[0].planned
        else:
            unseen.append((given.name, _why(case, n, followed)))
    return rows, unseen, ratios


def _remembered(case: Case, n: int, told: Input, planned: Sequence[float]) -> list[Row]:
    rows: list[Row] = []
    for one in told.gained:
        place = one.year - case.project.first_year
        if not 0 <= place < len(planned):
            continue
        ends = None
        if one.interval is not None:
            low, high = sorted(planned[place] * end / told.planned for end in one.interval)
            ends = (low, high)
        rows.append(
            Row(
                stream=case.form.stream[n].name,
                kind=case.form.stream[n].kind.value,
                year=one.year,
                planned=planned[place],
                actual=planned[place] * one.value / told.planned,
                interval=ends,
                by=told.name,
            )
        )
    return rows


def _why(case: Case, n: int, followed: Sequence[Input]) -> str:
    given = case.form.stream[n]
    measured = {one.name for one in case.form.measured}
    if followed:
        return "the hub remembers nothing of it in that time"
    if measured & set(given.times):
        return "nothing in the hub is named for it: add [[follow]]"
    return "nobody has written down what it came to: add [[actual]]"


def _notes(case: Case, inputs: Sequence[Input]) -> list[str]:
    first, last = case.project.first_year, case.project.first_year + case.project.horizon - 1
    outside = sorted({one.year for told in inputs for one in told.gained if not first <= one.year <= last})
    notes = [
        "a gain an hour is multiplied by the hours a year that were planned: hours are not measured",
        "neighbouring windows resemble each other: intervals are rather too narrow",
    ]
    if outside:
        years = ", ".join(map(str, outside))
        notes.append(f"remembered in {years}, outside of the project's years: --year says which year it counts as")
    return notes


def _known(given: Follow, figure: str) -> Known:
    known = KNOWN.get(figure)
    if given.attribute is not None:
        factor = given.factor if given.factor is not None else known.factor if known else 1.0
        return Known(given.attribute, given.per, factor)
    known = known or Known("", None, 1.0)
    return known if given.factor is None else msgspec.structs.replace(known, factor=given.factor)


def _span(before: Sequence[str]) -> tuple[float, float] | None:
    try:
        start, end = (datetime.fromisoformat(one) for one in before)
    except ValueError:
        return None
    if start.tzinfo is None or end.tzinfo is None or start >= end:
        return None
    return start.timestamp(), end.timestamp()
