"""What a query does not pick is not read, and what it picks is as it was."""

from datetime import UTC, datetime
from pathlib import Path

from madang.model.access import EVERYTHING
from madang.model.change import Edited
from madang.model.entity import Attribute, Entity, Kind
from madang.model.query import EntityQuery
from madang.store.sqlite import SqliteStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ODD = 'https://example.org/odd#"name"'


async def test_picked_attributes_alone_are_read(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    several = (Attribute(value=1, observed_at=NOON), Attribute(value=2, dataset_id="urn:d:1"))
    nested = (Attribute(value={"a": [1]}, attributes={"accuracy": (Attribute(value=0.5),)}),)
    whole = Entity(
        id="urn:x:1",
        types=("Thing", "Other"),
        attributes={"level": several, ODD: nested, "near": (Attribute(kind=Kind.RELATIONSHIP, value="urn:x:2"),)},
        created_at=NOON,
        modified_at=NOON,
        scopes=("/a",),
    )
    await store.write([(whole.id, lambda _: Edited(whole, ()))])
    for picked in (("level",), (ODD, "level"), ("level", "type", "none"), ("near",)):
        query = EntityQuery(types=(("Thing",),), pick=picked, lean=True)
        if "type" in picked:
            query = EntityQuery(types=(("Thing",),), attributes=("level", "none"), lean=True)
        found, _ = await store.find(query, EVERYTHING)
        expected = {name: value for name, value in whole.attributes.items() if name in picked}
        assert [(one.id, one.types, one.scopes, one.created_at) for one in found] == [
            ("urn:x:1", whole.types, ("/a",), NOON)
        ]
        # A name that JSON has to escape is not worth a reader of its own: then everything is read.
        assert found[0].attributes == (whole.attributes if ODD in picked else expected)
    found, _ = await store.find(EntityQuery(types=(("Thing",),), pick=("level",)), EVERYTHING)
    assert found == [whole]
    store.close()
