"""Is a value one that JSON can carry? What is stored comes back as it was, so what JSON would bend is refused."""

import math
from typing import Any, cast

import msgspec

from madang.errors import BadRequestData
from madang.model.entity import Attribute

_encode = msgspec.json.Encoder().encode
_SCALARS = frozenset({str, bool, type(None)})
_LARGEST = 2**63


def check_value(name: str, instance: Attribute) -> None:
    """The instance's value, and those of its own attributes, are JSON values. Raises BadRequestData naming the
    attribute."""
    value = instance.value
    kind = cast(type[object], type(value))
    if kind is float:
        if not math.isfinite(value):
            raise BadRequestData(
                f"'{name}' is {value}, which is no number; leave the attribute out when there is no reading"
            )
    elif kind is int:
        _check_integer(name, value)
    elif kind is str:
        if not value.isascii():
            _check_deep(name, value)
    elif kind not in _SCALARS:
        _check_deep(name, value)
    for own, instances in instance.attributes.items():
        for one in instances:
            check_value(f"{name}.{own}", one)


def _check_integer(name: str, value: int) -> None:
    if not -_LARGEST <= value < _LARGEST:
        raise BadRequestData(f"'{name}' is an integer of more than 64 bits; send it as a string")


def _check_deep(name: str, value: Any) -> None:
    try:
        text = _encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise BadRequestData(f"'{name}' has a value that JSON cannot carry: {problem}") from None
    # NaN and infinity are written as null: only where there is one, look closely (encoding is far quicker than
    # looking).
    if b"null" in text:
        _check_finite(name, value)


def _check_finite(name: str, value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise BadRequestData(f"'{name}' contains {value}, which is no number; leave it out or send null")
    items: Any = ()
    if isinstance(value, dict):
        items = cast(dict[Any, Any], value).values()
    elif isinstance(value, list | tuple):
        items = cast(list[Any], value)
    for item in items:
        _check_finite(name, item)
