"""A dataset as a table: a row an entity, a column an attribute, its time and, of places, longitude and latitude."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, Literal

import msgspec

from madang.model import time as times
from madang.model.dataset import Dataset
from madang.model.entity import Attribute, Entity, Kind
from madang.model.units import describe

Type = Literal["text", "numeric", "timestamp", "bool", "json"]
"""As CKAN's datastore names them."""

OBSERVED: Final = "_observedAt"


class Column(msgspec.Struct, frozen=True):
    """`name` in the table; `attribute` is where it is from ("" of the entity itself), `part` what of it."""

    name: str
    type: Type
    attribute: str = ""
    part: Literal["value", "observedAt", "longitude", "latitude"] = "value"
    unit: str = ""


def columns(dataset: Dataset, sample: Sequence[Entity]) -> list[Column]:
    """The columns of a dataset; what its attributes hold is seen in a sample of its entities."""
    names = dataset.attributes or sorted({name for entity in sample for name in entity.attributes})
    made = [Column("id", "text"), Column("type", "text")]
    for name in names:
        found = [one for entity in sample for one in entity.attributes.get(name, ())[:1]]
        made += _of(dataset, name, found)
    return made


def row(entity: Entity, wanted: Sequence[Column]) -> list[Any]:
    """The entity's values in the order of the columns; None where it has none."""
    return [_cell(entity, column) for column in wanted]


async def lines(
    entities: AsyncIterator[Entity], wanted: Sequence[Column], *, delimiter: str = ","
) -> AsyncIterator[bytes]:
    """The table as CSV (RFC 4180; UTF-8), a head and then a thousand rows at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([column.name for column in wanted])
    written = 0
    async for entity in entities:
        writer.writerow([written_cell(value) for value in row(entity, wanted)])
        written += 1
        if written % 1000 == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def written_cell(value: Any) -> Any:
    """A cell as a table of texts has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else value


def csvw(dataset: Dataset, wanted: Sequence[Column], *, url: str, licence: str) -> dict[str, Any]:
    """What CSV on the Web says of the table (W3C Tabular Data Model, metadata vocabulary)."""
    kinds = {"text": "string", "numeric": "number", "timestamp": "dateTime", "bool": "boolean", "json": "json"}
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": url,
        "dc:title": [{"@value": text, "@language": tag} for tag, text in dataset.title.items()],
        "dc:license": {"@id": licence},
        "tableSchema": {
            "columns": [
                {
                    "name": column.name,
                    "titles": column.name,
                    "datatype": kinds[column.type],
                    **({"dc:description": f"in {describe(column.unit)}"} if column.unit else {}),
                }
                for column in wanted
            ],
            "primaryKey": "id",
        },
    }


def _of(dataset: Dataset, name: str, found: Sequence[Attribute]) -> list[Column]:
    """An attribute's columns; what is declared with a unit or a past has its columns before there is a value."""
    if name == "location" or any(one.kind is Kind.GEO for one in found):
        own = [
            Column(f"{name}_longitude", "numeric", name, "longitude"),
            Column(f"{name}_latitude", "numeric", name, "latitude"),
        ]
    else:
        unit = dataset.units.get(name, "")
        values = [one.value for one in found if one.value is not None]
        own = [Column(name, _type(values) if values or not unit else "numeric", name, unit=unit)]
    observed = name in dataset.units or name in dataset.history
    if observed or any(one.observed_at is not None for one in found):
        own.append(Column(name + OBSERVED, "timestamp", name, "observedAt"))
    return own


def _type(values: Sequence[Any]) -> Type:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return "bool"
    if known and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        return "numeric"
    return "json" if any(isinstance(value, dict | list) for value in known) else "text"


def _cell(entity: Entity, column: Column) -> Any:
    if not column.attribute:
        return entity.id if column.name == "id" else " ".join(entity.types)
    instances = entity.attributes.get(column.attribute, ())
    if not instances:
        return None
    one = instances[0]
    if column.part == "observedAt":
        return times.text(one.observed_at) if one.observed_at is not None else None
    if column.part == "value":
        return one.value
    place = _point(one.value)
    return None if place is None else place[0 if column.part == "longitude" else 1]


def _point(geometry: Any) -> tuple[float, float] | None:
    """The place of a point; of a line or an area its first: a table has no room for more."""
    try:
        place: Any = geometry["coordinates"]
        while isinstance(place[0], list):
            place = place[0]
        return place[0], place[1]
    except (KeyError, IndexError, TypeError):
        return None
