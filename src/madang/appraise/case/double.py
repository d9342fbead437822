"""The same benefit counted twice, as far as a file shows it.

Land next to a faster road is dearer because the time is saved: EC, "Guide to Cost-Benefit Analysis of Investment
Projects" (2014), and ADB, "Guidelines for the Economic Analysis of Projects" (2017), warn of both together. A price of
fuel that holds a price of carbon has counted the carbon.
"""

from collections.abc import Iterable
from itertools import combinations

from madang.appraise.case.form import Form, Stream
from madang.appraise.case.kinds import Category, Kind
from madang.appraise.case.mistakes import Mistakes

_OVERLAPS: dict[frozenset[Category], tuple[Category, str]] = {
    frozenset({Category.FUEL, Category.CO2}): (Category.FUEL, "a price of fuel with a price of carbon in it"),
    frozenset({Category.OPERATING_COST, Category.FUEL}): (Category.OPERATING_COST, "operating cost with fuel in it"),
    frozenset({Category.HEALTH, Category.NOX}): (Category.HEALTH, "health with the harm of NOx in it"),
    frozenset({Category.HEALTH, Category.PARTICLES}): (Category.HEALTH, "health with the harm of particles in it"),
    frozenset({Category.HEALTH, Category.ACCIDENTS}): (Category.HEALTH, "health with accidents in it"),
}
"""Categories that overlap unless the first excludes the second."""

_NEVER: dict[frozenset[Category], str] = {
    frozenset({Category.TIME, Category.LAND_VALUE}): "land is worth more because the time is saved: leave out one, or "
    "make the land value a transfer with its payer",
    frozenset({Category.TIME, Category.REVENUE}): "what users pay is part of what the time is worth to them: make the "
    "revenue a transfer, with the users as payer",
}


def check(form: Form, mistakes: Mistakes) -> None:
    """Report benefits that overlap, streams that are the same, and shares of an effect that exceed the whole."""
    for (_, one), (n, other) in combinations(enumerate(form.stream), 2):
        if one.kind is Kind.BENEFIT and other.kind is Kind.BENEFIT:
            _pair(one, other, n, mistakes)
        if _same(one, other):
            remedy = "leave one out, or say by another amount or owner how they differ"
            mistakes.add(("stream", n), f"{other.name!r} is {one.name!r} under another name: counted twice", remedy)
    _shares(form, mistakes)


def _pair(one: Stream, other: Stream, n: int, mistakes: Mistakes) -> None:
    both = frozenset({one.category, other.category})
    what = f"{one.name!r} ({one.category}) and {other.name!r} ({other.category})"
    if both in _NEVER:
        mistakes.add(("stream", n, "category"), f"{what}: a benefit counted twice", _NEVER[both])
    if both in _OVERLAPS:
        first, why = _OVERLAPS[both]
        wide, narrow = (one, other) if one.category is first else (other, one)
        if narrow.category not in wide.excludes:
            remedy = f'leave out one, or price {wide.name!r} without it and write excludes = ["{narrow.category}"]'
            mistakes.add(("stream", n, "category"), f"{what}: a benefit counted twice, {why}", remedy)


def _same(one: Stream, other: Stream) -> bool:
    shape = ("kind", "owner", "payer", "amount", "amounts", "times", "share", "start", "years", "phasing", "currency")
    alike = all(getattr(one, key) == getattr(other, key) for key in shape)
    return alike and one.kind is not Kind.COST and bool(one.times)


def _shares(form: Form, mistakes: Mistakes) -> None:
    measured = [one.name for one in form.measured]
    for name in measured:
        for category in Category:
            using = [
                (n, one)
                for n, one in enumerate(form.stream)
                if name in one.times and one.category is category and one.kind is Kind.BENEFIT
            ]
            total = sum(_share(one) for _, one in using)
            if total > 1 + 1e-9:
                who = ", ".join(repr(one.name) for _, one in using)
                mistakes.add(
                    ("stream", using[-1][0]),
                    f"{who} take {total:g} of {name!r}: counted twice",
                    "write share in each, so that together they take 1 or less",
                )
    for n, one in enumerate(form.stream):
        if one.share is not None and (not 0 < one.share <= 1 or not _any(measured, one.times)):
            mistakes.add(
                ("stream", n, "share"),
                f"{one.name!r} has a share of {one.share:g}",
                "above 0, up to 1, of one [[measured]] in times",
            )


def _share(stream: Stream) -> float:
    return 1.0 if stream.share is None else stream.share


def _any(names: Iterable[str], among: Iterable[str]) -> bool:
    return bool(set(names) & set(among))
