"""Expressions of CQL2 (OGC 21-065r2) as they come: text and JSON, their operators, arguments and literals."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import cql2
import msgspec

from madang.errors import BadRequestData, TooComplexQuery
from madang.model import time as times

LONGEST: Final = 8000
"""Characters of a filter."""

_MOST_MARKS: Final = 300
_MARKS: Final = re.compile(r"[(+*/^%=<>]|-(?!\d)|--|\b(?:NOT|AND|OR|DIV)\b", re.IGNORECASE)
"""What nests: the parser recurses on each, and its stack has an end. So a text has few of them before it sees it."""


def read_text(text: str) -> Any:
    """The filter as CQL2's JSON has it. Raises BadRequestData, TooComplexQuery."""
    if len(text) > LONGEST or len(_MARKS.findall(text)) > _MOST_MARKS:
        raise TooComplexQuery(f"filter: at most {LONGEST} characters and {_MOST_MARKS} operators and brackets")
    try:
        return cql2.parse_text(text).to_json()
    except (cql2.ParseError, cql2.ValidationError, ValueError) as error:
        said = next((line for line in reversed(str(error).splitlines()) if "=" in line), str(error))
        raise BadRequestData(f"filter: this is no CQL2 text: {said.strip(' =')[:200]}") from None


def read_json(text: str) -> Any:
    """The same from JSON. Raises as `read_text`."""
    if len(text) > LONGEST:
        raise TooComplexQuery(f"filter: at most {LONGEST} characters")
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRequestData(f"filter: this is no CQL2 JSON: {error}") from error


def call(given: Any) -> tuple[str, Sequence[Any]]:
    """An expression's operator and arguments. Raises BadRequestData."""
    if not isinstance(given, dict) or "op" not in given or not isinstance(cast(Any, given).get("args"), list):
        raise BadRequestData("filter: an expression has 'op' and 'args'")
    found = cast(dict[str, Any], given)
    return str(found["op"]), found["args"]


def is_property(given: Any) -> bool:
    """It names a property, folded perhaps."""
    if folded(given) is not None:
        return is_property(folded(given))
    return isinstance(given, dict) and "property" in given


def is_id(given: Any) -> bool:
    """It names the entity's id."""
    return isinstance(given, dict) and cast(Mapping[str, Any], given).get("property") == "id"


def folded(given: Any) -> Any:
    """What CASEI folds; None where it is not that."""
    if isinstance(given, dict) and cast(Mapping[str, Any], given).get("op") == "casei":
        return only(cast(dict[str, Any], given).get("args") or (), "casei")
    return None


def only(arguments: Sequence[Any], name: str) -> Any:
    """The one argument."""
    if len(arguments) != 1:
        raise BadRequestData(f"filter: {name} takes one argument")
    return arguments[0]


def pair(arguments: Sequence[Any], name: str) -> tuple[Any, Any]:
    """The two arguments."""
    if len(arguments) != 2:
        raise BadRequestData(f"filter: {name} takes two arguments")
    return arguments[0], arguments[1]


def three(arguments: Sequence[Any]) -> tuple[Any, Any, Any]:
    """The three arguments of between."""
    if len(arguments) != 3:
        raise BadRequestData("filter: between takes a property and two values")
    return arguments[0], arguments[1], arguments[2]


def value(given: Any) -> Any:
    """A literal as the hub's queries have it."""
    if isinstance(given, bool | int | float | str):
        return int(given) if isinstance(given, float) and given.is_integer() and abs(given) < 2**53 else given
    if isinstance(given, dict):
        found = cast(dict[str, Any], given)
        if set(found) == {"timestamp"}:
            return times.parse(str(found["timestamp"]), what="TIMESTAMP")
        if set(found) == {"date"} and (day := times.read_date(str(found["date"]))) is not None:
            return day
    raise BadRequestData("filter: a value is a text, a number, true, false, TIMESTAMP('…') or DATE('…')")


def geometry(given: Any) -> dict[str, Any]:
    """A literal geometry as GeoJSON."""
    if isinstance(given, dict):
        found = cast(dict[str, Any], given)
        box = found.get("bbox")
        if isinstance(box, list) and len(cast(list[Any], box)) in (4, 6):
            numbers = cast(list[float], box)
            west, south = numbers[0], numbers[1]
            east, north = (numbers[2], numbers[3]) if len(numbers) == 4 else (numbers[3], numbers[4])
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            return {"type": "Polygon", "coordinates": [ring]}
        if "type" in found:
            return found
    raise BadRequestData("filter: a geometry is POINT(…), POLYGON((…)), BBOX(…) or the like")


def like(text: Any) -> str:
    """The regular expression of a LIKE pattern: % any characters, _ one, a backslash takes the next as it is."""
    if not isinstance(text, str):
        raise BadRequestData("filter: like takes a text")
    parts = re.findall(r"\\.|%|_|[^\\%_]+|\\", text, re.DOTALL)
    return (
        "^"
        + "".join(_LIKE.get(one) or re.escape(one[1:] if len(one) == 2 and one[0] == "\\" else one) for one in parts)
        + "$"
    )


_LIKE: Final = {"%": ".*", "_": "."}
