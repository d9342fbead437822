"""Finds number plates in a photo, so that they can be removed: OpenCV's cascade of simple features for long plates with
dark signs on a light ground, held level and turned a little both ways. What it misses: docs/reports.md.

The detectors of PyPI that find more either fetch their weights from elsewhere when they run, or ship weights under the
AGPL, or say no licence at all. Library: the extra `photos`.
"""

import importlib
from collections.abc import Callable
from typing import Any, Final

import numpy

from madang.participate.faces import Box, Picture, larger, smaller

LOOKED: Final = 1000
"""Pixels of the longer side of what is looked at. A plate narrower than 60 of these is hardly found."""
TURNS: Final = (-9.0, 0.0, 9.0)
"""Degrees: the cascade finds what is level, and a few degrees more."""
STEP, NEIGHBOURS, LEAST = 1.05, 3, (36, 12)

_CASCADE: Final = "haarcascade_russian_plate_number.xml"


def finder() -> Callable[[Picture], list[Box]] | None:
    """What finds plates; None where the extra is not installed."""
    try:
        cv2: Any = importlib.import_module("cv2")
    except ImportError:
        return None
    return Finder(cv2).find


class Finder:
    """Looks at one picture at a time."""

    def __init__(self, cv2: Any) -> None:
        self._cv2 = cv2
        self._cascade = cv2.CascadeClassifier(cv2.data.haarcascades + _CASCADE)

    def find(self, picture: Picture) -> list[Box]:
        """Where there may be a plate."""
        small, scale = smaller(self._cv2, picture, LOOKED)
        grey: Any = self._cv2.cvtColor(small, self._cv2.COLOR_RGB2GRAY)
        return [larger(box, scale) for degrees in TURNS for box in self._turned(grey, degrees)]

    def _turned(self, grey: Any, degrees: float) -> list[Box]:
        """The boxes, level again and as large as they have to be for that."""
        rows, columns = grey.shape
        turn = self._cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1.0)
        if degrees:
            grey = self._cv2.warpAffine(grey, turn, (columns, rows), borderMode=self._cv2.BORDER_REPLICATE)
        back = self._cv2.invertAffineTransform(turn)
        found = self._cascade.detectMultiScale(grey, STEP, NEIGHBOURS, minSize=LEAST)
        return [_level(back, *(int(value) for value in one)) for one in found]


def _level(back: Any, left: int, top: int, wide: int, high: int) -> Box:
    corners = [(x, y, 1) for x in (left, left + wide) for y in (top, top + high)]
    spots = numpy.asarray(corners, float) @ numpy.asarray(back).T
    (x, y), (far_x, far_y) = spots.min(axis=0), spots.max(axis=0)
    return int(x), int(y), int(far_x - x) + 1, int(far_y - y) + 1
