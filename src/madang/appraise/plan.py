"""A financing plan: what is built, what it earns, and who pays for it, as a TOML file says it.

All lists are by year: `capex` from the first year on, the others from the first year after construction. The shape is
documented in ``docs/how-to/appraisal.md``.
"""

from typing import Literal, NamedTuple

import msgspec

Kind = Literal["grant", "concessional", "commercial", "green_bond", "equity"]
Repayment = Literal["equal", "annuity", "bullet", "sculpted"]
LOANS: tuple[Kind, ...] = ("concessional", "commercial", "green_bond")
Path = tuple[str | int, ...]


class Mistake(NamedTuple):
    """What is wrong at this path of keys, and what to do."""

    path: Path
    message: str
    remedy: str


class Project(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money in `currency`; `tariff` is money a unit of `quantity`; `tax_rate` is the share of interest that lowers tax
    (for the WACC alone: taxes that are paid stand in `tax`)."""

    currency: str
    first_year: int
    capex: list[float]
    opex: list[float]
    quantity: list[float] = []
    tariff: float = 0.0
    revenue: list[float] = []
    tax: list[float] = []
    tax_rate: float = 0.0


class Tranche(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source of money. `rate` is interest, or for equity the return that is required, as a share a year. `grace` and
    `tenor` are years from the first draw-down, the end of the first year: nothing is repaid in `grace` years, all is
    after `tenor`, by one payment a year; `balloon` is the share
    that falls due with the last of equal or annuity payments, beside it; interest of the years of
    construction is `added` to the loan, or `paid` by the owners. `amount` may be
    "balance" (what the others leave, in one tranche) or, with a `dscr`, "sculpted" (as much as the cash flow carries).
    `exchange` is money of the project a unit of `currency` in the first year; it rises by `depreciation` a year."""

    name: str
    kind: Kind
    amount: float | Literal["balance", "sculpted"]
    rate: float = 0.0
    grace: int = 0
    tenor: int = 0
    repayment: Repayment = "equal"
    balloon: float = 0.0
    construction_interest: Literal["added", "paid"] = "added"
    dscr: float | None = None
    currency: str | None = None
    exchange: float = 1.0
    depreciation: float = 0.0

    @property
    def is_loan(self) -> bool:
        return self.kind in LOANS


class Reserve(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The debt service reserve account holds so many months of the next year's service."""

    months: float = 6.0


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The DSCR that has to hold in each year: in that share of the draws (`percentile`, 0.9 for P90), or with only
    `cfads_share` of the cash flow where nothing is drawn; `tranche`: the loan that grant or tenor relieve."""

    dscr: float
    tranche: str
    cfads_share: float = 1.0
    percentile: float | None = None
    longest_tenor: int = 40


class Doubt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[uncertain]]``: the factor by which a line of the cash flow may turn out otherwise, one for all years or one
    of its own for each (`yearly`); numbers as ``appraise/distribution`` takes them."""

    of: Literal["quantity", "tariff", "revenue", "opex"]
    shape: Literal["normal", "lognormal", "triangular", "uniform"]
    numbers: tuple[float, ...]
    yearly: bool = False


class Partnership(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[partnership]``: what the public pays is solved for (see ``appraise/partnership``). `equity_return` and `dscr`
    are what the partner and the lenders ask; `indexation` of the payment and `public_rate` shares a year; `most_share`
    the largest grant, of the capital cost."""

    kind: Literal["availability", "viability_gap"]
    equity_return: float
    dscr: float | None = None
    indexation: float = 0.0
    public_rate: float = 0.04
    most_share: float = 1.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The whole plan."""

    project: Project
    tranches: tuple[Tranche, ...]
    reserve: Reserve | None = None
    target: Target | None = None
    concession_rate: float = 0.05
    concession_payments: int = 1
    uncertain: tuple[Doubt, ...] = ()
    draws: int = 20_000
    partnership: Partnership | None = None
