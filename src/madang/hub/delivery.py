"""From the outbox to the receivers: each subscription has a lane of its own, which sends one notice after the other.

The seam. Whoever has subscriptions (of entities, of registrations) registers a `Lookup`: subscription and tenant to a
`Target`, or None where it knows no such subscription. Its notices have a body made by ``model/parcel.pack`` and a
`subscription` that its own lookup knows and no other's (another kind of subscription: a prefix of its own). They come
in two ways: those that a change of an entity makes due are written by the store (`ports.Reaction`), and `hand` takes
them from there; others are given to `post`, which writes them first.

- At least once, in order: a notice leaves the outbox when its receiver has taken it. If the hub dies in between, it is
  sent again; a receiver tells by the notification's id.
- A lane that fails waits (1 s, doubled each time up to 10 min, ± 20 %) and slows no other. A notice is dead after so
  many attempts, or after one when it is older than all those waits together and the receiver has failed for as long:
  behind one that is gone for good, dead notices do not each wait half an hour. How long it fails is not the city's
  clock's to say: that may jump, and what it jumped over was no attempt.
- Bounded: a lane holds so many notices in memory; the rest wait in the outbox and are read when it is their turn.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from madang.clock import Clock, monotonic_s
from madang.errors import MadangError, Undelivered
from madang.hub.settling import Settling
from madang.model.change import Notice, Outcome
from madang.model.parcel import Address, Parcel, unpack
from madang.model.record import Record, RecordKind
from madang.ports import Courier, Store

HELD = 256
"""Notices that a lane holds in memory."""
FIRST_S, LONGEST_S = 1.0, 600.0
"""The first wait after a failure, and the longest."""
UNREADABLE_S = 5.0
"""The wait after the outbox could not be read."""

log = logging.getLogger(__name__)


class Target(NamedTuple):
    """Where the notices of a subscription go, and how.

    `open` False: it is paused, its notices wait. `over`: it has expired, they are dead. `complete` finishes a parcel
    that could not be finished in the transaction; it may raise MadangError, which counts as a failed attempt. `take`
    takes it instead of a courier: a way within the hub. `account` is asked before anything leaves that is about people:
    it takes the use down, and answers what may still be told (None: nothing; then it is done).
    `cooldown_s` is the least wait after a failure.
    """

    address: Address
    open: bool = True
    over: bool = False
    timeout_s: float = 10.0
    cooldown_s: float = 0.0
    complete: Callable[[Parcel], Awaitable[Parcel]] | None = None
    take: Callable[[Parcel], Awaitable[None]] | None = None
    account: Callable[[Parcel], Awaitable[Parcel | None]] | None = None


Lookup = Callable[[str, str], Target | None]
"""Tenant and subscription to where its notices go; None: there is none such."""

_Key = tuple[str, str]


class Delivery:
    """All lanes. `attempts` a notice gets before it is dead; `courier` None: everything waits."""

    def __init__(self, store: Store, clock: Clock, courier: Courier | None, *, attempts: int = 12) -> None:
        self.store = store
        self.courier = courier
        self.attempts = attempts
        self.patience = timedelta(seconds=sum(wait_s(failed) for failed in range(1, attempts)))
        self.settling = Settling(store)
        self._clock = clock
        self._lookups: list[Lookup] = []
        self._lanes: dict[_Key, Lane] = {}
        # How far ended lanes had read in the outbox: its own word of the last ones may still be on its way.
        self._read: dict[_Key, int] = {}

    def register(self, lookup: Lookup) -> None:
        """Have this one asked too, where notices go."""
        self._lookups.append(lookup)

    def target(self, tenant: str, subscription: str) -> Target | None:
        """Where its notices go, or None where nobody knows it."""
        found = (lookup(tenant, subscription) for lookup in self._lookups)
        return next((target for target in found if target is not None), None)

    def now(self) -> datetime:
        """The city's time."""
        return self._clock.now()

    async def start(self) -> None:
        """Go on with what waits from before."""
        for tenant in self.store.tenants():
            for subscription, tally in (await self.store.tenant(tenant).outbox.tallies()).items():
                if tally.pending:
                    self.wake(tenant, subscription)

    async def post(
        self,
        tenant: str,
        notices: Sequence[Notice],
        *,
        put: Record | None = None,
        new: bool = False,
        remove: tuple[RecordKind, str] | None = None,
    ) -> None:
        """Write notices that no change of an entity made due, and deliver them; with a record, as `ports.Outbox.add`.
        Durable when it returns."""
        outbox = self.store.tenant(tenant).outbox
        self.hand(tenant, await outbox.add(notices, put=put, new=new, remove=remove))

    def hand(self, tenant: str, notices: Sequence[Notice]) -> None:
        """Deliver notices that are in the outbox, numbered. On the event loop."""
        if self.courier is None:
            return
        for notice in notices:
            self._lane(tenant, notice.subscription).put(notice)

    def wake(self, tenant: str, subscription: str) -> None:
        """Something about the subscription has changed (its address, that it is paused; dead notices that are to be
        sent again): try at once, with what the outbox has."""
        if self.courier is not None:
            self._lane(tenant, subscription).renew()

    def attempting(self, tenant: str, subscription: str) -> datetime | None:
        """Since when a notice of the subscription is being sent, if one is."""
        lane = self._lanes.get((tenant, subscription))
        return lane.attempting if lane is not None else None

    async def drop(self, tenant: str, subscription: str) -> None:
        """The subscription is gone, and all its notices with it."""
        lane = self._lanes.pop((tenant, subscription), None)
        if lane is not None:
            lane.stop()
        self._read.pop((tenant, subscription), None)
        await self.store.tenant(tenant).outbox.drop(subscription)

    async def close(self) -> None:
        """Stop, and take down what is known of attempts so far. The courier stays its maker's."""
        for lane in list(self._lanes.values()):
            lane.stop()
        self._lanes.clear()
        await self.settling.close()

    def ended(self, key: _Key, lane: "Lane", read: int) -> None:
        """The lane has nothing to do; it has read the outbox up to that number (0: it had no need to)."""
        if self._lanes.get(key) is lane:
            del self._lanes[key]
            if read:
                self._read[key] = read

    def _lane(self, tenant: str, subscription: str) -> "Lane":
        key = (tenant, subscription)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(self, key, self._read.pop(key, 0))
        return lane


