"""A junction as the controller thinks of it: movements, lanes, stages and what conflicts, compiled from its layout."""

from collections.abc import Mapping
from typing import Any

import msgspec

from madang.errors import BadRequestData
from madang.services.signals.change import GREEN, Way, longest_s, way
from madang.services.signals.settings import Settings

SHORT_M = 30.0
"""A street that holds no more than two or three cars."""
LEAST_SHARE = 0.1
"""A movement of which fewer come here is not worth listening to."""


LONGEST_CLEAR_S = 60.0
"""72 m of street without an island."""


class LayoutInvalid(BadRequestData):
    """The layout cannot be understood."""


class _Link(msgspec.Struct):
    """One movement over the stop line; several may hang on one lamp (the same index)."""

    index: int
    from_lane: str
    to_lane: str
    street: str = ""
    inside_m: float = 0.0


class _Stage(msgspec.Struct):
    id: str
    green: str
    added: bool = False


class Feeder(msgspec.Struct, frozen=True):
    """A movement of another signal from which vehicles come: `distance_m` and `time_s` from its stop line, and the
    `share` of its vehicles that come; `target` is the signal's entity."""

    signal: str
    link: int
    distance_m: float
    time_s: float
    share: float = 1.0
    target: str = ""

    def __post_init__(self) -> None:
        # Looked at for every feeder of every junction in every second.
        msgspec.structs.force_setattr(self, "target", f"urn:ngsi-ld:TrafficSignal:{self.signal}")


class _Lane(msgspec.Struct):
    length_m: float
    speed_mps: float = 13.9


class _Layout(msgspec.Struct):
    """The parts of a `SignalLayout` that the service uses."""

    links: list[_Link]
    stages: list[_Stage]
    foes: list[list[int]]
    yields: list[list[int]] = []
    lanes: dict[str, _Lane] = {}
    feeders: dict[str, list[Feeder]] = {}
    clear_s: list[float] = []


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """What is green together. `conflict` names two protected movements of it that are foes (a stage that must never be
    shown); `queues` are those that it lets go; `rivals` names for each movement with a permissive green the queues of
    the protected ones that it yields to."""

    id: str
    lamps: str
    open: frozenset[int]
    protected: frozenset[int]
    queues: tuple[str, ...]
    conflict: tuple[int, int] | None
    rivals: Mapping[int, tuple[str, ...]]


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """Vehicles that stand behind each other: one lane, or several that share a lamp and of which a camera cannot say
    who uses which. It bears the name of its first lane."""

    lanes: tuple[str, ...]
    links: tuple[int, ...]


class Junction(msgspec.Struct, frozen=True, kw_only=True):
    """A compiled layout. Links are numbered as the lamps are.

    `ways[a][b]` is the change from stage a to stage b, by stage number; `length_m` and `speed_mps` (the limit) are
    those of the lanes where they are known; `exits` are by link the lanes behind it, `lanes_behind` all of these;
    `short` the queues in streets from another signal that hold two or three cars. `stages_of` are by link the stages
    that serve it, `homes` one of the few that together serve all (-1: none). `clear_s` are by link the
    seconds that people need to have crossed (0: nobody walks), `change_s` is the longest change. `feeders` are by edge,
    `links_from` the links by approach edge, `queue_of` the queues by link, `inside_m` by link how long the way to its
    waiting place within the junction is (0: none).
    """

    target: str
    size: int
    stages: tuple[Stage, ...]
    number: Mapping[str, int]
    foes: tuple[frozenset[int], ...]
    lane_links: Mapping[str, tuple[int, ...]]
    queues: Mapping[str, Queue]
    length_m: Mapping[str, float]
    speed_mps: Mapping[str, float]
    exits: tuple[tuple[str, ...], ...]
    lanes_behind: tuple[str, ...]
    short: frozenset[str]
    streets: Mapping[str, str]
    stages_of: tuple[tuple[int, ...], ...]
    homes: tuple[int, ...]
    clear_s: tuple[float, ...]
    change_s: float
    yields: tuple[frozenset[int], ...]
    ways: tuple[tuple[Way, ...], ...]
    feeders: Mapping[str, tuple[Feeder, ...]]
    links_from: Mapping[str, tuple[int, ...]]
    queue_of: Mapping[int, str]
    inside_m: tuple[float, ...]

    def stage(self, id: str) -> Stage | None:
        """The stage with that id, or None."""
        found = self.number.get(id)
        return None if found is None else self.stages[found]


_known: dict[str, tuple[Any, Settings, Junction]] = {}


def compiled(target: str, layout: Any, settings: Settings) -> Junction:
    """The layout compiled. Raises `LayoutInvalid`.

    Compiling is remembered per target and used again only for an *equal* layout and the same settings, so the answer
    depends on the arguments alone: a replay gets what the decision got.
    """
    known = _known.get(target)
    same = known is not None and (known[1] is settings or known[1] == settings)
    if known is not None and same and (known[0] is layout or known[0] == layout):
        return known[2]
    junction = _compile(target, layout, settings)
    if len(_known) >= 10_000:
        _known.clear()
    _known[target] = (layout, settings, junction)
    return junction


