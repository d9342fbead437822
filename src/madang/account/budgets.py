"""Budgets of privacy loss, as the ledger has them: spent there before an answer leaves, so that neither a restart nor
two questions at once spend the same twice."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from madang.account.ledger import Account, Note
from madang.clock import WallClock
from madang.errors import MadangError
from madang.govern.budget import Allowance, Balance, Cost, affords, balance
from madang.model import time as times

KIND: Final = "privacy"
"""Of the ledger's entries."""

_PAGE: Final = 1000


class BudgetSpent(MadangError):
    """The budget does not allow the question any more; the members say what is left and when some of it comes back."""

    status = 429
    type = "about:blank"
    title = "Budget spent"


class Spending(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the ledger: who spent what on which dataset, and on what question."""

    dataset: str
    recipient: str
    epsilon: float
    delta: float
    question: Any


class Budgets:
    """What each recipient has spent on each dataset. `now` is the wall's time: a simulated city's would renew budgets
    as fast as it runs."""

    def __init__(self, account: Account, now: Callable[[], datetime] | None = None) -> None:
        self._account = account
        self._now = now or WallClock().now
        self._spent: dict[tuple[str, str], list[Cost]] | None = None
        self._spending = asyncio.Lock()

    async def spend(
        self, dataset: str, recipient: str, allowance: Allowance, *, epsilon: float, delta: float, question: Any
    ) -> tuple[Balance, str]:
        """Spend it; durable in the ledger when this returns. What is left, and the entry's id. Raises BudgetSpent."""
        async with self._spending:
            spent = (await self._known()).setdefault((dataset, recipient), [])
            now = self._now()
            cost = Cost(at=now, epsilon=epsilon, delta=delta)
            if not affords(spent, allowance, cost):
                raise _refusal(allowance, cost, balance(spent, allowance, now))
            told = Spending(dataset=dataset, recipient=recipient, epsilon=epsilon, delta=delta, question=question)
            (entry,) = await self._account.add([Note(kind=KIND, target=dataset, at=now, body=told)])
            spent.append(cost)
            return balance(spent, allowance, now), entry.id

    async def left(self, dataset: str, recipient: str, allowance: Allowance) -> Balance:
        """What the recipient has left."""
        async with self._spending:
            spent = (await self._known()).get((dataset, recipient), [])
            return balance(spent, allowance, self._now())

    async def _known(self) -> dict[tuple[str, str], list[Cost]]:
        """What the ledger has, read once."""
        if self._spent is None:
            found: dict[tuple[str, str], list[Cost]] = {}
            before: int | None = None
            while page := await self._account.find(KIND, before=before, limit=_PAGE):
                for entry in page:
                    one = msgspec.json.decode(entry.body, type=Spending)
                    cost = Cost(at=entry.at, epsilon=one.epsilon, delta=one.delta)
                    found.setdefault((one.dataset, one.recipient), []).append(cost)
                before = page[-1].sequence
            self._spent = found
        return self._spent


def _refusal(allowance: Allowance, cost: Cost, left: Balance) -> BudgetSpent:
    renews = times.text(left.renews_at) if left.renews_at is not None else None
    when = f"some of it comes back at {renews}" if renews else "it does not renew"
    members: Mapping[str, Any] = {
        "asked": {"epsilon": cost.epsilon, "delta": cost.delta},
        "left": {"epsilon": left.epsilon, "delta": left.delta},
        "budget": {"epsilon": allowance.epsilon, "delta": allowance.delta, "renew": allowance.renew or None},
        "renews_at": renews,
    }
    return BudgetSpent(
        f"the budget of privacy loss has {left.epsilon:g} (delta {left.delta:g}) left and the question asks for "
        f"{cost.epsilon:g} (delta {cost.delta:g}); {when}",
        **members,
    )
