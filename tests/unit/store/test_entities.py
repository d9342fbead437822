"""A row's body says what its columns and its other members do not, and is read as what was written."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from madang.errors import BadRequestData
from madang.model.entity import Attribute, Entity, Kind
from madang.store.sqlite.entities import entity, text
from madang.store.sqlite.lean import some

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(microseconds=1)
TIMES = (None, NOON, LATER)


def read(one: Entity) -> Entity:
    return entity(one.id, " ".join(one.types), text(one))


@pytest.mark.parametrize(("created", "modified"), list(product(TIMES, TIMES)))
def test_times_are_as_they_were(created: datetime | None, modified: datetime | None) -> None:
    attributes = {
        f"a{n}": (
            Attribute(value=n, created_at=made, modified_at=changed),
            Attribute(value={"created_at": "x"}, dataset_id="urn:d", created_at=NOON, modified_at=LATER),
        )
        for n, (made, changed) in enumerate(list(product(TIMES, TIMES)))
    }
    for some_of in (attributes, {name: one for name, one in attributes.items() if name in ("a4", "a5", "a8")}, {}):
        one = Entity(id="urn:x:1", types=("A", "B"), attributes=some_of, created_at=created, modified_at=modified)
        assert read(one) == one
        lean = some(("a4", "a8"))(one.id, "A B", text(one))
        assert (lean.created_at, lean.modified_at) == (created, modified)
        assert lean.attributes == {name: one for name, one in some_of.items() if name in ("a4", "a8")}


def test_what_is_not_time_is_as_it_was() -> None:
    one = Entity(
        id='urn:x:"1"',
        types=("A", "https://example.org/B"),
        attributes={
            "near": (Attribute(kind=Kind.RELATIONSHIP, value="urn:x:2", object_type="C", created_at=NOON),),
            "level": (Attribute(value=1.5, attributes={"of": (Attribute(value="x", created_at=NOON),)}),),
        },
        scopes=("/a", "/b"),
        expires_at=LATER,
    )
    assert read(one) == one


def test_what_all_attributes_share_is_written_once() -> None:
    stamps = {"created_at": NOON, "modified_at": NOON}
    attributes = {f"a{n}": (Attribute(value=n, **stamps),) for n in range(5)}
    body = text(Entity(id="urn:x:1", types=("A",), attributes=attributes, created_at=NOON, modified_at=LATER))
    assert body.count("2026-03-01T12:00:00Z") == 1
    assert "urn:x:1" not in body


def test_writing_leaves_the_entity_alone() -> None:
    one = Attribute(value=1, created_at=NOON, modified_at=NOON)
    text(Entity(id="urn:x:1", types=("A",), attributes={"a": (one,)}, created_at=NOON, modified_at=NOON))
    assert (one.created_at, one.modified_at) == (NOON, NOON)


def test_what_json_cannot_carry_is_said() -> None:
    with pytest.raises(BadRequestData, match="urn:x:1 has a value that JSON cannot carry"):
        text(Entity(id="urn:x:1", types=("A",), attributes={"a": (Attribute(value=object()),)}))
