"""Subscriptions to context source registrations (ETSI GS CIM 009 v1.9.1, 5.11): who is told which sources there are.

They are subscriptions like those to entities (`model/subscription`), with a member of their own (temporalQ), and their
notices go the same way (`hub/delivery`). Choices where the standard leaves it open:
- The first notification tells of what matches at the start; where nothing does, there is none, except with a
  timeInterval, which tells every time.
- An update may say an expiresAt that has passed: then it has expired. 5.8.1.4 refuses that at creation, 5.11.3.4 says
  nothing of it, and the published test suite does it.

A notice is written in the transaction of the registration that it tells of, the first one in the subscription's own.
"""

import asyncio
import logging
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from madang.errors import AlreadyExists, BadRequestData, MadangError, ResourceNotFound
from madang.govern import Caller
from madang.hub.delivery import Delivery, Target
from madang.hub.following import PREFIX, Following, Told, Trigger
from madang.hub.gate import Gate, check_id
from madang.hub.registrations import Registrations
from madang.hub.subscriptions import Given, Kept
from madang.model.change import Notice, Tally
from madang.model.record import Record, RecordKind
from madang.model.registration import Registration
from madang.model.subscription import Subscription, check_whole, merged
from madang.model.subscription.write import expiry
from madang.ports import Store

_KIND = RecordKind.REGISTRATION_SUBSCRIPTION
_LOOK_S = 0.5
"""The clock is looked at so often at least: a simulated one may be set."""

log = logging.getLogger(__name__)


