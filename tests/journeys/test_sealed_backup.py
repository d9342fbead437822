"""A backup from which a person can be erased: by the key, which is not in it. The commands and a real hub's files."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from tests.contracts.stores import POSTGRES, city_of, ledger_of, postgres, sweep

from madang import city as cities
from madang.account.ledger import Account
from madang.app.sealing import PeopleKeys
from madang.app.store import restore
from madang.bus.local import LocalBus
from madang.cli.options import settings_of
from madang.errors import BadRequestData
from madang.govern import SYSTEM, Caller, Policy
from madang.govern.consents import Consents
from madang.govern.opening import Terms
from madang.hub import Hub
from madang.model.city import City
from madang.model.entity import Attribute, Entity, Kind, point
from madang.store.postgres import PostgresStore
from madang.store.sqlite import SqliteStore

MADANG = str(Path(sys.executable).with_name("madang"))
KIM, LEE = "urn:ngsi-ld:Person:kim", "urn:ngsi-ld:Person:lee"
DESK = Caller("desk", "operator", "care")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VISITS = """
title = { en = "Visits" }
type = "Visit"
attributes = ["person", "place", "illness"]
history = ["person", "place", "illness"]
owner = "clinic"
sensitivity = "special"
legal_basis = "consent"
subject = "person"
purposes = ["care"]
retention = "P1Y"
licence = "none"
"""


def madang(*words: str | Path, code: int = 0) -> str:
    done = subprocess.run([MADANG, *map(str, words)], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


class Ticking:
    """A second later each time: what comes later is another sample."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class Town:
    """A city's hub on its data directory, in this process, while it is open."""

    def __init__(self, city: City, data: Path, server: str = "") -> None:
        self.folder = data / city.id
        clock = Ticking()
        self.store = PostgresStore(server, city.id) if server else SqliteStore(self.folder)
        self.account = Account(ledger_of(self.store))
        terms = Terms("KR", {}, b"secret" * 6, Consents(clock.now))
        forget = PeopleKeys(self.folder).destroy
        self.hub = Hub(self.store, Policy(city.datasets, terms), clock, LocalBus(), account=self.account, forget=forget)

    async def __aenter__(self) -> "Town":
        await self.hub.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hub.stop()
        self.store.close()

    async def agree(self, person: str) -> None:
        notice = self.hub.consents.notice("visits")["hash"]
        given = {"subject": person, "dataset": "visits", "purposes": ["care"], "notice": notice, "language": "en"}
        await self.hub.consents.give(SYSTEM, given)

    async def visit(self, n: int, person: str, illness: str) -> None:
        attributes = {
            "person": (Attribute(kind=Kind.RELATIONSHIP, value=person),),
            "place": (Attribute(kind=Kind.GEO, value=point(127.0, 37.5 + n / 100)),),
            "illness": (Attribute(value=illness, observed_at=NOON),),
        }
        await self.hub.batch.upsert(SYSTEM, [Entity(id=f"urn:x:Visit:{n}", types=("Visit",), attributes=attributes)])

    async def erase(self, person: str) -> None:
        asked = await self.hub.subjects.ask(SYSTEM, {"subject": person, "wish": "erasure"})
        await self.hub.subjects.answer(DESK, asked.id, granted=True, words="done")

    async def all(self) -> Any:
        now = await self.store.read([f"urn:x:Visit:{n}" for n in range(4)])
        held = {one: await self.hub.subjects.held(SYSTEM, one) for one in (KIM, LEE)}
        return now, held, [one.id for one in await self.hub.consents.of(SYSTEM, KIM)]


@pytest.fixture
def city(tmp_path: Path) -> City:
    madang("init", tmp_path / "town")
    (tmp_path / "town/datasets/visits.toml").write_text(VISITS)
    return cities.read(tmp_path / "town")


