"""A person is erased: consents end, entities go with their past, and what was on its way to others tells no more of
them.

Whoever may have been told of an entity is told that it is gone, whatever its subscription is triggered by: receivers
have to erase it, too (GDPR art. 17(2), 19). A notification that waits, or was given up, is rewritten: in the place of
the person's data it says that they are gone. One that is being sent at this moment cannot be called back; the one that
tells of the deletion follows it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from madang.errors import ResourceNotFound
from madang.govern import SYSTEM, Caller, system
from madang.hub.consents import ConsentRecords
from madang.hub.delivery import Delivery
from madang.hub.entities import Entities
from madang.hub.gate import Gate
from madang.hub.subscriptions import Subscriptions
from madang.hub.temporal import Temporal
from madang.hub.thinning import erased
from madang.hub.watch import PREFIX, Watch
from madang.model.change import Notice
from madang.model.consent import Consent
from madang.model.entity import Entity
from madang.model.parcel import pack, unpack

_PAGE: Final = 500


class Done(NamedTuple):
    """How many entities went, subscriptions were told, and notifications were rewritten."""

    entities: int
    subscriptions: int
    letters: int


NOTHING: Final = Done(0, 0, 0)


class Erasure:
    """Of the city with all its tenants: a person is one person in all of them."""

    def __init__(
        self,
        gate: Gate,
        entities: Entities,
        temporal: Temporal,
        consents: ConsentRecords,
        subscriptions: Subscriptions,
        delivery: Delivery,
        forget: Callable[[str], None] | None = None,
    ) -> None:
        """`forget` destroys the person's key, with which backups are sealed."""
        self._gate = gate
        self._forget = forget
        self._entities = entities
        self._temporal = temporal
        self._consents = consents
        self._subscriptions = subscriptions
        self._delivery = delivery

    async def run(self, subject: str, held: Mapping[str, Sequence[Entity]]) -> Done:
        """Erase what is held on the person, by tenant. What is done already when it is broken off stays done."""
        agreed = await self._consents.of(SYSTEM, subject)
        # Who was told is asked while the consents hold that let them see it.
        told = {name: self._told(name, found, agreed) for name, found in held.items()}
        for consent in agreed:
            await self._consents.withdraw(SYSTEM, consent.id)
        for name, found in held.items():
            for entity in found:
                await self._delete(system(name), entity.id)
        self._entities.forget()
        if self._forget is not None:
            await asyncio.to_thread(self._forget, subject)
        await self._delivery.settling.flush()
        letters = 0
        for name in self._gate.tenants():
            ids = frozenset(one.id for one in held.get(name, ()))
            letters += await self._letters(name, ids, subject)
        for name, by in told.items():
            await self._tell(name, by)
        return Done(sum(map(len, held.values())), sum(map(len, told.values())), letters)

    async def _delete(self, caller: Caller, id: str) -> None:
        """The past last: the deletion of the entity is a part of it, too."""
        for delete in (self._entities.delete, self._temporal.delete):
            try:
                await delete(caller, id)
            except ResourceNotFound:
                continue

    def _told(self, tenant: str, held: Sequence[Entity], agreed: Sequence[Consent]) -> list[tuple[Watch, list[Entity]]]:
        """The tenant's subscriptions that may have told of these entities, each with those it concerns."""
        by: dict[str, tuple[Watch, list[Entity]]] = {}
        for entity in held:
            for watch in self._subscriptions.concerned(tenant, entity, agreed):
                by.setdefault(watch.id, (watch, []))[1].append(entity)
        return [*by.values()]

    async def _tell(self, tenant: str, by: Sequence[tuple[Watch, Sequence[Entity]]]) -> None:
        """Tell of the deletion whom its own trigger does not tell."""
        now = self._gate.now()
        for watch, entities in by:
            due = [one for one in entities if not (watch.tells_deletions and watch.concerns(one))]
            data = [watch.encoded(watch.telling.deleted(_bare(one), now)) for one in due]
            if data:
                await self._delivery.post(tenant, [_notice(watch, watch.notice(data, now))])

    async def _letters(self, tenant: str, ids: frozenset[str], subject: str) -> int:
        """Rewrite what waits and what is dead; how many notifications."""
        outbox, count = self._gate.reading(system(tenant)).outbox, 0
        renewed: set[str] = set()
        for ask in (outbox.pending, outbox.dead):
            after = 0
            while page := await ask(after=after, limit=_PAGE):
                after = page[-1].number
                bodies = {one.number: body for one in page if (body := self._less(one, ids, subject)) is not None}
                await outbox.rewrite(bodies)
                count += len(bodies)
                renewed |= {one.subscription for one in page if one.number in bodies}
        for subscription in renewed:
            self._delivery.wake(tenant, subscription)
        return count

    def _less(self, notice: Notice, ids: frozenset[str], subject: str) -> bytes | None:
        """The notice's body with nothing of the person; None where it has nothing."""
        known = (subject, *ids)
        if not any(one.encode() in notice.body for one in known):
            return None
        told = not notice.subscription.startswith(PREFIX)
        left = erased(unpack(notice.body), ids, subject, self._gate.now(), told=told)
        return pack(left) if left is not None else None


def _bare(entity: Entity) -> Entity:
    """Its id and types alone: what is told of a person who is erased."""
    return Entity(id=entity.id, types=entity.types)


def _notice(watch: Watch, made: Notice) -> Notice:
    """For the subscription's own lane: there is no condition to look into any more."""
    return Notice(subscription=watch.id, at=made.at, body=made.body)
