"""What a reader may not see changes nothing of what he is told: no entity, count, order, place, past, aggregate, change
or error, on any store. Two cities that differ in nothing but that are asked the same, and answer the same.

OWASP API Security Top 10 2023: API1 (object level), API3 (object property level); ASVS 5.0 V8.2.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.bus.local import LocalBus
from madang.clock import Clock
from madang.errors import MadangError
from madang.govern import SYSTEM, Caller, Policy
from madang.govern.consents import Consents
from madang.govern.opening import Terms
from madang.hub import Hub
from madang.hub.listener import Listener
from madang.hub.subscriptions import Given
from madang.model.consent import Consent
from madang.model.context import CORE
from madang.model.dataset import Dataset, Grant, Sensitivity
from madang.model.entity import Attribute, Entity, Kind, point
from madang.model.parcel import unpack
from madang.model.query import (
    Aggregation,
    Compare,
    EntityQuery,
    Exists,
    GeoFilter,
    Georel,
    Matches,
    Method,
    Operator,
    Order,
    TemporalQuery,
)
from madang.model.query import Path as Way
from madang.model.subscription import read_members

from .stores import STORES

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
READER = Caller("study", "member", "research", roles=("researcher",))
AGREES, DECLINES = "urn:x:Person:agrees", "urn:x:Person:declines"


def declared(**members: Any) -> Dataset:
    given = {"title": {"en": "x"}, "owner": "o", "retention": "P1Y", "licence": "l", "history": ("*",)}
    return Dataset(**{"legal_basis": "public-task", "purposes": ("research",)} | given | members)


DATASETS = [
    declared(
        id="visits",
        type="Visit",
        attributes=("person", "location", "age", "illness", "note"),
        sensitivity=Sensitivity.SPECIAL,
        legal_basis="consent",
        subject="person",
        grants=(
            Grant(
                roles=("researcher",),
                attributes=("person", "location", "age", "note"),
                transform={"person": "pseudonym", "location": "grid 1000 m", "age": "round 10"},
            ),
        ),
    ),
    declared(id="lamps", type="Lamp", attributes=("power",), sensitivity=Sensitivity.PUBLIC),
    declared(id="faults", type="Lamp", attributes=("cause",), sensitivity=Sensitivity.INTERNAL),
]


class Time(Clock):
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


class City:
    """A governed hub, and who listens to it."""

    def __init__(self, store: Any) -> None:
        self.clock = Time()
        consents = Consents(self.clock.now)
        consents.put(
            Consent(
                id="urn:x:c", subject=AGREES, datasets=("visits",), purposes=("research",), notice="n", language="en",
                by=AGREES, given_at=START,
            )
        )  # fmt: skip
        self.store = store
        self.policy = Policy(DATASETS, Terms("KR", {}, b"secret", consents))
        self.hub = Hub(store, self.policy, self.clock, LocalBus())
        self.listener: Listener = self.hub.changes.listen(READER)

    async def subscribe(self) -> None:
        """The reader's subscriptions, of everything in every form; their notifications wait, for nobody brings them."""
        for n, more in enumerate(FORMS):
            told = {"endpoint": {"uri": "http://receiver.example/"}, **more.get("notification", {})}
            document = {"entities": [{"type": "Visit"}, {"type": "Lamp"}], **more, "notification": told}
            members, phrases = read_members({"type": "Subscription", **document}, CORE)
            await self.hub.subscriptions.create(READER, f"urn:x:Subscription:{n}", Given(members, phrases, CORE))

    async def notified(self) -> list[Any]:
        """What is on its way to the reader, without the notifications' own ids."""
        waiting = await self.store.outbox.pending(limit=1000)
        bodies = [msgspec.json.decode(unpack(one.body).body) for one in waiting]
        return [(one["subscriptionId"], one["notifiedAt"], one["data"]) for one in bodies]

    async def write(self, one: Entity, later_s: int = 0) -> None:
        self.clock.at = START + timedelta(seconds=later_s)
        await self.hub.batch.upsert(SYSTEM, [one], update=True)
        self.clock.at = START + timedelta(hours=1)

    async def heard(self) -> list[Any]:
        found: list[Any] = []
        while True:
            try:
                found.append(await asyncio.wait_for(anext(self.listener), 0.01))
            except TimeoutError:
                return found


