"""Whatever is done to them, the stores answer alike: a Hypothesis state machine drives all of them at once."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from madang.bus.local import LocalBus
from madang.clock import WorldClock
from madang.errors import MadangError
from madang.govern import PUBLIC, SYSTEM, Caller, Policy
from madang.hub import Hub
from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import Attribute, Entity, Kind, point
from madang.model.query import (
    Between,
    Compare,
    Condition,
    EntityQuery,
    Every,
    Exists,
    GeoFilter,
    Georel,
    Linked,
    Matches,
    OneOf,
    Operator,
    Order,
    Selector,
    Some,
    TemporalQuery,
    Timerel,
)
from madang.model.query import (
    Path as Way,
)

from .stores import NOON, STORES, at
from .stores import sweep as sweep_up

NAMES, TYPES = ("a", "b", "location"), ("A", "B", "Hidden")
IDS = tuple(f"urn:x:{n}" for n in range(5))

ids = st.sampled_from(IDS)
names = st.sampled_from(NAMES)
numbers = st.integers(-3, 3) | st.floats(-3, 3, width=16) | st.sampled_from([0.1, 0.1 + 0.2, 2**53 + 1])
scalars = numbers | st.booleans() | st.sampled_from(["", "x", "xy", "2026-03-01T12:00:00Z", "é"])
languages = st.fixed_dictionaries({"en": st.sampled_from(["x", "y"])}, optional={"ko": st.sampled_from(["x", "z"])})
values = (
    scalars | st.lists(scalars, max_size=3) | st.fixed_dictionaries({"k": scalars}) | languages | st.sampled_from(IDS)
)
minutes = st.integers(0, 6)
expiries = st.sampled_from([None, None, None, 1, 4])
points = st.builds(lambda x, y: point(10 + x / 100, 50 + y / 100), st.integers(0, 3), st.integers(0, 3))


def instance(
    value: Any, minute: int | None, dataset: str | None, unit: str | None, own: Any, expiry: int | None
) -> Attribute:
    kind = Kind.GEO if isinstance(value, dict) and "coordinates" in value else Kind.PROPERTY
    if isinstance(value, dict) and "en" in value:
        kind = Kind.LANGUAGE
    elif isinstance(value, str) and value.startswith("urn:"):
        kind = Kind.RELATIONSHIP
    attributes = {} if own is None else {"c": (Attribute(value=own),)}
    observed_at = None if minute is None else at(minute)
    return Attribute(
        kind=kind,
        value=value,
        observed_at=observed_at,
        dataset_id=dataset,
        unit_code=unit if kind is Kind.PROPERTY else None,
        attributes=attributes,
        expires_at=None if expiry is None else at(expiry),
    )


def instances(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Attribute, ...]]:
    one = st.builds(
        instance,
        of,
        st.none() | minutes,
        st.sampled_from([None, None, "urn:d:1", "urn:d:2"]),
        st.sampled_from([None, "MTS"]),
        st.none() | scalars,
        expiries,
    )
    return st.lists(one, min_size=1, max_size=2, unique_by=lambda a: a.dataset_id).map(tuple)


attributes = st.fixed_dictionaries(
    {}, optional={"a": instances(values), "b": instances(values), "location": instances(points)}
)
types = st.lists(st.sampled_from(TYPES), min_size=1, max_size=2, unique=True).map(tuple)
entities = st.builds(
    lambda id, types, found, expiry: Entity(
        id=id, types=types, attributes=found, expires_at=None if expiry is None else at(expiry)
    ),
    ids,
    types,
    attributes,
    expiries,
)

ways = st.builds(
    lambda names, trail: Way(names, trail),
    st.sampled_from([("a",), ("a",), ("b",), ("a", "c"), ("a", "observedAt"), ("a", "unitCode")]),
    st.sampled_from([(), (), ("k",), ("en",), ("*",)]),
) | st.just(Way(("modifiedAt",)))
literals = scalars | minutes.map(at) | st.sampled_from([*IDS, "x", "z"])
operators = st.sampled_from(list(Operator))
leaves: st.SearchStrategy[Condition] = (
    st.builds(Compare, ways, operators, literals)
    | st.builds(Exists, ways, st.booleans())
    | st.builds(Between, ways, numbers, numbers, st.booleans())
    | st.builds(OneOf, ways, st.lists(scalars, min_size=1, max_size=2).map(tuple), st.booleans())
    | st.builds(Matches, ways, st.sampled_from(["x", "^x$", "[0-9]"]), st.booleans())
)
conditions = st.recursive(
    leaves,
    lambda terms: st.lists(terms, min_size=2, max_size=3).map(tuple).flatmap(
        lambda some: st.sampled_from([Every(some), Some(some)])
    ),
    max_leaves=4,
)  # fmt: skip
geos = st.builds(
    lambda relation, where, reach: GeoFilter(
        relation=relation, geometry=where, max_distance_m=reach if relation is Georel.NEAR else None
    ),
    st.sampled_from(list(Georel)),
    points,
    st.sampled_from([0.0, 800.0, 2000.0]),
)
linked = st.builds(Linked, st.sampled_from(["a", "b"]), st.sampled_from([(), ("A",)]), leaves)
orders = st.lists(st.builds(Order, path=ways | st.just(Way(("id",))), descending=st.booleans()), max_size=2).map(tuple)
selectors = st.sampled_from(
    [
        (),
        (),
        (Selector(types=(("A",),), ids=IDS[:2]), Selector(types=(("B",),), id_pattern="[34]$")),
        (Selector(types=(("A", "B"),)),),
    ]
)
queries = st.builds(
    lambda types, where, geo, attrs, limit, offset, after, order, chosen: EntityQuery(
        types=types,
        where=where,
        geo=geo,
        attributes=attrs,
        limit=limit,
        offset=offset,
        after=after,
        order=order,
        selectors=chosen,
        count=True,
    ),
    st.sampled_from([(), (("A",),), (("A", "B"),), (("A",), ("B",)), (("B", "A"), ("Hidden",))]),
    st.none() | conditions | linked,
    st.none() | geos,
    st.sampled_from([(), (), ("a",), ("a", "b")]),
    st.integers(0, 5),
    st.integers(0, 2),
    st.sampled_from(["", "", "", *IDS]),
    orders,
    selectors,
)
pasts = st.builds(
    lambda relation, start, span, property, last: TemporalQuery(
        relation=relation, at=at(start), end=at(start + span), property=property, last=last
    ),
    st.none() | st.sampled_from(list(Timerel)),
    minutes,
    minutes,
    st.sampled_from(["observedAt", "modifiedAt"]),
    st.none() | st.integers(1, 3),
)


def dataset(type: str, sensitivity: Sensitivity, *attributes: str) -> Dataset:
    return Dataset(
        id=f"{type}-{sensitivity}",
        title={"en": type},
        type=type,
        attributes=attributes,
        history=NAMES,
        owner="o",
        sensitivity=sensitivity,
        legal_basis="public-task",
        purposes=(),
        retention="P1D",
        licence="CC0-1.0",
    )


POLICY = Policy(
    [
        dataset("A", Sensitivity.PUBLIC, "a", "location"),
        dataset("A", Sensitivity.INTERNAL, "b"),
        dataset("B", Sensitivity.PUBLIC),
        dataset("Hidden", Sensitivity.PERSONAL),
    ]
)


class Agreement(RuleBasedStateMachine):
    """One hub on each store; every operation is done on all, and every answer compared."""

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = WorldClock(NOON, speed=0)
        self.stores = [make(Path(self.folder.name)) for make in STORES.values()]
        self.hubs = [Hub(store, POLICY, self.clock, LocalBus()) for store in self.stores]

    def teardown(self) -> None:
        for store in self.stores:
            store.close()
        sweep_up()
        self.loop.close()
        self.folder.cleanup()

    def same(self, room: str, operation: str, *arguments: Any, **named: Any) -> None:
        answers = [self.loop.run_until_complete(_ask(hub, room, operation, arguments, named)) for hub in self.hubs]
        assert answers[1:] == answers[:-1], (room, operation, arguments, named)

    @rule(minutes=st.integers(0, 3))
    def wait(self, minutes: int) -> None:
        self.clock.tell(self.clock.now().replace(microsecond=0) + (at(minutes) - NOON))

    @rule(many=st.lists(entities, min_size=1, max_size=3), operation=st.sampled_from(["create", "upsert", "observe"]))
    def write(self, many: list[Entity], operation: str) -> None:
        self.same("batch", operation, SYSTEM, many)

    @rule(one=entities, operation=st.sampled_from(["append", "update"]))
    def join(self, one: Entity, operation: str) -> None:
        self.same("attributes", operation, SYSTEM, one)

    @rule(one=entities, operation=st.sampled_from(["merge", "replace"]))
    def change(self, one: Entity, operation: str) -> None:
        self.same("entities", operation, SYSTEM, one)

    @rule(one=entities)
    def remember(self, one: Entity) -> None:
        self.same("temporal", "append", SYSTEM, one)

    @rule(id=ids)
    def delete(self, id: str) -> None:
        self.same("entities", "delete", SYSTEM, id)

    @rule(id=ids, name=names, every=st.booleans())
    def remove(self, id: str, name: str, every: bool) -> None:
        self.same("attributes", "delete", SYSTEM, id, name, every=every)

    @rule(id=ids, name=st.none() | names)
    def erase(self, id: str, name: str | None) -> None:
        self.same("temporal", "delete", SYSTEM, id, name)

    @rule(query=queries, caller=st.sampled_from([PUBLIC, SYSTEM]))
    def ask(self, query: EntityQuery, caller: Caller) -> None:
        self.same("entities", "query", caller, query)

    @rule(id=ids, past=pasts, caller=st.sampled_from([PUBLIC, SYSTEM]))
    def recall(self, id: str, past: TemporalQuery, caller: Caller) -> None:
        self.same("evolution", "retrieve", caller, id, past)

    @invariant()
    def all_entities_are_alike(self) -> None:
        if hasattr(self, "hubs"):
            self.same("entities", "query", SYSTEM, EntityQuery(limit=100))
            self.same("types", "available", PUBLIC)
            self.same("types", "attributes", PUBLIC)

    @rule()
    def sweep(self) -> None:
        answers = [self.loop.run_until_complete(hub.sweep.run()) for hub in self.hubs]
        assert answers[1:] == answers[:-1]


async def _ask(hub: Hub, room: str, operation: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    try:
        answer = await getattr(getattr(hub, room), operation)(*arguments, **named)
    except MadangError as error:
        return type(error), error.detail
    errors = getattr(answer, "errors", None)
    if errors is not None:
        return answer.success, answer.created, [(id, type(error), error.detail) for id, error in errors]
    return answer


TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