def test_who_was_erased_after_a_backup_does_not_come_back_from_it(city: City, tmp_path: Path) -> None:
    data, copies, plain = tmp_path / "data", tmp_path / "copies", tmp_path / "plain"

    async def live() -> Any:
        async with Town(city, data) as town:
            for person in (KIM, LEE):
                await town.agree(person)
            await town.visit(0, KIM, "influenza")
            await town.visit(1, LEE, "gout")
            await town.visit(2, KIM, "asthma")
            await town.visit(2, KIM, "asthma, worse")
            await town.visit(3, LEE, "measles")
            await town.visit(4, KIM, "mumps")
            for gone in (3, 4):
                await town.hub.entities.delete(SYSTEM, f"urn:x:Visit:{gone}")
            for person in (KIM, LEE):
                await town.hub.entities.retrieve(DESK, f"urn:x:Visit:{int(person == LEE)}")
            return await town.all()

    before = asyncio.run(live())
    madang("backup", city.folder, copies, "--data", data)
    madang("backup", city.folder, plain, "--data", data, "--plain")
    assert b"influenza" in (plain / "city.sqlite").read_bytes()

    # Who has the copy alone has nothing of anybody.
    every = b"".join(file.read_bytes() for file in copies.rglob("*") if file.is_file())
    for secret in ("influenza", "gout", "asthma", "measles", "mumps", KIM, LEE):
        assert secret.encode() not in every, secret

    # With the keys it is all there, as it was; what nobody reads may not be overwritten.
    madang("restore", city.folder, copies, "--data", data, code=2)
    whole = tmp_path / "whole"
    (whole / city.id).mkdir(parents=True)
    for name in ("people.keys",):
        (whole / city.id / name).write_bytes((data / city.id / name).read_bytes())
    assert "2 people unsealed, 0 erased" in madang("restore", city.folder, copies, "--data", whole)

    async def look(where: Path) -> tuple[Any, int, Any]:
        async with Town(city, where) as town:
            return await town.all(), await town.account.verify(), await town.hub.uses.of(SYSTEM, KIM)

    again, entries, uses = asyncio.run(look(whole))
    assert again == before and entries >= 2 and len(uses) == 1

    # Kim is erased in the living city: from the old copy, too.
    async def forget() -> None:
        async with Town(city, data) as town:
            await town.erase(KIM)
            # Also what was deleted before, and had left a past.
            ever = [*await town.store.pasts(limit=100)]
            assert [id for id, _ in ever] == ["urn:x:Visit:1", "urn:x:Visit:3"]

    asyncio.run(forget())
    keys = data / city.id / "people.keys"
    for file in (data / city.id).glob("city.sqlite*"):
        file.rename(file.with_name("old-" + file.name))
    assert "1 people unsealed, 1 erased" in madang("restore", city.folder, copies, "--data", data)
    (now, held, consents), entries_then, uses = asyncio.run(look(data))
    assert set(now) == {"urn:x:Visit:1"}
    assert consents == [] and uses == [] and not held[KIM].now and not held[KIM].past
    assert held[LEE].now == before[1][LEE].now and held[LEE].past == before[1][LEE].past
    # The log of that day still proves all that it proved.
    assert entries_then == entries
    assert KIM not in keys.read_text() and keys.stat().st_mode & 0o077 == 0


def test_a_line_that_was_changed_is_refused(city: City, tmp_path: Path) -> None:
    data, copies = tmp_path / "data", tmp_path / "copies"

    async def live() -> None:
        async with Town(city, data) as town:
            await town.visit(0, KIM, "influenza")

    asyncio.run(live())
    madang("backup", city.folder, copies, "--data", data)
    sealed = copies / "people.sealed"
    line = json.loads(sealed.read_text())
    line["text"] = line["text"][:-8] + ("AAAAAAA=" if line["text"][-8:] != "AAAAAAA=" else "BBBBBBB=")
    sealed.write_text(json.dumps(line) + "\n")
    for file in (data / city.id).glob("city.sqlite*"):
        file.unlink()
    assert "was changed since it was sealed" in madang("restore", city.folder, copies, "--data", data, code=2)
    with sqlite3.connect(copies / "city.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM entity").fetchone() == (0,)


