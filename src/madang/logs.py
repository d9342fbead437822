"""Logs as lines: for people, or one JSON object a line for a collector. What comes from outside cannot forge a line."""

import logging
import sys
from datetime import UTC, datetime
from typing import Literal

import msgspec

from madang.model import time

Format = Literal["text", "json"]

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}
_IN_TRACES = {code: text for code, text in _CONTROL.items() if chr(code) not in "\n\t"}


def set_up(level: str, form: Format = "text") -> None:
    """Log to standard error from now on, from that level up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)


class TextLines(logging.Formatter):
    """Time, level, room, message; control characters are written as ``\\x0a``, so that a message stays one line."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{_at(record)} {record.levelname} {record.name}: {record.getMessage().translate(_CONTROL)}"
        trace = _trace(self, record)
        return f"{line}\n{trace.translate(_IN_TRACES)}" if trace else line


class JsonLines(logging.Formatter):
    """``{"at", "level", "room", "message"}``, with the trace as one text where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"at": _at(record), "level": record.levelname, "room": record.name, "message": record.getMessage()}
        trace = _trace(self, record)
        if trace:
            line["trace"] = trace
        return msgspec.json.encode(line).decode()


def _at(record: logging.LogRecord) -> str:
    return time.text(datetime.fromtimestamp(record.created, UTC))


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return formatter.formatException(record.exc_info) if record.exc_info else ""
