"""The contract of `ports.Outbox`, the same for every backend."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from madang.errors import AlreadyExists, ResourceNotFound
from madang.model.change import Change, Notice, Outcome, Tally
from madang.model.record import Record, RecordKind
from madang.ports import Store

from .stores import STORES, at, entity, put, refuse

SOURCE = RecordKind.REGISTRATION


@pytest.fixture(params=list(STORES))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(kind: str, tmp_path: Path) -> Iterator[Store]:
    made = STORES[kind](tmp_path)
    yield made
    made.close()


def notice(subscription: str, body: str = "body", minutes: float = 0) -> Notice:
    return Notice(subscription=subscription, at=at(minutes), body=body.encode())


def delivered(one: Notice, minutes: float = 1) -> Outcome:
    return Outcome(number=one.number, at=at(minutes))


def failed(one: Notice, minutes: float = 1, *, dead: bool = False, error: str = "refused") -> Outcome:
    return Outcome(number=one.number, at=at(minutes), error=error, dead=dead)


async def balanced(store: Store) -> dict[str, Tally]:
    """The accounts, each of which adds up."""
    found = await store.outbox.tallies()
    for tally in found.values():
        assert tally.due == tally.delivered + tally.pending + tally.dead
    return found


class Told:
    """A reaction: one notice for each change, and what it heard to be stored."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, list[Notice]]] = []

    def due(self, tenant: str, changes: Sequence[Change]) -> Sequence[Notice]:
        return [notice("urn:s:1", f"{tenant} {change.id}") for change in changes]

    def stored(self, tenant: str, notices: Sequence[Notice]) -> None:
        self.heard.append((tenant, list(notices)))


async def test_a_record_is_kept_or_removed_with_the_notices_or_neither_is(store: Store) -> None:
    box, one, two = store.outbox, Record(SOURCE, "urn:r:1", b"1"), Record(SOURCE, "urn:r:1", b"2")
    (first,) = await box.add([notice("urn:s:1", "new")], put=one, new=True)
    with pytest.raises(AlreadyExists):
        await box.add([notice("urn:s:1", "again")], put=two, new=True)
    assert await store.records.get(SOURCE, "urn:r:1") == one
    (second,) = await box.add([notice("urn:s:1", "changed")], put=two)
    assert await box.add([], put=two) == []
    assert await store.records.get(SOURCE, "urn:r:1") == two
    (third,) = await box.add([notice("urn:s:1", "gone")], remove=(SOURCE, "urn:r:1"))
    with pytest.raises(ResourceNotFound):
        await box.add([notice("urn:s:1", "nothing")], remove=(SOURCE, "urn:r:1"))
    assert await store.records.get(SOURCE, "urn:r:1") is None
    assert await box.pending() == [first, second, third]
    assert (await balanced(store))["urn:s:1"].due == 3


async def test_what_is_due_waits_by_number_until_it_is_delivered(store: Store) -> None:
    box = store.outbox
    one, two, three = await box.add([notice("urn:s:1", "a"), notice("urn:s:2", "b", 1), notice("urn:s:1", "c", 2)])
    assert 0 < one.number < two.number < three.number
    assert await box.pending() == [one, two, three]
    assert await box.pending("urn:s:1") == [one, three]
    assert await box.pending(after=one.number, limit=1) == [two]
    assert await box.pending("urn:s:1", after=one.number) == [three]
    await box.settle([delivered(one), delivered(two, 2)])
    assert await box.pending() == [three]
    found = await balanced(store)
    assert found["urn:s:1"] == Tally(due=2, delivered=1, pending=1, sent_at=at(1), success_at=at(1))
    assert found["urn:s:2"] == Tally(due=1, delivered=1, sent_at=at(2), success_at=at(2))
    assert await box.tallies("urn:s:2") == {"urn:s:2": found["urn:s:2"]}
    assert await box.tallies("urn:s:none") == {}


async def test_what_fails_waits_on_and_is_dead_when_given_up(store: Store) -> None:
    box = store.outbox
    (one,) = await box.add([notice("urn:s:1")])
    await box.settle([failed(one, 1)])
    (waiting,) = await box.pending()
    assert (waiting.attempts, waiting.error, waiting.body) == (1, "refused", b"body")
    assert (await balanced(store))["urn:s:1"].failing == 1
    await box.settle([failed(one, 2, dead=True, error="gone")])
    assert await box.pending() == []
    (gone,) = await box.dead("urn:s:1")
    assert (gone.number, gone.attempts, gone.error) == (one.number, 2, "gone")
    assert await box.dead("urn:s:2") == []
    assert await box.dead(after=one.number) == []
    assert (await balanced(store))["urn:s:1"] == Tally(
        due=1, dead=1, failures=1, failing=2, sent_at=at(2), failure_at=at(2), error="gone"
    )


