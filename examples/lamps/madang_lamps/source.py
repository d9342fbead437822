"""The source: a table of lamps (CSV: id, longitude, latitude, on) that another program writes, read again and again."""

import asyncio
import csv
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from madang.errors import BadRequestData
from madang.model.entity import Entity, observed, point


class LampTable:
    """Reads the file every so often; a line that makes no sense is left out."""

    def __init__(self, file: Path, every_s: float) -> None:
        self._file = file
        self._every_s = every_s

    async def observations(self) -> AsyncIterator[Sequence[Entity]]:
        """The lamps of the file, as often as it is read. Raises BadRequestData where there is no such file."""
        while True:
            yield await asyncio.to_thread(self._read)
            await asyncio.sleep(self._every_s)

    def _read(self) -> list[Entity]:
        try:
            changed = datetime.fromtimestamp(self._file.stat().st_mtime, UTC)
            with self._file.open(encoding="utf-8", newline="") as table:
                found = [lamp(row, changed) for row in csv.DictReader(table)]
        except OSError as error:
            raise BadRequestData(f"lamps: the table cannot be read: {error}") from error
        return [one for one in found if one is not None]


def lamp(row: Mapping[str, Any], at: datetime) -> Entity | None:
    """A line of the table as an entity; None where it makes no sense."""
    try:
        place = point(float(row["longitude"]), float(row["latitude"]))
        name = str(row["id"]).strip()
    except (KeyError, ValueError):
        return None
    if not name.isalnum():
        return None
    values = {"powerState": "on" if row.get("on") == "1" else "off", "location": place}
    return observed(f"urn:ngsi-ld:Streetlight:{name}", "Streetlight", at, values)


def open_feed(settings: Mapping[str, Any], folder: Path) -> LampTable:
    """The entry point: `settings` are the city's, from ``sources.toml``; `folder` is the city's."""
    file, every_s = settings.get("file"), settings.get("every_s", 60.0)
    if not isinstance(file, str) or not isinstance(every_s, int | float) or every_s <= 0:
        raise BadRequestData('lamps: settings are file = "lamps.csv" and perhaps every_s = 60.0')
    return LampTable(folder / file, float(every_s))
