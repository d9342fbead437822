"""Which samples of a history a temporal query wants (ETSI GS CIM 009 v1.8.1, 4.11), for every backend."""

from collections.abc import Sequence
from datetime import UTC, datetime

from madang.model.entity import Attribute
from madang.model.query import TemporalQuery, Timerel

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def stamp(instance: Attribute, past: TemporalQuery) -> datetime | None:
    """The time of a sample that the query is about. Both createdAt and modifiedAt are when it was reported."""
    return instance.observed_at if past.property == "observedAt" else instance.modified_at


def within(instance: Attribute, past: TemporalQuery) -> bool:
    """The sample is in the query's range. One without the time in question is in no range."""
    at = stamp(instance, past)
    if past.relation is None or past.at is None:
        return True
    if at is None:
        return False
    match past.relation:
        case Timerel.BEFORE:
            return at < past.at
        case Timerel.AFTER:
            return at > past.at
        case Timerel.BETWEEN:
            return past.at <= at and (past.end is None or at < past.end)


def newest(instances: Sequence[Attribute], past: TemporalQuery) -> tuple[Attribute, ...]:
    """The samples of one attribute, oldest first; only the newest `past.last` of them where that is given."""
    ordered = sorted(instances, key=lambda one: _order(one, past))
    return tuple(ordered if past.last is None else ordered[max(0, len(ordered) - past.last) :])


def _order(instance: Attribute, past: TemporalQuery) -> tuple[datetime, datetime, str]:
    reported = instance.modified_at or _BEGINNING
    return stamp(instance, past) or reported, reported, instance.dataset_id or ""