async def test_the_dead_are_sent_again_when_asked(store: Store) -> None:
    box = store.outbox
    one, two, three = await box.add([notice("urn:s:1"), notice("urn:s:1"), notice("urn:s:2")])
    await box.settle([failed(each, dead=True) for each in (one, two, three)])
    assert await box.resend(number=two.number) == 1
    assert await box.resend("urn:s:2", number=one.number) == 0
    (again,) = await box.pending()
    assert (again.number, again.attempts, again.error) == (two.number, 0, "")
    await balanced(store)
    assert await box.resend("urn:s:1") == 1
    assert await box.resend() == 1
    assert [each.number for each in await box.pending()] == [one.number, two.number, three.number]
    await box.settle([delivered(each) for each in (one, two, three)])
    assert [tally.failing for tally in (await balanced(store)).values()] == [0, 0]
    assert await box.resend() == 0


async def test_nothing_is_counted_twice(store: Store) -> None:
    box = store.outbox
    one, two = await box.add([notice("urn:s:1"), notice("urn:s:1")])
    await box.settle([delivered(one), delivered(one), failed(one), Outcome(number=999, at=at(1))])
    await box.settle([failed(two, dead=True)])
    await box.settle([failed(two, dead=True), delivered(two)])
    tally = (await balanced(store))["urn:s:1"]
    assert (tally.due, tally.delivered, tally.dead, tally.failures) == (2, 1, 1, 1)


async def test_numbers_are_not_used_twice(store: Store) -> None:
    box = store.outbox
    (one,) = await box.add([notice("urn:s:1")])
    await box.settle([delivered(one)])
    (two,) = await box.add([notice("urn:s:1")])
    assert two.number > one.number


async def test_what_belongs_to_a_subscription_goes_with_it(store: Store) -> None:
    box = store.outbox
    one, _, _ = await box.add([notice("urn:s:1"), notice("urn:s:1"), notice("urn:s:2")])
    await box.settle([failed(one, dead=True)])
    await box.drop("urn:s:1")
    assert [each.subscription for each in await box.pending()] == ["urn:s:2"]
    assert await box.dead() == []
    assert list(await balanced(store)) == ["urn:s:2"]


async def test_a_change_and_its_notices_are_written_together(store: Store) -> None:
    told = Told()
    store.react(told)
    await store.write([put(entity("urn:x:1")), refuse("urn:x:2"), put(entity("urn:x:3"))])
    assert [each.body for each in await store.outbox.pending()] == [b" urn:x:1", b" urn:x:3"]
    assert told.heard == [("", await store.outbox.pending())]
    assert (await balanced(store))["urn:s:1"].due == 2
    tenant = store.tenant("north", create=True)
    await tenant.write([put(entity("urn:x:1"))])
    assert [each.body for each in await tenant.outbox.pending()] == [b"north urn:x:1"]
    assert told.heard[1][0] == "north"
    assert len(await store.outbox.pending()) == 2


async def test_it_survives_a_restart(kind: str, tmp_path: Path) -> None:
    if kind == "memory":
        pytest.skip("a memory forgets")
    store = STORES[kind](tmp_path)
    one, two, three = await store.outbox.add([notice("urn:s:1", each) for each in "abc"])
    await store.outbox.settle([delivered(one), failed(two, dead=True)])
    before = await store.outbox.tallies()
    store.close()
    store = STORES[kind](tmp_path)
    assert await store.outbox.pending() == [three]
    assert [each.body for each in await store.outbox.dead()] == [b"b"]
    assert await store.outbox.tallies() == before
    (four,) = await store.outbox.add([notice("urn:s:1")])
    assert four.number > three.number
    store.close()


async def test_what_waits_or_is_dead_is_rewritten_and_the_account_stays(store: Store) -> None:
    one, two, three = await store.outbox.add([notice("urn:s:1", name) for name in ("one", "two", "three")])
    await store.outbox.settle([failed(two, dead=True)])
    before = await balanced(store)
    await store.outbox.rewrite({one.number: b"less", two.number: b"nothing", 99: b"nobody's"})
    assert [each.body for each in await store.outbox.pending()] == [b"less", three.body]
    assert [each.body for each in await store.outbox.dead()] == [b"nothing"]
    assert await balanced(store) == before
