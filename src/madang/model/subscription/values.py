"""Checks of single members: each takes the member's name and its value, and answers the value or refuses."""

from collections.abc import Callable, Collection
from typing import Any, cast

from madang.errors import BadRequestData
from madang.model import time as times
from madang.model.context import is_uri

LONGEST = 8192
"""Characters of a text at most."""
MOST = 1000
"""Items of a list at most."""


def text(name: str, value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value or len(value) > LONGEST:
        raise BadRequestData(f"{name} is a text of 1 to {LONGEST} characters, not {_shown(value)}")
    return value


def truth(name: str, value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise BadRequestData(f"{name} is true or false, not {_shown(value)}")
    return value


def positive(name: str, value: Any) -> float:
    """A number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
        raise BadRequestData(f"{name} is a number above 0, not {_shown(value)}")
    return value


def whole(name: str, value: Any) -> int:
    """A whole number above 0."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 100:
        raise BadRequestData(f"{name} is a whole number from 1 to 100, not {_shown(value)}")
    return value


def uri(name: str, value: Any) -> str:
    """A URI."""
    if not is_uri(value):
        raise BadRequestData(f"{name} is a URI, not {_shown(value)}")
    return text(name, value)


def moment(name: str, value: Any) -> str:
    """A date-time, as it was written."""
    times.parse(text(name, value), what=name)
    return value


def texts(name: str, value: Any) -> list[str]:
    """A list of texts, not empty."""
    if not isinstance(value, list) or not 0 < len(cast(list[Any], value)) <= MOST:
        raise BadRequestData(f"{name} is a list of 1 to {MOST} texts, not {_shown(value)}")
    return [text(name, item) for item in cast(list[Any], value)]


def words(name: str, value: Any) -> str:
    """Names separated by commas; a list of names is taken too."""
    if isinstance(value, list):
        return ",".join(texts(name, value))
    return text(name, value)


def one_of(choices: Collection[str]) -> Callable[[str, Any], str]:
    """The check for one of the choices."""

    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise BadRequestData(f"{name} is one of {', '.join(choices)}, not {_shown(value)}")
        return value

    return check


def members(name: str, value: Any) -> dict[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise BadRequestData(f"{name} is an object, not {_shown(value)}")
    return cast(dict[str, Any], value)


def items(name: str, value: Any) -> list[dict[str, Any]]:
    """A list of objects, not empty."""
    if not isinstance(value, list) or not 0 < len(cast(list[Any], value)) <= MOST:
        raise BadRequestData(f"{name} is a list of 1 to {MOST} objects, not {_shown(value)}")
    return [members(name, item) for item in cast(list[Any], value)]


def _shown(value: Any) -> str:
    return repr(value)[:80]
