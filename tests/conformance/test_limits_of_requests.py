"""How many requests an address may make: strangers so many, programs here and who is known as many as they like (OWASP
API Security 2023, item 4 and 8)."""

import dataclasses
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from litestar import Litestar

from madang.api.door import Door
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import Policy, key
from madang.hub import Hub
from madang.store.memory import MemoryStore

from .conftest import DATASETS
from .governing import People

CITY = "/city"
ENTITIES = "/ngsi-ld/v1/entities?type=Vehicle"


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def hub() -> Iterator[Hub]:
    """In memory: another store says nothing new about limits."""
    made = Hub(MemoryStore(), Policy(DATASETS), WallClock(), LocalBus())
    yield made
    made.close()


@pytest.fixture
def narrow(app: Litestar, people: People) -> Iterator[Any]:
    """A hub that lets strangers ask ten times at once and then once a second."""
    found: Any = app
    before = found.state["rooms"]
    found.state["rooms"] = dataclasses.replace(
        before, known=people.known, home=False, limits=type(before.limits)(["10.0.0.2"])
    )
    found.door = Door(rate=1.0)
    yield found
    found.door = None
    found.state["rooms"] = before


async def asked(app: Any, client: str, times: int, path: str = CITY, **headers: str) -> list[int]:
    transport = httpx.ASGITransport(app=app, client=(client, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://city.example", headers=headers) as http:
        return [(await http.get(path)).status_code for _ in range(times)]


@pytest.fixture
async def far(narrow: Any) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=narrow, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://city.example") as client:
        yield client


@pytest.mark.parametrize("path", [CITY, ENTITIES, "/nowhere"])
async def test_a_stranger_is_told_when_to_come_again(narrow: Any, far: httpx.AsyncClient, path: str) -> None:
    assert 429 not in [(await far.get(path)).status_code for _ in range(10)]
    refused = await far.get(path)
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "1" and refused.json()["retry_after_s"] <= 1
    assert refused.headers["x-content-type-options"] == "nosniff"


async def test_addresses_have_limits_of_their_own(narrow: Any) -> None:
    assert (await asked(narrow, "203.0.113.9", 12))[-1] == 429
    assert (await asked(narrow, "203.0.113.10", 1)) == [200]
    # Of IPv6 a subscriber has a network.
    assert (await asked(narrow, "2001:db8::1", 12))[-1] == 429
    assert (await asked(narrow, "2001:db8::2", 1)) == [429]
    assert (await asked(narrow, "2001:db8:0:1::1", 1)) == [200]


async def test_whom_a_proxy_names_is_who_asks_and_nobody_else_is_believed(narrow: Any) -> None:
    assert (await asked(narrow, "10.0.0.2", 12, **{"X-Forwarded-For": "192.0.2.7"}))[-1] == 429
    assert (await asked(narrow, "10.0.0.2", 1, **{"X-Forwarded-For": "192.0.2.8"})) == [200]
    for n in range(11):
        last = await asked(narrow, "203.0.113.9", 1, **{"X-Forwarded-For": f"192.0.2.{n}"})
    assert last == [429], "who is no proxy of ours names others in vain"


async def test_who_is_known_and_programs_here_have_no_limit(narrow: Any, people: People) -> None:
    bearer = people.key("meter-7", "counter")
    assert set(await asked(narrow, "203.0.113.9", 30, **bearer)) == {200}
    assert set(await asked(narrow, "127.0.0.1", 30)) == {200}
    _, nobodys = key.make("other", roles=("x",), now=datetime.now(UTC))
    assert (await asked(narrow, "203.0.113.9", 12, **{"Authorization": f"Bearer {nobodys}"}))[-1] == 429


async def test_who_is_known_has_a_limit_where_the_city_sets_one(narrow: Any, people: People) -> None:
    narrow.door = Door(rate=1.0, rate_known=2.0)
    bearer = people.key("meter-7", "counter")
    assert await asked(narrow, "203.0.113.9", 21, **bearer) == [200] * 20 + [429]
    assert await asked(narrow, "203.0.113.10", 1, **bearer) == [429], "wherever it comes from"
    assert await asked(narrow, "203.0.113.9", 1, **people.key("meter-8", "counter")) == [200]


def test_a_door_without_limits_is_open() -> None:
    assert Door().is_open and not Door(rate=1).is_open
