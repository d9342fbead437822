"""What a later amount is worth now: one rate, or rates that decline with time."""

import math
from collections.abc import Sequence
from typing import Literal

import msgspec

from madang.errors import AppraisalInvalid

Timing = Literal["start", "end", "mid"]
OFFSET: dict[Timing, float] = {"start": 0.0, "mid": 0.5, "end": 1.0}
"""Years from now to the first row: not discounted, discounted half a year, discounted one year."""


class Band(msgspec.Struct, frozen=True):
    """A rate that holds up to and including that year from now (None: for ever after)."""

    rate: float
    until: int | None = None


class Schedule(msgspec.Struct, frozen=True):
    """Discount rates by distance from now. Raises AppraisalInvalid for rates that are negative or not a number, and for
    bands that do not follow each other."""

    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        for band in self.bands:
            _check(band.rate)
        ends = [band.until for band in self.bands]
        known = [end for end in ends[:-1] if end is not None]
        rising = all(a < b for a, b in zip([0, *known], known, strict=False))
        if not ends or ends[-1] is not None or len(known) != len(ends) - 1 or not rising:
            raise AppraisalInvalid(
                "the discount rates do not follow each other: write each with the last year that it holds for, rising, "
                "and the last one without, such as 0.035:30,0.03:75,0.025; a decimal is a point"
            )

    def factor(self, years: float) -> float:
        """What 1 in so many years (>= 0) is worth now: each year is discounted at that year's own rate."""
        worth, passed = 0.0, 0.0
        for band in self.bands:
            end = years if band.until is None else min(years, band.until)
            if end > passed:
                worth -= (end - passed) * math.log1p(band.rate)
                passed = end
        return math.exp(worth)

    def factors(self, count: int, *, timing: Timing = "start") -> list[float]:
        """The factors of `count` rows a year apart."""
        return [self.factor(year + OFFSET[timing]) for year in range(count)]

    def __str__(self) -> str:
        return ",".join(f"{b.rate:g}" + (f":{b.until}" if b.until is not None else "") for b in self.bands)


def flat(rate: float) -> Schedule:
    """One rate for ever, as a share a year (0.09 is 9 %). Raises AppraisalInvalid."""
    return Schedule((Band(rate),))


class Prices(msgspec.Struct, frozen=True):
    """Amounts and rate of unlike prices: `current` amounts (with inflation in them) at a real rate, or `constant` ones
    (of one year's prices) at a nominal rate; `inflation` a year."""

    inflation: float
    amounts: Literal["current", "constant"]

    def __post_init__(self) -> None:
        if not -0.5 < self.inflation < 10:
            raise AppraisalInvalid(f"the inflation is {self.inflation:g}: write a share a year, 0.02 for 2 %")

    def like(self, schedule: Schedule) -> Schedule:
        """The schedule in the amounts' prices (Fisher: 1 + nominal = (1 + real) * (1 + inflation))."""
        grown = 1 + self.inflation
        times = grown if self.amounts == "current" else 1 / grown
        rates = [((1 + band.rate) * times - 1, band.until) for band in schedule.bands]
        if any(rate < 0 for rate, _ in rates):
            raise AppraisalInvalid(
                f"at an inflation of {self.inflation:g} the discount rate {schedule} is {rates[-1][0]:.4g} in the "
                "amounts' prices, negative: check which of them is real"
            )
        return Schedule(tuple(Band(rate, until) for rate, until in rates))

    def both(self, rates: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Rates of return of these amounts as real and as nominal ones."""
        grown, own = 1 + self.inflation, tuple(rates)
        if self.amounts == "current":
            return tuple((1 + rate) / grown - 1 for rate in own), own
        return own, tuple((1 + rate) * grown - 1 for rate in own)


def effective(schedule: Schedule, per_year: int) -> Schedule:
    """A nominal schedule, compounded so often a year, as yearly rates: (1 + rate / n) ** n - 1."""
    return Schedule(tuple(Band((1 + b.rate / per_year) ** per_year - 1, b.until) for b in schedule.bands))


def read(text: str, *, called: str = "the discount rate") -> Schedule:
    """``0.09``, or ``0.035:30,0.03:75,0.025``: 3.5 % to year 30, 3 % to year 75, 2.5 % after; `called` is how
    mistakes name it. Raises AppraisalInvalid."""
    bands: list[Band] = []
    for part in text.split(","):
        rate, _, until = part.partition(":")
        try:
            bands.append(Band(float(rate), int(until) if until else None))
        except ValueError:
            raise AppraisalInvalid(
                f"{called} {text!r}: {part!r} is no discount rate: write a share a year, such as 0.09 for 9 %, "
                "or 0.035:30,0.03"
            ) from None
    try:
        return Schedule(tuple(bands))
    except AppraisalInvalid as error:
        raise AppraisalInvalid(f"{called} {text!r}: {error.detail}") from None


def present(amounts: Sequence[float], factors: Sequence[float]) -> float:
    """The sum of amounts times factors, added without loss."""
    return math.fsum(amount * factor for amount, factor in zip(amounts, factors, strict=True))


def _check(rate: float) -> None:
    if not math.isfinite(rate):
        raise AppraisalInvalid(f"the discount rate is {rate}: write a share a year, such as 0.09 for 9 %")
    if rate < 0:
        raise AppraisalInvalid(
            f"the discount rate {rate:g} is negative: write a share of 0 or more, such as 0.09 for 9 % a year"
        )