def visit(n: int, person: str, **values: Any) -> Entity:
    attributes = {
        name: (Attribute(value=value, kind=Kind.GEO if name == "location" else Kind.PROPERTY, observed_at=START),)
        for name, value in values.items()
    }
    attributes["person"] = (Attribute(kind=Kind.RELATIONSHIP, value=person),)
    return Entity(id=f"urn:x:Visit:{n}", types=("Visit",), attributes=attributes)


def lamp(n: int, **values: Any) -> Entity:
    attributes = {name: (Attribute(value=value, observed_at=START),) for name, value in values.items()}
    return Entity(id=f"urn:x:Lamp:{n}", types=("Lamp",), attributes=attributes)


FORMS: list[dict[str, Any]] = [
    {},
    {"q": 'illness=="flu"'},
    {"q": 'age>=40|cause=="flu"'},
    {"watchedAttributes": ["illness", "cause"]},
    {
        "notificationTrigger": ["entityCreated", "entityUpdated", "entityDeleted", "attributeDeleted"],
        "notification": {"showChanges": True, "sysAttrs": True},
    },
    {"geoQ": {"georel": "near;maxDistance==50", "geometry": "Point", "coordinates": [127.0, 37.501]},
     "notification": {"attributes": ["location", "illness"], "format": "concise"}},
]  # fmt: skip


def questions() -> Iterator[EntityQuery]:
    """Of all kinds, about what is seen and what is not."""
    both = (("Visit",), ("Lamp",))
    yield EntityQuery(types=both, count=True)
    yield EntityQuery(types=both, count=True, limit=0)
    yield EntityQuery(ids=("urn:x:Visit:9", "urn:x:Visit:1"), count=True)
    yield EntityQuery(id_pattern="Visit", count=True)
    for name in ("illness", "cause", "age", "note", "person"):
        yield EntityQuery(types=both, attributes=(name,), count=True)
        yield EntityQuery(types=both, where=Exists(Way((name,))), count=True)
        yield EntityQuery(types=both, order=(Order(path=Way((name,))),), limit=2, count=True)
        for value in ("flu", 43, 40, DECLINES, AGREES):
            for operator in (Operator.EQUAL, Operator.GREATER, Operator.UNEQUAL):
                yield EntityQuery(types=both, where=Compare(Way((name,)), operator, value), count=True)
        yield EntityQuery(types=both, where=Matches(Way((name,)), ".*f.*"), count=True)
    for reach_m in (50, 400, 3000):
        geo = GeoFilter(relation=Georel.NEAR, geometry=point(127.0, 37.5), max_distance_m=reach_m)
        yield EntityQuery(types=both, geo=geo, count=True)
    origin = Order(path=Way(("location",)), origin=point(127.0, 37.5))
    yield EntityQuery(types=both, order=(origin,), count=True)
    yield EntityQuery(types=both, order=(Order(path=Way(("modifiedAt",)), descending=True),), count=True)


async def told(city: City) -> list[Any]:
    """All that the reader can get to hear."""
    hub, answers = city.hub, list[Any]()
    for query in questions():
        answers.append(await hub.entities.query(READER, query))
        answers.append(await hub.entities.values(READER, query))
    for id in ("urn:x:Visit:0", "urn:x:Visit:1", "urn:x:Visit:9", "urn:x:Lamp:0", "urn:x:none"):
        for ask in (hub.entities.retrieve, hub.evolution.retrieve):
            try:
                answers.append(await ask(READER, id))
            except MadangError as error:
                answers.append((type(error).__name__, error.detail))
    both, every = EntityQuery(types=(("Visit",), ("Lamp",)), count=True), TemporalQuery()
    answers.append(await hub.evolution.query(READER, both, every))
    methods = Aggregation(methods=(Method.TOTAL_COUNT, Method.MAX, Method.AVG), period=None)
    answers.append(await hub.evolution.totals(READER, both, every, methods))
    answers += [await hub.types.available(READER), await hub.types.attributes(READER), await city.heard()]
    answers.append(await city.notified())
    return answers


age = st.integers(35, 44)
"""All within one step of ten."""
jitter = st.floats(0, 0.002)
"""Degrees; around the middle of a cell of 1 km."""
hidden = st.sampled_from(["flu", "none", 40, 43])


