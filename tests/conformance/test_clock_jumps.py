"""The clock of the machine is put forward a day, or back an hour: nothing stalls until it has caught up, nothing runs
hot, and what was written keeps its order. The times that are stored are the clock's own: nobody can know better."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import Policy
from madang.govern.retention import enforce
from madang.hub import Hub
from madang.notify import EveryCourier

from .conftest import DATASETS
from .receiving import CAR, Town, prop

JUMPS = [timedelta(days=1), timedelta(hours=-1)]


class Jumping(WallClock):
    """The wall's time, and so much."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@pytest.fixture
def clock() -> Jumping:
    return Jumping()


@pytest.fixture
async def hub(some_store: Any, clock: Jumping) -> AsyncIterator[Hub]:
    courier = EveryCourier(loopback=True)
    made = Hub(some_store, Policy(DATASETS), clock, LocalBus(), courier=courier)
    yield made
    await made.stop()
    await courier.close()


@pytest.mark.parametrize("jump", JUMPS)
async def test_an_interval(town: Town, clock: Jumping, jump: timedelta) -> None:
    """Told once at most for the jump, and then at its intervals."""
    await town.create(speed=prop(1))
    await town.subscribe(timeInterval=1)
    await town.receiver.next()
    clock.ahead += jump
    before = len(town.receiver.got)
    await town.receiver.next()
    await town.receiver.next()
    await town.receiver.nothing(0.3)
    assert len(town.receiver.got) - before == 2


@pytest.mark.parametrize("jump", JUMPS)
async def test_throttling(town: Town, clock: Jumping, jump: timedelta) -> None:
    await town.create(speed=prop(1))
    await town.subscribe(throttling=60)
    await town.update(speed=prop(2))
    await town.receiver.next()
    clock.ahead += jump
    await town.update(speed=prop(3))
    assert (await town.receiver.next()).body["data"][0]["speed"]["value"] == 3
    await town.update(speed=prop(4))
    await town.receiver.nothing()


async def test_what_has_expired(api: httpx.AsyncClient, hub: Hub, clock: Jumping, town: Town) -> None:
    """By the clock that is. A clock that was wrong deletes: that cannot be undone by putting it right."""
    in_an_hour = (clock.now() + timedelta(minutes=30)).isoformat().replace("+00:00", "Z")
    await town.create(speed=prop(1), expiresAt=in_an_hour)
    clock.ahead -= timedelta(hours=1)
    assert await hub.sweep.run() == 0
    assert (await api.get(f"/entities/{CAR}")).status_code == 200
    clock.ahead += timedelta(hours=2)
    assert (await api.get(f"/entities/{CAR}")).status_code == 404
    assert await hub.sweep.run() == 1


@pytest.mark.parametrize("jump", JUMPS)
async def test_times_and_history(
    api: httpx.AsyncClient, some_store: Any, clock: Jumping, town: Town, jump: timedelta
) -> None:
    """Nothing written is lost or doubled, the past is in the order of its times, and the current state is the last
    write's, whatever the clock said of it. What the retention allows to keep is kept."""
    await town.create(speed=prop(1))
    clock.ahead += jump
    await town.update(speed=prop(2))
    clock.ahead -= jump
    await town.update(speed=prop(3))
    found = (await api.get(f"/entities/{CAR}", params={"options": "sysAttrs"})).json()
    assert found["speed"]["value"] == 3
    assert found["createdAt"] <= found["modifiedAt"]
    await enforce(DATASETS, some_store, clock.now() + jump)
    past = await api.get(f"/temporal/entities/{CAR}", params={"options": "sysAttrs", "timeproperty": "modifiedAt"})
    times = [one["modifiedAt"] for one in past.json()["speed"]]
    assert sorted(one["value"] for one in past.json()["speed"]) == [1, 2, 3]
    assert times in (sorted(times), sorted(times, reverse=True))
