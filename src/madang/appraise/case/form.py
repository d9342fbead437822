"""The form of a project file (``projects/*.toml``): what may stand in it, key by key.

Documented in ``docs/how-to/appraisal.md``. Years are calendar years, shares are numbers from 0 to 1 (0.19 for 19 %),
rates shares a year.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import msgspec

Rate = Annotated[float | str, msgspec.Meta(description="a share a year, or rates that decline: 0.035:30,0.03")]


class Kind(StrEnum):
    """What a stream is to the stakeholder who owns it."""

    BENEFIT = "benefit"
    COST = "cost"
    TRANSFER = "transfer"


class Tier(StrEnum):
    """What it is made of: money, resources that have a market price, what no market prices."""

    CASH = "cash"
    RESOURCE = "resource"
    NON_MARKET = "non_market"


class Role(StrEnum):
    """Which part of the scenarios moves the stream."""

    CAPEX = "capex"
    OPERATION = "operation"
    BENEFIT = "benefit"
    OTHER = "other"


class Category(StrEnum):
    """What a benefit is a benefit of: two that overlap are refused (``double``)."""

    TIME = "time"
    RELIABILITY = "reliability"
    LAND_VALUE = "land_value"
    OPERATING_COST = "operating_cost"
    FUEL = "fuel"
    CO2 = "co2"
    NOX = "nox"
    PARTICLES = "particles"
    NOISE = "noise"
    ACCIDENTS = "accidents"
    HEALTH = "health"
    REVENUE = "revenue"
    OTHER = "other"


class Timing(StrEnum):
    """When the first year's amounts fall due: now, in its middle, at its end."""

    START = "start"
    MID = "mid"
    END = "end"


class Prices(StrEnum):
    """Of one year, or of each year."""

    REAL = "real"
    NOMINAL = "nominal"


class Mark(StrEnum):
    """How sure a value is: read in its source; read where its source is quoted; neither; set by the project."""

    VERIFIED = "verified"
    SECONDARY = "secondary"
    MEMORY = "from memory"
    ASSUMPTION = "assumption"


class Shape(StrEnum):
    """As in ``appraise/distribution``."""

    NORMAL = "normal"
    LOGNORMAL = "lognormal"
    TRIANGULAR = "triangular"
    UNIFORM = "uniform"


class Level(StrEnum):
    """Of a risk."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Principle(StrEnum):
    """What a bankable project shows (G20 principles for the infrastructure project preparation phase)."""

    RATIONALE = "rationale"
    OPTIONS = "options"
    COMMERCIAL = "commercial"
    AFFORDABILITY = "affordability"
    DELIVERABILITY = "deliverability"


class Status(StrEnum):
    """How far a principle is met."""

    DONE = "done"
    PARTLY = "partly"
    MISSING = "missing"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """``[project]``. `entity` is whose cash the financial view shows; `preset` fills in rates and timing that are left
    out; `hurdle` is the least EIRR (default: the economic rate)."""

    title: str
    currency: str
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
    risk: tuple[Risk, ...] = ()
    unquantified: tuple[Unquantified, ...] = ()
    bankability: tuple[Bankability, ...] = ()
