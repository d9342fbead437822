"""A text that was kept never outlives what it followed from: whatever is written, agreed, withdrawn, declared anew or
expires in between, a page is what reading, masking and writing it afresh would make of it, byte by byte."""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from madang.account.ledger import Account
from madang.bus.local import LocalBus
from madang.clock import Clock
from madang.govern import SYSTEM, Caller, Policy
from madang.govern.consents import Consents
from madang.govern.opening import Terms
from madang.hub import Hub
from madang.hub.shown import Form
from madang.model.consent import Consent
from madang.model.dataset import Dataset, Grant, Sensitivity
from madang.model.document.output import write_entity
from madang.model.entity import Attribute, Entity, Kind, point
from madang.model.query import EntityQuery
from madang.store.memory import MemoryStore
from madang.store.memory.ledger import MemoryLedger
from madang.store.sqlite import SqliteStore

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEOPLE = [f"urn:x:Person:{name}" for name in ("kim", "lee")]
IDS = [f"urn:x:Visit:{number}" for number in range(4)]
READERS = [
    Caller("study", "member", "research", roles=("researcher",)),
    Caller("study", "member", "care", roles=("researcher",)),
    Caller("other", "member", "research", roles=("researcher",)),
    Caller("clinic", "member", "care", roles=("doctor",)),
    Caller("abroad", "member", "research", roles=("researcher",), country="JP"),
    Caller("kim", "member", "research", subject=PEOPLE[0], roles=("researcher",)),
    Caller("", "public", ""),
    SYSTEM,
]
PAGE = EntityQuery(types=(("Visit",),), limit=10)
POLICIES: list[dict[str, str]] = [
    {"person": "pseudonym", "location": "grid 1000 m", "age": "round 10"},
    {"person": "pseudonym", "age": "round 20"},
    {},
]


def write(entity: Entity) -> bytes:
    return msgspec.json.encode(write_entity(entity))


def turned(entity: Entity) -> bytes:
    return write(entity)[::-1]


def declared(transform: dict[str, str]) -> list[Dataset]:
    """Visits that need consent; a researcher sees them coarser, a doctor as they are."""
    coarse = Grant(roles=("researcher",), attributes=("person", "location", "age"), transform=transform)
    whole = Grant(roles=("doctor",))
    names = ("person", "location", "age", "illness")
    return [
        Dataset(
            id="visits", title={"en": "x"}, type="Visit", attributes=names, owner="o", sensitivity=Sensitivity.SPECIAL,
            legal_basis="consent", subject="person", purposes=("research", "care"), retention="P1Y", licence="l",
            grants=(coarse, whole), history=(),
        )
    ]  # fmt: skip


class Time(Clock):
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


