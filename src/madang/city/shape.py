"""From a TOML table to the frozen value that it describes, with every mistake reported and not only the first."""

import types
import typing
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, cast

import msgspec

from madang.city.finding import Path, suggestion

Report = Callable[[Path, str, str], None]
"""Takes a mistake: where, what is wrong, what to do."""

Rule = Callable[[Any], Iterable[tuple[Path, str, str]]]
"""Mistakes of a value that has the right type: where below it, what is wrong, what to do."""

Rules = Mapping[tuple[type, str], Rule]
"""The rule of each field that has one, by class and field name."""

T = typing.TypeVar("T", bound=msgspec.Struct)

_FAILED: Any = object()


def shape(
    cls: type[T], table: Mapping[str, Any], *, report: Report, rules: Rules, given: Mapping[str, Any] | None = None
) -> T | None:
    """The value that `table` describes, or None after every mistake went to `report`.

    `given` are fields that come from elsewhere than the table (a file's name): the table may not set them.
    """
    made = _Shaper(report, rules).struct(cls, table, (), given or {})
    return None if made is _FAILED else made


class _Shaper:
    def __init__(self, report: Report, rules: Rules) -> None:
        self._report = report
        self._rules = rules

    def value(self, hint: Any, value: Any, path: Path) -> Any:
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            return self.struct(hint, value, path, {})
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):  # only ever "or None", which TOML cannot write
            return self.value(next(a for a in arguments if a is not types.NoneType), value, path)
        if origin is Mapping:
            return self._mapping(arguments[1], value, path)
        if origin is tuple and arguments[-1] is ...:
            return self._sequence(arguments[0], value, path)
        return self._leaf(hint, value, path)

    def struct(self, cls: type[msgspec.Struct], table: Any, path: Path, given: Mapping[str, Any]) -> Any:
        if not isinstance(table, Mapping):
            return self._wrong(path, "a table", table)
        table = cast(Mapping[str, Any], table)
        fields = {field.encode_name: field for field in msgspec.structs.fields(cls) if field.name not in given}
        values, failed = dict(given), False
        for key in table:
            if key not in fields:
                self._report((*path, key), f"unknown key {key!r}", suggestion(key, list(fields)))
                failed = True
        for key, field in fields.items():
            if key in table:
                values[field.name] = self._field(cls, field.name, field.type, table[key], (*path, key))
                failed = failed or values[field.name] is _FAILED
            elif field.required:
                self._report(path, f"{key!r} is missing", "")
                failed = True
        return _FAILED if failed else cls(**values)

    def _field(self, cls: type, name: str, hint: Any, value: Any, path: Path) -> Any:
        made = self.value(hint, value, path)
        rule = self._rules.get((cls, name))
        if made is _FAILED or rule is None:
            return made
        mistakes = list(rule(made))
        for below, message, advice in mistakes:
            self._report((*path, *below), message, advice)
        return _FAILED if mistakes else made

    def _mapping(self, hint: Any, value: Any, path: Path) -> Any:
        if not isinstance(value, Mapping):
            return self._wrong(path, "a table", value)
        made = {key: self.value(hint, inner, (*path, key)) for key, inner in cast(Mapping[str, Any], value).items()}
        return _FAILED if _FAILED in made.values() else made

    def _sequence(self, hint: Any, value: Any, path: Path) -> Any:
        if not isinstance(value, list):
            return self._wrong(path, "a list", value)
        made = tuple(self.value(hint, inner, (*path, n)) for n, inner in enumerate(cast(list[Any], value)))
        return _FAILED if _FAILED in made else made

    def _leaf(self, hint: Any, value: Any, path: Path) -> Any:
        # A date must be written as one: the text "2027-1-5" would only be found out later.
        try:
            if hint is date and not isinstance(value, date):
                return self._wrong(path, "a date such as 2027-12-31, without quotes", value)
            if (choices := _choices(hint)) and value not in choices:
                return self._wrong(path, f"one of {', '.join(choices)}", value)
            return cast(object, msgspec.convert(value, cast(Any, hint)))
        except msgspec.ValidationError as error:
            return self._wrong(path, _plain(str(error)), value)

    def _wrong(self, path: Path, wanted: str, value: Any) -> Any:
        self._report(path, f"{_name(path)} must be {wanted}, not {_show(value)}", "")
        return _FAILED


def _choices(hint: Any) -> list[str]:
    return [str(member) for member in hint] if isinstance(hint, type) and issubclass(hint, StrEnum) else []


def _name(path: Path) -> str:
    """The key as a reader of the file calls it."""
    names = [part for part in path if isinstance(part, str)]
    return repr(names[-1]) if names else "the file"


def _plain(message: str) -> str:
    """msgspec's message as the end of a sentence: ``Expected `int`, got `str``` -> ``a whole number``."""
    message = message.partition(" - at ")[0]
    words = {
        "`int`": "a whole number",
        "`float`": "a number",
        "`str`": "a text",
        "`bool`": "true or false",
        "`date`": "a date",
    }
    for word, plain in words.items():
        message = message.replace(word, plain)
    return message.removeprefix("Expected ").partition(", got ")[0].replace("`array`", "a list")


def _show(value: Any) -> str:
    """A value as it stands in the file, cut short."""
    match value:
        case bool():
            text = str(value).lower()
        case datetime() | date() | time():
            text = value.isoformat()
        case dict():
            text = "a table"
        case _:
            text = repr(cast(object, value))
    return text if len(text) <= 60 else text[:57] + "..."
