"""The form of a project file (``projects/*.toml``): what may stand in it, key by key.

Documented in ``docs/how-to/appraisal.md``. Years are calendar years, shares are numbers from 0 to 1 (0.19 for 19 %),
rates shares a year.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from madang.appraise.case.kinds import (
    Act,
    Category,
    Kind,
    Level,
    Mark,
    Prices,
    Principle,
    Role,
    Shape,
    Status,
    Tier,
    Timing,
)

Rate = Annotated[float | str, msgspec.Meta(description="a share a year, or rates that decline: 0.035:30,0.03")]


class About(msgspec.Struct, frozen=True, kw_only=True):
    """``[project]``. `entity` is whose cash the financial view shows; `preset` fills in rates and timing that are left
    out; `language` is that of the file's own words (a BCP 47 tag); `hurdle` is the least EIRR (default: the economic
    rate)."""

    title: str
    currency: str
    language: str = "en"
    first_year: int
    years: int
    entity: str
    price_year: int | None = None
    prices: Prices = Prices.REAL
    preset: str | None = None
    economic_rate: Rate | None = None
    financial_rate: Rate | None = None
    hurdle: float | None = None
    timing: Timing | None = None
    summary: str = ""
    without: str = ""
    finance: str | None = None


class Uncertain(msgspec.Struct, frozen=True, kw_only=True):
    """By which factor the value may turn out higher or lower; numbers as ``appraise/distribution`` takes them."""

    shape: Shape
    numbers: tuple[float, ...]


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """``[[input]]``: a number that streams are made of. Either `value`, `unit`, `source` and `mark`, or the `parameter`
    of the book that gives them. A `unit` that begins with a currency is money."""

    name: str
    value: float | None = None
    unit: str = ""
    parameter: str | None = None
    growth: float = 0.0
    price_year: int | None = None
    inflate: float = 1.0
    source: str = ""
    mark: Mark | None = None
    uncertain: Uncertain | None = None
    note: str = ""


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """``[exchange.USD]``: how much of the project's currency a unit of that one is."""

    rate: float
    source: str
    mark: Mark
    uncertain: Uncertain | None = None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """``[[evidence]]``: a file that ``madang evaluate`` wrote, and the hash of the one that is meant."""

    name: str
    file: str
    sha256: str


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """``[[measured]]``: an input that a figure of the evidence gives, per evaluated hour. `transfer` names the input
    that says how much of it holds on the streets and beyond the hours that were evaluated; `count` vehicles an hour,
    for figures of buses and emergency vehicles; `against` the control that the streets would have without."""

    name: str
    evidence: str
    figure: str
    transfer: str
    against: str = "fixed"
    count: float | None = None


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """``[[stream]]``: an amount a year (`amount` times the inputs in `times`), or `amounts` by year.

    `share` is how much of a measured effect the stream takes; `excludes` the categories that its price leaves out.
    """

    name: str
    kind: Kind
    owner: str
    role: Role | None = None
    category: Category = Category.OTHER
    tier: Tier = Tier.CASH
    amount: float | None = None
    amounts: Mapping[str, float] | None = None
    times: tuple[str, ...] = ()
    share: float | None = None
    currency: str | None = None
    start: int | None = None
    years: int | None = None
    phasing: tuple[float, ...] = (1.0,)
    growth: float = 0.0
    life: int | None = None
    tax: float = 0.0
    vat: float = 0.0
    factor: float = 1.0
    gap: Mapping[str, float] = {}
    payer: str | None = None
    excludes: tuple[Category, ...] = ()
    uncertain: Uncertain | None = None
    source: str = ""
    mark: Mark = Mark.ASSUMPTION


class Correlation(msgspec.Struct, frozen=True, kw_only=True):
    """``[[correlation]]`` of two inputs or streams that are uncertain, -1 to 1."""

    between: tuple[str, ...]
    value: float


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """``[[option]]``: a decision that can wait until `year`, when the inputs in `learns` are known. `cost` is paid for
    waiting (defer, in the first year) or for growing (expand, in that year, by `share`); `worth` is what stopping
    brings."""

    name: str
    act: Act
    year: int
    learns: tuple[str, ...]
    cost: float = 0.0
    share: float = 1.0
    worth: float = 0.0


class Follow(msgspec.Struct, frozen=True, kw_only=True):
    """``[[follow]]``: what the hub remembers of a measured input after opening: the `attribute` of entity `present`
    (a number that only grows, or, with `per`, a mean over so many of that growing one). What there would be without is
    the same of entity `without` (a twin), or of `present` itself `before` opening (two times). `factor` turns it into
    the measured input's unit, and is found by itself for those that ``madang up`` remembers."""

    measured: str
    present: str
    without: str | None = None
    before: tuple[str, ...] = ()
    attribute: str | None = None
    per: str | None = None
    factor: float | None = None
    window_minutes: int = 15


class Actual(msgspec.Struct, frozen=True, kw_only=True):
    """``[[actual]]``: what a stream came to in calendar years, by the books."""

    stream: str
    amounts: Mapping[str, float]
    source: str


class Judge(msgspec.Struct, frozen=True, kw_only=True):
    """``[[ahp.judge]]``: one person's judgements. `matrix` says how many times the criterion of the row matters as much
    as that of the column, `build` by criterion how many times building is preferred to not building (1/9 to 9)."""

    name: str
    matrix: tuple[tuple[float, ...], ...]
    build: Mapping[str, float]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """``[[ahp.group]]``: the criterion `of` is made of these `criteria`, weighed by a matrix that all judges agree
    on."""

    of: str
    criteria: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]


class Ahp(msgspec.Struct, frozen=True, kw_only=True):
    """``[ahp]``: an analytic hierarchy process over building and not building. The criterion `economic` takes what the
    BCR is converted to by the rows of `conversion` (BCR, preference), without rows the BCR itself; `source` and `mark`
    are those of the judgements and of the conversion."""

    criteria: tuple[str, ...]
    economic: str
    judge: tuple[Judge, ...]
    group: tuple[Group, ...] = ()
    conversion: tuple[tuple[float, ...], ...] = ()
    source: str = ""
    mark: Mark = Mark.ASSUMPTION


class Risk(msgspec.Struct, frozen=True, kw_only=True):
    """``[[risk]]``: a row of the risk register."""

    name: str
    likelihood: Level
    impact: Level
    measure: str
    owner: str


class Unquantified(msgspec.Struct, frozen=True, kw_only=True):
    """``[[unquantified]]``: an effect without a figure, for whom, and why it has none."""

    name: str
    who: str
    why: str
    harm: bool = False


class Bankability(msgspec.Struct, frozen=True, kw_only=True):
    """``[[bankability]]``: how far a principle is met, shown by what, and who has to do the rest."""

    principle: Principle
    status: Status
    shown_by: str
    owner: str


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file. `poor` is the share of poor people in a group."""

    project: About
    stream: tuple[Stream, ...]
    input: tuple[Input, ...] = ()
    exchange: Mapping[str, Exchange] = {}
    evidence: tuple[Evidence, ...] = ()
    measured: tuple[Measured, ...] = ()
    correlation: tuple[Correlation, ...] = ()
    poor: Mapping[str, float] = {}
    option: tuple[Option, ...] = ()
    ahp: Ahp | None = None
    follow: tuple[Follow, ...] = ()
    actual: tuple[Actual, ...] = ()
    risk: tuple[Risk, ...] = ()
    unquantified: tuple[Unquantified, ...] = ()
    bankability: tuple[Bankability, ...] = ()
