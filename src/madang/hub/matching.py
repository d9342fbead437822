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
from typing import Any, cast

import msgspec

from madang.clock import Clock
from madang.hub.delivery import Delivery
from madang.hub.difference import difference
from madang.hub.watch import Watch
from madang.model.change import Change, Notice
from madang.model.entity import Attribute, Entity, Kind

MOST = 1000
"""Entities in one notification at most; more go in several."""

log = logging.getLogger(__name__)


class Table:
    """The active subscriptions of a tenant by what they may be about."""

    def __init__(self, watches: Iterable[Watch]) -> None:
        self._by_name: dict[str, list[Watch]] = {}
        self._any: list[Watch] = []
        forms, concerns, conditions = dict[Any, int](), dict[Any, int](), dict[Any, int]()
        for watch in watches:
            watch.form_number = forms.setdefault(watch.form, len(forms))
            watch.concern_number = concerns.setdefault(watch.concern, len(concerns))
            watch.conditions_number = conditions.setdefault(watch.conditions, len(conditions))
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
        joined: dict[Watch, list[Entity]] = {}
        for change in changes:
            watches = table.candidates(change)
            if watches:
                self._collect(_About(change, now), watches, found, joined)
        notices: list[Notice] = []
        for watch, data in found.items():
            if not self._throttled(watch, changes, now):
                roots = joined.get(watch, ())
                for at in range(0, len(data), MOST):
                    notices.append(watch.notice(data[at : at + MOST], now, roots[at : at + MOST]))
        return notices

    def stored(self, tenant: str, notices: Sequence[Notice]) -> None:
        self._delivery.hand(tenant, notices)

    def _collect(
        self,
        about: "_About",
        watches: Sequence[Watch],
        found: dict[Watch, list[msgspec.Raw]],
        joined: dict[Watch, list[Entity]],
    ) -> None:
        for watch in watches:
            try:
                told = about.told(watch)
            except Exception:
                # One subscription that cannot be told must not keep a change from being stored.
                log.exception("the subscription %s could not be matched with a change of %s", watch.id, about.change.id)
                continue
            if told is not None:
                found.setdefault(watch, []).append(told)
                if watch.joining is not None:
                    joined.setdefault(watch, []).extend(watch.joins(about.change))

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


class _About:
    """What is found out about one change, once for all subscriptions that ask the same."""

    __slots__ = ("_concerned", "_hold", "_now", "_values", "_what", "_written", "change")

    def __init__(self, change: Change, now: datetime) -> None:
        self.change = change
        self._now = now
        self._what = difference(change)
        self._concerned: dict[int, bool] = {}
        self._hold: dict[int, bool] = {}
        self._written: dict[int, msgspec.Raw | None] = {}
        self._values: dict[str, frozenset[Any] | None] = {}

    def told(self, watch: Watch) -> msgspec.Raw | None:
        """The changed entity as the subscription is told of it, or None."""
        concerned = self._concerned.get(watch.concern_number)
        if concerned is None:
            concerned = self._concerned[watch.concern_number] = watch.wants(self.change, self._what)
        if not concerned or (watch.expires is not None and watch.expires <= self._now):
            return None
        if watch.equals is not None and not self._may_equal(*watch.equals):
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

    def _may_equal(self, name: str, value: Any) -> bool:
        """Whether one of the attribute's instances may equal the value. It is the conditions that decide."""
        if name not in self._values:
            entity = self.change.entity or self.change.before
            self._values[name] = _values(entity.attributes.get(name, ())) if entity is not None else None
        values = self._values[name]
        return values is None or value in values


def _values(instances: Sequence[Attribute]) -> frozenset[Any] | None:
    """What plain values the instances have; None where one has another kind of value."""
    found: list[Any] = []
    for one in instances:
        if one.kind not in (Kind.PROPERTY, Kind.RELATIONSHIP):
            return None
        value: Any = one.value
        found += cast(list[Any], value) if isinstance(value, list | tuple) else [value]
    try:
        return frozenset(found)
    except TypeError:
        return None