class Lane:
    """The notices of one subscription on their way. Lives while there are some."""

    def __init__(self, delivery: Delivery, key: _Key, read: int) -> None:
        self.attempting: datetime | None = None
        self._delivery = delivery
        self._key = key
        self._held: deque[Notice] = deque()
        self._more = False
        self._last = self._read = read
        self._failing = 0
        self._since_s = 0.0
        self._renewed = False
        self._stale = False
        self._awake = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"deliver {key[1]}")

    def put(self, notice: Notice) -> None:
        """One more. Where too many wait already it is read from the outbox later."""
        if notice.number <= self._last:
            # The outbox was read before its word of this one came: it is held, or was sent; only reading again tells.
            self._stale = self._stale or all(held.number != notice.number for held in self._held)
            return
        if self._more or len(self._held) >= HELD:
            self._more = True
            return
        self._held.append(notice)
        self._last = notice.number

    def renew(self) -> None:
        """Begin again with what the outbox has, at once."""
        self._renewed = True
        self._awake.set()

    def stop(self) -> None:
        """No more."""
        self._task.cancel()

    async def _run(self) -> None:
        on = True
        try:
            while on:
                try:
                    on = await self._next()
                except MadangError as problem:
                    # The outbox cannot be read: what waits is safe there, and the lane begins again later.
                    log.warning("notices of %s wait: %s", self._key[1], problem.detail)
                    await asyncio.sleep(UNREADABLE_S)
                    self._renewed = True
        finally:
            self._delivery.ended(self._key, self, self._read)

    async def _next(self) -> bool:
        """Deal with the next notice; False where there is none."""
        if self._renewed or self._stale or (self._more and not self._held):
            await self._load()
        if not self._held:
            return self._more or self._renewed or self._stale
        delivery, (tenant, subscription) = self._delivery, self._key
        target = delivery.target(tenant, subscription)
        if target is None:
            # A change that was under way when the subscription was deleted; nothing is thrown away unseen.
            self._settle("there is no such subscription", dead=True)
        elif target.over:
            self._settle("the subscription has expired", dead=True)
        elif not target.open:
            await self._wait(None)
        else:
            await self._attempt(target)
        return True

    async def _load(self) -> None:
        tenant, subscription = self._key
        after = self._last
        if self._renewed or self._stale:
            # What is known of earlier attempts first, or they would seem to wait still.
            await self._delivery.settling.flush()
            self._failing = 0 if self._renewed else self._failing
            self._renewed = self._stale = False
            self._held.clear()
            after = 0
        self._more = False
        outbox = self._delivery.store.tenant(tenant).outbox
        page = await outbox.pending(subscription, after=after, limit=HELD)
        # What was handed in meanwhile is in the page or after it: read on from its end.
        missed = bool(self._held) or self._more
        self._held.clear()
        self._held.extend(page)
        self._last = page[-1].number if page else after
        self._read = max(self._read, self._last)
        self._more = missed or len(page) == HELD

    async def _attempt(self, target: Target) -> None:
        self.attempting = self._delivery.now()
        error = await self._send(target)
        self.attempting = None
        if error is None:
            self._failing = 0
            self._settle(None)
        else:
            self._since_s = self._since_s if self._failing else monotonic_s()
            self._failing += 1
            notice = self._held[0]
            patience = self._delivery.patience
            given_up = monotonic_s() - self._since_s > patience.total_seconds()
            old = given_up and self._delivery.now() - notice.at > patience
            self._settle(error, dead=old or notice.attempts + 1 >= self._delivery.attempts)
            await self._wait(max(wait_s(self._failing) * random.uniform(0.8, 1.2), target.cooldown_s))
        await self._delivery.settling.room()

    async def _send(self, target: Target) -> str | None:
        """What went wrong, if something did."""
        courier = self._delivery.courier
        assert courier is not None
        try:
            parcel = unpack(self._held[0].body)
            async with asyncio.timeout(target.timeout_s):
                if target.account is not None and parcel.about:
                    left = await target.account(parcel)
                    if left is None:
                        return None
                    parcel = left
                if target.complete is not None:
                    parcel = await target.complete(parcel)
                await (target.take(parcel) if target.take is not None else courier.send(target.address, parcel))
        except TimeoutError:
            return f"no answer within {target.timeout_s:g} s"
        except (Undelivered, MadangError) as problem:
            return problem.detail
        except msgspec.DecodeError as problem:
            return f"the notice cannot be read: {problem}"
        return None

    def _settle(self, error: str | None, *, dead: bool = False) -> None:
        notice = self._held[0]
        outcome = Outcome(number=notice.number, at=self._delivery.now(), error=error, dead=dead)
        self._delivery.settling.add(self._key[0], outcome)
        if error is None or dead:
            self._held.popleft()
            if dead:
                log.info("notice %d of %s is dead: %s", notice.number, self._key[1], error)
        else:
            self._held[0] = msgspec.structs.replace(notice, attempts=notice.attempts + 1, error=error)

    async def _wait(self, seconds: float | None) -> None:
        """So long (None: for ever), or until the lane is renewed."""
        self._awake.clear()
        if self._renewed:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._awake.wait()
        except TimeoutError:
            return


def wait_s(failed: int) -> float:
    """Seconds to wait after so many failures on end, before chance spreads them."""
    return min(LONGEST_S, FIRST_S * 2.0 ** min(failed - 1, 20))
