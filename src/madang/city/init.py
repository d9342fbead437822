"""Write a city's folder that runs at once: the smallest simulated world and a datasets for whatever arrives."""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path as File
from string import Template

from madang.clock import WallClock
from madang.errors import AlreadyExists, BadRequestData


def init(folder: File | str, name: str | None = None) -> list[File]:
    """Write a city called `name` (default: after the folder) and return the files written.

    Raises AlreadyExists where the folder holds anything, BadRequestData where no folder or name can be made of it.
    """
    folder = File(folder)
    name = name or re.sub(r"[-_]+", " ", folder.resolve().name).title()
    if not name.strip() or not name.isprintable():
        raise BadRequestData(f"{name!r} is no name for a city: use printable characters")
    if folder.is_file():
        raise AlreadyExists(f"{folder} is a file: name a folder that does not exist yet")
    if folder.is_dir() and any(folder.iterdir()):
        raise AlreadyExists(f"{folder} is not empty: name a folder that does not exist yet, or an empty one")
    today = WallClock().now().date()
    words = {
        "name": name.replace("\\", "\\\\").replace('"', '\\"'),
        "today": today.isoformat(),
        "until": today.replace(year=today.year + 2, day=min(today.day, 28)).isoformat(),
    }
    try:
        return _write(files("madang.city") / "template", folder, words)
    except OSError as error:
        raise BadRequestData(f"{folder} cannot be written: {error.strerror or error}") from error


def _write(source: Traversable, target: File, words: dict[str, str]) -> list[File]:
    target.mkdir(parents=True, exist_ok=True)
    written: list[File] = []
    for item in sorted(source.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            written += _write(item, target / item.name, words)
        elif item.name.endswith(".toml"):
            file = target / item.name
            file.write_text(Template(item.read_text("utf-8")).substitute(words), encoding="utf-8")
            written.append(file)
    return written
