"""A long table is read in pages: what others delete or add between two of them moves no entity out of sight."""

from pathlib import Path

import pytest

from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import SYSTEM, Policy
from madang.hub import Hub
from madang.hub.shown import Form
from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import Attribute, Entity, Kind
from madang.ports import Store
from madang.publish.reading import STEP, Shelf
from madang.store.memory import MemoryStore
from madang.store.sqlite import SqliteStore

DATASET = Dataset(
    id="stations",
    title={"en": "Stations"},
    type="Station",
    owner="o",
    sensitivity=Sensitivity.PUBLIC,
    legal_basis="public-task",
    purposes=("public-information",),
    attributes=("a",),
    retention="P1Y",
    licence="CC0-1.0",
)
COUNT = 2 * STEP + 50


def station(number: int) -> Entity:
    one = Attribute(kind=Kind.PROPERTY, value=number)
    return Entity(id=f"urn:x:{number:04}", types=("Station",), attributes={"a": (one,)})


def name(entity: Entity) -> bytes:
    return f"{entity.id} {','.join(entity.attributes)}".encode()


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "data")


async def test_nobody_is_passed_over_while_others_write(store: Store) -> None:
    hub = Hub(store, Policy((DATASET,)), WallClock(), LocalBus())
    shelf = Shelf(hub)
    await hub.batch.upsert(SYSTEM, [station(number) for number in range(COUNT)])
    found: list[str] = []
    async for entity in shelf.entities(DATASET):
        if not found:
            for number in range(20):
                await hub.entities.delete(SYSTEM, f"urn:x:{number:04}")
        found.append(entity.id)
    assert found == [f"urn:x:{number:04}" for number in range(COUNT)]
    texts = [text.decode() async for text in shelf.texts(DATASET, Form("name", name))]
    assert texts == [f"urn:x:{number:04} a" for number in range(20, COUNT)]
    await hub.batch.upsert(SYSTEM, [station(7)])
    texts = [text.decode() async for text in shelf.texts(DATASET, Form("name", name))]
    assert texts[:2] == ["urn:x:0007 a", "urn:x:0020 a"]
    store.close()
