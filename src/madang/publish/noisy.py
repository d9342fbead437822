"""A release of statistics with noise instead of rows: its budget is spent before anything is counted."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from madang.account.budgets import Budgets
from madang.errors import BadRequestData
from madang.govern import noise
from madang.govern.budget import Allowance
from madang.govern.noise.measured import Loss
from madang.hub import Hub
from madang.model.dataset import Dataset
from madang.model.release import Mobility, Privacy, ReleaseSpec
from madang.model.statistic import Statistic
from madang.publish.material import Material, access
from madang.publish.sheet import Made
from madang.publish.table import Column

RECIPIENT: Final = "release"
"""Whose budget a release spends: everybody's, for everybody has it."""

_COLUMNS: Final = (
    Column("statistic", "text"),
    Column("group", "text"),
    Column("value", "numeric"),
    Column("within95", "numeric"),
)


async def private(hub: Hub, budgets: Budgets, dataset: Dataset, spec: ReleaseSpec, wish: Privacy) -> Material:
    """The declared statistics. Raises BudgetSpent, MissingExtra."""
    noise.check()
    told = await spent(budgets, dataset, wish, wish.delta, wish.budget_delta)
    loss = Loss(wish.epsilon / len(wish.statistics), wish.delta / len(wish.statistics))
    taken = [noise.Counted(one, wish.contributions) for one in wish.statistics]
    async for row in hub.rows.of(dataset, access(hub, dataset, spec)):
        for one in taken:
            one.take(row.seen, row.subjects)
    cells: list[tuple[Any, ...]] = []
    for number, (asked, rows) in enumerate(zip(wish.statistics, taken, strict=True), 1):
        measured = partial(noise.measured, most=wish.contributions, loss=loss, minimum=wish.minimum)
        figures = await asyncio.to_thread(measured, asked, rows.cells)
        cells += [(_name(asked, number), one.group, one.value, one.within) for one in figures]
    guarantee = {"kind": "privacy", **told, "contributions": wish.contributions, "minimum": wish.minimum}
    gate = partial(_declared, wish=wish, cells=cells)
    return Material(Made(_COLUMNS, cells), len(cells), f"the release, for {spec.purpose}", guarantee, gate)


async def spent(
    budgets: Budgets, dataset: Dataset, wish: Privacy | Mobility, delta: float = 0.0, most_delta: float = 0.0
) -> dict[str, Any]:
    """Spend what the release declares; what is to be told of it. Raises BudgetSpent."""
    allowance = Allowance(epsilon=wish.budget, delta=most_delta, renew=wish.renew)
    question = {"release": dataset.id, "asked": msgspec.to_builtins(wish)}
    left, entry = await budgets.spend(
        dataset.id, RECIPIENT, allowance, epsilon=wish.epsilon, delta=delta, question=question
    )
    return {
        "spent": {"epsilon": wish.epsilon, "delta": delta},
        "left": msgspec.to_builtins(left),
        "entry": entry,
    }


def _name(asked: Statistic, number: int) -> str:
    said = f"{asked.measure} of {asked.of}" if asked.of else str(asked.measure)
    return asked.name or (f"{said} by {asked.by}" if asked.by else said) + f" ({number})"


def _declared(file: Path, *, wish: Privacy, cells: Sequence[tuple[Any, ...]]) -> Mapping[str, Any]:
    """The file has the declared groups and nothing else: no group is there because somebody is in it."""
    with file.open("rb") as stream:
        found = [tuple(msgspec.json.decode(line)["properties"].values()) for line in stream]
    wanted = [
        (_name(asked, number), group) for number, asked in enumerate(wish.statistics, 1) for group in asked.groups
    ]
    if [cell[:2] for cell in found] != wanted or [cell[:3] for cell in found] != [cell[:3] for cell in cells]:
        raise BadRequestData("not released: the file is not the declared statistics with their noise")
    return {"groups": len(found), "withheld": sum(cell[2] is None for cell in found)}