def _compile(target: str, value: Any, settings: Settings) -> Junction:
    try:
        layout = msgspec.convert(value, _Layout)
    except msgspec.ValidationError as error:
        raise LayoutInvalid(str(error)) from error
    size = _size(layout)
    foes = tuple(frozenset(row) for row in layout.foes)
    lane_links: dict[str, tuple[int, ...]] = {}
    exits: list[tuple[str, ...]] = [()] * size
    streets: dict[str, str] = {}
    for link in layout.links:
        lane_links[link.from_lane] = tuple(dict.fromkeys((*lane_links.get(link.from_lane, ()), link.index)))
        exits[link.index] = tuple(dict.fromkeys((*exits[link.index], link.to_lane)))
        streets[link.from_lane] = link.street or link.from_lane.rsplit("_", 1)[0]
    inside_m = [0.0] * size
    for link in layout.links:
        inside_m[link.index] = max(inside_m[link.index], link.inside_m)
    queues = _queues(lane_links)
    shown = (each for each in layout.stages if settings.added_stages or not each.added)
    stages = tuple(_stage(each, queues, foes) for each in shown)
    clear_s = tuple(layout.clear_s) or (0.0,) * size
    ways = tuple(tuple(way(a.lamps, b.lamps, foes, clear_s, settings) for b in stages) for a in stages)
    sound = {number: stage.open for number, stage in enumerate(stages) if stage.conflict is None}
    return Junction(
        target=target,
        size=size,
        stages=stages,
        number={stage.id: number for number, stage in enumerate(stages)},
        foes=foes,
        lane_links=lane_links,
        queues=queues,
        length_m={id: lane.length_m for id, lane in layout.lanes.items()},
        speed_mps={id: lane.speed_mps for id, lane in layout.lanes.items()},
        exits=tuple(exits),
        short=_short(target, queues, layout),
        lanes_behind=tuple(dict.fromkeys(lane for lanes in exits for lane in lanes)),
        streets=streets,
        stages_of=tuple(tuple(n for n, opened in sound.items() if link in opened) for link in range(size)),
        homes=_homes(size, sound),
        yields=tuple(frozenset(row) for row in layout.yields) or foes,
        clear_s=clear_s,
        ways=ways,
        change_s=longest_s(ways, settings),
        feeders=_feeders(layout, settings),
        links_from=_links_from(lane_links),
        inside_m=tuple(inside_m),
        queue_of={link: name for name, queue in queues.items() for link in queue.links},
    )


def _feeders(layout: _Layout, settings: Settings) -> dict[str, tuple[Feeder, ...]]:
    """By edge the links of other junctions from which enough come soon enough to be foreseen."""
    return {
        edge: tuple(each for each in found if each.time_s < settings.foresight_s and each.share >= LEAST_SHARE)
        for edge, found in layout.feeders.items()
    }


def _size(layout: _Layout) -> int:
    if not layout.stages:
        raise LayoutInvalid("it has no stages")
    size = len(layout.stages[0].green)
    if any(len(stage.green) != size for stage in layout.stages) or len(layout.foes) != size:
        raise LayoutInvalid("stages and foes must all have one place for each link")
    if any(not 0 <= link.index < size for link in layout.links):
        raise LayoutInvalid(f"a link's index is not in 0..{size - 1}")
    if layout.yields and len(layout.yields) != size:
        raise LayoutInvalid("yields must have one place for each link")
    if layout.clear_s and (
        len(layout.clear_s) != size or not all(0 <= each <= LONGEST_CLEAR_S for each in layout.clear_s)
    ):
        raise LayoutInvalid(f"clear_s must have 0 to {LONGEST_CLEAR_S:g} s for each link")
    if any(not 0 <= foe < size for row in (*layout.foes, *layout.yields) for foe in row):
        raise LayoutInvalid(f"a foe is not in 0..{size - 1}")
    return size


def _short(target: str, queues: Mapping[str, Queue], layout: _Layout) -> frozenset[str]:
    """The queues in streets from another signal that hold two or three cars."""
    fed = {
        edge
        for edge, found in layout.feeders.items()
        if any(each.distance_m <= SHORT_M and each.target != target for each in found)
    }
    return frozenset(name for name in queues if name.rpartition("_")[0] in fed)


def _homes(size: int, opened: Mapping[int, frozenset[int]]) -> tuple[int, ...]:
    """By link a stage that serves it, few in all: again and again the stage that serves most of those left over."""
    homes = [-1] * size
    while True:
        left = frozenset(link for link in range(size) if homes[link] < 0)
        best = max(opened, key=lambda number: (len(opened[number] & left), -number), default=-1)
        if best < 0 or not opened[best] & left:
            return tuple(homes)
        for link in opened[best] & left:
            homes[link] = best


def _queues(lane_links: Mapping[str, tuple[int, ...]]) -> dict[str, Queue]:
    """The lanes, those that share a lamp put together."""
    found: dict[str, Queue] = {}
    for lane, links in lane_links.items():
        first = next((name for name, queue in found.items() if set(queue.links) & set(links)), lane)
        before = found.get(first, Queue(lanes=(), links=()))
        both = tuple(dict.fromkeys((*before.links, *links)))
        found[first] = Queue(lanes=(*before.lanes, lane), links=both)
    return found


def _stage(stage: _Stage, queues: Mapping[str, Queue], foes: tuple[frozenset[int], ...]) -> Stage:
    opened = frozenset(i for i, lamp in enumerate(stage.green) if lamp in GREEN)
    protected = frozenset(i for i in opened if stage.green[i] == "G")
    clash = next(((a, b) for a in sorted(protected) for b in sorted(foes[a] & protected)), None)
    going = tuple(name for name, queue in queues.items() if opened.intersection(queue.links))
    rivals = {
        link: tuple(name for name, queue in queues.items() if foes[link] & protected.intersection(queue.links))
        for link in opened - protected
    }
    return Stage(
        id=stage.id, lamps=stage.green, open=opened, protected=protected, queues=going, conflict=clash, rivals=rivals
    )


def _links_from(lane_links: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for lane, links in lane_links.items():
        edge = lane.rpartition("_")[0]
        found[edge] = tuple(dict.fromkeys((*found.get(edge, ()), *links)))
    return found
