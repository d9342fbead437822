"""A stream: an amount by year that one stakeholder gains or pays, in cash, in resources, or in what no market prices.

Every stream is entered at financial prices, taxes included. What society gains or gives up is the amount without tax
times the shadow price factor; what differs between the two is somebody's gain or loss, and the stream says whose:

    economic = sign * (1 - tax) * factor
    owner    = sign                                    what the owner gains or pays
    state    = -sign * tax                             a cost's tax is the state's gain, a saved tax its loss
    gap      = sign * (1 - tax) * (factor - 1)         in the shares that `gap` names

These four lines sum, so incidence by stakeholder sums to the economic value as an identity (ADB, "Guidelines for the
Economic Analysis of Projects", 2017, on distribution; Jenkins, Kuo and Harberger, "Cost-Benefit Analysis for Investment
Decisions", 2011, chapter 12).
"""

import math
from collections.abc import Mapping
from typing import Literal

import msgspec

from madang.appraise.distribution import FIXED, Distribution
from madang.errors import AppraisalInvalid

Tier = Literal["cash", "resource", "non_market"]
TIERS: tuple[Tier, ...] = ("cash", "resource", "non_market")
Flow = Literal["benefit", "cost", "transfer"]
STATE = "government"


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` a year (0 or more, or less for a saving), from year `start` (0 is the first) for so many `years`, times
    the year's share of `phasing` (its last value holds on), growing by `growth` a year from the first year of the
    project. An asset of so many years' `life` has, at the end of the horizon, the value that is left (straight line).

    A "transfer" is paid by `payer` to `owner` and is nobody's gain on the whole.
    """

    name: str
    kind: Flow
    owner: str
    amount: float
    tier: Tier = "cash"
    start: int = 0
    years: int | None = None
    phasing: tuple[float, ...] = (1.0,)
    growth: float = 0.0
    life: int | None = None
    tax: float = 0.0
    factor: float = 1.0
    gap: Mapping[str, float] = {}
    payer: str | None = None
    uncertain: Distribution = FIXED

    def __post_init__(self) -> None:
        for number in (self.amount, self.growth, self.tax, self.factor, *self.phasing, *self.gap.values()):
            if not math.isfinite(number):
                raise AppraisalInvalid(f"stream {self.name!r}: {number} is no number (write 0 where nothing is paid)")
        if not 0 <= self.tax < 1 or self.growth <= -1:
            raise AppraisalInvalid(f"stream {self.name!r}: tax or growth is out of range (shares: 0.19 for 19 %)")
        if self.start < 0 or not self.phasing or (self.years or 0) < 0 or self.life == 0 or (self.life or 1) < 0:
            raise AppraisalInvalid(f"stream {self.name!r}: start, years, life or phasing is out of range (0 or more)")
        if (self.kind == "transfer") != (self.payer is not None):
            raise AppraisalInvalid(
                f"stream {self.name!r}: a transfer has a payer, and nothing else has (name who pays)"
            )
        if self.kind == "transfer" and (self.tax or self.factor != 1):
            raise AppraisalInvalid(f"stream {self.name!r}: a transfer uses no resources (leave out tax and factor)")
        if self.factor != 1 and abs(sum(self.gap.values()) - 1) > 1e-12:
            raise AppraisalInvalid(
                f"stream {self.name!r}: a shadow price and the shares of its gap add up to {sum(self.gap.values()):g} "
                "(say who gains it, in shares that sum to 1)"
            )

    @property
    def sign(self) -> int:
        return -1 if self.kind == "cost" else 1

    def profile(self, horizon: int) -> list[float]:
        """The amount by year over the horizon, with what is left of an asset taken off its last year."""
        last = horizon if self.years is None else min(self.start + self.years, horizon)
        found = [0.0] * horizon
        for year in range(self.start, last):
            share = self.phasing[min(year - self.start, len(self.phasing) - 1)]
            found[year] = self.amount * share * (1 + self.growth) ** year
        if self.life is not None:
            found[-1] -= sum(value * max(0.0, 1 - (horizon - 1 - year) / self.life) for year, value in enumerate(found))
        return found

    def incidence(self) -> dict[str, float]:
        """Who gains how much of 1 of the stream; sums to `economic`."""
        if self.payer is not None:
            return {self.owner: 1.0, self.payer: -1.0} if self.owner != self.payer else {self.owner: 0.0}
        found = {self.owner: float(self.sign)}
        if self.tax:
            found[STATE] = found.get(STATE, 0.0) - self.sign * self.tax
        for group, share in self.gap.items():
            found[group] = found.get(group, 0.0) + self.sign * (1 - self.tax) * (self.factor - 1) * share
        return found

    @property
    def economic(self) -> float:
        """What society gains of 1 of the stream."""
        return 0.0 if self.payer is not None else self.sign * (1 - self.tax) * self.factor

    def financial(self, entity: str) -> float:
        """What the entity's till gains of 1 of the stream."""
        if self.tier != "cash":
            return 0.0
        return self.sign * (self.owner == entity) - (self.payer == entity)
