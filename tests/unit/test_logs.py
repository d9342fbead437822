"""Logs are one line a message, whatever the message holds."""

import json
import logging
import sys

import pytest

from madang.logs import JsonLines, TextLines


def record(message: str, *, error: Exception | None = None) -> logging.LogRecord:
    trace = (type(error), error, None) if error else None
    return logging.LogRecord("madang.hub", logging.WARNING, "", 1, message, (), trace)


@pytest.mark.parametrize("forged", ["a\n2026-01-01 INFO x: all well", "a\rb", "a\x1b[31mb", "a\u2028b", "a\x85b"])
def test_a_message_cannot_forge_a_line(forged: str) -> None:
    line = TextLines().format(record(forged))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


def test_a_line_says_when_how_grave_where_and_what() -> None:
    at, level, room, message = TextLines().format(record("it is late")).split(" ", 3)
    assert at.endswith("Z")
    assert (level, room, message) == ("WARNING", "madang.hub:", "it is late")


def test_json_lines_are_one_object_each() -> None:
    found = json.loads(JsonLines().format(record("a\nb")))
    assert {name: found[name] for name in ("level", "room", "message")} == {
        "level": "WARNING",
        "room": "madang.hub",
        "message": "a\nb",
    }


def test_a_trace_is_kept_and_cannot_forge_a_colour() -> None:
    try:
        raise ValueError("a\x1b[31m")
    except ValueError:
        failed = logging.LogRecord("madang", logging.ERROR, "", 1, "broken", (), sys.exc_info())
    line = TextLines().format(failed)
    assert "ValueError" in line
    assert "\x1b" not in line
    assert "ValueError" in json.loads(JsonLines().format(failed))["trace"]
