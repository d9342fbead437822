"""The streams of a project file, resolved against its inputs: what each is worth a year, and which inputs drive it."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from madang.appraise.case.form import Form, Stream
from madang.appraise.case.kinds import Kind, Role
from madang.appraise.case.mistakes import Mistakes
from madang.appraise.case.sources import Source, exchange_name, spread_of
from madang.appraise.distribution import FIXED
from madang.appraise.stream import Stream as Typed
from madang.errors import AppraisalInvalid


class Resolved(NamedTuple):
    """A typed stream and the names of the inputs whose product it is, each once."""

    stream: Typed
    drivers: tuple[str, ...]


class Years(NamedTuple):
    """When a stream begins (0 is the project's first year), how long it runs, its phasing and its amount."""

    start: int
    years: int | None
    phasing: tuple[float, ...]
    amount: float


def resolve(form: Form, sources: Mapping[str, Source], mistakes: Mistakes) -> list[Resolved]:
    """All streams that can be told; what is wrong goes to `mistakes`."""
    found: list[Resolved] = []
    for n, given in enumerate(form.stream):
        before = len(mistakes)
        drivers = _drivers(given, n, form, sources=sources, mistakes=mistakes)
        years = _years(given, n, form, mistakes)
        _role(given, n, mistakes)
        if len(mistakes) == before:
            found += _typed(given, n, drivers, years=years, sources=sources, mistakes=mistakes)
    return found


def role_of(stream: Stream) -> Role:
    """The role that is written, else that of its kind."""
    return stream.role or (Role.BENEFIT if stream.kind is Kind.BENEFIT else Role.OTHER)


def multiplier(stream: Stream) -> float:
    """What the product of the stream's inputs is multiplied by: its amount and its share."""
    return (1.0 if stream.share is None else stream.share) * (1.0 if stream.amount is None else stream.amount)


def _role(given: Stream, n: int, mistakes: Mistakes) -> None:
    if given.kind is Kind.COST and given.role is None:
        remedy = 'write role = "capex" or "operation" (or "other"): the scenarios move them apart'
        mistakes.add(("stream", n), f"the cost {given.name!r} has no role", remedy)


def _drivers(
    given: Stream, n: int, form: Form, *, sources: Mapping[str, Source], mistakes: Mistakes
) -> tuple[str, ...]:
    """The stream's inputs and those that come with them; one of them at most is money."""
    unknown = [name for name in given.times if name not in sources]
    known = {one.name for one in (*form.input, *form.measured)}
    for name in unknown:
        if name not in known:  # else what is wrong with it is told already
            remedy = f"one of: {', '.join(sorted(known))}" if known else "add an [[input]] of that name"
            mistakes.add(("stream", n, "times"), f"{given.name!r} takes {name!r}, which is no input", remedy)
    found = [sources[name] for name in given.times if name in sources]
    names = [name for one in found for name in (one.name, *one.also)]
    names += _own_money(given, n, form, mistakes)
    _money(given, n, found, mistakes, settled=not unknown)
    twice = sorted({name for name in given.times if given.times.count(name) > 1})
    if twice:
        mistakes.add(("stream", n, "times"), f"{given.name!r} takes {', '.join(twice)} twice", "name each once")
    return tuple(dict.fromkeys(names))


def _own_money(given: Stream, n: int, form: Form, mistakes: Mistakes) -> list[str]:
    own = form.project.currency
    if given.currency is None or given.currency == own:
        return []
    if given.currency not in form.exchange:
        remedy = f"add [exchange.{given.currency}] with rate (how many {own} it is), source and mark"
        message = f"mixed currencies: {given.name!r} is in {given.currency}, the project in {own}"
        mistakes.add(("stream", n, "currency"), message, remedy)
        return []
    return [exchange_name(given.currency, own)]


def _money(given: Stream, n: int, found: list[Source], mistakes: Mistakes, *, settled: bool) -> None:
    money = [one.name for one in found if one.currency]
    if len(money) > 1:
        remedy = "money times money is none: one price, and quantities"
        mistakes.add(("stream", n, "times"), f"{given.name!r} multiplies {' and '.join(money)}", remedy)
    if money and given.currency is not None:
        mistakes.add(("stream", n, "currency"), f"the currency of {given.name!r} is that of {money[0]}", "leave it out")
    if settled and not money and given.amount is None and given.amounts is None:
        remedy = "write an amount, or take an input whose unit begins with a currency, such as EUR / h"
        mistakes.add(("stream", n), f"there is no money in {given.name!r}", remedy)


def _years(given: Stream, n: int, form: Form, mistakes: Mistakes) -> Years:
    first, last = form.project.first_year, form.project.first_year + form.project.years - 1
    if given.amounts is not None:
        return _listed(given, n, form, mistakes)
    start = first if given.start is None else given.start
    if not first <= start <= last:
        remedy = f"a calendar year from {first} to {last}"
        mistakes.add(("stream", n, "start"), f"{given.name!r} starts in {start}", remedy)
    if given.years is not None and given.years < 1:
        mistakes.add(("stream", n, "years"), f"{given.name!r} has {given.years} years", "1 or more, or leave it out")
    return Years(start - first, given.years, given.phasing, multiplier(given))


def _listed(given: Stream, n: int, form: Form, mistakes: Mistakes) -> Years:
    """Amounts by calendar year: every year between the first and the last has one."""
    first, last = form.project.first_year, form.project.first_year + form.project.years - 1
    path = ("stream", n, "amounts")
    for key in ("amount", "start", "years"):
        if getattr(given, key) is not None:
            mistakes.add(path, f"{given.name!r} has amounts by year and {key}", f"leave out {key}: the years say it")
    amounts = given.amounts or {}
    wrong = [key for key in amounts if not key.isdigit() or not first <= int(key) <= last]
    if wrong or not amounts:
        remedy = f"calendar years from {first} to {last}, such as {{ {first} = 100, {first + 1} = 50 }}"
        mistakes.add((*path, *wrong[:1]), f"{given.name!r} has amounts for {', '.join(wrong) or 'no year'}", remedy)
        return Years(0, 1, (1.0,), 0.0)
    years = sorted(int(key) for key in amounts)
    gaps = sorted(set(range(years[0], years[-1])) - set(years))
    if gaps:
        remedy = f"write {gaps[0]} = 0 where nothing is paid"
        mistakes.add(path, f"{given.name!r}: {', '.join(map(str, gaps))} missing between the years", remedy)
    listed = tuple(amounts.get(str(year), 0.0) for year in range(years[0], years[-1] + 1))
    return Years(years[0] - first, len(listed), listed, multiplier(given))


def _typed(
    given: Stream,
    n: int,
    drivers: tuple[str, ...],
    *,
    years: Years,
    sources: Mapping[str, Source],
    mistakes: Mistakes,
) -> list[Resolved]:
    if given.vat and given.tax:
        mistakes.add(
            ("stream", n, "vat"),
            f"{given.name!r} has vat and tax",
            "write one: vat on the net price, or the share of tax in the whole price",
        )
    path: tuple[str | int, ...] = ("stream", n)
    if given.growth <= -1:
        mistakes.add(
            (*path, "growth"), f"{given.name!r} grows by {given.growth:g} a year", "a share above -1, such as 0.02"
        )
    if given.growth <= -1 or any(name not in sources for name in drivers):
        return []
    rates = (given.growth, *(sources[name].growth for name in drivers))
    try:
        stream = Typed(
            name=given.name,
            kind=given.kind.value,
            owner=given.owner,
            amount=years.amount * math.prod(sources[name].value for name in drivers),
            tier=given.tier.value,
            start=years.start,
            years=years.years,
            phasing=years.phasing,
            growth=math.expm1(math.fsum(map(math.log1p, rates))),
            life=given.life,
            tax=given.vat / (1 + given.vat) if given.vat > 0 else given.tax,
            factor=given.factor,
            gap=given.gap,
            payer=given.payer,
            uncertain=spread_of(given.uncertain, mistakes, *path) if given.uncertain else FIXED,
        )
    except AppraisalInvalid as error:
        mistakes.add(path, error.detail, "")
        return []
    return [Resolved(stream, drivers)]