class RegistrationSubscriptions:
    """Create, update, retrieve, query, delete."""

    def __init__(self, gate: Gate, delivery: Delivery, registrations: Registrations) -> None:
        self._gate = gate
        self._delivery = delivery
        self._registrations = registrations
        self._following: dict[str, dict[str, Following]] = {}
        self._told: dict[tuple[str, str], datetime] = {}
        self._lock = asyncio.Lock()
        self._timer: asyncio.Task[None] | None = None
        delivery.register(self.target)
        registrations.watch(self._due)

    async def start(self) -> None:
        """Go on with the subscriptions that are stored."""
        for tenant in self._delivery.store.tenants():
            for record in await self._delivery.store.tenant(tenant).records.all(_KIND):
                self._put(Following(tenant, msgspec.json.decode(record.body, type=Subscription)))

    async def close(self) -> None:
        """End the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def create(self, caller: Caller, id: str | None, given: Given) -> str:
        """Create Context Source Registration Subscription (5.11.2); its id, made up where none is given.

        Raises BadRequestData, AlreadyExists, Forbidden.
        """
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
        self._check(subscription)
        expires = expiry(subscription)
        if expires is not None and expires <= now:
            raise BadRequestData(f"expiresAt is in the past: {given.members['expiresAt']}")
        store = self._gate.keeping(caller)
        following = Following(caller.tenant, subscription)
        async with self._lock:
            if id in self._following.get(caller.tenant, {}):
                raise AlreadyExists(f"the subscription '{id[:200]}' exists already")
            async with self._registrations.lock:
                notices = await self._all(store, following)
                await self._delivery.post(caller.tenant, notices, put=_record(subscription), new=True)
                self._put(following)
        return id

    async def update(self, caller: Caller, id: str, given: Given, *, retold: bool = False) -> None:
        """Update Context Source Registration Subscription (5.11.3): the members that are given; None deletes one.
        `retold`: notifications are told in the given @context from now on. Raises BadRequestData, ResourceNotFound."""
        check_id(id)
        store = self._gate.keeping(caller)
        async with self._lock:
            old = self._find(caller, id).subscription
            now = self._gate.now()
            document = merged(old.document, given.members)
            phrases = {name: one for name, one in {**old.phrases, **given.phrases}.items() if name in document}
            new = msgspec.structs.replace(old, document=document, phrases=phrases, modified_at=now)
            if retold:
                new = new.told_in(given.context)
            self._check(new)
            following = Following(caller.tenant, new)
            async with self._registrations.lock:
                notices = await self._all(store, following)
                await self._delivery.post(caller.tenant, notices, put=_record(new))
                self._put(following)
        self._delivery.wake(caller.tenant, PREFIX + id)

    async def retrieve(self, caller: Caller, id: str) -> Kept:
        """Retrieve Context Source Registration Subscription (5.11.4). Raises BadRequestData, ResourceNotFound."""
        check_id(id)
        self._gate.policy.check_caller(caller)
        following = self._find(caller, id)
        await self._delivery.settling.flush()
        tallies = await self._gate.reading(caller).outbox.tallies(PREFIX + id)
        return self._kept(following, tallies)

    async def query(self, caller: Caller) -> list[Kept]:
        """Query Context Source Registration Subscriptions (5.11.5): all of them, in the order of creation."""
        self._gate.policy.check_caller(caller)
        store = self._gate.reading(caller)
        await self._delivery.settling.flush()
        tallies = await store.outbox.tallies()
        return [self._kept(one, tallies) for one in self._following.get(caller.tenant, {}).values()]

    async def delete(self, caller: Caller, id: str) -> None:
        """Delete Context Source Registration Subscription (5.11.6). Raises ResourceNotFound."""
        check_id(id)
        store = self._gate.keeping(caller)
        async with self._lock:
            self._find(caller, id)
            await store.records.remove(_KIND, id)
            del self._following[caller.tenant][id]
            self._told.pop((caller.tenant, id), None)
        await self._delivery.drop(caller.tenant, PREFIX + id)

    def target(self, tenant: str, subscription: str) -> Target | None:
        """Where the notices of a subscription go: the `Lookup` of `hub/delivery`."""
        if not subscription.startswith(PREFIX):
            return None
        following = self._following.get(tenant, {}).get(subscription.removeprefix(PREFIX))
        return None if following is None else following.target(self._gate.now())

    def _find(self, caller: Caller, id: str) -> Following:
        # A tenant that was never written to is an error of its own.
        self._gate.reading(caller)
        following = self._following.get(caller.tenant, {}).get(id)
        if following is None:
            raise ResourceNotFound(f"there is no subscription '{id[:200]}'")
        return following

    def _check(self, subscription: Subscription) -> None:
        check_whole(subscription.document)
        if self._delivery.courier is not None:
            self._delivery.courier.check(subscription.endpoint["uri"])

    def _kept(self, following: Following, tallies: Mapping[str, Tally]) -> Kept:
        tally = tallies.get(PREFIX + following.id, Tally())
        since = self._delivery.attempting(following.tenant, PREFIX + following.id)
        if since is not None:
            # The attempt that is under way counts: it is sent, if not answered yet.
            tally = msgspec.structs.replace(tally, delivered=tally.delivered + 1, sent_at=since)
        return Kept(following.subscription, tally, self._gate.now())

    def _put(self, following: Following) -> None:
        self._following.setdefault(following.tenant, {})[following.id] = following
        if following.every_s is not None and (self._timer is None or self._timer.done()):
            self._timer = asyncio.create_task(self._tick(), name="registration intervals")

    def _due(self, tenant: str, before: Registration | None, after: Registration | None) -> list[Notice]:
        now = self._gate.now()
        return [
            following.notice([change[1]], change[0], now)
            for following in self._following.get(tenant, {}).values()
            if following.every_s is None
            and following.active(now)
            and (change := following.change(before, after)) is not None
            and not self._throttled(following, now)
        ]

    def _throttled(self, following: Following, now: datetime) -> bool:
        last = self._told.get((following.tenant, following.id))
        if following.throttling is not None and last is not None and now < last + following.throttling:
            return True
        self._told[following.tenant, following.id] = now
        return False

    async def _all(self, store: Store, following: Following) -> list[Notice]:
        """What tells of every registration that matches now."""
        now = self._gate.now()
        found = await self._registrations.matching(store, following.wanted) if following.active(now) else []
        if not found and (following.every_s is None or not following.active(now)):
            return []
        self._told[following.tenant, following.id] = now
        told = [Told(one.registration, one.places) for one in found]
        return [following.notice(told, Trigger.NEWLY_MATCHING, now)]

    async def _tick(self) -> None:
        """Tell those with a timeInterval, each in its time; an interval that was missed is not made up for."""
        while periodic := [
            one for kept in self._following.values() for one in kept.values() if one.every_s is not None
        ]:
            await asyncio.sleep(min(_LOOK_S, *(one.every_s or _LOOK_S for one in periodic)))
            now = self._gate.now()
            for following in periodic:
                last = self._told.setdefault((following.tenant, following.id), now)
                if now >= last + timedelta(seconds=following.every_s or 0):
                    self._told[following.tenant, following.id] = now
                    await self._tell_in_time(following)

    async def _tell_in_time(self, following: Following) -> None:
        if self._following.get(following.tenant, {}).get(following.id) is not following:
            return
        try:
            notices = await self._all(self._delivery.store.tenant(following.tenant), following)
            await self._delivery.post(following.tenant, notices)
        except MadangError as problem:
            log.warning("the subscription %s could not be told this time: %s", following.id, problem.detail)


def _record(subscription: Subscription) -> Record:
    return Record(_KIND, subscription.id, msgspec.json.encode(subscription))
