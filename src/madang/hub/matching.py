"""Which subscriptions a change concerns: asked inside the transaction, so that a notification is as durable as the
change that it tells of.

It runs in the store's thread that writes. `hub/candidates` names the subscriptions that a change may concern; an entity
that several of them tell in the same form is written once. One transaction's changes make one notification a
subscription (5.8.6: all the entities that changed).

Throttling: a change within the time is not told (the next one after it is); the time runs from the last notification
that became due.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from madang.clock import Clock
from madang.hub.candidates import Candidates
from madang.hub.delivery import Delivery
from madang.hub.difference import difference
from madang.hub.uses import whom
from madang.hub.watch import Watch
from madang.model.change import Change, Notice
from madang.model.entity import Entity
from madang.model.parcel import Whom

MOST = 1000
"""Entities in one notification at most; more go in several."""

log = logging.getLogger(__name__)


class Matching:
    """The port `Reaction`: what changes make due."""

    def __init__(self, clock: Clock, delivery: Delivery) -> None:
        self._clock = clock
        self._delivery = delivery
        self._tables: dict[str, Candidates] = {}
        self._told: dict[tuple[str, str], datetime] = {}

    def put(self, watch: Watch) -> None:
        """There is this active subscription now, instead of the one with its id."""
        self._tables.setdefault(watch.tenant, Candidates()).put(watch)

    def remove(self, tenant: str, subscription: str) -> None:
        """It is no longer active."""
        if tenant in self._tables:
            self._tables[tenant].remove(subscription)

    def remember(self, tenant: str, subscription: str, at: datetime | None) -> None:
        """The subscription was last told then (None: forget it), for its throttling."""
        if at is None:
            self._told.pop((tenant, subscription), None)
        else:
            self._told[tenant, subscription] = at

    def due(self, tenant: str, changes: Sequence[Change]) -> Sequence[Notice]:
        table = self._tables.get(tenant)
        if table is None:
            return ()
        now = self._clock.now()
        found: dict[Watch, list[msgspec.Raw]] = {}
        joined: dict[Watch, list[Entity]] = {}
        whose: dict[Watch, list[Whom]] = {}
        for change in changes:
            watches = table.of(change)
            if watches:
                self._collect(_About(change, now), watches, _Due(found, joined, whose))
        notices: list[Notice] = []
        for watch, data in found.items():
            if watch.linked is not None or not self._throttled(watch, changes, now):
                roots, about = joined.get(watch, ()), whose.get(watch, ())
                for at in range(0, len(data), MOST):
                    part = slice(at, at + MOST)
                    notices.append(watch.notice(data[part], now, roots[part], about[part]))
        return notices

    def stored(self, tenant: str, notices: Sequence[Notice]) -> None:
        self._delivery.hand(tenant, notices)

    def _collect(self, about: "_About", watches: Sequence[Watch], due: "_Due") -> None:
        for watch in watches:
            try:
                told = about.told(watch)
            except Exception:
                # One subscription that cannot be told must not keep a change from being stored.
                log.exception("the subscription %s could not be matched with a change of %s", watch.id, about.change.id)
                continue
            if told is not None:
                due.found.setdefault(watch, []).append(told)
                if watch.rooted:
                    due.joined.setdefault(watch, []).extend(watch.roots(about.change))
                if watch.access.personal:
                    due.whose.setdefault(watch, []).append(whom(watch.access, about.change.before, about.change.entity))

    def _throttled(self, watch: Watch, changes: Sequence[Change], now: datetime) -> bool:
        if watch.throttling is None:
            return False
        # The time of the edit, not of this run: a transaction that the disk refused is run again, and must not be kept
        # from telling by its own first run.
        at = next((one.entity.modified_at for one in changes if one.entity and one.entity.modified_at), now)
        return self.throttled(watch, at)

    def throttled(self, watch: Watch, at: datetime) -> bool:
        """It was told so shortly before that it is not told again at that time; if it is, this was its last time."""
        if watch.throttling is None:
            return False
        key = (watch.tenant, watch.id)
        last = self._told.get(key)
        if last is not None and last < at < last + watch.throttling:
            return True
        self._told[key] = at
        return False


class _Due(NamedTuple):
    """What changes make due: of each subscription the entities as they are told, as they are kept, and whom they are
    about."""

    found: dict[Watch, list[msgspec.Raw]]
    joined: dict[Watch, list[Entity]]
    whose: dict[Watch, list[Whom]]


class _About:
    """What is found out about one change, once for all subscriptions that ask the same."""

    __slots__ = ("_concerned", "_hold", "_now", "_what", "_written", "change")

    def __init__(self, change: Change, now: datetime) -> None:
        self.change = change
        self._now = now
        self._what = difference(change)
        self._concerned: dict[int, bool] = {}
        self._hold: dict[int, bool] = {}
        self._written: dict[int, msgspec.Raw | None] = {}

    def told(self, watch: Watch) -> msgspec.Raw | None:
        """The changed entity as the subscription is told of it, or None."""
        concerned = self._concerned.get(watch.concern_number)
        if concerned is None:
            concerned = self._concerned[watch.concern_number] = watch.wants(self.change, self._what)
        if not concerned or watch.over(self._now):
            return None
        if not watch.access.everything:
            return watch.tell(self.change, self._what, self._now) if watch.holds(self.change) else None
        if watch.narrow:
            hold = self._hold.get(watch.conditions_number)
            if hold is None:
                hold = self._hold[watch.conditions_number] = watch.holds(self.change)
            if not hold:
                return None
        if watch.form_number not in self._written:
            self._written[watch.form_number] = watch.tell(self.change, self._what, self._now)
        return self._written[watch.form_number]
