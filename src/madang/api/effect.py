"""What was seen after a decision, beside what was expected: the service's figure, where it declares which attribute's
history shows it. A difference in time, not a proof of cause: that is what an evaluation with and without the service
is for."""

from datetime import datetime, timedelta
from typing import Any

from madang.api.caller import reader
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.decide import registry
from madang.errors import BadRequestData, MadangError
from madang.govern import Caller
from madang.hub.evolution import Evolution
from madang.model.decision import DecisionRecord
from madang.model.query import EntityQuery, TemporalQuery, Timerel
from madang.model.service import Kpi

_MOST = 1000
"""Samples of each side that are looked at."""

NOTE = "means before and after; what else changed meanwhile is in them, too"


async def observed(request: Call, record: DecisionRecord) -> dict[str, Any]:
    """``{"state": "measured", "figures": […]}``, or ``"not measured"`` or ``"not yet"`` and why."""
    try:
        declared = [kpi for kpi in registry.load(record.service).kpis if kpi.attribute]
    except BadRequestData:
        return _not(f"the service {record.service} is not installed here any more")
    if not declared:
        return _not(f"{record.service} declares no figure whose history shows the effect of one decision")
    if record.refused is not None:
        return _not("the command was not sent")
    now, caller = rooms(request).clock.now(), reader(request)
    end = max(record.at + timedelta(seconds=kpi.window_s) for kpi in declared)
    if now < end:
        return {"state": "not yet", "why": f"it is known at {end.isoformat()}"}
    past = rooms(request).hub.evolution
    found = [await _figure(past, caller, record, kpi) for kpi in declared]
    figures = [figure for figure in found if figure is not None]
    if not figures:
        names = ", ".join(kpi.attribute for kpi in declared)
        return _not(f"the history of {names} of {record.target} has nothing before or after the act")
    return {"state": "measured", "figures": figures, "note": NOTE}


async def _figure(past: Evolution, caller: Caller, record: DecisionRecord, kpi: Kpi) -> dict[str, Any] | None:
    window, entity = timedelta(seconds=kpi.window_s), kpi.entity or record.target
    before = await _samples(past, caller, entity, kpi.attribute, record.at - window, record.at)
    after = await _samples(past, caller, entity, kpi.attribute, record.at, record.at + window)
    if not before or not after:
        return None
    means = [sum(values) / len(values) for values in (before, after)]
    return {
        "kpi": kpi.name,
        "title": kpi.title,
        "unit": kpi.unit,
        "entity": entity,
        "attribute": kpi.attribute,
        "window_s": kpi.window_s,
        "before": means[0],
        "after": means[1],
        "change": means[1] - means[0],
        "samples": [len(before), len(after)],
        "better": (means[1] < means[0]) == kpi.less_is_better if means[0] != means[1] else None,
    }


async def _samples(
    past: Evolution, caller: Caller, entity: str, name: str, start: datetime, end: datetime
) -> list[float]:
    """The numbers that the attribute had in that time, as far as the caller may see it."""
    span = TemporalQuery(relation=Timerel.BETWEEN, at=start, end=end, last=_MOST)
    try:
        found = await past.retrieve(caller, entity, span, EntityQuery(attributes=(name,)))
    except MadangError:
        return []
    values = [one.value for one in found.attributes.get(name, ())]
    return [float(value) for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]


def _not(why: str) -> dict[str, Any]:
    return {"state": "not measured", "why": why}