async def _move_away(schemas: str) -> None:
    connection = await asyncpg.connect(POSTGRES)
    found = await connection.fetch("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, $1)", schemas)
    for (schema,) in found:
        await connection.execute(f'ALTER SCHEMA "{schema}" RENAME TO "{schema}_old{len(found)}"')
    await connection.close()


def test_a_city_on_a_server_is_backed_up_sealed_too(tmp_path: Path) -> None:
    folder = tmp_path / city_of(tmp_path)
    madang("init", folder)
    (folder / "datasets/visits.toml").write_text(VISITS)
    postgres(tmp_path).close()  # skips without a server
    asyncio.run(_move_away(f"madang_{folder.name}"))
    city, data, copies = cities.read(folder), tmp_path / "data", tmp_path / "copies"
    north = msgspec.structs.replace(SYSTEM, tenant="north")
    options = ("--data", data, "--store", POSTGRES)

    async def live() -> Any:
        async with Town(city, data, POSTGRES) as town:
            for person in (KIM, LEE):
                await town.agree(person)
            for n, person, illness in (
                (0, KIM, "influenza"),
                (1, LEE, "gout"),
                (2, KIM, "asthma"),
                (3, LEE, "measles"),
            ):
                await town.visit(n, person, illness)
            await town.hub.entities.delete(SYSTEM, "urn:x:Visit:3")
            await town.hub.entities.retrieve(DESK, "urn:x:Visit:0")
            lamp = Entity(id="urn:x:Lamp:1", types=("Lamp",), attributes={"on": (Attribute(value=True),)})
            await town.hub.entities.create(north, lamp)
            return await town.all()

    try:
        before = asyncio.run(live())
        madang("backup", folder, copies, *options)
        every = b"".join(file.read_bytes() for file in copies.rglob("*") if file.is_file())
        for secret in ("influenza", "gout", "asthma", "measles", KIM, LEE):
            assert secret.encode() not in every, secret
        assert b"urn:x:Lamp:1" in every
        for store, said in ((POSTGRES, "has data: rename"), ("", "--store for one")):
            with pytest.raises(BadRequestData, match=said):
                restore(city, settings_of(data=tmp_path / "other", store=store), copies)

        async def forget() -> None:
            async with Town(city, data, POSTGRES) as town:
                await town.erase(KIM)

        async def look() -> Any:
            async with Town(city, data, POSTGRES) as town:
                assert await town.store.tenant("north").get("urn:x:Lamp:1") is not None
                # The numbers that the server gives go on.
                await town.visit(9, LEE, "mumps")
                return await town.all(), await town.account.verify(), await town.hub.uses.of(SYSTEM, KIM)

        asyncio.run(forget())
        asyncio.run(_move_away(f"madang_{folder.name}"))
        assert "1 people unsealed, 1 erased" in madang("restore", folder, copies, *options)
        (now, held, consents), entries, uses = asyncio.run(look())
        assert set(now) == {"urn:x:Visit:1"} and now == {"urn:x:Visit:1": before[0]["urn:x:Visit:1"]}
        assert consents == [] and uses == [] and not held[KIM].now and not held[KIM].past
        assert {one.id for one in held[LEE].past} == {"urn:x:Visit:1", "urn:x:Visit:3", "urn:x:Visit:9"}
        assert held[LEE].past[0] == before[1][LEE].past[0] and entries >= 1
        table = copies / "postgres" / "0" / "entity"
        table.write_bytes(table.read_bytes() + b"x")
        with pytest.raises(BadRequestData, match="was changed since it was written"):
            restore(city, settings_of(data=data, store=POSTGRES), copies)
    finally:
        sweep()
