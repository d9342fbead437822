"""Reads a financing plan from a TOML table, and says all that is wrong with it, each by its path of keys."""

import math
import re
from typing import Any, TypeVar, cast, get_args

import msgspec

from madang.appraise.distribution import Distribution
from madang.appraise.plan import (
    Doubt,
    Kind,
    Mistake,
    Partnership,
    Path,
    Plan,
    Project,
    Repayment,
    Reserve,
    Target,
    Tranche,
)
from madang.errors import AppraisalInvalid

T = TypeVar("T")
LARGEST = 1e15
"""Money: what is more is a slip of the pen, or to be written in millions."""
_ELSE = "see docs/how-to/appraisal.md for what stands here"
_REMEDY = {
    "amount": 'write a plain number such as 400, or "balance", or "sculpted"',
    "kind": f"one of: {', '.join(get_args(Kind))}",
    "repayment": f"one of: {', '.join(get_args(Repayment))}",
    "rate": "write a share a year: 0.05 for 5 %",
    "grace": "write whole years, 3 say",
    "tenor": "write whole years, 10 say",
    "first_year": "write the calendar year: 2026",
    **dict.fromkeys(("capex", "opex", "quantity", "revenue", "tax"), "write plain numbers by year: [100, 120.5]"),
}


def read(table: dict[str, Any]) -> tuple[Plan | None, list[Mistake]]:
    """The plan in a TOML table, or what is wrong with it (all of it, as far as it can be told)."""
    mistakes: list[Mistake] = []
    known = (
        *("project", "tranche", "dsra", "target", "concession_rate", "concession_payments"),
        *("uncertain", "draws", "partnership"),
    )
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
    draws = _take(table.get("draws", 20_000), int, ("draws",), mistakes)
    payments = _take(table.get("concession_payments", 1), int, ("concession_payments",), mistakes)
    listed = table.get("uncertain", [])
    doubted = cast(list[Any], listed) if isinstance(listed, list) else [listed]
    doubts = [_take(row, Doubt, ("uncertain", n), mistakes) for n, row in enumerate(doubted)]
    shared = _take(table["partnership"], Partnership, ("partnership",), mistakes) if "partnership" in table else None
    if mistakes or project is None or rate is None or draws is None or payments is None:
        return None, mistakes
    plan = Plan(
        project=project,
        tranches=tuple(tranche for tranche in taken if tranche is not None),
        reserve=reserve,
        target=target,
        concession_rate=rate,
        concession_payments=payments,
        uncertain=tuple(doubt for doubt in doubts if doubt is not None),
        draws=draws,
        partnership=shared,
    )
    return plan, [
        *_project(project),
        *_concession(plan),
        *_tranches(plan),
        *_target(plan),
        *_uncertain(plan),
        *_partnership(plan),
    ]


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
        mistakes.append(Mistake(path, message, _REMEDY.get(str(path[-1]), _ELSE)))
        return None


def _project(project: Project) -> list[Mistake]:
    found: list[Mistake] = []
    lists = {name: getattr(project, name) for name in ("capex", "opex", "quantity", "revenue", "tax")}
    years = len(project.opex)
    for name, values in lists.items():
        if not all(map(math.isfinite, values)):
            found.append(Mistake(("project", name), "has a value that is no number", "write 0 where nothing is paid"))
        elif any(abs(value) > LARGEST for value in values):
            found.append(Mistake(("project", name), f"has a value above {LARGEST:g}", "write it in millions, say"))
        if name != "capex" and values and len(values) != years:
            remedy = "each list has one value for each year of operation"
            found.append(Mistake(("project", name), f"has {len(values)} years and opex has {years}", remedy))
    if not project.capex or not years:
        found.append(Mistake(("project",), "no year of capex or of opex", "write at least one of each"))
    if not project.quantity and not project.revenue:
        found.append(Mistake(("project",), "nothing is earned", "write quantity and tariff, or revenue"))
    if sum(project.capex) <= 0 or any(value < 0 for value in project.capex):
        found.append(Mistake(("project", "capex"), "is not what it costs", "positive numbers, 0 for a year without"))
    if not re.fullmatch("[A-Z]{3}", project.currency):
        found.append(Mistake(("project", "currency"), f"{project.currency!r} is no currency", "three letters: EUR"))
    if not 0 <= project.first_year <= 9999:
        found.append(
            Mistake(("project", "first_year"), f"is {project.first_year}", "the calendar year, or count from 0")
        )
    if not 0 <= project.tax_rate < 1:
        found.append(Mistake(("project", "tax_rate"), "is no share", "write 0.25 for 25 %"))
    return found


