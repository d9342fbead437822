"""How an attribute is made coarser for a reader who may not see it as it is: a pseudonym, a cell of a grid, a rounded
number, an earlier time. What comes out says nothing that the transformed value does not say: the attribute's own
attributes and the times when it was written are left out.
"""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, Literal, cast

import msgspec

from madang.errors import BadRequestData
from madang.model import geometry
from madang.model.entity import Attribute, Kind

Alter = Callable[[Attribute], Attribute | None]
"""An instance as it may be seen, or None where nothing of it may."""

_Blur = Callable[[Any, Kind], Any]
"""Takes a value and its attribute's kind; None where nothing may be shown."""

_RELATIONSHIPS: Final = (Kind.RELATIONSHIP, Kind.LIST_RELATIONSHIP)
_MOST: Final = 100_000

PSEUDONYM: Final = "urn:madang:pseudonym:"
"""Before the pseudonym of a relationship's object, which has to be a URI."""

METRES_PER_DEGREE: Final = 111_320.0
"""Of latitude; of longitude times the cosine of the latitude (WGS 84, to 0.6 %: a cell need not be exact)."""

Period = Literal["hour", "day", "month", "year"]
_PERIODS: Final = ("hour", "day", "month", "year")
_STEPS: Final = re.compile(r"(grid|round) +(\d+(?:\.\d+)?)(?: *m)?")


class Transform(msgspec.Struct, frozen=True):
    """One step: `kind` and, for a grid, the cell's side in metres, for rounding the step in the attribute's unit."""

    kind: Literal["pseudonym", "grid", "round"] | Period
    step: float = 0.0


def parse(text: str) -> tuple[Transform, ...]:
    """The steps that a dataset declares, as ``grid 500 m, hour``. Raises BadRequestData."""
    steps: list[Transform] = []
    for part in (part.strip() for part in text.split(",")):
        found = _STEPS.fullmatch(part)
        if found is not None and float(found[2]) > 0:
            steps.append(Transform(cast(Literal["grid", "round"], found[1]), float(found[2])))
        elif part == "pseudonym" or part in _PERIODS:
            steps.append(Transform(cast(Period, part)))
        else:
            known = "pseudonym, grid 500 m, round 10, hour, day, month, year"
            raise BadRequestData(f"{part!r} is no transform; known are {known}")
    return tuple(steps)


def alter(steps: tuple[Transform, ...], key: bytes) -> Alter:
    """What makes an instance as coarse as these steps ask; `key` (32 bytes) is the secret of its pseudonyms. Where a
    step has no meaning for a value (a grid for a number), nothing is left: what cannot be made coarser is not shown."""
    blurs = [_blur(step, key) for step in steps if step.kind not in _PERIODS]
    periods: list[Period] = [step.kind for step in steps if step.kind in _PERIODS]
    return _blurred(blurs[0]) if len(blurs) == 1 and not periods else _altered(blurs, periods)


def _blurred(blur: _Blur) -> Alter:
    """The most frequent: one step, and the time stays. It runs for each attribute of an answer."""

    def blurred(instance: Attribute) -> Attribute | None:
        kind = instance.kind
        value = blur(instance.value, kind)
        if value is None:
            return None
        return Attribute(
            kind=kind,
            value=value,
            observed_at=instance.observed_at,
            unit_code=instance.unit_code,
            dataset_id=instance.dataset_id,
            value_type=instance.value_type,
            object_type=instance.object_type,
            expires_at=instance.expires_at,
        )

    return blurred


def _altered(blurs: Sequence[_Blur], periods: Sequence[Period]) -> Alter:
    def altered(instance: Attribute) -> Attribute | None:
        value, at, kind = instance.value, instance.observed_at, instance.kind
        for blur in blurs:
            value = blur(value, kind)
            if value is None:
                return None
        for period in periods:
            at = _earlier(at, period) if at is not None else None
            value = _earlier_text(value, period) if isinstance(value, str) else value
            if value is None:
                return None
        return Attribute(
            kind=kind,
            value=value,
            observed_at=at,
            unit_code=instance.unit_code,
            dataset_id=instance.dataset_id,
            value_type=instance.value_type,
            object_type=instance.object_type,
            expires_at=instance.expires_at,
        )

    return altered


