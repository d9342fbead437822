"""Subscriptions by the places that they are about: which have a box that a changed entity's box touches.

Each box lies in a grid whose cells are about as large as the box, so in four cells at most, whether it is a door or a
district; a lookup asks each grid that is in use.
"""

import math
from collections.abc import Iterator
from typing import Final

from madang.hub.watch import Watch
from madang.model.geometry import Box

_SMALLEST: Final = -13
"""Cells are 2 to the power of this (about 14 m) or more degrees wide."""
_MOST_CELLS: Final = 64

_Cell = tuple[int, int]


class Grid:
    """Boxes in degrees, each with its subscription."""

    __slots__ = ("_levels",)

    def __init__(self) -> None:
        self._levels: dict[int, dict[_Cell, dict[str, Watch]]] = {}

    def __bool__(self) -> bool:
        return bool(self._levels)

    def put(self, box: Box, watch: Watch) -> None:
        """The subscription is about what touches the box."""
        level = _level(box)
        cells = self._levels.setdefault(level, {})
        for cell in _cells(box, level):
            cells.setdefault(cell, {})[watch.id] = watch

    def remove(self, box: Box, watch: Watch) -> None:
        """It is no longer; the box is the one that it was put with."""
        level = _level(box)
        cells = self._levels[level]
        for cell in _cells(box, level):
            del cells[cell][watch.id]
            if not cells[cell]:
                del cells[cell]
        if not cells:
            del self._levels[level]

    def collect(self, box: Box, found: dict[str, Watch]) -> None:
        """Add those whose box this one may touch."""
        for level, cells in self._levels.items():
            if _count(box, level) > min(_MOST_CELLS, len(cells)):
                for watches in cells.values():
                    found.update(watches)
                continue
            for cell in _cells(box, level):
                if cell in cells:
                    found.update(cells[cell])


def _level(box: Box) -> int:
    widest = max(box[2] - box[0], box[3] - box[1])
    return _SMALLEST if widest <= 2.0**_SMALLEST else math.ceil(math.log2(widest))


def _span(box: Box, level: int) -> tuple[int, int, int, int]:
    west, south, east, north = (math.floor(side / 2.0**level) for side in box)
    return west, south, east, north


def _count(box: Box, level: int) -> int:
    west, south, east, north = _span(box, level)
    return (east - west + 1) * (north - south + 1)


def _cells(box: Box, level: int) -> Iterator[_Cell]:
    west, south, east, north = _span(box, level)
    return ((x, y) for x in range(west, east + 1) for y in range(south, north + 1))
