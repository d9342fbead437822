"""Pages of values alone say what the entities say, whatever they are: the same query both ways."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from madang.api import values
from madang.api.answer import JSON, LD, View, many
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import PUBLIC, SYSTEM, Policy
from madang.hub import Hub
from madang.model.change import Edited
from madang.model.context import context_of
from madang.model.dataset import Dataset, Sensitivity
from madang.model.document.output import Form, Shape
from madang.model.entity import Attribute, Entity, Kind, point
from madang.model.query import Compare, EntityQuery, Operator, Order, Projection
from madang.model.query import Path as Way
from madang.model.values import Values
from madang.store.sqlite import SqliteStore
from madang.store.sqlite.finding import QUICK_ROWS

COUNT = 2 * QUICK_ROWS
TERMS = {"messung": "https://uri.etsi.org/ngsi-ld/default-context/a", "Ort": "https://example.org/Place"}
CONTEXT = context_of([TERMS], source="https://example.org/context.jsonld")
PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2220, 1, 1, tzinfo=UTC)


def dataset(id: str, type: str, **more: Any) -> Dataset:
    fields: dict[str, Any] = {"id": id, "title": {"en": id}, "type": type, "owner": "x", "purposes": ()}
    fields |= {"legal_basis": "public-task", "retention": "P1Y", "licence": "CC0-1.0"}
    return Dataset(**fields, **{"sensitivity": Sensitivity.PUBLIC, **more})


DATASETS = (
    dataset("all", "*"),
    dataset("half", "Half"),
    dataset("closed", "Half", attributes=("b",), sensitivity=Sensitivity.INTERNAL),
    dataset("files", "File", sensitivity=Sensitivity.INTERNAL),
)


def odd(n: int) -> tuple[Attribute, ...]:
    """Every kind of value, and what only the whole entity tells."""
    one = Attribute
    return (
        (one(value=n / 7),),
        (one(value=n, unit_code="MTR", observed_at=PAST),),
        (one(value='é "quoted" \\ \u2028\n'),),
        (one(value=[1, {"x": [True, None]}], dataset_id="urn:d:1"),),
        (one(value=point(1, 2), kind=Kind.GEO),),
        (one(value="urn:x:2", kind=Kind.RELATIONSHIP),),
        (one(value=["urn:x:2"], kind=Kind.LIST_RELATIONSHIP),),
        (one(value=[1, 2], kind=Kind.LIST),),
        (one(value={"en": "yes", "de": "ja"}, kind=Kind.LANGUAGE),),
        (one(value={"a": 1}, kind=Kind.JSON),),
        (one(value=None, kind=Kind.JSON),),
        (one(value="https://example.org/Place", kind=Kind.VOCAB),),
        (one(value=1), one(value=2, dataset_id="urn:d:1")),
        (one(value=1, expires_at=PAST),),
        (one(value=1, expires_at=FUTURE),),
        (one(value=True, attributes={"accuracy": (one(value=0.5),)}),),
        (),
    )[n % 17]


def entity(n: int) -> Entity:
    types = [("A",), ("A", "https://example.org/Place"), ("A", "Half"), ("A", "File"), ("A",), ("Half",)][n % 6]
    attributes = {"a": odd(n), "b": odd(n // 17), "c": (Attribute(value=n),)}
    return Entity(
        id=f"urn:x:{n:04d}",
        types=types,
        attributes={name: some for name, some in attributes.items() if some},
        scopes=("/s",) if n % 11 == 3 else (),
        expires_at=PAST if n % 29 == 1 else FUTURE if n % 29 == 2 else None,
    )


A, EITHER = (("A",),), (("A",), ("Half",))
QUERIES = [
    (EntityQuery(types=A, attributes=("a",), limit=COUNT), True),
    (EntityQuery(types=A, attributes=("a", "b", "a"), limit=COUNT), True),
    (EntityQuery(types=A, attributes=("b", "none"), limit=COUNT, offset=17), True),
    (EntityQuery(types=A, pick=("a", "b"), limit=COUNT), True),
    (EntityQuery(types=A, pick=("id", "b"), limit=COUNT), True),
    (EntityQuery(types=A, pick=("id", "type", "none", "b"), limit=COUNT), True),
    (EntityQuery(types=EITHER, attributes=("b",), limit=COUNT), True),
    (EntityQuery(types=EITHER, pick=("c", "b", "type"), limit=100, offset=150), True),
    (EntityQuery(attributes=("c", "b"), limit=311), True),
    (EntityQuery(attributes=("b",), id_pattern="[02468]$", limit=COUNT), True),
    (EntityQuery(types=A, attributes=("a",), limit=20), True),
    # Few have it, the page is long ago full of others, or more is asked for than values.
    (EntityQuery(types=A, attributes=("none",), limit=20), False),
    (EntityQuery(types=A, pick=("a", "scope"), limit=COUNT), False),
    (EntityQuery(types=A, limit=COUNT), False),
    (EntityQuery(types=A, attributes=("a",), limit=COUNT, count=True), False),
    (EntityQuery(types=A, attributes=("a",), limit=COUNT, datasets=("urn:d:1",)), False),
    (EntityQuery(types=A, attributes=("a",), limit=COUNT, order=(Order(path=Way(("c",)), descending=True),)), False),
    (EntityQuery(types=A, attributes=("a",), limit=COUNT, where=Compare(Way(("c",)), Operator.LESS, 99)), False),
]


async def test_values_alone_are_those_of_the_entities(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    hub = Hub(store, Policy(DATASETS), WallClock(), LocalBus())
    await store.write([(one.id, lambda _, one=one: Edited(one, ())) for one in map(entity, range(COUNT))])
    for caller in (PUBLIC, SYSTEM):
        for query, quick in QUERIES:
            view = View(
                form=Form(shape=Shape.SIMPLIFIED, language="de"),
                context=CONTEXT,
                media=JSON,
                wanted=Projection(pick=query.pick, omit=query.omit),
            )
            found = await hub.entities.values(caller, query)
            assert (found is not None) == quick, query
            if found is not None:
                page = await hub.entities.query(caller, query)
                expected = many([(one, view.wanted) for one in page.entities], view)
                assert len(expected) > 15
                assert any(isinstance(one, Values) for one in found)
                # In what order the members come depends on how much of a row is read.
                written = msgspec.json.decode(msgspec.json.encode(values.write(found, view)))
                assert written == msgspec.json.decode(msgspec.json.encode(expected))
    hub.close()
    store.close()


def test_other_forms_need_the_entities() -> None:
    plain = View(form=Form(shape=Shape.SIMPLIFIED), context=CONTEXT, media=JSON)
    assert values.fits(plain)
    for form in (Form(), Form(shape=Shape.CONCISE), Form(shape=Shape.SIMPLIFIED, system=True)):
        assert not values.fits(msgspec.structs.replace(plain, form=form))
    assert not values.fits(msgspec.structs.replace(plain, media=LD))
