"""A financing plan: what is built, what it earns, and who pays for it, as a TOML file says it.

All lists are by year: `capex` from the first year on, the others from the first year after construction. The shape is
documented in ``docs/how-to/appraisal.md``.
"""

import math
import re
from typing import Any, Literal, NamedTuple, TypeVar, cast

import msgspec

Kind = Literal["grant", "concessional", "commercial", "green_bond", "equity"]
Repayment = Literal["equal", "annuity", "bullet", "sculpted"]
LOANS: tuple[Kind, ...] = ("concessional", "commercial", "green_bond")
Path = tuple[str | int, ...]
T = TypeVar("T")


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
    `tenor` are years from the first draw-down: no repayment in the first, all repaid in the second. `amount` may be
    "balance" (what the others leave, in one tranche) or, with a `dscr`, "sculpted" (as much as the cash flow carries).
    `exchange` is money of the project a unit of `currency` in the first year; it rises by `depreciation` a year."""

    name: str
    kind: Kind
    amount: float | Literal["balance", "sculpted"]
    rate: float = 0.0
    grace: int = 0
    tenor: int = 0
    repayment: Repayment = "equal"
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
    """The DSCR that has to hold in each year, with only `cfads_share` of the cash flow (0.85: the year that is worse in
    one case of ten, if that is what a measured or simulated P90 says); `tranche`: the loan that grant or tenor
    relieve."""

    dscr: float
    tranche: str
    cfads_share: float = 1.0
    longest_tenor: int = 40


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The whole plan."""

    project: Project
    tranches: tuple[Tranche, ...]
    reserve: Reserve | None = None
    target: Target | None = None
    concession_rate: float = 0.05


def read(table: dict[str, Any]) -> tuple[Plan | None, list[Mistake]]:
    """The plan in a TOML table, or what is wrong with it (all of it, as far as it can be told)."""
    mistakes: list[Mistake] = []
    known = ("project", "tranche", "dsra", "target", "concession_rate")
    mistakes += [
        Mistake((key,), f"{key!r} is not known", f"known: {', '.join(known)}") for key in table if key not in known
    ]
    project = _take(table.get("project"), Project, ("project",), mistakes)
    given = table.get("tranche")
    rows = cast(list[Any], given) if isinstance(given, list) else []
    if not rows:
        mistakes.append(Mistake(("tranche",), "no [[tranche]]", "add one for each source of money"))
    taken = [_take(row, Tranche, ("tranche", n), mistakes) for n, row in enumerate(rows)]
    reserve = _take(table["dsra"], Reserve, ("dsra",), mistakes) if "dsra" in table else None
    target = _take(table["target"], Target, ("target",), mistakes) if "target" in table else None
    rate = _take(table.get("concession_rate", 0.05), float, ("concession_rate",), mistakes)
    if mistakes or project is None or rate is None:
        return None, mistakes
    tranches = tuple(tranche for tranche in taken if tranche is not None)
    plan = Plan(project=project, tranches=tranches, reserve=reserve, target=target, concession_rate=rate)
    return plan, [*_project(project), *_tranches(plan), *_target(plan)]


def _take(value: Any, kind: type[T], path: Path, mistakes: list[Mistake]) -> T | None:
    if value is None:
        mistakes.append(Mistake(path, f"[{path[0]}] is missing", "see docs/how-to/appraisal.md for the shape"))
        return None
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        within = tuple(re.findall(r"\.(\w+)", place))
        unknown = re.search(r"unknown field `(\w+)`", message)
        path = (*path, *within, *((unknown[1],) if unknown else ()))
        mistakes.append(Mistake(path, message, "see docs/how-to/appraisal.md for what stands here"))
        return None


def _project(project: Project) -> list[Mistake]:
    found: list[Mistake] = []
    lists = {name: getattr(project, name) for name in ("capex", "opex", "quantity", "revenue", "tax")}
    years = len(project.opex)
    for name, values in lists.items():
        if not all(map(math.isfinite, values)):
            found.append(Mistake(("project", name), "has a value that is no number", "write 0 where nothing is paid"))
        if name != "capex" and values and len(values) != years:
            remedy = "each list has one value for each year of operation"
            found.append(Mistake(("project", name), f"has {len(values)} years and opex has {years}", remedy))
    if not project.capex or not years:
        found.append(Mistake(("project",), "no year of capex or of opex", "write at least one of each"))
    if not project.quantity and not project.revenue:
        found.append(Mistake(("project",), "nothing is earned", "write quantity and tariff, or revenue"))
    if sum(project.capex) <= 0 or any(value < 0 for value in project.capex):
        found.append(Mistake(("project", "capex"), "is not what it costs", "positive numbers, 0 for a year without"))
    if not 0 <= project.tax_rate < 1:
        found.append(Mistake(("project", "tax_rate"), "is no share", "write 0.25 for 25 %"))
    return found


