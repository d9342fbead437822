"""The order of an answer and linked entities in it, from parameters or a body (ETSI GS CIM 009, 4.23, 4.5.23)."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from madang.errors import BadRequestData
from madang.hub.links import Joining
from madang.model.collation import collation as known_collation
from madang.model.context import Context, is_uri
from madang.model.geometry import wrong
from madang.model.query import Exists, Order, Path
from madang.model.query.parse import parse_query

MOST_LEVELS: Final = 10
_MOST_KEYS = 20
_DIRECTIONS: Final = {
    "asc": (False, False),
    "desc": (True, False),
    "dist-asc": (False, True),
    "dist-desc": (True, True),
}


def read_order(
    keys: Sequence[str], context: Context, *, coordinates: Any, geometry: str | None, collation: str | None
) -> tuple[Order, ...]:
    """The keys such as ``name``, ``age;desc``, ``address[city]``, ``location;dist-asc``; the last needs `coordinates`
    (JSON) of a `geometry` (a point, where None). Raises BadRequestData."""
    if len(keys) > _MOST_KEYS:
        raise BadRequestData(f"orderBy: at most {_MOST_KEYS} keys")
    if collation is not None:
        known_collation(collation)
    origin = None if coordinates is None else {"type": geometry or "Point", "coordinates": coordinates}
    problem = wrong(origin) if origin is not None else None
    if problem:
        raise BadRequestData(f"orderFrom: {problem}")
    return tuple(_order(key, context, origin, collation) for key in keys)


def read_coordinates(text: str) -> Any:
    """The coordinates in a parameter. Raises BadRequestData."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise BadRequestData(f"orderFrom: {text[:60]!r} is no JSON array of coordinates") from None


def read_joining(join: str | None, level: int | None, contained: Sequence[str]) -> Joining | None:
    """How linked entities are wanted, None: not at all. Raises BadRequestData."""
    if join not in (None, "flat", "inline", "@none"):
        raise BadRequestData(f"join: {join[:40]!r} is not one of flat, inline, @none")
    if level is not None and not 1 <= level <= MOST_LEVELS:
        raise BadRequestData(f"joinLevel is from 1 to {MOST_LEVELS}")
    foreign = next((id for id in contained if not is_uri(id)), None)
    if foreign is not None:
        raise BadRequestData(f"containedBy: {foreign[:80]!r} is not a URI")
    if join in (None, "@none"):
        return None
    return Joining(levels=level or 1, flat=join == "flat", contained=frozenset(contained))


def check_depth(depth: int, joining: Joining | None) -> None:
    """What is asked of linked entities is not deeper than they are followed (5.7.2.4). Raises BadRequestData."""
    levels = joining.levels if joining else 0
    if depth > levels:
        raise BadRequestData(
            f"pick and omit reach over {depth} relationships; join and joinLevel say {levels} (at most {MOST_LEVELS})"
        )


def _order(key: str, context: Context, origin: Any, collation: str | None) -> Order:
    path, sign, direction = key.partition(";")
    if sign and direction not in _DIRECTIONS:
        raise BadRequestData(f"orderBy: {direction[:20]!r} is not one of {', '.join(_DIRECTIONS)}")
    descending, apart = _DIRECTIONS[direction or "asc"]
    if apart and origin is None:
        raise BadRequestData("orderBy: an order by distance needs orderFrom, the coordinates to measure from")
    return Order(
        path=_path(path, context), descending=descending, origin=origin if apart else None, collation=collation
    )


def _path(text: str, context: Context) -> Path:
    try:
        found = parse_query(text, context.expand)
    except BadRequestData as error:
        raise BadRequestData(f"orderBy: {text[:60]!r} is no attribute path ({error.detail})") from None
    if not isinstance(found, Exists) or found.negated:
        raise BadRequestData(f"orderBy: {text[:60]!r} is no attribute path; write name, address[city] or name;desc")
    return found.path
