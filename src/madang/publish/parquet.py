"""A sheet as Parquet; as GeoParquet 1.1.0 (https://geoparquet.org/releases/v1.1.0/) where its rows have places.

The places are WKB in the column `geometry`, in degrees, longitude first: OGC:CRS84, which a file that names no
reference system has by definition.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import shapely
from shapely.geometry import shape

from madang.errors import MissingExtra
from madang.model import time as times
from madang.publish.sheet import Sheet
from madang.publish.table import Type, written_cell

MEDIA: Final = "application/vnd.apache.parquet"
GEOMETRY: Final = "geometry"
_GROUP: Final = 50_000
"""Rows of a row group."""


def check() -> None:
    """Raises MissingExtra where Parquet cannot be written here."""
    if find_spec("pyarrow") is None:
        raise MissingExtra("lake", "Parquet")


def write_parquet(sheet: Sheet, file: Path) -> None:
    """Write the sheet. Raises MissingExtra."""
    check()
    # Large, without types, and few releases need it.
    pa: Any = import_module("pyarrow")
    pq: Any = import_module("pyarrow.parquet")
    place, places = _place(sheet), _Places()
    # The file says of its places what they all have in common before the first of them.
    for one in sheet.features():
        places.take(one.get("geometry"))
    told = {"geo": msgspec.json.encode(places.metadata(place)).decode()} if places.types else None
    kinds = _kinds(pa)
    fields = [pa.field(column.name, kinds[column.type]) for column in sheet.columns]
    schema = pa.schema([*fields, *([pa.field(place, pa.binary())] if told else [])], metadata=told)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for rows, features in _groups(sheet):
            arrays = [
                pa.array([_READ[column.type](row[number]) for row in rows], fields[number].type)
                for number, column in enumerate(sheet.columns)
            ]
            if told:
                arrays.append(pa.array([places.take(one.get("geometry")) for one in features], pa.binary()))
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _place(sheet: Sheet) -> str:
    """The name of the column of places: another where the data has one of that name."""
    names = [column.name for column in sheet.columns]
    return GEOMETRY if GEOMETRY not in names else "place"


def _kinds(pa: Any) -> Mapping[Type, Any]:
    return {
        "text": pa.string(),
        "json": pa.string(),
        "numeric": pa.float64(),
        "bool": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
    }


class _Places:
    """Takes places, and knows what GeoParquet says of all of them."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self._box = [math.inf, math.inf, -math.inf, -math.inf]

    def take(self, geometry: Any) -> bytes | None:
        """The place as WKB; None where there is none, or none that can be drawn."""
        try:
            found = shape(geometry) if geometry else None
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError):
            found = None
        if found is None or found.is_empty:
            return None
        found = cast(Any, shapely).force_2d(found)
        self.types.add(found.geom_type)
        west, south, east, north = found.bounds
        west, south = min(self._box[0], west), min(self._box[1], south)
        self._box = [west, south, max(self._box[2], east), max(self._box[3], north)]
        return cast(Any, shapely).to_wkb(found, flavor="iso")

    def metadata(self, name: str) -> dict[str, Any]:
        """The value of the key ``geo``."""
        about: dict[str, Any] = {"encoding": "WKB", "geometry_types": sorted(self.types)}
        if self.types:
            about["bbox"] = self._box
        return {"version": "1.1.0", "primary_column": name, "columns": {name: about}}


def _groups(sheet: Sheet) -> Iterator[tuple[Sequence[Sequence[Any]], Sequence[dict[str, Any]]]]:
    rows, features = iter(sheet.rows()), iter(sheet.features())
    while group := list(islice(rows, _GROUP)):
        yield group, list(islice(features, _GROUP))


def _text(cell: Any) -> str | None:
    return None if cell is None else str(written_cell(cell))


def _number(cell: Any) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


_READ: Final[Mapping[Type, Callable[[Any], Any]]] = {
    "text": _text,
    "json": lambda cell: None if cell is None else msgspec.json.encode(cell).decode(),
    "numeric": _number,
    "bool": lambda cell: cell if isinstance(cell, bool) else None,
    "timestamp": lambda cell: times.read(cell) if isinstance(cell, str) else cell,
}