def _tranches(plan: Plan) -> list[Mistake]:
    found: list[Mistake] = []
    for word in ("balance", "sculpted"):
        at = [n for n, tranche in enumerate(plan.tranches) if tranche.amount == word]
        if len(at) > 1:
            found.append(
                Mistake(("tranche", at[1], "amount"), f"a second {word!r}", f"one tranche at most is the {word}")
            )
    names = [tranche.name for tranche in plan.tranches]
    shaped = [n for n, tranche in enumerate(plan.tranches) if tranche.is_loan and tranche.repayment == "sculpted"]
    if len(shaped) > 1:
        found.append(Mistake(("tranche", shaped[1], "repayment"), "a second sculpted loan", "sculpt one loan at most"))
    for n, tranche in enumerate(plan.tranches):
        found += [Mistake(("tranche", n, *key), message, remedy) for key, message, remedy in _tranche(tranche, plan)]
        if tranche.name in names[:n]:
            found.append(
                Mistake(("tranche", n, "name"), f"{tranche.name!r} is there already", "give each its own name")
            )
    return found


def _tranche(tranche: Tranche, plan: Plan) -> list[Mistake]:
    found: list[Mistake] = []
    building, last = len(plan.project.capex), len(plan.project.capex) + len(plan.project.opex)

    def add(key: str, message: str, remedy: str) -> None:
        found.append(Mistake((key,), message, remedy))

    if not isinstance(tranche.amount, str) and not 0 <= tranche.amount < math.inf:
        add("amount", f"is {tranche.amount}", "write how much comes from it, 0 or more")
    if not 0 <= tranche.rate < 1:
        add("rate", f"is {tranche.rate}", "write a share a year from 0 to below 1: 0.05 for 5 %")
    if tranche.exchange <= 0 or not -1 < tranche.depreciation < 1:
        add("exchange", "the exchange rate or its change is out of range", "above 0; the change a share a year")
    foreign = tranche.currency not in (None, plan.project.currency)
    if foreign and tranche.exchange == 1.0:
        add(
            "currency", f"mixed currencies: {tranche.currency} and {plan.project.currency}", "write exchange: its price"
        )
    if not foreign and (tranche.exchange != 1.0 or tranche.depreciation):
        add(
            "exchange",
            "an exchange rate for the project's own currency",
            "write the tranche's currency, or leave it out",
        )
    if tranche.is_loan:
        if not building <= tranche.grace < tranche.tenor <= last:
            remedy = f"construction ({building} years) <= grace < tenor <= the project's {last} years"
            add("tenor", f"grace {tranche.grace} and tenor {tranche.tenor} do not fit", remedy)
        if tranche.repayment == "sculpted" and foreign:
            add("repayment", "a loan in another currency is sculpted", "sculpt one in the project's currency")
    if tranche.amount == "sculpted" and (tranche.dscr is None or tranche.dscr < 1 or tranche.repayment != "sculpted"):
        add("amount", "is sculpted without a dscr", 'write dscr = 1.3 (1 or more) and repayment = "sculpted"')
    if tranche.amount == "balance" and tranche.is_loan and any(t.amount == "sculpted" for t in plan.tranches):
        add("amount", "the balance is a loan beside a sculpted one", "let a grant or equity be the balance")
    return found


def _target(plan: Plan) -> list[Mistake]:
    target = plan.target
    if target is None:
        return []
    found: list[Mistake] = []
    loans = [tranche.name for tranche in plan.tranches if tranche.is_loan and tranche.repayment != "sculpted"]
    if target.tranche not in loans:
        found.append(
            Mistake(("target", "tranche"), f"{target.tranche!r} is no such loan", f"one of: {', '.join(loans)}")
        )
    if any(tranche.is_loan and tranche.repayment == "sculpted" for tranche in plan.tranches):
        found.append(Mistake(("target",), "a target beside a sculpted loan", "its dscr is the target: leave one out"))
    if target.dscr <= 0 or not 0 < target.cfads_share <= 1:
        found.append(Mistake(("target",), "dscr or cfads_share is out of range", "dscr above 0, the share up to 1"))
    return found
