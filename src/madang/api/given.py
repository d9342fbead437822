"""Values that come as JSON or as text, whichever the client sends: CKAN's parameters have both."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from madang.errors import BadRequestData

Given = Mapping[str, Any]
"""Parameters by name."""


def table(given: Given, name: str) -> Mapping[str, Any]:
    """An object, or its JSON text; an empty one where it is not given. Raises BadRequestData."""
    value: Any = given.get(name) or {}
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError as error:
            raise BadRequestData(f"{name}: no JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadRequestData(f"{name}: an object of fields and values")
    return cast(dict[str, Any], value)


def needed(given: Given, name: str) -> str:
    """A text that has to be there. Raises BadRequestData."""
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequestData(f"{name}: missing value")
    return value


def number(given: Given, name: str, default: int) -> int:
    """A whole number from 0 on. Raises BadRequestData."""
    value = given.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    raise BadRequestData(f"{name}: a whole number from 0 on")


def listed(value: Any) -> list[str]:
    """A list, or its text: JSON or separated by commas."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError as error:
            raise BadRequestData(f"{value[:40]!r} is no list: {error}") from error
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [str(one) for one in cast(list[Any], value)] if isinstance(value, list) else []


def true(value: Any) -> bool:
    """Whether it is a yes in any of the usual spellings."""
    return value in (True, "true", "True", "1", 1)
