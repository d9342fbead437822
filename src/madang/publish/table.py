"""A dataset as a table: a row an entity, a column an attribute, its time and, of places, longitude and latitude."""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from madang.model import time as times
from madang.model.dataset import Dataset
from madang.model.entity import Entity, Kind
from madang.model.units import describe

Type = Literal["text", "numeric", "timestamp", "bool", "json"]
"""As CKAN's datastore names them."""

OBSERVED: Final = "_observedAt"
_TYPES: Final[dict[type, Type]] = {bool: "bool", int: "numeric", float: "numeric", dict: "json", list: "json"}
"""Of values; all others are texts."""
_WRITTEN: Final = frozenset({str, int, float})
"""What a table of texts has as it is."""


class Column(msgspec.Struct, frozen=True):
    """`name` in the table; `attribute` is where it is from ("" of the entity itself), `part` what of it."""

    name: str
    type: Type
    attribute: str = ""
    part: Literal["value", "observedAt", "longitude", "latitude"] = "value"
    unit: str = ""


class Shape:
    """What the columns of a dataset are, learnt from its entities one after the other."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._names = frozenset(dataset.attributes)
        self._found: dict[str, _Found] = {}

    def add(self, entity: Entity) -> None:
        """Look at one more."""
        for fact in self._facts(entity):
            self._add(*fact)

    def facts(self, entity: Entity) -> bytes:
        """What `learn` would take from the entity: of entities alike the same."""
        return msgspec.msgpack.encode(self._facts(entity))

    def learn(self, facts: bytes) -> None:
        """Take what `facts` gave."""
        for fact in _decode(facts):
            self._add(*fact)

    def _facts(self, entity: Entity) -> list["_Fact"]:
        return [
            (name, one.kind is Kind.GEO, one.observed_at is not None, _type(one.value))
            for name, instances in entity.attributes.items()
            if instances and (not self._names or name in self._names)
            for one in instances[:1]
        ]

    def _add(self, name: str, geo: bool, observed: bool, type: Type | None) -> None:
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = _Found()
        found.geo = found.geo or geo
        found.observed = found.observed or observed
        if type is not None:
            found.types.add(type)

    def columns(self) -> list[Column]:
        """The columns of what was seen; an attribute that is declared has its own before there is a value."""
        names = self._dataset.attributes or sorted(self._found)
        made = [Column("id", "text"), Column("type", "text")]
        for name in names:
            made += _of(self._dataset, name, self._found.get(name) or _Found())
        return made


class _Found:
    """What an attribute's values are."""

    def __init__(self) -> None:
        self.geo = self.observed = False
        self.types: set[Type] = set()


_Fact = tuple[str, bool, bool, Type | None]
"""Of an attribute: its name, whether it is a place, whether it has a time, and the type of its value."""
_decode: Final = msgspec.msgpack.Decoder(list[_Fact]).decode


def _type(value: Any) -> Type | None:
    return None if value is None else _TYPES.get(value.__class__, "text")


def row(entity: Entity, wanted: Sequence[Column]) -> list[Any]:
    """The entity's values in the order of the columns; None where it has none."""
    return [_cell(entity, column) for column in wanted]


def line(cells: Sequence[Any], delimiter: str = ",") -> bytes:
    """A row as a line of CSV (RFC 4180; UTF-8)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([written_cell(value) for value in cells])
    return buffer.getvalue().encode()


def written_cell(value: Any) -> Any:
    """A cell as a table of texts has it."""
    if value.__class__ in _WRITTEN:
        return value
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


def _of(dataset: Dataset, name: str, found: _Found) -> list[Column]:
    """An attribute's columns; what is declared with a unit or a past has its columns before there is a value."""
    if name == "location" or found.geo:
        own = [
            Column(f"{name}_longitude", "numeric", name, "longitude"),
            Column(f"{name}_latitude", "numeric", name, "latitude"),
        ]
    else:
        unit = dataset.units.get(name, "")
        own = [Column(name, _common(found.types) if found.types or not unit else "numeric", name, unit=unit)]
    if name in dataset.units or name in dataset.history or found.observed:
        own.append(Column(name + OBSERVED, "timestamp", name, "observedAt"))
    return own


def _common(types: set[Type]) -> Type:
    """The type that values of these types have in common."""
    return next(iter(types)) if len(types) == 1 else "json" if "json" in types else "text"


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
