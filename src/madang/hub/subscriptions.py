"""Operations on subscriptions (ETSI GS CIM 009 v1.9.1, 5.8), and what they lead to: matching and delivery.

The records are what counts; beside them this room keeps every subscription in memory, compiled. Who may write may
have subscriptions and see them: they hold addresses and perhaps secrets of receivers. A subscription shows what its
owner (the caller who created it) may see, asked anew when the hub starts.

Kept and answered, but without effect, since nothing comes from another source yet: csf and splitEntities. jsonKeys
needs none: values of raw JSON are never expanded here.
"""

import asyncio
import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, cast

import msgspec

from madang.errors import AlreadyExists, BadRequestData, ResourceNotFound
from madang.govern import Caller
from madang.govern.caller import Role
from madang.hub import linked
from madang.hub.delivery import Delivery, Target
from madang.hub.gate import Gate, check_id
from madang.hub.intervals import Intervals
from madang.hub.joins import Read, joined
from madang.hub.matching import Matching
from madang.hub.watch import PREFIX, Watch
from madang.model.change import Notice, Tally
from madang.model.context import Context
from madang.model.parcel import Parcel, pack
from madang.model.record import Record, RecordKind
from madang.model.subscription import Phrase, Subscription, check_whole, merged
from madang.model.subscription.write import expiry

_decode = msgspec.json.Decoder(Subscription).decode


class Given(NamedTuple):
    """What a caller gave of a subscription: members and phrases (`model/subscription.read_members`), and the @context
    that notifications are told in."""

    members: Mapping[str, Any]
    phrases: Mapping[str, Phrase]
    context: Context


class Kept(NamedTuple):
    """A subscription with the account of its notifications, at a time of the city."""

    subscription: Subscription
    tally: Tally
    now: datetime