@st.composite
def secret(draw: st.DrawFn) -> list[tuple[Entity, int]]:
    """What the reader cannot tell from what another draw has: writes and when they are made."""
    cell = (127.0 + draw(jitter), 37.501 + draw(jitter))
    writes = [
        (visit(0, AGREES, location=point(*cell), age=draw(age), illness=draw(hidden), note="seen"), 0),
        (lamp(0, power=5, cause=draw(hidden)), 0),
        (lamp(1, power=6), 0),
    ]
    if draw(st.booleans()):
        writes.append((visit(1, DECLINES, location=point(*cell), age=draw(age), illness=draw(hidden), note="f"), 0))
    if draw(st.booleans()):
        writes.append((visit(9, AGREES + "x", age=draw(age), note="flu"), 3))
    if draw(st.booleans()):
        writes.append((lamp(1, cause=draw(hidden)), 7))
    if draw(st.booleans()):
        writes.append((visit(0, AGREES, illness=draw(hidden)), 11))
    return writes


@pytest.mark.parametrize("kind", STORES)
def test_what_is_not_seen_changes_nothing(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(
        max_examples=4 if kind == "postgres" else 10,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(secret(), secret())
    def holds(one: list[tuple[Entity, int]], other: list[tuple[Entity, int]]) -> None:
        answers = [asyncio.run(city_says(writes)) for writes in (one, other)]
        for mine, theirs in zip(*answers, strict=True):
            assert mine == theirs

    async def city_says(writes: list[tuple[Entity, int]]) -> list[bytes]:
        store = STORES[kind](tmp_path_factory.mktemp("city"))
        try:
            city = City(store)
            await city.subscribe()
            for entity, later_s in writes:
                await city.write(entity, later_s)
            return [msgspec.json.encode(answer) for answer in await told(city)]
        finally:
            store.close()

    holds()


async def test_what_is_seen_is_seen_so(tmp_path: Path) -> None:
    """The test above is not content with an answer that is always empty."""
    city = City(STORES["memory"](tmp_path))
    await city.write(visit(0, AGREES, location=point(127.0003, 37.5031), age=43, illness="flu"))
    await city.write(visit(1, DECLINES, location=point(127.0003, 37.5031), age=43, illness="flu"))
    found = await city.hub.entities.query(READER, EntityQuery(types=(("Visit",),), count=True))
    assert found.count == 1
    (seen,) = found.entities
    assert seen.value("age") == 40
    assert seen.value("person").startswith("urn:madang:pseudonym:")
    assert "illness" not in seen.attributes
    longitude, latitude = seen.value("location")["coordinates"]
    assert (longitude, latitude) != (127.0003, 37.5031)
    assert abs(longitude - 127.0003) < 0.01 and abs(latitude - 37.5031) < 0.01
    near = GeoFilter(relation=Georel.NEAR, geometry=seen.value("location"), max_distance_m=1)
    asked = EntityQuery(types=(("Visit",),), geo=near)
    assert len((await city.hub.entities.query(READER, asked)).entities) == 1
    other = Caller("other study", "member", "research", roles=("researcher",))
    assert (await city.hub.entities.retrieve(other, seen.id)).value("person") != seen.value("person")


async def test_a_withdrawal_binds_on_the_next_read(tmp_path: Path) -> None:
    city = City(STORES["memory"](tmp_path))
    await city.write(visit(0, AGREES, age=43))
    asked = EntityQuery(types=(("Visit",),))
    assert len((await city.hub.entities.query(READER, asked)).entities) == 1
    city.policy.terms.consents.remove("urn:x:c")
    assert (await city.hub.entities.query(READER, asked)).entities == []


async def test_a_subscriber_is_told_what_is_seen_and_of_nothing_else(tmp_path: Path) -> None:
    """Nor is the comparison above content with notifications that never come."""
    city = City(STORES["memory"](tmp_path))
    await city.subscribe()
    await city.write(visit(0, AGREES, location=point(127.0003, 37.501), age=43, illness="flu"))
    await city.write(visit(1, DECLINES, location=point(127.0003, 37.501), age=43, illness="flu"))
    told = await city.notified()
    assert {one["id"] for _, _, data in told for one in data} == {"urn:x:Visit:0"}
    assert {name for name, _, _ in told} == {"urn:x:Subscription:0", "urn:x:Subscription:2", "urn:x:Subscription:4"}
    assert "flu" not in str(told) and AGREES not in str(told) and "43" not in str(told)
    before = len(told)
    await city.write(visit(0, AGREES, illness="gout"), 60)
    assert len(await city.notified()) == before
