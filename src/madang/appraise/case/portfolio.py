"""Several projects under one budget: which of them together bring the most.

A set is chosen, not a ranking: with projects that cannot be divided the best set need not hold the project with the
best ratio (Brealey, Myers and Allen, "Principles of Corporate Finance", on capital rationing). All sets are tried.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from madang.appraise.case.answer import Answer
from madang.appraise.case.build import Case
from madang.appraise.case.cost import cost
from madang.appraise.case.told import rates
from madang.errors import AppraisalInvalid

MOST = 20
"""Projects: a million sets."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One project: what it costs to build and renew, what it brings, the `ratio` of both, `annual` the ENPV as an equal
    amount a year over its horizon (projects of unequal length compare by it), and whether it is in the best set."""

    file: str
    title: str
    cost: float
    enpv: float
    eirr: tuple[float, ...]
    bcr: float | None
    fnpv: float
    p_loss: float | None
    years: int
    annual: float
    ratio: float | None
    chosen: bool
    draft: bool


class Portfolio(msgspec.Struct, frozen=True, kw_only=True):
    """The projects by ratio, the best first; the best set under the `budget` (None: no limit)."""

    currency: str
    budget: float | None
    entries: tuple[Entry, ...]
    cost: float
    enpv: float
    conventions: tuple[str, ...]


def compare(projects: Sequence[tuple[str, Case, Answer]], *, budget: float | None) -> Portfolio:
    """Compare projects (each with its file's name). Raises AppraisalInvalid where they cannot be."""
    if len(projects) > MOST:
        raise AppraisalInvalid(f"{len(projects)} projects (compare {MOST} at a time: all sets of them are tried)")
    _alike(projects)
    costs = np.array([cost(case) for _, case, _ in projects])
    worth = np.array([found.economic.npv for _, _, found in projects])
    chosen = best(costs.tolist(), worth.tolist(), budget=budget)
    entries = [_entry(*one, chosen=n in chosen) for n, one in enumerate(projects)]
    return Portfolio(
        currency=projects[0][2].conventions.currency,
        budget=budget,
        entries=tuple(sorted(entries, key=lambda one: (one.ratio is None, -(one.ratio or 0.0)))),
        cost=float(sum(costs[n] for n in chosen)),
        enpv=float(sum(worth[n] for n in chosen)),
        conventions=(
            "projects are whole and do not touch each other's benefits",
            "cost: capital streams in the owners' money, taxes included, not discounted, renewals included",
            "ratio: ENPV over that cost; annual: ENPV over the sum of the discount factors of years 1 to the last",
        ),
    )


def best(costs: Sequence[float], worth: Sequence[float], *, budget: float | None) -> set[int]:
    """The places of those that together are worth most within the budget; of equal sets the cheaper one."""
    sets = np.arange(1 << len(costs))
    flags = (sets[:, None] >> np.arange(len(costs))) & 1
    spent, gained = flags @ np.array(costs), flags @ np.array(worth)
    allowed = np.flatnonzero(spent <= (np.inf if budget is None else budget * (1 + 1e-12)))
    order = np.lexsort((spent[allowed], -gained[allowed]))
    return {n for n in range(len(costs)) if flags[allowed[order[0]], n]}


def _entry(file: str, case: Case, found: Answer, *, chosen: bool) -> Entry:
    horizon = case.project.horizon
    spent = cost(case)
    return Entry(
        file=file,
        title=found.title,
        cost=spent,
        enpv=found.economic.npv,
        eirr=found.economic.irr,
        bcr=found.economic.bcr,
        fnpv=found.financial.npv,
        p_loss=found.uncertainty.p_loss if found.uncertainty else None,
        years=horizon,
        annual=found.economic.npv / sum(case.project.economic.factor(year) for year in range(1, horizon + 1)),
        ratio=found.economic.npv / spent if spent > 0 else None,
        chosen=chosen,
        draft=bool(found.draft),
    )


def _alike(projects: Sequence[tuple[str, Case, Answer]]) -> None:
    """Sums of unlike money mean nothing."""
    keys = ("currency", "prices", "price_year", "first_year")
    name, first, _ = projects[0]
    mistakes: list[str] = []
    for file, case, _ in projects[1:]:
        differ = {key: (getattr(first.form.project, key), getattr(case.form.project, key)) for key in keys}
        differ["economic rate"] = (first.rates[0].rate, case.rates[0].rate)
        differ["timing"] = (first.project.timing, case.project.timing)
        mistakes += [
            f"{file}: its {key} is {own}, that of {name} is {other} (give all projects the same)"
            for key, (other, own) in differ.items()
            if other != own
        ]
    if mistakes:
        raise AppraisalInvalid("\n".join(mistakes))


def lines(found: Portfolio) -> list[str]:
    """The comparison for a reader at a terminal."""
    told = ["   project                                   cost               ENPV    ratio  BCR      EIRR  P(ENPV<0)"]
    for one in found.entries:
        mark = "*" if one.chosen else " "
        ratio = "    -" if one.ratio is None else f"{one.ratio:5.2f}"
        bcr = "    -" if one.bcr is None else f"{one.bcr:5.2f}"
        risk = "        -" if one.p_loss is None else f"{one.p_loss:9.1%}"
        named = f"{mark}  {one.title[:30]:<30}"
        told.append(f"{named} {one.cost:>16,.0f} {one.enpv:>18,.0f}    {ratio} {bcr} {rates(one.eirr):>9}  {risk}")
        told.append(f"     {one.file}, {one.years} years, {one.annual:,.0f} a year{', draft' if one.draft else ''}")
    limit = "without a limit" if found.budget is None else f"within {found.budget:,.0f} {found.currency}"
    told.append(f"* the best set {limit}: cost {found.cost:,.0f}, ENPV {found.enpv:,.0f} {found.currency}")
    return [*told, *(f"  {one}" for one in found.conventions)]
