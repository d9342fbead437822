"""Statistics for readers who may know of many and of nobody: the answer to one question, its budget spent first."""

from collections.abc import Mapping
from typing import Any

import msgspec

from madang.account.budgets import Budgets
from madang.errors import BadRequestData, Forbidden, ResourceNotFound
from madang.govern import Caller
from madang.govern import noise as noises
from madang.govern.budget import Allowance
from madang.govern.narrow import narrow
from madang.govern.noise.measured import Loss
from madang.govern.opening import counting
from madang.hub import Hub
from madang.model.access import Access
from madang.model.dataset import Aggregate, Dataset
from madang.model.query import Condition
from madang.model.query.parse import parse_query
from madang.model.statistic import Measure, Statistic, mistakes


class Question(Statistic, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statistic over the entities for which `q` holds (NGSI-LD's query language, attributes by their plain names),
    and how much of the budget it may spend."""

    q: str = ""
    epsilon: float = 0.0
    delta: float = 0.0


class Statistics:
    """Answers, whose budgets are in the ledger."""

    def __init__(self, hub: Hub, budgets: Budgets) -> None:
        self._hub = hub
        self._budgets = budgets

    async def answer(self, caller: Caller, id: str, asked: Question) -> dict[str, Any]:
        """The answer. Raises ResourceNotFound where the caller's grants open no statistics, BadRequestData,
        MissingExtra, BudgetSpent."""
        dataset, terms, access = self._opened(caller, id)
        where = _checked(asked, dataset, access)
        if terms.epsilon <= 0 and not dataset.personal:
            return await self._exact(caller, dataset, access, terms, asked, where)
        if not 0 < asked.epsilon <= terms.epsilon or not 0 <= asked.delta <= terms.delta:
            raise BadRequestData(
                f"the question says what it spends: epsilon above 0 and at most {terms.epsilon:g}, delta at most "
                f"{terms.delta:g}; the budget is in GET /datasets/{id}/statistics"
            )
        noises.check()
        told = msgspec.to_builtins(asked)
        left, entry = await self._budgets.spend(
            id, recipient(caller), _allowance(terms), epsilon=asked.epsilon, delta=asked.delta, question=told
        )
        rows = await self._counted(caller, dataset, access, terms.contributions, asked, where)
        loss = Loss(asked.epsilon, asked.delta)
        figures = noises.measured(asked, rows.cells, most=terms.contributions, loss=loss, minimum=terms.minimum)
        return {
            **_answer(asked, figures),
            "noise": "discrete Gaussian" if asked.delta else "discrete Laplace",
            "spent": {"epsilon": asked.epsilon, "delta": asked.delta},
            "left": msgspec.to_builtins(left),
            "entry": entry,
        }

    async def budget(self, caller: Caller, id: str) -> dict[str, Any]:
        """What the caller may ask, and what it has left. Raises ResourceNotFound as `answer` does."""
        dataset, terms, access = self._opened(caller, id)
        left = await self._budgets.left(id, recipient(caller), _allowance(terms)) if terms.epsilon > 0 else None
        return {
            "dataset": id,
            "attributes": [name for name in dataset.attributes if access.shows((dataset.type,), name)],
            "terms": msgspec.to_builtins(terms),
            "left": msgspec.to_builtins(left),
        }

    def _opened(self, caller: Caller, id: str) -> tuple[Dataset, Aggregate, Access]:
        """The dataset, the terms of the caller's grant, and what it counts over."""
        terms = self._hub.policy.terms
        for dataset in self._hub.policy.datasets:
            found = counting(dataset, caller, terms) if dataset.id == id else None
            if found is not None:
                if dataset.personal and (found[0].epsilon <= 0 or not dataset.subject):
                    raise Forbidden(f"'{id}' declares no budget, and without one nothing is told about people")
                return dataset, found[0], narrow(dataset, found[1], self._hub.policy.datasets, terms)
        raise ResourceNotFound(f"there are no statistics of '{id[:80]}' that your grants open")

    async def _counted(
        self, caller: Caller, dataset: Dataset, access: Access, most: int, asked: Question, where: Condition | None
    ) -> noises.Counted:
        rows = noises.Counted(asked, most)
        async for row in self._hub.rows.of(dataset, access, where=where, tenant=caller.tenant):
            rows.take(row.seen, row.subjects)
        return rows

    async def _exact(
        self,
        caller: Caller,
        dataset: Dataset,
        access: Access,
        terms: Aggregate,
        asked: Question,
        where: Condition | None,
    ) -> dict[str, Any]:
        """Of what is about nobody, without noise; small groups withheld all the same."""
        rows = await self._counted(caller, dataset, access, 1 << 31, asked, where)
        counts, sums = [0] * len(asked.groups), [0] * len(asked.groups)
        for cell in rows.cells:
            counts[cell.group] += 1
            sums[cell.group] += cell.steps
        figures: list[noises.Figure] = []
        for group, count, total in zip(asked.groups, counts, sums, strict=True):
            share = count if asked.measure is Measure.MEAN else 1
            value = count if asked.measure is Measure.COUNT else total * asked.step / (share or 1)
            told = count >= max(1 if asked.measure is Measure.MEAN else 0, terms.minimum)
            figures.append(noises.Figure(group, value if told else None, 0 if told else None, count if told else None))
        return {**_answer(asked, figures), "noise": None, "spent": None, "left": None, "entry": None}


def recipient(caller: Caller) -> str:
    """Whose budget it is: a name's, or that of a whole role where nobody has a name."""
    return caller.name or caller.role


def _allowance(terms: Aggregate) -> Allowance:
    return Allowance(epsilon=terms.epsilon, delta=terms.delta, renew=terms.renew)


def _answer(asked: Question, figures: list[noises.Figure]) -> dict[str, Any]:
    told: list[Mapping[str, Any]] = [
        {"group": one.group, "value": one.value, "within95": one.within, "rows": one.rows} for one in figures
    ]
    return {"measure": str(asked.measure), "of": asked.of or None, "by": asked.by or None, "figures": told}


def _checked(asked: Question, dataset: Dataset, access: Access) -> Condition | None:
    """The condition of `q`. Raises BadRequestData: the same for what is not seen and what is not there."""
    wrong = next(mistakes(asked), None)
    if wrong is not None:
        raise BadRequestData(f"{wrong[0]}: {wrong[1]}" + (f" ({wrong[2]})" if wrong[2] else ""))
    for name in asked.attributes:
        if (dataset.attributes and name not in dataset.attributes) or not access.shows((dataset.type,), name):
            raise BadRequestData(f"there is no attribute '{name[:40]}' to ask of")
    return parse_query(asked.q, _same) if asked.q else None


def _same(name: str) -> str:
    return name
