"""A junction as the controller thinks of it: movements, lanes, stages and what conflicts, compiled from its layout."""

from collections.abc import Mapping
from typing import Any

import msgspec

from madang.errors import BadRequestData
from madang.services.signals.settings import Settings

GREEN = frozenset("Gg")
SHORT_M = 30.0
"""On a street shorter than this nobody can wait for long: it is full with three cars."""


class LayoutInvalid(BadRequestData):
    """The layout cannot be understood."""


class _Link(msgspec.Struct):
    """One movement over the stop line; several may hang on one lamp (the same index)."""

    index: int
    from_lane: str
    to_lane: str
    street: str = ""


class _Stage(msgspec.Struct):
    id: str
    green: str


class _Lane(msgspec.Struct):
    length_m: float
    speed_mps: float = 13.9


class _Layout(msgspec.Struct):
    """The parts of a `SignalLayout` that the service uses."""

    links: list[_Link]
    stages: list[_Stage]
    foes: list[list[int]]
    lanes: dict[str, _Lane] = {}


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

    `wait_s[a][b]` is the intergreen from stage a to stage b in seconds, by stage number; `length_m` and
    `speed_mps` (the limit) are those of the lanes where they are known; `lanes_of` and `exits` are by link the lanes
    before and behind it, `short_exits` those behind that are shorter than `SHORT_M`.
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
    lanes_of: tuple[tuple[str, ...], ...]
    exits: tuple[tuple[str, ...], ...]
    short_exits: tuple[str, ...]
    streets: Mapping[str, str]
    stages_of: tuple[tuple[int, ...], ...]
    wait_s: tuple[tuple[float, ...], ...]

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
    if known is not None and known[1] == settings and known[0] == layout:
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
    queues = _queues(lane_links)
    stages = tuple(_stage(each, queues, foes) for each in layout.stages)
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
        lanes_of=tuple(tuple(lane for lane, links in lane_links.items() if link in links) for link in range(size)),
        exits=tuple(exits),
        short_exits=tuple(
            lane
            for lane in dict.fromkeys(lane for lanes in exits for lane in lanes)
            if lane in layout.lanes and layout.lanes[lane].length_m < SHORT_M
        ),
        streets=streets,
        stages_of=tuple(
            tuple(n for n, stage in enumerate(stages) if link in stage.open and stage.conflict is None)
            for link in range(size)
        ),
        wait_s=tuple(tuple(_intergreen(a, b, foes, settings) for b in stages) for a in stages),
    )


def _size(layout: _Layout) -> int:
    if not layout.stages:
        raise LayoutInvalid("it has no stages")
    size = len(layout.stages[0].green)
    if any(len(stage.green) != size for stage in layout.stages) or len(layout.foes) != size:
        raise LayoutInvalid("stages and foes must all have one place for each link")
    if any(not 0 <= link.index < size for link in layout.links):
        raise LayoutInvalid(f"a link's index is not in 0..{size - 1}")
    if any(not 0 <= foe < size for row in layout.foes for foe in row):
        raise LayoutInvalid(f"a foe is not in 0..{size - 1}")
    return size


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


def _intergreen(a: Stage, b: Stage, foes: tuple[frozenset[int], ...], settings: Settings) -> float:
    """0 s where no movement ends, the yellow where none that starts conflicts with one that ends, else all of it."""
    ending = a.open - b.open
    starting = (b.open - a.open) | (b.protected - a.protected)
    if any(foes[link] & ending for link in starting):
        return settings.intergreen_s
    return settings.yellow_s if ending else 0.0
