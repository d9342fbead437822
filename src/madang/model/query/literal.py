"""Literals of the query language: numbers, quoted strings, dates, times, URIs (ETSI GS CIM 009 v1.8.1, 4.9, 4.6.3)."""

import json
import math
import re
from datetime import date, datetime, time

from madang.errors import BadRequestData
from madang.model import time as times
from madang.model.query.tree import Literal

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,6}\d*)?(?:Z|[+-]\d\d:\d\d)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d\d:\d\d:\d\d(?:[.,]\d{1,6}\d*)?Z?")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}\\^`]+")
_INT64 = 2**63


def parse_literal(text: str, *, where: str) -> Literal:
    """The value of an unquoted literal; `where` begins the message of the error."""
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text):
        return _number(text, where)
    if _DATE_TIME.fullmatch(text):
        return times.parse(text, what=where)
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if _TIME.fullmatch(text):
            return time.fromisoformat(text.replace(",", ".").removesuffix("Z"))
    except ValueError as error:
        raise BadRequestData(f"{where}: {text!r} is not on the calendar or the clock ({error})") from error
    if _URI.fullmatch(text):
        return text
    raise BadRequestData(
        f'{where}: {text!r} is neither a number, a date, true, false nor a URI; quote a text: "{text}"'
    )


def print_literal(value: Literal) -> str:
    """The text of a literal; parsing it gives the same value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime):
        return times.text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat() + "Z"
    return repr(value)


def _number(text: str, where: str) -> int | float:
    if re.fullmatch(r"-?\d{1,19}", text) and -_INT64 <= int(text) < _INT64:
        return int(text)
    value = float(text)
    if not math.isfinite(value):
        raise BadRequestData(f"{where}: {text!r} is too large for a number")
    return value
