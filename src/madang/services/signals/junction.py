"""A junction as the controller thinks of it: movements, lanes, stages and what conflicts, compiled from its layout."""

from collections.abc import Mapping
from typing import Any

import msgspec

from madang.errors import BadRequestData
from madang.services.signals.settings import Settings

GREEN = frozenset("Gg")


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


class _Layout(msgspec.Struct):
    """The parts of a `SignalLayout` that the service uses."""

    links: list[_Link]
    stages: list[_Stage]
    foes: list[list[int]]


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """What is green together. `conflict` names two protected movements of it that are foes (a stage that must never be
    shown); `lanes` are the approach lanes that it opens; `rivals` names for each movement with a permissive green the
    lanes of the protected ones that it yields to."""

    id: str
    lamps: str
    open: frozenset[int]
    protected: frozenset[int]
    lanes: tuple[str, ...]
    conflict: tuple[int, int] | None
    rivals: Mapping[int, tuple[str, ...]]


class Junction(msgspec.Struct, frozen=True, kw_only=True):
    """A compiled layout. Links are numbered as the lamps are.

    `wait_s[a][b]` is the intergreen from stage a to stage b in seconds, by stage number.
    """

    target: str
    size: int
    stages: tuple[Stage, ...]
    number: Mapping[str, int]
    foes: tuple[frozenset[int], ...]
    lane_links: Mapping[str, tuple[int, ...]]
    exits: tuple[tuple[str, ...], ...]
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
        lane_links[link.from_lane] = (*lane_links.get(link.from_lane, ()), link.index)
        exits[link.index] = (*exits[link.index], link.to_lane)
        streets[link.from_lane] = link.street or link.from_lane.rsplit("_", 1)[0]
    stages = tuple(_stage(each, lane_links, foes) for each in layout.stages)
    return Junction(
        target=target,
        size=size,
        stages=stages,
        number={stage.id: number for number, stage in enumerate(stages)},
        foes=foes,
        lane_links=lane_links,
        exits=tuple(exits),
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


def _stage(stage: _Stage, lane_links: Mapping[str, tuple[int, ...]], foes: tuple[frozenset[int], ...]) -> Stage:
    opened = frozenset(i for i, lamp in enumerate(stage.green) if lamp in GREEN)
    protected = frozenset(i for i in opened if stage.green[i] == "G")
    clash = next(((a, b) for a in sorted(protected) for b in sorted(foes[a] & protected)), None)
    lanes = tuple(lane for lane, links in lane_links.items() if opened.intersection(links))
    rivals = {
        link: tuple(lane for lane, links in lane_links.items() if foes[link] & protected.intersection(links))
        for link in opened - protected
    }
    return Stage(
        id=stage.id, lamps=stage.green, open=opened, protected=protected, lanes=lanes, conflict=clash, rivals=rivals
    )


def _intergreen(a: Stage, b: Stage, foes: tuple[frozenset[int], ...], settings: Settings) -> float:
    """0 s where no movement ends, the yellow where none that starts conflicts with one that ends, else all of it."""
    ending = a.open - b.open
    starting = (b.open - a.open) | (b.protected - a.protected)
    if any(foes[link] & ending for link in starting):
        return settings.intergreen_s
    return settings.yellow_s if ending else 0.0