def _blur(step: Transform, key: bytes) -> _Blur:
    if step.kind == "pseudonym":
        return _pseudonym(key)
    return _grid(step.step) if step.kind == "grid" else _round(step.step)


def _pseudonym(key: bytes) -> _Blur:
    """Keyed BLAKE2b, 128 bits (RFC 7693, 2.9): the same value has the same name, and only who has the key can tell
    which it was."""

    names: dict[str, str] = {}

    def named(text: str) -> str:
        found = blake2b(msgspec.json.encode(text), digest_size=16, key=key).hexdigest()
        if len(names) < _MOST:
            names[text] = found
        return found

    def pseudonym(value: Any, kind: Kind) -> Any:
        if type(value) is str:
            name = names.get(value) or named(value)
        elif isinstance(value, list):
            return [pseudonym(one, kind) for one in cast(list[Any], value)]
        else:
            name = blake2b(msgspec.json.encode(value), digest_size=16, key=key).hexdigest()
        return PSEUDONYM + name if kind in _RELATIONSHIPS else name

    return pseudonym


def _grid(side_m: float) -> _Blur:
    """The middle of the cell that the geometry's centroid is in."""
    height, geo = side_m / METRES_PER_DEGREE, Kind.GEO
    rows: dict[float, tuple[float, float]] = {}
    cells: dict[tuple[float, float], Any] = {}

    def row(number: float) -> tuple[float, float]:
        """The latitude of its middle, and the width of its cells."""
        middle = min(90.0, max(-90.0, (number + 0.5) * height))
        found = middle, min(360.0, height / max(1e-6, math.cos(math.radians(middle))))
        if len(rows) < _MOST:
            rows[number] = found
        return found

    def grid(value: Any, kind: Kind) -> Any:
        if kind is not geo:
            return None
        if value["type"] == "Point":
            place = value["coordinates"]
        elif (place := _centroid(value)) is None:
            return None
        number = place[1] // height
        latitude, width = rows.get(number) or row(number)
        column = place[0] // width
        found = cells.get((number, column))
        if found is None:
            longitude = (column + 0.5) * width
            found = {"type": "Point", "coordinates": [round(longitude, 7), round(latitude, 7)]}
            if len(cells) < _MOST:
                cells[number, column] = found
        return found

    return grid


def _centroid(value: Any) -> tuple[float, float] | None:
    shape = geometry.read(value)
    return None if shape is None or shape.is_empty else (shape.centroid.x, shape.centroid.y)


def _round(step: float) -> _Blur:
    """The nearest multiple of the step."""
    known: dict[float, float] = {}

    def nearest(value: float) -> float | None:
        if not math.isfinite(value):
            return None
        number = (value / step + 0.5) // 1 * step
        found = int(number) if number.is_integer() else round(number, 9)
        if len(known) < _MOST:
            known[value] = found
        return found

    def near(value: Any, kind: Kind) -> Any:
        if type(value) is float:
            found = known.get(value)
            return nearest(value) if found is None else found
        if isinstance(value, list):
            found = [near(one, kind) for one in cast(list[Any], value)]
            return None if None in found else found
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return near(float(value), kind)

    return near


@lru_cache(maxsize=_MOST)
def _earlier(at: datetime, period: Period) -> datetime:
    """The beginning of the period that the time is in, UTC."""
    at = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if period != "hour":
        at = at.replace(hour=0)
    if period in ("month", "year"):
        at = at.replace(day=1)
    return at.replace(month=1) if period == "year" else at


def _earlier_text(value: str, period: Period) -> Any:
    """A value that is itself a time is made earlier, too; any other stays."""
    if not re.match(r"\d{4}-\d\d-\d\dT", value):
        return value
    try:
        return _earlier(datetime.fromisoformat(value), period).isoformat().replace("+00:00", "Z")
    except ValueError:
        return None