class KeptPages(RuleBasedStateMachine):
    """A city in which everything changes between reads."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = Time()
        self.consents = Consents(self.clock.now)
        self.account = Account(MemoryLedger())
        self.store = self.run_in_loop(self.opened())
        self.declare(POLICIES[0])

    async def opened(self) -> SqliteStore:
        return SqliteStore(Path(self.folder.name))

    def run_in_loop(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.store.close()
        self.loop.close()
        self.folder.cleanup()

    @rule(transform=st.sampled_from(POLICIES))
    def declare(self, transform: dict[str, str]) -> None:
        terms = Terms("KR", {}, b"secret", self.consents)
        policy = Policy(declared(transform), terms)
        if not hasattr(self, "hub"):
            self.hub = Hub(self.store, policy, self.clock, LocalBus(), account=self.account)
        # A city's declarations are read anew: the hub goes on, with what it has kept.
        self.hub.entities._gate.policy = policy  # pyright: ignore[reportPrivateUsage]

    @rule(id=st.sampled_from(IDS), person=st.sampled_from(PEOPLE), age=st.integers(20, 90), expires=st.booleans())
    def visit(self, id: str, person: str, age: int, expires: bool) -> None:
        end = self.clock.at + timedelta(minutes=30) if expires else None
        values: dict[str, tuple[Attribute, ...]] = {
            "person": (Attribute(kind=Kind.RELATIONSHIP, value=person),),
            "age": (Attribute(value=age, expires_at=end),),
            "location": (Attribute(kind=Kind.GEO, value=point(126.9 + age / 1000, 37.5)),),
            "illness": (Attribute(value="cold"),),
        }
        entity = Entity(id=id, types=("Visit",), attributes=values)
        there = self.run_in_loop(self.store.get(id))
        work = self.hub.entities.replace if there else self.hub.entities.create
        self.run_in_loop(work(SYSTEM, entity))

    @rule(id=st.sampled_from(IDS))
    def delete(self, id: str) -> None:
        if self.run_in_loop(self.store.get(id)):
            self.run_in_loop(self.hub.entities.delete(SYSTEM, id))

    @rule(
        person=st.sampled_from(PEOPLE),
        purposes=st.lists(st.sampled_from(["research", "care"]), unique=True),
        ends=st.booleans(),
    )
    def agree(self, person: str, purposes: list[str], ends: bool) -> None:
        """To these purposes, which may be none: then it is withdrawn."""
        given = Consent(
            id=f"urn:x:c:{person}", subject=person, datasets=("visits",), purposes=tuple(purposes), notice="n",
            language="en", by=person, given_at=self.clock.at, withdrawn_at=None if purposes else self.clock.at,
            expires_at=self.clock.at + timedelta(minutes=40) if ends else None,
        )  # fmt: skip
        self.consents.put(given)

    @rule(minutes=st.sampled_from([1, 20, 61]))
    def wait(self, minutes: int) -> None:
        self.clock.at += timedelta(minutes=minutes)

    @invariant()
    def a_page_is_as_if_nothing_were_kept(self) -> None:
        for reader in READERS:
            for name, form in (("plain", write), ("turned", turned)):
                self.page(reader, name, form)

    def page(self, reader: Caller, name: str, form: Callable[[Entity], bytes]) -> None:
        fresh = self.run_in_loop(self.hub.entities.query(reader, PAGE))
        for _ in range(2):
            kept = self.run_in_loop(self.hub.entities.texts(reader, PAGE, Form(name, form)))
            assert kept.texts == [form(one) for one in fresh.entities]


KeptPages.TestCase.settings = settings(max_examples=8, stateful_step_count=15, deadline=None)
TestKeptPages = KeptPages.TestCase


def test_a_page_that_was_kept_is_on_record_as_one_that_was_not(tmp_path: Path) -> None:
    async def story() -> None:
        clock, account, store = Time(), Account(MemoryLedger()), SqliteStore(tmp_path)
        consents = Consents(clock.now)
        for person in PEOPLE:
            consents.put(
                Consent(
                    id=f"urn:x:c:{person}", subject=person, datasets=("visits",), purposes=("care",), notice="n",
                    language="en", by=person, given_at=START,
                )
            )  # fmt: skip
        policy = Policy(declared({}), Terms("KR", {}, b"secret", consents))
        hub = Hub(store, policy, clock, LocalBus(), account=account)
        for number, person in enumerate(PEOPLE):
            named = {"person": (Attribute(kind=Kind.RELATIONSHIP, value=person),)}
            await hub.entities.create(SYSTEM, Entity(id=IDS[number], types=("Visit",), attributes=named))
        for _ in range(3):
            for _ in range(2):
                page = await hub.entities.texts(READERS[3], PAGE, Form("", write))
                assert len(page.texts) == 2
            clock.at += timedelta(hours=1)
        for person in PEOPLE:
            assert len(await account.find("use", target=person)) == 3, "once an hour, from kept texts, too"
        counts = [msgspec.json.decode(one.body) for one in await account.find("use-count")]
        assert {(one["reads"], one["entities"], one["people"]) for one in counts} == {(2, 4, 2)}
        store.close()

    asyncio.run(story())


def test_of_who_is_erased_no_text_stays_in_memory(tmp_path: Path) -> None:
    async def story() -> None:
        store = SqliteStore(tmp_path)
        hub = Hub(store, Policy(declared({})), Time(), LocalBus())
        named = {"person": (Attribute(kind=Kind.RELATIONSHIP, value=PEOPLE[0]),)}
        await hub.entities.create(SYSTEM, Entity(id=IDS[0], types=("Visit",), attributes=named))
        await hub.entities.texts(SYSTEM, PAGE, Form("", write))
        kept = hub.entities._shown._kept  # pyright: ignore[reportPrivateUsage]
        assert PEOPLE[0] in repr(vars(kept))
        held = {"": [await hub.entities.retrieve(SYSTEM, IDS[0])]}
        await hub.subjects._erasure.run(PEOPLE[0], held)  # pyright: ignore[reportPrivateUsage]
        assert PEOPLE[0] not in repr(vars(kept))
        hub.close()
        store.close()

    asyncio.run(story())


def test_a_store_without_rows_answers_the_same() -> None:
    async def story() -> None:
        hub = Hub(MemoryStore(), Policy(declared({})), Time(), LocalBus())
        one = Entity(id=IDS[0], types=("Visit",), attributes={"age": (Attribute(value=1),), "illness": (Attribute(),)})
        await hub.entities.create(SYSTEM, one)
        for query in (PAGE, msgspec.structs.replace(PAGE, attributes=("age",))):
            page = await hub.entities.query(SYSTEM, query)
            found = await hub.entities.texts(SYSTEM, query, Form("", write))
            assert found.texts == [write(one) for one in page.entities]

    asyncio.run(story())
