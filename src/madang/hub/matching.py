"""Which subscriptions a change concerns: asked inside the transaction, so that a notification is as durable as the
change that it tells of.

It runs in the store's thread that writes. What it reads is a table that never changes; a new one takes its place whole.
Candidates come from an index by type and id; an entity that several subscriptions tell in the same form is written
once. One transaction's changes make one notification a subscription (5.8.6: all the entities that changed).

Throttling: a change within the time is not told (the next one after it is); the time runs from the last notification
that became due.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from madang.clock import Clock
from madang.hub.delivery import Delivery
from madang.hub.difference import Difference, difference
from madang.hub.watch import Watch
from madang.model.change import Change, Notice

MOST = 1000
"""Entities in one notification at most; more go in several."""

log = logging.getLogger(__name__)


class Table:
    """The active subscriptions of a tenant by what they may be about."""

    def __init__(self, watches: Iterable[Watch]) -> None:
        self._by_name: dict[str, list[Watch]] = {}
        self._any: list[Watch] = []
        forms: dict[Any, int] = {}
        for watch in watches:
            watch.number = forms.setdefault(watch.form, len(forms))
            names = watch.names
            if names is None:
                self._any.append(watch)
            for name in dict.fromkeys(names or ()):
                self._by_name.setdefault(name, []).append(watch)

    def candidates(self, change: Change) -> Sequence[Watch]:
        """Those that the changed entity may concern, by its id and types."""
        found: dict[str, Watch] = {}
        for name in (change.id, *change.types):
            for watch in self._by_name.get(name, ()):
                found[watch.id] = watch
        return [*self._any, *found.values()] if found else self._any


class Matching:
    """The port `Reaction`: what changes make due."""

    def __init__(self, clock: Clock, delivery: Delivery) -> None:
        self._clock = clock
        self._delivery = delivery
        self._tables: Mapping[str, Table] = {}
        self._told: dict[tuple[str, str], datetime] = {}

    def watch(self, tenant: str, watches: Iterable[Watch]) -> None:
        """From now on these are the active subscriptions of the tenant."""
        self._tables = {**self._tables, tenant: Table(watches)}

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
        for change in changes:
            watches = table.candidates(change)
            if watches:
                self._collect(change, watches, now, found)
        notices: list[Notice] = []
        for watch, data in found.items():
            if not self._throttled(watch, changes, now):
                notices += [watch.notice(data[at : at + MOST], now) for at in range(0, len(data), MOST)]
        return notices

    def stored(self, tenant: str, notices: Sequence[Notice]) -> None:
        self._delivery.hand(tenant, notices)

    def _collect(
        self, change: Change, watches: Sequence[Watch], now: datetime, found: dict[Watch, list[msgspec.Raw]]
    ) -> None:
        what = difference(change)
        written: dict[int, msgspec.Raw | None] = {}
        for watch in watches:
            try:
                told = _told(watch, change, what, now, written)
            except Exception:
                # One subscription that cannot be told must not keep a change from being stored.
                log.exception("the subscription %s could not be matched with a change of %s", watch.id, change.id)
                continue
            if told is not None:
                found.setdefault(watch, []).append(told)

    def _throttled(self, watch: Watch, changes: Sequence[Change], now: datetime) -> bool:
        if watch.throttling is None:
            return False
        # The time of the edit, not of this run: a transaction that the disk refused is run again, and must not be kept
        # from telling by its own first run.
        at = next((one.entity.modified_at for one in changes if one.entity and one.entity.modified_at), now)
        key = (watch.tenant, watch.id)
        last = self._told.get(key)
        if last is not None and last < at < last + watch.throttling:
            return True
        self._told[key] = at
        return False


def _told(
    watch: Watch, change: Change, what: Difference, now: datetime, written: dict[int, msgspec.Raw | None]
) -> msgspec.Raw | None:
    """The changed entity as the subscription is told of it, or None."""
    if watch.every_s is not None or (watch.expires is not None and watch.expires <= now):
        return None
    if not watch.wants(change, what) or not watch.holds(change):
        return None
    if not watch.access.everything:
        return watch.tell(change, what, now)
    if watch.number not in written:
        written[watch.number] = watch.tell(change, what, now)
    return written[watch.number]
