"""A TOML file with the line of each key, so that a mistake can be named by its line.

The standard library's parser keeps no positions and the maintained parsers that do need compiled parts; but a TOML file
is a row of statements, and that parser itself says where each one ends.
"""

import re
import tomllib
from functools import cached_property
from pathlib import Path as File
from typing import Any, cast

from madang.city.finding import Finding, Path

LARGEST = 256 * 1024
"""Bytes; a city's file is written by people."""

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class Document:
    """A parsed file: its table, and which line a path of keys stands on."""

    def __init__(self, *, name: str, text: str, table: dict[str, Any]) -> None:
        self.name = name
        self.table = table
        self._text = text

    @cached_property
    def _lines(self) -> dict[Path, int]:
        return _locate(self._text)

    def line(self, path: Path) -> int:
        """The line of the key, or of the nearest table around it that is written in the file; 1 for the whole file."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return 1


def parse(file: File, *, name: str) -> Document | Finding:
    """Read the file; `name` is how findings call it. A file that cannot be read or is not TOML gives one finding."""
    try:
        if file.stat().st_size > LARGEST:
            return Finding(file=name, line=0, message="larger than 256 kB", hint="split it, or is it another file?")
        text = file.read_bytes().decode()
    except FileNotFoundError:
        return Finding(file=name, line=0, message="is missing", hint="'madang init' writes one to start from")
    except IsADirectoryError:
        return Finding(file=name, line=0, message="is a folder", hint="name a file in it")
    except OSError as error:
        return Finding(file=name, line=0, message=f"cannot be read: {error.strerror or error}")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return Finding(file=name, line=line, message="is not UTF-8 text", hint="save it as UTF-8")
    return read(text, name=name)


def read(text: str, *, name: str) -> Document | Finding:
    """The document in a text; a finding where it is not TOML. A byte order mark, which some editors write, is no part
    of it."""
    text = text.removeprefix("\ufeff")
    try:
        return Document(name=name, text=text, table=tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return _malformed(name, text, str(error))


def _malformed(name: str, text: str, message: str) -> Finding:
    place = _PLACE.search(message)
    line, column = (place[1], place[2]) if place else (None, None)
    return Finding(
        file=name,
        line=int(line) if line else text.count("\n") + 1,
        column=int(column) if column else None,
        message=f"not TOML: {_PLACE.sub('', message)}",
        hint="numbers are 1234.5 without separators or signs of money, texts stand in quotes, a key stands once",
    )


def _locate(text: str) -> dict[Path, int]:
    """The line of every key of a valid document: each statement (the fewest lines that parse) is parsed on its own."""
    found: dict[Path, int] = {}
    header: Path = ()
    counts: dict[Path, int] = {}
    lines = text.split("\n")
    start = 0
    while start < len(lines):
        end, table = _statement(lines, start)
        if lines[start].lstrip().startswith("["):
            header = _header(table, counts)
            for depth in range(1, len(header) + 1):
                found.setdefault(header[:depth], start + 1)
        else:
            _record(table, header, found, lines[start:end], start + 1)
        start = end
    return found


def _statement(lines: list[str], start: int) -> tuple[int, dict[str, Any]]:
    for end in range(start + 1, len(lines) + 1):
        try:
            return end, tomllib.loads("\n".join(lines[start:end]))
        except tomllib.TOMLDecodeError:
            continue
    return len(lines), {}


def _header(table: dict[str, Any], counts: dict[Path, int]) -> Path:
    """The path that a ``[table]`` or ``[[array]]`` header opens; `counts` numbers the tables of each array."""
    keys: list[str | int] = []
    inner = table
    while inner:
        key, value = next(iter(inner.items()))
        keys.append(key)
        here = tuple(keys)
        if isinstance(value, list):
            counts[here] = counts.get(here, -1) + 1
        if here in counts:
            keys.append(counts[here])
        inner = cast(dict[str, Any], value) if isinstance(value, dict) else {}
    return tuple(keys)


def _record(value: Any, path: Path, found: dict[Path, int], lines: list[str], first: int) -> None:
    """Note the line of each key and list item below `path`: the first of the statement's lines that shows its text."""
    if isinstance(value, dict):
        items = [(key, key, inner) for key, inner in cast(dict[str, Any], value).items()]
    elif isinstance(value, list):
        items = [(index, inner, inner) for index, inner in enumerate(cast(list[Any], value))]
    else:
        return
    for key, shown, inner in items:
        offset = next((n for n, line in enumerate(lines) if isinstance(shown, str) and shown in line), 0)
        found.setdefault((*path, key), first + offset)
        _record(inner, (*path, key), found, lines, first)