def _concession(plan: Plan) -> list[Mistake]:
    found: list[Mistake] = []
    if not 0 < plan.concession_rate < 1:
        found.append(Mistake(("concession_rate",), f"is {plan.concession_rate:g}", "a share a year: 0.05 for 5 %"))
    if plan.concession_payments not in (1, 2, 4, 12):
        found.append(Mistake(("concession_payments",), f"is {plan.concession_payments}", "1, 2, 4 or 12 a year"))
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

    if not isinstance(tranche.amount, str) and not 0 <= tranche.amount <= LARGEST:
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
        if not building - 1 <= tranche.grace < tranche.tenor < last:
            remedy = (
                f"years from the end of {plan.project.first_year}: construction ends after {building - 1} <= grace < "
                f"tenor <= {last - 1}, when the project ends"
            )
            add("tenor", f"grace {tranche.grace} and tenor {tranche.tenor} do not fit", remedy)
        if tranche.repayment == "sculpted" and foreign:
            add("repayment", "a loan in another currency is sculpted", "sculpt one in the project's currency")
    if not 0 <= tranche.balloon < 1:
        add(
            "balloon",
            f"is {tranche.balloon:g}",
            "the share of the loan that is left for the last payment: 0.3 for 30 %",
        )
    if tranche.balloon and tranche.repayment not in ("equal", "annuity"):
        add("balloon", f"beside {tranche.repayment} repayment", "with equal or annuity repayment only: leave it out")
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
    if target.percentile is not None:
        if not 0.5 <= target.percentile < 1:
            found.append(Mistake(("target", "percentile"), f"is {target.percentile:g}", "0.9 for P90: 0.5 to below 1"))
        if target.cfads_share != 1:
            found.append(
                Mistake(("target",), "both percentile and cfads_share", "the draws say it: leave out the share")
            )
        if not plan.uncertain:
            found.append(Mistake(("target", "percentile"), "nothing is uncertain", "add [[uncertain]] tables to draw"))
    return found


def _uncertain(plan: Plan) -> list[Mistake]:
    found: list[Mistake] = []
    lines = {"quantity": plan.project.quantity, "revenue": plan.project.revenue, "opex": plan.project.opex}
    for n, doubt in enumerate(plan.uncertain):
        at = ("uncertain", n)
        try:
            Distribution(doubt.shape, doubt.numbers)
        except AppraisalInvalid as error:
            found.append(Mistake((*at, "numbers"), error.detail, "the factor is 1 where it turns out as planned"))
        if not (plan.project.quantity if doubt.of == "tariff" else lines[doubt.of]):
            found.append(Mistake((*at, "of"), f"the project has no {doubt.of}", "name a line that it has"))
    if not 100 <= plan.draws <= 200_000:
        found.append(Mistake(("draws",), f"is {plan.draws}", "from 100 to 200000"))
    return found


def _partnership(plan: Plan) -> list[Mistake]:
    terms = plan.partnership
    if terms is None:
        return []
    found: list[Mistake] = []

    def add(key: str, message: str, remedy: str) -> None:
        found.append(Mistake(("partnership", key), message, remedy))

    if not 0 <= terms.equity_return < 1:
        add("equity_return", f"is {terms.equity_return:g}", "a share a year: 0.12 for 12 %")
    if terms.dscr is not None and terms.dscr <= 0:
        add("dscr", f"is {terms.dscr:g}", "above 0: 1.2, say")
    if not -0.5 < terms.indexation < 0.5 or not 0 <= terms.public_rate < 1:
        add("indexation", "indexation or public_rate is out of range", "shares a year: 0.02 for 2 %")
    if not 0 < terms.most_share <= 1:
        add("most_share", f"is {terms.most_share:g}", "a share of the capital cost above 0: 0.4 for 40 %")
    equity = [tranche for tranche in plan.tranches if tranche.kind == "equity"]
    if not equity:
        add("kind", "there is no equity", 'add a [[tranche]] of kind = "equity": the partner\'s own money')
    elif terms.kind == "viability_gap" and not any(tranche.amount == "balance" for tranche in equity):
        add("kind", "a grant beside equity of a fixed amount", 'write amount = "balance" for the equity')
    return found
