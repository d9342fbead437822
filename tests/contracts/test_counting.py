"""A reader who may count and nothing else: every path answers as if there were nothing, on any store; and what a count
says hardly depends on anybody, also when two counts are held against each other."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from madang.account import Account
from madang.account.budgets import Budgets, BudgetSpent
from madang.bus.local import LocalBus
from madang.errors import BadRequestData, Forbidden, MadangError, ResourceNotFound
from madang.govern import SYSTEM, Caller, Policy
from madang.govern.budget import Allowance
from madang.govern.consents import Consents
from madang.govern.opening import Terms
from madang.hub import Hub
from madang.model.consent import Consent
from madang.model.dataset import Aggregate, Grant, Sensitivity
from madang.model.entity import Attribute, Entity, Kind, point
from madang.model.query import Aggregation, EntityQuery, Exists, Method, TemporalQuery
from madang.model.query import Path as Way
from madang.model.statistic import Measure
from madang.publish.statistics import Question, Statistics
from madang.store.memory import MemoryLedger, MemoryStore

from .stores import STORES
from .test_governed import START, Time, declared

COUNTER = Caller("counter", "member", "planning", roles=("planner",))
TRIPS = declared(
    id="trips",
    type="Trip",
    attributes=("person", "location", "mode", "age"),
    sensitivity=Sensitivity.PERSONAL,
    legal_basis="consent",
    purposes=("planning",),
    subject="person",
    grants=(
        Grant(
            roles=("planner",),
            attributes=("mode", "age"),
            transform={"age": "round 10"},
            aggregate=Aggregate(minimum=5, epsilon=4.0, renew="P30D", contributions=2),
        ),
    ),
)
WORKS = declared(
    id="works",
    type="Work",
    attributes=("kind", "cost"),
    sensitivity=Sensitivity.INTERNAL,
    grants=(Grant(roles=("planner",), aggregate=Aggregate(minimum=3)),),
)


class Town:
    """A governed hub with trips of so many people, who have agreed, and one of somebody who has not."""

    def __init__(self, store: Any, people: int) -> None:
        self.clock, self.people = Time(), people
        consents = Consents(self.clock.now)
        for n in range(people):
            consents.put(
                Consent(
                    id=f"urn:x:c:{n}", subject=f"urn:x:Person:{n}", datasets=("trips",), purposes=("planning",),
                    notice="n", language="en", by="x", given_at=START,
                )
            )  # fmt: skip
        self.hub = Hub(store, Policy([TRIPS, WORKS], Terms("KR", {}, b"s", consents)), self.clock, LocalBus())
        self.at = START
        self.budgets = Budgets(Account(MemoryLedger()), lambda: self.at)
        self.statistics = Statistics(self.hub, self.budgets)
        self.listener = self.hub.changes.listen(COUNTER)

    async def fill(self) -> None:
        trips = [trip(n, f"urn:x:Person:{n}", age=43) for n in range(self.people)]
        await self.hub.batch.upsert(SYSTEM, [*trips, trip(99_999, "urn:x:Person:silent", age=43)], update=True)

    async def ask(self, id: str = "trips", caller: Caller = COUNTER, **asked: Any) -> dict[str, Any]:
        return await self.statistics.answer(caller, id, Question(**asked))


def trip(n: int, person: str, **values: Any) -> Entity:
    attributes = {name: (Attribute(value=value, observed_at=START),) for name, value in values.items()}
    attributes |= {
        "person": (Attribute(kind=Kind.RELATIONSHIP, value=person),),
        "mode": (Attribute(value="bus" if n % 2 else "foot"),),
        "location": (Attribute(kind=Kind.GEO, value=point(127.0, 37.5), observed_at=START),),
    }
    return Entity(id=f"urn:x:Trip:{n:05}", types=("Trip",), attributes=attributes)


async def told(hub: Hub, listener: Any) -> list[Any]:
    """All that a reader can get to hear of trips but by asking for statistics."""
    answers: list[Any] = []
    some, past = EntityQuery(types=(("Trip",),), count=True), TemporalQuery()
    for asked in (
        some,
        EntityQuery(id_pattern="Trip", count=True),
        EntityQuery(types=(("Trip",),), where=Exists(Way(("mode",))), count=True),
        EntityQuery(types=(("Trip",),), attributes=("age",), count=True, limit=0),
    ):
        answers += [await hub.entities.query(COUNTER, asked), await hub.entities.values(COUNTER, asked)]
    for id in ("urn:x:Trip:00000", "urn:x:Trip:none"):
        for ask in (hub.entities.retrieve, hub.evolution.retrieve):
            try:
                answers.append(await ask(COUNTER, id))
            except MadangError as error:
                answers.append((type(error).__name__, error.detail.replace(id, "")))
    methods = Aggregation(methods=(Method.TOTAL_COUNT,), period=None)
    answers += [await hub.evolution.query(COUNTER, some, past)]
    with pytest.raises(Forbidden) as refused:
        await hub.evolution.totals(COUNTER, some, past, methods)
    answers += [refused.value.detail]
    answers += [await hub.types.available(COUNTER), await hub.types.attributes(COUNTER)]
    try:
        answers.append(await asyncio.wait_for(anext(listener), 0.02))
    except TimeoutError:
        answers.append(None)
    return answers


@pytest.mark.parametrize("kind", STORES)
async def test_who_may_count_sees_nothing_else(kind: str, tmp_path: Path) -> None:
    """A city with trips and one without answer the same."""
    answers: list[list[bytes]] = []
    for people in (0, 12):
        store = STORES[kind](tmp_path / str(people))
        try:
            town = Town(store, people)
            if people:
                await town.fill()
            answers.append([msgspec.json.encode(one) for one in await told(town.hub, town.listener)])
        finally:
            store.close()
    assert answers[0] == answers[1]


@pytest.mark.parametrize("kind", STORES)
async def test_a_count_is_of_those_who_agreed_and_of_what_is_granted(kind: str, tmp_path: Path) -> None:
    store = STORES[kind](tmp_path)
    try:
        town = Town(store, 400)
        await town.fill()
        found = await town.ask(by="mode", values=("bus", "foot", "rocket"), epsilon=2.0)
        values = [one["value"] for one in found["figures"]]
        assert abs(values[0] - 200) < 25 and abs(values[1] - 200) < 25
        assert values[2] is None, "a small group is withheld"
        # The age is seen rounded alone: to ask for 43 finds nobody, to ask for 40 finds all.
        for q, near in (("age==43", 0), ("age==40", 400)):
            count = (await town.ask(q=q, epsilon=1.0))["figures"][0]["value"]
            assert (count or 0) == pytest.approx(near, abs=45)
    finally:
        store.close()


async def test_what_is_not_granted_is_as_if_it_were_not_there() -> None:
    town = Town(MemoryStore(), 5)
    await town.fill()
    said: set[str] = set()
    for name in ("location", "person", "nothing"):
        with pytest.raises(BadRequestData) as refused:
            await town.ask(by=name, values=("a",), epsilon=0.1)
        said.add(refused.value.detail.replace(name, ""))
    assert len(said) == 1
    others = (
        Caller("counter", "member", "marketing", roles=("planner",)),
        Caller("other", "member", "planning", roles=("clerk",)),
        Caller("", "public", "planning"),
    )
    said = set()
    for id, caller in [("trips", one) for one in others] + [("nothing", COUNTER)]:
        with pytest.raises(ResourceNotFound) as missing:
            await town.ask(id, caller, epsilon=0.1)
        said.add(missing.value.detail.replace(id, ""))
    assert len(said) == 1
    left = await town.budgets.left("trips", "counter", Allowance(epsilon=4.0, renew="P30D"))
    assert left.epsilon == 4.0, "what is refused costs nothing"


async def test_a_budget_comes_back_in_its_time() -> None:
    town = Town(MemoryStore(), 5)
    await town.ask(epsilon=3.0)
    town.at += timedelta(days=10)
    await town.ask(epsilon=1.0)
    with pytest.raises(BudgetSpent) as spent:
        await town.ask(epsilon=0.1)
    assert spent.value.members["renews_at"].startswith("2026-03-31T12")
    town.at = START + timedelta(days=30)
    assert (await town.ask(epsilon=3.0))["left"]["epsilon"] == 0.0


async def test_two_overlapping_counts_hardly_tell_of_one_person() -> None:
    """Everybody, and everybody but those of one age: their difference is the person. With a budget of 1 for both no
    guess is right more often than e/(1+e), 73 of 100; without noise it would always be."""
    right, rounds = 0, 150
    for number in range(rounds):
        there = number % 2 == 0
        town = Town(MemoryStore(), 20)
        for n in range(20):
            await town.hub.entities.create(SYSTEM, trip(n, f"urn:x:Person:{n}", age=20 if n or not there else 80))
        # No group is withheld here: that would be a second thing to learn from.
        whole, part = await town.ask(epsilon=0.5), await town.ask(q="age!=80", epsilon=0.5)
        counts = [one["figures"][0]["value"] or 0 for one in (whole, part)]
        right += (counts[0] - counts[1] >= 0.5) is there
    assert right / rounds < 0.73 + 0.1


async def test_of_what_is_about_nobody_small_groups_are_withheld() -> None:
    town = Town(MemoryStore(), 0)
    for n in range(7):
        values = {"kind": (Attribute(value="road" if n < 5 else "bridge"),), "cost": (Attribute(value=n * 10),)}
        await town.hub.entities.create(SYSTEM, Entity(id=f"urn:x:Work:{n}", types=("Work",), attributes=values))
    asked = {"measure": Measure.SUM, "of": "cost", "low": 0, "high": 100, "by": "kind", "values": ("road", "bridge")}
    figures = (await town.ask("works", **asked))["figures"]
    assert [(one["value"], one["rows"]) for one in figures] == [(100, 5), (None, None)]
    assert (await town.hub.entities.query(COUNTER, EntityQuery(types=(("Work",),), count=True))).count == 0
