"""What an operator sees and does of notifications: the account of each subscription, dead letters, sending again."""

from collections.abc import Mapping, Sequence

from madang.govern import Caller
from madang.hub.delivery import Delivery
from madang.hub.gate import Gate
from madang.model.change import Notice, Tally


class Letters:
    """The outbox of the caller's tenant. All of it needs a caller who may write: a notification shows what its
    subscription's owner sees."""

    def __init__(self, gate: Gate, delivery: Delivery) -> None:
        self._gate = gate
        self._delivery = delivery

    async def tallies(self, caller: Caller) -> Mapping[str, Tally]:
        """The account of each subscription that ever had a notification due: due = delivered + pending + dead."""
        self._gate.policy.check_caller(caller)
        await self._delivery.settling.flush()
        return await self._gate.reading(caller).outbox.tallies()

    async def dead(
        self, caller: Caller, subscription: str | None = None, *, after: int = 0, limit: int = 100
    ) -> Sequence[Notice]:
        """Notifications that were given up, by number, those after that number."""
        self._gate.policy.check_caller(caller)
        await self._delivery.settling.flush()
        return await self._gate.reading(caller).outbox.dead(subscription, after=after, limit=limit)

    async def resend(self, caller: Caller, subscription: str | None = None, *, number: int | None = None) -> int:
        """Send dead ones again (of that subscription; that one); how many."""
        self._gate.policy.check_caller(caller)
        store = self._gate.reading(caller)
        await self._delivery.settling.flush()
        count = await store.outbox.resend(subscription, number=number)
        if count:
            for id, tally in (await store.outbox.tallies(subscription)).items():
                if tally.pending:
                    self._delivery.wake(caller.tenant, id)
        return count
