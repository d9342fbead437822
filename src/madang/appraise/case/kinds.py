"""The words that a project file chooses from: kinds, tiers, roles, categories, marks and levels."""

from enum import StrEnum


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


class Act(StrEnum):
    """What an option allows later."""

    DEFER = "defer"
    EXPAND = "expand"
    STOP = "stop"
