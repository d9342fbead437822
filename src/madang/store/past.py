"""Which samples of a history a temporal query wants, and how each is named (ETSI GS CIM 009 v1.9.1, 4.5.6, 4.11), for
every backend.

A sample's `instance_id` says of which series it is and when it was observed and reported: it takes no place in the
store, and every backend makes the same. Only a sample that was revised (5.6.14) keeps the one that it had, as a member.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

import msgspec

from madang.model import time
from madang.model.document import NULL
from madang.model.entity import Attribute
from madang.model.query import TemporalQuery, Timerel

_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
_START: Final = "urn:ngsi-ld:Instance:"
_OFFSET: Final = 1 << 60
"""Added to a time in microseconds since 1970, so that it has no sign: 36,000 years."""


def gone(instance: Attribute) -> bool:
    """The sample is a deletion (4.5.7): its value is the NGSI-LD Null."""
    return instance.value == NULL


def stamp(instance: Attribute, past: TemporalQuery) -> datetime | None:
    """The time of a sample that the query is about."""
    match past.property:
        case "observedAt":
            return instance.observed_at
        case "createdAt":
            return instance.created_at
        case "deletedAt":
            return instance.modified_at if gone(instance) else None
        case _:
            return instance.modified_at


def within(instance: Attribute, past: TemporalQuery) -> bool:
    """The sample is in the query's range. One without the time in question is in no range."""
    at = stamp(instance, past)
    if at is None:
        return past.property != "deletedAt" and (past.relation is None or past.at is None)
    if past.relation is None or past.at is None:
        return True
    match past.relation:
        case Timerel.BEFORE:
            return at < past.at
        case Timerel.AFTER:
            return at >= past.at
        case Timerel.BETWEEN:
            return past.at <= at and (past.end is None or at < past.end)


def chosen(instances: Iterable[Attribute], past: TemporalQuery) -> tuple[Attribute, ...]:
    """The samples of one attribute in order, oldest first; only the newest `past.last`, or the oldest `past.first`."""
    ordered = list(instances)
    if len(ordered) > 1:
        ordered.sort(key=lambda one: _order(one, past))
    if past.last is not None:
        return tuple(ordered[max(0, len(ordered) - past.last) :])
    return tuple(ordered if past.first is None else ordered[: past.first])


newest = chosen
"""The name it had; gone when no backend calls it so."""


def _order(instance: Attribute, past: TemporalQuery) -> tuple[datetime, datetime, str, str]:
    reported = instance.modified_at or _BEGINNING
    # Of two that were reported at once the one observed earlier comes first: its name says so.
    return stamp(instance, past) or reported, reported, instance.dataset_id or "", instance.instance_id or ""


def series_name(id: str, name: str, dataset: str | None) -> str:
    """What the ids of all samples of one instance (attribute and datasetId) of an entity begin with."""
    digest = blake2b("\0".join((id, name, dataset or "")).encode(errors="surrogatepass"), digest_size=10)
    return f"{_START}{digest.hexdigest()}-"


def sample_name(series: str, at: int, reported: int) -> str:
    """The instance_id of a sample: its time and when it was reported, in microseconds since 1970. `series` is
    `series_name`."""
    return f"{series}{at + _OFFSET:x}-{reported + _OFFSET:x}"


def sample_times(instance: str) -> tuple[int, int] | None:
    """Its time and when it was reported, in microseconds since 1970, from an instance_id; None where it is none."""
    parts = instance.removeprefix(_START).split("-")
    if len(parts) != 3 or not instance.startswith(_START):
        return None
    try:
        at, reported = int(parts[1], 16) - _OFFSET, int(parts[2], 16) - _OFFSET
    except ValueError:
        return None
    return (at, reported) if max(abs(at), abs(reported)) < _OFFSET else None


def named(instance: Attribute, series: str, at: int) -> Attribute:
    """The sample as it is told: with its id and, where it was never revised, created when it was reported."""
    if instance.instance_id is not None:
        return instance
    reported = at if instance.modified_at is None else time.microseconds(instance.modified_at)
    name = sample_name(series, at, reported)
    return msgspec.structs.replace(instance, created_at=instance.modified_at, instance_id=name)


def revised(old: Attribute, new: Attribute) -> Attribute:
    """The new sample in the place of the old one: what 5.6.14 lets stay stays."""
    return msgspec.structs.replace(
        new,
        dataset_id=old.dataset_id,
        created_at=old.created_at,
        modified_at=new.modified_at or old.modified_at,
        instance_id=old.instance_id,
    )


def span(past: TemporalQuery) -> tuple[int | None, int | None]:
    """The range from (inclusive) and to (exclusive), in microseconds since 1970; None: open."""
    if past.relation is None or past.at is None:
        return None, None
    at = time.microseconds(past.at)
    match past.relation:
        case Timerel.BEFORE:
            return None, at
        case Timerel.AFTER:
            return at, None
        case Timerel.BETWEEN:
            return at, None if past.end is None else time.microseconds(past.end)
