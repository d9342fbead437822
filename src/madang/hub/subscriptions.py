"""Operations on subscriptions (ETSI GS CIM 009 v1.9.1, 5.8), and what they lead to: matching and delivery.

The records are what counts; beside them this room keeps every subscription in memory, compiled. Who is of the house may
have subscriptions and see all of them: they hold addresses and perhaps secrets of receivers. A member whom a dataset
grants something may have some, and sees its own. A subscription shows what its owner (the caller who created it) may
see, asked anew when the hub starts; it ends with what its owner is known by. What is about people is looked at once
more before it leaves: whoever does not agree any more is taken out, and the use is on record.

Kept and answered, but without effect, since nothing comes from another source yet: csf and splitEntities. jsonKeys
needs none: values of raw JSON are never expanded here.
"""

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple, cast

import msgspec

from madang.errors import AlreadyExists, BadRequestData, Forbidden, ResourceNotFound
from madang.govern import Caller
from madang.govern.caller import Role
from madang.hub import linked
from madang.hub.delivery import Delivery, Target
from madang.hub.gate import Gate, check_id
from madang.hub.intervals import Intervals
from madang.hub.joins import Read, joined
from madang.hub.matching import Matching
from madang.hub.thinning import thinned
from madang.hub.uses import Uses
from madang.hub.watch import PREFIX, Watch
from madang.model.change import Notice, Tally
from madang.model.consent import Consent
from madang.model.context import Context
from madang.model.entity import Entity
from madang.model.parcel import Parcel, pack
from madang.model.record import Record, RecordKind
from madang.model.subscription import Phrase, Subscription, check_whole, merged
from madang.model.subscription.write import expiry

LEASE: Final = timedelta(hours=1)
"""So long a subscription of a member lasts whom the hub cannot ask after: it acts by what was true when it was made."""

MOST_OWN: Final = 100
"""Subscriptions that one member may have."""

