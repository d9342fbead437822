"""A sheet as GeoParquet holds what the other forms hold, whatever an attribute is called or happens to be."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import shapely

from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import Attribute, Entity, Kind, point
from madang.publish.parquet import write_parquet
from madang.publish.sheet import Made, spooled, write_csv, write_geojson, write_ndjson
from madang.publish.table import Column

DATASET = Dataset(
    id="things", title={"en": "Things"}, type="Thing", owner="o", sensitivity=Sensitivity.PUBLIC,
    legal_basis="public-task", purposes=("p",), retention="P1Y", licence="CC0-1.0",
)  # fmt: skip
AREA = {"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 1]]]}
AT = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)


def thing(n: int, **values: Any) -> Entity:
    attributes = {
        name: (
            Attribute(
                kind=Kind.GEO if isinstance(value, dict) and "coordinates" in value else Kind.PROPERTY,
                value=value,
                observed_at=AT,
            ),
        )
        for name, value in values.items()
    }
    return Entity(id=f"urn:x:{n}", types=("Thing",), attributes=attributes)


async def of(*entities: Entity) -> AsyncIterator[Entity]:
    for one in entities:
        yield one


async def test_values_of_every_kind_come_through(tmp_path: Path) -> None:
    entities = [
        thing(0, location=point(11, 48), level=1, name="길", open=True, mixed=3, more={"a": [1]}, geometry="round"),
        thing(1, location=AREA, level=2.5, open=False, mixed="three"),
        thing(2, location={"type": "Point", "coordinates": [11, 48, 500]}),
        thing(3, location={"type": "Point", "coordinates": []}, level=None),
        thing(4),
    ]
    sheet, count = await spooled(DATASET, of(*entities), tmp_path / "spool")
    write_parquet(sheet, tmp_path / "made")
    table = pq.read_table(tmp_path / "made")
    assert (count, table.num_rows) == (5, 5)
    rows = table.to_pylist()
    assert rows[0]["level"] == 1.0 and rows[1]["level"] == 2.5 and rows[4]["level"] is None
    assert (rows[0]["open"], rows[0]["name"], rows[0]["geometry"]) == (True, "길", "round")
    assert [row["mixed"] for row in rows[:3]] == ["3", "three", None]
    assert json.loads(rows[0]["more"]) == {"a": [1]}
    assert rows[0]["level_observedAt"] == AT
    places = [shapely.from_wkb(row["place"]) if row["place"] else None for row in rows]
    assert [place and place.geom_type for place in places] == ["Point", "Polygon", "Point", None, None]
    geo = json.loads(table.schema.metadata[b"geo"])
    assert geo["primary_column"] == "place", "the data has a column geometry of its own"
    assert geo["columns"]["place"]["geometry_types"] == ["Point", "Polygon"]
    assert geo["columns"]["place"]["bbox"] == [1.0, 1.0, 11.0, 48.0]
    write_ndjson(sheet, tmp_path / "ndjson")
    write_geojson(sheet, tmp_path / "geojson")
    lines = [json.loads(line) for line in (tmp_path / "ndjson").read_text().splitlines()]
    assert json.loads((tmp_path / "geojson").read_text())["features"] == lines
    write_csv(sheet, tmp_path / "csv")
    assert len((tmp_path / "csv").read_text().splitlines()) == 6


@pytest.mark.parametrize("rows", [0, 3])
def test_without_places_it_is_plain_parquet(rows: int, tmp_path: Path) -> None:
    sheet = Made([Column("name", "text"), Column("count", "numeric")], [(f"n{n}", n) for n in range(rows)])
    write_parquet(sheet, tmp_path / "made")
    table = pq.read_table(tmp_path / "made")
    assert (table.column_names, table.num_rows) == (["name", "count"], rows)
    assert b"geo" not in (table.schema.metadata or {})
    write_geojson(sheet, tmp_path / "geojson")
    assert len(json.loads((tmp_path / "geojson").read_text())["features"]) == rows
