"""What a figure was before and after: the mean of an attribute's history in two spans of time, as anybody may read it.

A difference in time is no proof of cause, and the answer says so; ``madang evaluate`` compares with and without.
"""

import hashlib
import math
from datetime import datetime
from typing import Any, Final

import msgspec

from madang.errors import BadRequestData, ResourceNotFound
from madang.govern import PUBLIC
from madang.hub import Hub
from madang.model.query import EntityQuery, TemporalQuery, Timerel

NOTE: Final = "means before and after; what else changed meanwhile is in them, too"
_MOST: Final = 10_000
"""Samples of each span that are looked at."""

Span = tuple[datetime, datetime]


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """Which figure, and the two spans of time."""

    entity: str
    attribute: str
    before: Span
    after: Span


async def measured(hub: Hub, asked: Measure) -> dict[str, Any]:
    """The means, the samples they stand on and their SHA-256. Raises BadRequestData where a span has no number, or the
    spans are not one after the other."""
    if not asked.before[0] < asked.before[1] <= asked.after[0] < asked.after[1]:
        raise BadRequestData("before and after: two times each, and the one span over when the other begins")
    before, after = [await _samples(hub, asked, span) for span in (asked.before, asked.after)]
    if not before or not after:
        missing = "before" if not before else "after"
        raise BadRequestData(f"the public history of {asked.attribute} of {asked.entity[:80]} has no number {missing}")
    means = [sum(values) / len(values) for values in (before, after)]
    return {
        **msgspec.to_builtins(asked),
        "mean_before": means[0],
        "mean_after": means[1],
        "change": means[1] - means[0],
        "samples": [len(before), len(after)],
        "sha256": hashlib.sha256(msgspec.json.encode([before, after])).hexdigest(),
        "note": NOTE,
    }


async def _samples(hub: Hub, asked: Measure, span: Span) -> list[float]:
    past = TemporalQuery(relation=Timerel.BETWEEN, at=span[0], end=span[1], last=_MOST)
    try:
        found = await hub.evolution.retrieve(PUBLIC, asked.entity, past, EntityQuery(attributes=(asked.attribute,)))
    except ResourceNotFound:
        return []
    values = [one.value for one in found.attributes.get(asked.attribute, ())]
    numbers = [float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    return [value for value in numbers if math.isfinite(value)]