class Subscriptions:
    """Create, update, retrieve, query, delete."""

    def __init__(self, gate: Gate, delivery: Delivery, matching: Matching) -> None:
        self._gate = gate
        self._delivery = delivery
        self._matching = matching
        self._watches: dict[str, dict[str, Watch]] = {}
        self._contexts: dict[bytes, Context] = {}
        self._lock = asyncio.Lock()
        self._intervals = Intervals(gate, delivery)
        delivery.register(self.target)

    async def start(self) -> None:
        """Go on with the subscriptions that are stored."""
        for tenant in self._delivery.store.tenants():
            store = self._delivery.store.tenant(tenant)
            tallies = await store.outbox.tallies()
            for record in await store.records.all(RecordKind.SUBSCRIPTION):
                subscription = _decode(record.body)
                self._put(tenant, subscription)
                tally = tallies.get(record.id)
                self._matching.remember(tenant, record.id, tally.sent_at if tally is not None else None)

    async def close(self) -> None:
        """End the timers."""
        await self._intervals.close()

    async def create(self, caller: Caller, id: str | None, given: Given) -> str:
        """Create Subscription (5.8.1); its id, made up where none is given. Raises BadRequestData, AlreadyExists."""
        id = id if id is not None else f"urn:ngsi-ld:Subscription:{uuid.uuid4()}"
        check_id(id)
        now = self._gate.now()
        subscription = Subscription(
            id=id,
            document=given.members,
            phrases=given.phrases,
            owner=(caller.role, caller.name, caller.purpose),
            created_at=now,
            modified_at=now,
        ).told_in(given.context)
        self._check(subscription, given.members, now)
        store = self._gate.keeping(caller)
        if id in self._watches.get(caller.tenant, {}):
            raise AlreadyExists(f"the subscription '{id[:200]}' exists already")
        # Of several who want the same id at once the store lets one have it: nobody need wait for another's disk.
        await store.records.put(_record(subscription), new=True)
        self._put(caller.tenant, subscription)
        return id

    async def update(self, caller: Caller, id: str, given: Given, *, retold: bool = False) -> None:
        """Update Subscription (5.8.2): the members that are given; None deletes one. `retold`: notifications are told
        in the given @context from now on. Raises BadRequestData, ResourceNotFound."""
        check_id(id)
        store = self._gate.keeping(caller)
        async with self._lock:
            before = self._find(caller, id)
            old = before.subscription
            now = self._gate.now()
            document = merged(old.document, given.members)
            phrases = {**old.phrases, **given.phrases}
            subscription = msgspec.structs.replace(
                old,
                document=document,
                phrases={name: phrase for name, phrase in phrases.items() if name in document},
                modified_at=now,
            )
            if retold:
                subscription = subscription.told_in(given.context)
            self._check(subscription, given.members, now)
            await store.records.put(_record(subscription))
            self._put(caller.tenant, subscription)
        self._delivery.wake(caller.tenant, id)
        if before.linked is not None:
            self._delivery.wake(caller.tenant, PREFIX + id)

    async def retrieve(self, caller: Caller, id: str) -> Kept:
        """Retrieve Subscription (5.8.3). Raises BadRequestData, ResourceNotFound."""
        check_id(id)
        self._gate.policy.check_caller(caller)
        watch = self._find(caller, id)
        await self._delivery.settling.flush()
        tallies = await self._gate.reading(caller).outbox.tallies(id)
        return self._kept(caller.tenant, watch, tallies)

    async def query(self, caller: Caller, *, limit: int, offset: int) -> tuple[list[Kept], int]:
        """Query Subscriptions (5.8.4): a page, in the order of creation, and how many there are."""
        self._gate.policy.check_caller(caller)
        store = self._gate.reading(caller)
        watches = list(self._watches.get(caller.tenant, {}).values())
        await self._delivery.settling.flush()
        tallies = await store.outbox.tallies()
        page = [self._kept(caller.tenant, watch, tallies) for watch in watches[offset : offset + limit]]
        return page, len(watches)

    async def delete(self, caller: Caller, id: str) -> None:
        """Delete Subscription (5.8.5), with its notifications that are on their way. Raises ResourceNotFound."""
        check_id(id)
        store = self._gate.keeping(caller)
        async with self._lock:
            watch = self._find(caller, id)
            await store.records.remove(RecordKind.SUBSCRIPTION, id)
            del self._watches[caller.tenant][id]
            self._matching.remove(caller.tenant, id)
            self._matching.remember(caller.tenant, id, None)
            self._intervals.remove(caller.tenant, id)
        await self._delivery.drop(caller.tenant, id)
        if watch.linked is not None:
            await self._delivery.drop(caller.tenant, PREFIX + id)

    def target(self, tenant: str, id: str) -> Target | None:
        """Where the notices of a subscription go: the `Lookup` of `hub/delivery`."""
        watch = self._watches.get(tenant, {}).get(id.removeprefix(PREFIX))
        if watch is None:
            return None
        now, aside = watch.status(self._gate.now()), id.startswith(PREFIX)
        return Target(
            address=watch.address,
            open=now == "active",
            over=now == "expired",
            timeout_s=watch.timeout_s,
            cooldown_s=watch.cooldown_s,
            complete=partial(self._complete, watch) if watch.joining is not None and not aside else None,
            take=partial(self._sift, watch) if aside else None,
        )

    async def _complete(self, watch: Watch, parcel: Parcel) -> Parcel:
        """With the linked entities, as the owner sees them."""
        return await joined(watch, parcel, self._reader(watch))

    async def _sift(self, watch: Watch, parcel: Parcel) -> None:
        """What the conditions on linked entities hold for goes on its way."""
        left = await linked.sifted(watch, parcel, self._reader(watch))
        now = self._gate.now()
        if left is not None and not self._matching.throttled(watch, now):
            await self._delivery.post(watch.tenant, [Notice(subscription=watch.id, at=now, body=pack(left))])

    def _reader(self, watch: Watch) -> Read:
        return linked.reader(self._delivery.store.tenant(watch.tenant), watch, self._gate.now())

    def _find(self, caller: Caller, id: str) -> Watch:
        # A tenant that was never written to is an error of its own.
        self._gate.reading(caller)
        watch = self._watches.get(caller.tenant, {}).get(id)
        if watch is None:
            raise ResourceNotFound(f"there is no subscription '{id[:200]}'")
        return watch

    def _check(self, subscription: Subscription, given: Mapping[str, Any], now: datetime) -> None:
        check_whole(subscription.document)
        expires = expiry(subscription)
        if given.get("expiresAt") is not None and expires is not None and expires <= now:
            raise BadRequestData(f"expiresAt is in the past: {given['expiresAt']}")
        if self._delivery.courier is not None:
            self._delivery.courier.check(subscription.endpoint["uri"])

    def _kept(self, tenant: str, watch: Watch, tallies: Mapping[str, Tally]) -> Kept:
        """With the attempt that is under way: it is sent, if not answered yet."""
        tally = tallies.get(watch.id, Tally())
        since = self._delivery.attempting(tenant, watch.id)
        if since is not None:
            # Written nowhere: one more than was taken down, and the time of it.
            tally = msgspec.structs.replace(tally, delivered=tally.delivered + 1, sent_at=since)
        return Kept(watch.subscription, tally, self._gate.now())

    def _put(self, tenant: str, subscription: Subscription) -> None:
        role, name, purpose = subscription.owner
        access = self._gate.access(Caller(name, cast(Role, role), purpose, tenant))
        context = self._context(subscription)
        watch = Watch(tenant, subscription, access, context)
        self._watches.setdefault(tenant, {})[watch.id] = watch
        if subscription.active and watch.every_s is None:
            self._matching.put(watch)
        else:
            self._matching.remove(tenant, watch.id)
        if watch.every_s is None:
            self._intervals.remove(tenant, watch.id)
        else:
            self._intervals.put(watch)

    def _context(self, subscription: Subscription) -> Context:
        """The @context of its notifications; the same object for the same one, so that forms are compared fast."""
        key = msgspec.json.encode([subscription.source, subscription.terms, subscription.prefixes])
        return self._contexts.setdefault(key, subscription.context())


def _record(subscription: Subscription) -> Record:
    return Record(RecordKind.SUBSCRIPTION, subscription.id, msgspec.json.encode(subscription))
