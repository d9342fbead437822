"""The application over each store, and a client that is on this machine: the same cases run on every backend."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from litestar import Litestar
from tests.contracts.stores import STORES, sweep

from madang.account.ledger import Account
from madang.api import build
from madang.api.contexts import Contexts
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import Policy
from madang.hub import Hub, delivery
from madang.model.city import City
from madang.model.dataset import Dataset, Sensitivity
from madang.notify import EveryCourier
from madang.store.memory import MemoryLedger, MemoryStore

from .receiving import Receiver, Town, receiving

CORE_LINK = "ngsi-ld-core-context-v1.8.jsonld"
ROOT = "/ngsi-ld/v1"


def dataset(id: str, type: str, **more: Any) -> Dataset:
    fields: dict[str, Any] = {
        "id": id,
        "title": {"en": id},
        "type": type,
        "owner": "city-hall",
        "sensitivity": Sensitivity.PUBLIC,
        "legal_basis": "public-task",
        "purposes": (),
        "retention": "P1Y",
        "licence": "CC0-1.0",
        **more,
    }
    return Dataset(**fields)


DATASETS = (
    dataset("anything", "*", history=("speed", "level")),
    dataset("air", "AirQualityObserved", attributes=("no2", "location"), units={"no2": "GQ"}, history=("no2",)),
    dataset("files", "CaseFile", sensitivity=Sensitivity.INTERNAL),
)


def a_city(datasets: tuple[Dataset, ...] = DATASETS) -> City:
    return City(
        id="testville",
        folder=Path(),
        name={"en": "Testville"},
        jurisdiction="DE",
        time_zone="Europe/Berlin",
        languages=("en", "de"),
        population=7,
        centre=(11.4257, 48.7651),
        world=None,
        datasets=datasets,
        services={},
        committees={},
    )


FORMS_ALONE = {
    "test_as_given",
    "test_attribute_kinds",
    "test_common_behaviours",
    "test_jsonld_contexts",
    "test_live_events",
    "test_metrics",
    "test_notification_forms",
    "test_notification_names",
    "test_open_data",
    "test_registration_queries",
    "test_registrations",
    "test_representations",
}
"""What is about bodies, headers and addresses: a server behind it says nothing new, and costs a schema a test."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave these out on PostgreSQL, unless MADANG_EVERY_STORE is set: the whole run stays a quarter of an hour."""
    if os.environ.get("MADANG_EVERY_STORE"):
        return
    out = [item for item in items if item.path.stem in FORMS_ALONE and "postgres" in item.name]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in set(out)]


@pytest.fixture(params=list(STORES))
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A hub over an empty store."""
    store = STORES[request.param](tmp_path)
    made = Hub(store, Policy(DATASETS), WallClock(), LocalBus())
    yield made
    made.close()
    store.close()
    if request.param == "postgres":
        sweep()


@pytest.fixture
def account() -> Account:
    return Account(MemoryLedger())


@pytest.fixture(scope="session")
def _application() -> Litestar:
    """Built once: its routes are the same in every test, only the rooms behind them are new."""
    status = {"ready": True, "parts": {"store": {"status": "running"}}}
    hub = Hub(MemoryStore(), Policy(DATASETS), WallClock(), LocalBus())
    return build(hub=hub, account=Account(MemoryLedger()), city=a_city(), status=lambda: status, body_limit=100_000)


@pytest.fixture
def app(_application: Litestar, hub: Hub, account: Account) -> Litestar:
    contexts = Contexts(kept=lambda: hub.contexts)
    _application.state["rooms"] = replace(_application.state["rooms"], hub=hub, account=account, contexts=contexts)
    return _application


@pytest.fixture
async def api(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A client below /ngsi-ld/v1."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1{ROOT}") as client:
        yield client


@pytest.fixture
async def site(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole site."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        yield client


CAR = {
    "id": "urn:ngsi-ld:Vehicle:A1",
    "type": "Vehicle",
    "speed": {"type": "Property", "value": 30, "unitCode": "KMH", "observedAt": "2026-03-01T07:30:00Z"},
    "owner": {"type": "Relationship", "object": "urn:ngsi-ld:Person:Bob"},
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [11.42, 48.76]}},
}


@pytest.fixture
async def car(api: httpx.AsyncClient) -> str:
    """A vehicle is there; its address."""
    answer = await api.post("/entities", json=CAR)
    assert answer.status_code == 201
    return f"/entities/{CAR['id']}"


@pytest.fixture
async def fleet(api: httpx.AsyncClient) -> list[str]:
    """Ten vehicles in a row going east, from slow to fast; their ids."""
    cars = [
        {
            "id": f"urn:ngsi-ld:Vehicle:{n}",
            "type": ["Vehicle", "Bus"] if n % 2 else "Vehicle",
            "speed": {"type": "Property", "value": n * 10, "observedAt": f"2026-03-01T07:3{n}:00Z"},
            "colour": {"type": "Property", "value": ["red", "blue"][n % 2]},
            "address": {"type": "Property", "value": {"city": "Testville", "number": n}},
            "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [11.0 + n / 1000, 48.0]}},
        }
        for n in range(10)
    ]
    answer = await api.post("/entityOperations/create", json=cars)
    assert answer.status_code == 201, answer.text
    return [str(each["id"]) for each in cars]


@asynccontextmanager
async def serving(app: Any, http: Any = "auto") -> AsyncIterator[str]:
    """The application behind a real socket of this machine, served by the protocol `http`; its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off", http=http))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await running


def ids(answer: httpx.Response) -> list[str]:
    """The last parts of the ids in an answer."""
    assert answer.status_code == 200, answer.text
    return [each["id"].rsplit(":", 1)[1] for each in answer.json()]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver of notifications."""
    async with receiving() as made:
        yield made


@pytest.fixture
def town(api: httpx.AsyncClient, receiver: Receiver) -> Town:
    """Subscriptions of that receiver, and entities."""
    return Town(api, receiver)


@pytest.fixture(params=list(STORES))
def some_store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An empty store of each kind."""
    store = STORES[request.param](tmp_path)
    yield store
    store.close()
    if request.param == "postgres":
        sweep()


@pytest.fixture
async def telling_hub(some_store: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    """A hub that delivers, to this machine only, and is not patient."""
    monkeypatch.setattr(delivery, "FIRST_S", 0.05)
    courier = EveryCourier(loopback=True)
    made = Hub(some_store, Policy(DATASETS), WallClock(), LocalBus(), courier=courier, attempts=3)
    yield made
    await made.stop()
    await courier.close()
