"""What a release holds before it is files: rows with columns, and perhaps a place each; entities as they were at one
time, or a table that was made of them."""

import csv
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from madang.model.dataset import Dataset
from madang.model.entity import Entity
from madang.publish.features import feature
from madang.publish.table import Column, Shape, row, written_cell

_LENGTH = 4
_PART = 1 << 20


class Sheet(Protocol):
    """Rows, to be read as often as wished, always the same."""

    @property
    def columns(self) -> Sequence[Column]:
        """The columns."""
        ...

    def rows(self) -> Iterator[Sequence[Any]]:
        """Cells in the order of the columns."""
        ...

    def features(self) -> Iterator[dict[str, Any]]:
        """The rows as GeoJSON features."""
        ...


class Spool:
    """Entities of a dataset as they were when they were read, in a file: however many there are, memory has one."""

    def __init__(self, file: Path, columns: Sequence[Column]) -> None:
        self.columns = columns
        self._file = file

    def entities(self) -> Iterator[Entity]:
        """They, by id."""
        decode = msgspec.msgpack.Decoder(Entity).decode
        with self._file.open("rb") as stream:
            while head := stream.read(_LENGTH):
                yield decode(stream.read(int.from_bytes(head, "big")))

    def rows(self) -> Iterator[Sequence[Any]]:
        for entity in self.entities():
            yield row(entity, self.columns)

    def features(self) -> Iterator[dict[str, Any]]:
        return map(feature, self.entities())


async def spooled(dataset: Dataset, entities: AsyncIterator[Entity], file: Path) -> tuple[Spool, int]:
    """Read entities, which come by id, into a file; and how many there are."""
    shape, encode, count = Shape(dataset), msgspec.msgpack.Encoder().encode, 0
    with file.open("wb") as stream:
        async for entity in entities:
            body = encode(entity)
            stream.write(len(body).to_bytes(_LENGTH, "big") + body)
            shape.add(entity)
            count += 1
    return Spool(file, shape.columns()), count


class Made:
    """A table that was made: cells by row; `places` has a geometry for each row, or nothing."""

    def __init__(self, columns: Sequence[Column], cells: Sequence[Sequence[Any]], places: Sequence[Any] = ()) -> None:
        self.columns = columns
        self._cells = cells
        self._places = places

    def rows(self) -> Iterator[Sequence[Any]]:
        return iter(self._cells)

    def features(self) -> Iterator[dict[str, Any]]:
        for number, cells in enumerate(self._cells):
            said = {column.name: cell for column, cell in zip(self.columns, cells, strict=True)}
            place = self._places[number] if self._places else None
            yield {"type": "Feature", "geometry": place, "properties": said}


def write_csv(sheet: Sheet, file: Path) -> None:
    """The rows as CSV (RFC 4180; UTF-8) with a line of names."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([column.name for column in sheet.columns])
        writer.writerows([written_cell(cell) for cell in cells] for cells in sheet.rows())


def write_ndjson(sheet: Sheet, file: Path) -> None:
    """The rows as features, one a line."""
    with file.open("wb") as stream:
        for part in _parts(sheet, b"\n"):
            stream.write(part)


def write_geojson(sheet: Sheet, file: Path) -> None:
    """The rows as a collection of features (RFC 7946)."""
    with file.open("wb") as stream:
        stream.write(b'{"type":"FeatureCollection","features":[')
        first = True
        for part in _parts(sheet, b","):
            stream.write(part if first else b"," + part)
            first = False
        stream.write(b"]}")


def _parts(sheet: Sheet, between: bytes) -> Iterator[bytes]:
    """Features, a megabyte at a time; a line's end belongs to each, a comma stands between two."""
    encode, part = msgspec.json.Encoder().encode, bytearray()
    for one in sheet.features():
        if between == b"\n":
            part += encode(one) + between
        else:
            part += between + encode(one) if part else encode(one)
        if len(part) > _PART:
            yield bytes(part)
            part.clear()
    if part:
        yield bytes(part)
