"""What the plan's model expects of the next minute: for each stage that may lawfully be shown, and for the junction's
own fixed plan. For people who ask what if; it decides nothing.

Whatever is begun, the model goes on by the same base policy (`policy.onward`), so that only the first step differs. The
fixed plan is followed to the end instead. Where in its cycle the cabinet would enter it nobody has recorded: it is
rolled out from `ENTRIES` places of the cycle, and the mean, the least and the most of them are told.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from madang.model.service import Expectation, Expected, Memory, View
from madang.services.signals import choice, deadline, plan
from madang.services.signals.act import RELEASE, STAGE
from madang.services.signals.case import Case, case, others
from madang.services.signals.junction import Junction
from madang.services.signals.sense import LAYOUT, Missing, name_of, urn
from madang.services.signals.settings import settings_of

ENTRIES = 12

Schedule = list[tuple[float, int]]
"""Seconds from now, and the stage (by number) that begins then."""


class _Phase(msgspec.Struct):
    state: str
    duration_s: float


class _Own(msgspec.Struct):
    """The part of a layout that only this needs."""

    plan: list[_Phase] = []


def expect(view: View, memory: Memory, target: str) -> Expected:
    """What is expected of everything that may be done with the target now. Raises `Missing` while it changes its stage,
    or where there is no picture."""
    settings = settings_of(view.settings)
    here = case(view, target, memory.get(target), others(view, memory, settings), settings)
    scene, junction = here.scene, here.scene.junction
    if scene.stage not in junction.number:
        raise Missing("the signal was changing its stage at that moment")
    ready_s, waited = choice.ready(scene, settings), deadline.waits(scene)
    now = junction.number[scene.stage]
    found = [
        _of_stage(here, stage, ready_s)
        for stage, each in enumerate(junction.stages)
        if each.conflict is None
        and (stage == now or deadline.left_behind(junction, waited, each.open, settings) is None)
    ]
    cycle = _cycle(junction, view.entities[urn(LAYOUT, name_of(target))].value("layout"))
    if cycle:
        found.append(_of_plan(here, cycle, ready_s))
    streets = {lane.rpartition("_")[0]: street for lane, street in junction.streets.items()}
    return Expected(horizon_s=settings.horizon_s, shown=scene.stage, choices=tuple(found), streets=streets)


def _of_stage(here: Case, stage: int, ready_s: Sequence[float]) -> Expectation:
    junction = here.scene.junction
    held = stage == junction.number[here.scene.stage]
    begins_s = 0.0 if held else float(math.ceil(max(0.0, ready_s[stage])))
    waits = _rolled(here, ready_s, [] if held else [(begins_s, stage)], fixed=False)
    opened = junction.stages[stage].open
    lanes = (lane for lane, links in junction.lane_links.items() if opened.intersection(links))
    return Expectation(
        action=STAGE,
        parameters={"stage": junction.stages[stage].id},
        serves=tuple(sorted({junction.streets[lane] for lane in lanes})),
        begins_s=begins_s,
        waits_vehicle_s=_sum(waits),
        least_vehicle_s=_sum(waits),
        most_vehicle_s=_sum(waits),
        approaches=waits,
    )


def _of_plan(here: Case, cycle: Schedule, ready_s: Sequence[float]) -> Expectation:
    begin_s, length_s = cycle[0][0], cycle[-1][0] - cycle[0][0]
    entries = (begin_s + length_s * entry / ENTRIES for entry in range(ENTRIES))
    runs = [_rolled(here, ready_s, _entered(here, cycle, at_s, ready_s), fixed=True) for at_s in entries]
    sums = [_sum(run) for run in runs]
    return Expectation(
        action=RELEASE,
        parameters={},
        serves=(),
        begins_s=0.0,
        waits_vehicle_s=round(sum(sums) / ENTRIES, 1),
        least_vehicle_s=min(sums),
        most_vehicle_s=max(sums),
        approaches={edge: round(sum(run[edge] for run in runs) / ENTRIES, 1) for edge in runs[0]},
    )


def _rolled(here: Case, ready_s: Sequence[float], schedule: Schedule, *, fixed: bool) -> dict[str, float]:
    """By approach, vehicle-seconds."""
    scene, junction = here.scene, here.scene.junction
    start = choice.start(scene, here.calls, ready_s)
    blocked, queues = here.calls.blocked(scene.at_s), here.queues(scene)
    waits = plan.followed(junction, start, queues, blocked, here.settings, schedule, places=scene.places, fixed=fixed)
    found: dict[str, float] = {}
    for queue, wait in waits.items():
        edge = queue.rpartition("_")[0]
        found[edge] = found.get(edge, 0.0) + wait
    return {edge: round(wait, 1) for edge, wait in found.items()}


def _cycle(junction: Junction, layout: Any) -> Schedule:
    """When the plan begins to change to each stage, and at last to the first one again, a cycle later; empty where the
    plan has no two stages of the junction's."""
    try:
        phases = msgspec.convert(layout, _Own).plan
    except msgspec.ValidationError:
        return []
    number = {stage.lamps: place for place, stage in enumerate(junction.stages) if stage.conflict is None}
    stages: list[int] = []
    ends_s: list[float] = []
    passed_s = 0.0
    for phase in phases:
        passed_s += phase.duration_s
        if phase.state in number:
            stages.append(number[phase.state])
            ends_s.append(passed_s)
    if len(set(stages)) < 2 or passed_s <= 0:
        return []
    # A stage is changed to when the one before it ends; the first one's change began in the cycle before.
    return [*zip((ends_s[-1] - passed_s, *ends_s), (*stages, stages[0]), strict=True)]


def _entered(here: Case, cycle: Schedule, at_s: float, ready_s: Sequence[float]) -> Schedule:
    """What the plan does from that second of its cycle on, until the horizon: its stage of then as soon as that may
    begin, then one after the other, none before its minimum green."""
    junction, settings = here.scene.junction, here.settings
    length_s, now = cycle[-1][0] - cycle[0][0], junction.number[here.scene.stage]
    first = next(stage for (_, stage), (end_s, _) in pairwise(cycle) if at_s < end_s)
    schedule: Schedule = [(0.0 if first == now else max(0.0, ready_s[first]), first)]
    may_s = 0.0 if first == now else _least_s(here, now, first, schedule[0][0])
    for turn in range(int(settings.horizon_s // length_s) + 2):
        for begin_s, stage in cycle[:-1]:
            moment_s, before = begin_s + turn * length_s - at_s, schedule[-1][1]
            if 0.0 < moment_s < settings.horizon_s and stage != before:
                schedule.append((max(moment_s, may_s), stage))
                may_s = _least_s(here, before, stage, schedule[-1][0])
    return schedule


def _least_s(here: Case, old: int, new: int, begun_s: float) -> float:
    """When the new stage has had its minimum green."""
    return begun_s + here.scene.junction.ways[old][new].length_s + here.settings.min_green_s


def _sum(waits: Mapping[str, float]) -> float:
    return round(sum(waits.values()), 1)