Stands = Callable[[Caller], bool]
"""Whether a member is still known as who it was: by a key that has not ended, or as a person."""

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

    def __init__(
        self, gate: Gate, delivery: Delivery, matching: Matching, uses: Uses, stands: Stands | None = None
    ) -> None:
        self._gate = gate
        self._uses = uses
        self._stands = stands or _always
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
            roles=caller.roles,
            country=caller.country,
            subject=caller.subject,
            created_at=now,
            modified_at=now,
        ).told_in(given.context)
        self._check(subscription, given.members, now)
        store = self._gate.subscribing(caller)
        self._check_many(caller)
        subscription = self._leased(caller, subscription, now)
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
        store = self._gate.subscribing(caller)
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
            subscription = self._leased(caller, subscription, now)
            await store.records.put(_record(subscription))
            self._put(caller.tenant, subscription)
        self._delivery.wake(caller.tenant, id)
        if before.linked is not None:
            self._delivery.wake(caller.tenant, PREFIX + id)

    async def retrieve(self, caller: Caller, id: str) -> Kept:
        """Retrieve Subscription (5.8.3). Raises BadRequestData, ResourceNotFound."""
        check_id(id)
        self._gate.policy.check_subscriber(caller)
        watch = self._find(caller, id)
        await self._delivery.settling.flush()
        tallies = await self._gate.reading(caller).outbox.tallies(id)
        return self._kept(caller.tenant, watch, tallies)

    async def query(self, caller: Caller, *, limit: int, offset: int) -> tuple[list[Kept], int]:
        """Query Subscriptions (5.8.4): a page, in the order of creation, and how many there are."""
        self._gate.policy.check_subscriber(caller)
        store = self._gate.reading(caller)
        watches = [one for one in self._watches.get(caller.tenant, {}).values() if _may_see(caller, one)]
        await self._delivery.settling.flush()
        tallies = await store.outbox.tallies()
        page = [self._kept(caller.tenant, watch, tallies) for watch in watches[offset : offset + limit]]
        return page, len(watches)

    async def delete(self, caller: Caller, id: str) -> None:
        """Delete Subscription (5.8.5), with its notifications that are on their way. Raises ResourceNotFound."""
        check_id(id)
        store = self._gate.subscribing(caller)
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
            account=partial(self._account, watch) if watch.access.personal and not aside else None,
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

    def concerned(self, tenant: str, entity: Entity, agreed: Sequence[Consent]) -> list[Watch]:
        """The subscriptions that may have told of the entity: now, or while these consents held."""
        return [one for one in self._watches.get(tenant, {}).values() if one.concerned(entity, agreed)]

    async def _account(self, watch: Watch, parcel: Parcel) -> Parcel | None:
        """What may still be told of the parcel, with its use on record."""
        caller = owner_of(watch.tenant, watch.subscription)
        agrees = self._gate.policy.agrees
        keep = [all(agrees(caller, dataset, person) for dataset, person in whom) for whom in parcel.about]
        left = parcel if all(keep) else thinned(parcel, keep)
        if left is None:
            return None
        told: dict[str, list[str]] = {}
        for dataset, person in (pair for whom in left.about for pair in whom):
            told.setdefault(dataset, []).append(person)
        await self._uses.record(caller, told)
        return left

    def _reader(self, watch: Watch) -> Read:
        account = partial(self._uses.note, owner_of(watch.tenant, watch.subscription), watch.access)
        return linked.reader(self._delivery.store.tenant(watch.tenant), watch, self._gate.now(), account)

    def _check_many(self, caller: Caller) -> None:
        """A member's own are not too many. Raises Forbidden."""
        if caller.role != "member":
            return
        own = sum(_may_see(caller, one) for one in self._watches.get(caller.tenant, {}).values())
        if own >= MOST_OWN:
            raise Forbidden(f"'{caller.name}' has {own} subscriptions, and may have {MOST_OWN}: delete some")

    def _leased(self, caller: Caller, given: Subscription, now: datetime) -> Subscription:
        """A subscription lives on: a member whom nobody can ask after later has it for a while, as what the member is
        now, and renews it. Raises Forbidden."""
        leased = given.leased if caller.role != "member" else not self._stands(caller)
        if not leased:
            return msgspec.structs.replace(given, leased=False) if given.leased else given
        ends = expiry(given)
        if ends is None or ends > now + LEASE:
            raise Forbidden(
                "a subscription lives on, and a token passes: give it an expiresAt within an hour and renew it (PATCH),"
                " or come with a key or an account of the city"
            )
        if caller.role != "member":
            return given
        owner, roles = (caller.role, caller.name, caller.purpose), caller.roles
        return msgspec.structs.replace(
            given, leased=True, owner=owner, roles=roles, country=caller.country, subject=caller.subject
        )

    def _find(self, caller: Caller, id: str) -> Watch:
        # A tenant that was never written to is an error of its own.
        self._gate.reading(caller)
        watch = self._watches.get(caller.tenant, {}).get(id)
        if watch is None or not _may_see(caller, watch):
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
        caller = owner_of(tenant, subscription)
        asked = caller.role == "member" and not subscription.leased
        stands = partial(self._stands, caller) if asked else None
        watch = Watch(tenant, subscription, self._gate.access(caller), self._context(subscription), stands)
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


def _always(caller: Caller) -> bool:
    return True


def owner_of(tenant: str, kept: Subscription) -> Caller:
    """The caller whose subscription it is."""
    role, name, purpose = kept.owner
    return Caller(name, cast(Role, role), purpose, tenant, kept.roles, kept.country, kept.subject)


def _may_see(caller: Caller, watch: Watch) -> bool:
    return caller.role != "member" or watch.subscription.owner[:2] == (caller.role, caller.name)


def _record(subscription: Subscription) -> Record:
    return Record(RecordKind.SUBSCRIPTION, subscription.id, msgspec.json.encode(subscription))
