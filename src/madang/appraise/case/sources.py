"""The inputs of a project, resolved: each with its value in the project's prices, how uncertain it is, and where it
comes from: the file, the parameter book, an exchange rate or a measurement."""

import math
import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from madang.appraise.book import Parameter
from madang.appraise.case.form import Exchange, Form, Input, Measured, Uncertain
from madang.appraise.case.measured import Missing, Trail, gain
from madang.appraise.case.mistakes import Mistakes
from madang.appraise.distribution import FIXED, Distribution
from madang.errors import AppraisalInvalid

Marked = Literal["verified", "secondary", "from memory", "assumption", "measured"]
_MONEY = re.compile(r"([A-Z]{3})(?=$|[\s/])")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One input. `also` are inputs that come with it wherever it is used: an exchange rate, a transfer."""

    name: str
    value: float
    unit: str
    source: str
    mark: Marked
    growth: float = 0.0
    spread: Distribution = FIXED
    note: str = ""
    also: tuple[str, ...] = ()
    trail: Trail | None = None
    parameter: str | None = None

    @property
    def currency(self) -> str | None:
        """The currency of the unit, if it is money."""
        found = _MONEY.match(self.unit)
        return found[1] if found and self.trail is None else None


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """The content of an evidence file whose hash was right."""

    file: str
    sha256: str
    content: Mapping[str, object]


def resolve(
    form: Form, book: Mapping[str, Parameter], proofs: Mapping[str, Proof], mistakes: Mistakes
) -> dict[str, Source]:
    """All inputs by name; what is wrong with them goes to `mistakes`."""
    found: dict[str, Source] = {}

    def keep(one: Source | None, *path: str | int) -> None:
        if one is not None and one.name in found:
            mistakes.add(path, f"{one.name!r} is there already", "give each input a name of its own")
        if one is not None:
            found[one.name] = one

    for currency, rate in form.exchange.items():
        keep(_exchange(currency, rate, form, mistakes), "exchange", currency)
    for n, given in enumerate(form.input):
        keep(_input(given, n, form, book=book, mistakes=mistakes), "input", n, "name")
    for n, measured in enumerate(form.measured):
        keep(_measured(measured, n, form, proofs=proofs, mistakes=mistakes), "measured", n, "name")
        if measured.transfer not in {one.name for one in form.input}:
            remedy = "name the [[input]] that says how much of it holds on the streets and over a year"
            mistakes.add(("measured", n, "transfer"), f"{measured.transfer!r} is no input", remedy)
    return found


def spread_of(given: Uncertain | None, mistakes: Mistakes, *path: str | int) -> Distribution:
    """The distribution that is given, or a fixed one."""
    if given is None:
        return FIXED
    try:
        return Distribution(given.shape.value, given.numbers)
    except AppraisalInvalid as error:
        mistakes.add((*path, "uncertain"), error.detail, "")
        return FIXED


def exchange_name(currency: str, own: str) -> str:
    """What the exchange rate is called among the inputs."""
    return f"{own} a {currency}"


def _exchange(currency: str, given: Exchange, form: Form, mistakes: Mistakes) -> Source | None:
    own = form.project.currency
    if not re.fullmatch(r"[A-Z]{3}", currency) or currency == own or not 0 < given.rate < math.inf:
        remedy = f"another currency's three letters, and how many {own} a unit of it is, above 0"
        mistakes.add(("exchange", currency), f"{currency} at {given.rate} is no exchange rate", remedy)
        return None
    return Source(
        name=exchange_name(currency, own),
        value=given.rate,
        unit=f"{own} / {currency}",
        source=given.source,
        mark=given.mark.value,
        spread=spread_of(given.uncertain, mistakes, "exchange", currency),
    )


def _input(given: Input, n: int, form: Form, *, book: Mapping[str, Parameter], mistakes: Mistakes) -> Source | None:
    parameter = _parameter(given, n, book, mistakes)
    if parameter is None and (given.value is None or given.mark is None or not given.source.strip()):
        lacking = [key for key in ("value", "source", "mark") if not getattr(given, key) and getattr(given, key) != 0]
        if given.parameter is None:
            mistakes.add(("input", n), f"{given.name!r} has no {', '.join(lacking)}", "or name a parameter of the book")
        return None
    value = given.value if parameter is None else parameter.value
    if isinstance(value, str) or value is None or not math.isfinite(value * given.inflate) or given.growth <= -1:
        mistakes.add(("input", n), f"{given.name!r} is no number", "write a plain number such as 12.5")
        return None
    made = Source(
        name=given.name,
        value=value * given.inflate,
        unit=given.unit if parameter is None else parameter.unit,
        source=given.source if parameter is None else parameter.source,
        mark=given.mark.value if parameter is None and given.mark else parameter.mark if parameter else "assumption",
        growth=given.growth,
        spread=spread_of(given.uncertain, mistakes, "input", n),
        note=given.note or (parameter.note if parameter else ""),
        parameter=given.parameter,
    )
    year = given.price_year if parameter is None else parameter.year
    _same_year(made, year, n, given=given, form=form, mistakes=mistakes)
    return _in_own_money(made, form, ("input", n), mistakes)


def _parameter(given: Input, n: int, book: Mapping[str, Parameter], mistakes: Mistakes) -> Parameter | None:
    if given.parameter is None:
        return None
    if given.value is not None or given.unit or given.source or given.mark:
        remedy = "leave out value, unit, source and mark: the book has them"
        mistakes.add(("input", n, "parameter"), f"{given.name!r} has a parameter and values of its own", remedy)
    if given.parameter not in book:
        remedy = "'madang parameters' lists what there is; --also adds a file of your own"
        mistakes.add(("input", n, "parameter"), f"the parameter {given.parameter!r} is not in the book", remedy)
    return book.get(given.parameter)


def _same_year(made: Source, year: int | None, n: int, *, given: Input, form: Form, mistakes: Mistakes) -> None:
    base = form.project.price_year
    if made.currency and year is not None and base is not None and year != base and given.inflate == 1.0:
        mistakes.warn(
            ("input", n),
            f"{made.name!r} is in prices of {year}, the project in those of {base}",
            "write inflate, the factor between the two",
        )


def _in_own_money(made: Source, form: Form, path: tuple[str | int, ...], mistakes: Mistakes) -> Source:
    """Money of another currency brings its exchange rate with it; without one it is a mistake."""
    currency, own = made.currency, form.project.currency
    if currency is None or currency == own:
        return made
    if currency not in form.exchange:
        remedy = f"add [exchange.{currency}] with rate (how many {own} a {currency} is), source and mark"
        mistakes.add(path, f"mixed currencies: {made.name!r} is in {currency}, the project in {own}", remedy)
        return made
    return msgspec.structs.replace(made, also=(exchange_name(currency, own),))


def _measured(given: Measured, n: int, form: Form, *, proofs: Mapping[str, Proof], mistakes: Mistakes) -> Source | None:
    names = [one.name for one in form.evidence]
    if given.evidence not in names:
        remedy = f"one of: {', '.join(names)}" if names else "add it with name, file and sha256"
        mistakes.add(("measured", n, "evidence"), f"{given.evidence!r} is no [[evidence]]", remedy)
    proof = proofs.get(given.evidence)
    if proof is None:
        return None  # what is wrong with the file is told where the file is named
    try:
        found = gain(
            proof.content,
            given.figure,
            name=given.evidence,
            file=proof.file,
            sha256=proof.sha256,
            count=given.count,
            against=given.against,
        )
    except Missing as error:
        key = "against" if "compare with" in error.message else "figure"
        mistakes.add(("measured", n, key), error.message, error.remedy)
        return None
    trail = found.trail
    said = f"madang evaluate: {trail.service} in {trail.city}, {trail.scenario}, {trail.hours:g} h, seeds "
    return Source(
        name=given.name,
        value=found.value,
        unit=found.unit,
        source=said + ", ".join(map(str, trail.seeds)),
        mark="measured",
        spread=found.spread,
        also=(given.transfer,),
        trail=trail,
    )
