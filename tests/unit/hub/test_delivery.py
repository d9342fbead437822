"""Lanes: in order, apart from each other, bounded, and never losing count."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from madang.clock import WallClock
from madang.errors import Undelivered
from madang.hub import delivery as deliveries
from madang.hub.delivery import Delivery, Target
from madang.model.change import Notice, Tally
from madang.model.parcel import Address, Parcel, pack
from madang.ports import Store
from madang.store.memory import MemoryStore
from madang.store.sqlite import SqliteStore


class Post:
    """A courier whose receivers are lists; `shut` ones refuse, `slow` ones never answer."""

    def __init__(self) -> None:
        self.got: defaultdict[str, list[int]] = defaultdict(list)
        self.asked: defaultdict[str, int] = defaultdict(int)
        self.shut: set[str] = set()
        self.slow: set[str] = set()

    def check(self, uri: str) -> None:
        return

    async def send(self, address: Address, parcel: Parcel) -> None:
        self.asked[address.uri] += 1
        if address.uri in self.slow:
            await asyncio.Event().wait()
        if address.uri in self.shut:
            raise Undelivered("shut")
        self.got[address.uri].append(msgspec.json.decode(parcel.body))

    async def close(self) -> None:
        return


class Jumping(WallClock):
    """The wall's time, and so much."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


def notice(subscription: str, number: int, at: datetime | None = None) -> Notice:
    body = pack(Parcel({}, msgspec.Raw(str(number).encode())))
    return Notice(subscription=subscription, at=at or datetime.now(UTC), body=body)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
async def delivery(store: Store, post: Post, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Delivery]:
    monkeypatch.setattr(deliveries, "FIRST_S", 0.02)
    made = Delivery(store, WallClock(), post, attempts=4)
    made.register(lambda tenant, subscription: Target(Address(uri=subscription), timeout_s=0.2))
    yield made
    await made.close()
    store.close()


async def settled(delivery: Delivery, subscription: str, **wanted: int) -> Tally:
    """The account, once it says what is wanted."""
    async with asyncio.timeout(10):
        while True:
            tally = (await delivery.store.outbox.tallies(subscription)).get(subscription, Tally())
            assert tally.due == tally.delivered + tally.pending + tally.dead
            if all(getattr(tally, name) == value for name, value in wanted.items()):
                return tally
            await asyncio.sleep(0.01)


async def test_delivers_in_order_and_counts(delivery: Delivery, post: Post) -> None:
    await delivery.post("", [notice("a", number) for number in range(50)])
    await settled(delivery, "a", delivered=50, pending=0)
    assert post.got["a"] == list(range(50))


async def test_a_dead_or_slow_receiver_holds_up_no_other(delivery: Delivery, post: Post) -> None:
    post.shut.add("shut")
    post.slow.add("slow")
    for number in range(20):
        await delivery.post("", [notice(who, number) for who in ("shut", "slow", "well")])
    async with asyncio.timeout(0.15):
        while len(post.got["well"]) < 20:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert post.got["shut"] == post.got["slow"] == []


async def test_tries_again_and_goes_on_in_order(delivery: Delivery, post: Post) -> None:
    post.shut.add("a")
    await delivery.post("", [notice("a", 1), notice("a", 2)])
    await settled(delivery, "a", failing=2)
    post.shut.clear()
    tally = await settled(delivery, "a", delivered=2)
    assert post.got["a"] == [1, 2]
    assert (tally.failing, tally.error) == (0, "")


async def test_gives_up_after_so_many_attempts_and_sends_again_when_asked(delivery: Delivery, post: Post) -> None:
    post.shut.add("a")
    await delivery.post("", [notice("a", 1)])
    await settled(delivery, "a", dead=1, failures=1)
    assert post.asked["a"] == 4
    post.shut.clear()
    assert await delivery.store.outbox.resend("a") == 1
    delivery.wake("", "a")
    await settled(delivery, "a", delivered=1, dead=0)
    assert post.got["a"] == [1]


async def test_old_notices_of_a_dead_receiver_die_after_one_attempt(delivery: Delivery, post: Post) -> None:
    post.shut.add("a")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    await delivery.post("", [notice("a", number, long_ago) for number in range(3)])
    await settled(delivery, "a", dead=3)
    assert post.asked["a"] == 4 + 1 + 1, "the first is given all its attempts: nobody had tried the receiver yet"


async def test_a_clock_that_jumps_kills_no_notices(store: Store, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forwards a day in the middle of the attempts, then back: each notice has its attempts, at its intervals."""
    monkeypatch.setattr(deliveries, "FIRST_S", 0.02)
    clock = Jumping()
    delivery = Delivery(store, clock, post, attempts=4)
    delivery.register(lambda tenant, subscription: Target(Address(uri=subscription)))
    post.shut.add("a")
    await delivery.post("", [notice("a", 1)])
    clock.ahead += timedelta(days=1)
    await settled(delivery, "a", failing=2, dead=0)
    clock.ahead -= timedelta(days=1, hours=1)
    post.shut.clear()
    await settled(delivery, "a", delivered=1, dead=0)
    assert post.asked["a"] <= 4
    await delivery.close()
    store.close()


async def test_a_receiver_that_does_not_answer_has_failed(delivery: Delivery, post: Post) -> None:
    post.slow.add("a")
    await delivery.post("", [notice("a", 1)])
    tally = await settled(delivery, "a", failures=1)
    assert tally.error == "no answer within 0.2 s"


async def test_what_is_too_much_for_memory_is_read_from_the_outbox(delivery: Delivery, post: Post) -> None:
    many = deliveries.HELD * 3 + 7
    await delivery.post("", [notice("a", number) for number in range(many)])
    await delivery.post("", [notice("a", many)])
    await settled(delivery, "a", delivered=many + 1, pending=0)
    assert post.got["a"] == list(range(many + 1))


async def test_goes_on_after_a_restart(delivery: Delivery, post: Post, store: Store) -> None:
    await store.outbox.add([notice("a", 1), notice("b", 2)])
    tenant = store.tenant("north", create=True)
    await tenant.outbox.add([notice("c", 3)])
    await delivery.start()
    await settled(delivery, "a", delivered=1)
    await settled(delivery, "b", delivered=1)
    async with asyncio.timeout(5):
        while post.got["c"] != [3]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_what_is_paused_waits_and_what_has_expired_is_dead(store: Store, post: Post) -> None:
    targets = {"a": Target(Address(uri="a"), open=False), "b": Target(Address(uri="b"), over=True)}
    delivery = Delivery(store, WallClock(), post)
    delivery.register(lambda tenant, subscription: targets.get(subscription))
    await delivery.post("", [notice("a", 1), notice("b", 2), notice("c", 3)])
    assert (await settled(delivery, "b", dead=1)).error == "the subscription has expired"
    assert (await settled(delivery, "c", dead=1)).error == "there is no such subscription"
    await asyncio.sleep(0.05)
    await settled(delivery, "a", pending=1)
    targets["a"] = Target(Address(uri="a"))
    delivery.wake("", "a")
    await settled(delivery, "a", delivered=1)
    await delivery.close()
    store.close()


async def test_without_a_courier_everything_waits(store: Store) -> None:
    delivery = Delivery(store, WallClock(), None)
    await delivery.post("", [notice("a", 1)])
    await delivery.start()
    await asyncio.sleep(0.02)
    await settled(delivery, "a", pending=1)
    await delivery.close()
    store.close()
