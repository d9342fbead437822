"""A committee suspends a service over HTTP, and in the service's next control cycle its fallback runs; an operator
overrides one command; all of it is in the ledger, and holds after a restart."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.unit.decide.conftest import LAMP, decide, fallback, not_broken

from madang.account import Account
from madang.account.mandates import Mandates
from madang.api import build
from madang.bus.local import LocalBus
from madang.decide.runner import Runner
from madang.decide.thinking import Inner
from madang.govern import Policy
from madang.hub import Hub
from madang.model.city import City, Committee, ServiceSpec
from madang.model.entity import observed
from madang.model.service import Read, Service, View
from madang.store.sqlite import SqliteLedger, SqliteStore

MEMBERS = ("chair", "engineer", "residents", "transport")
START = datetime(2026, 5, 1, 8, tzinfo=UTC)

LAMPS = Service(
    name="lamps",
    title="Lamps",
    version="1",
    reads=(Read(type="Lamp", attributes=("waiting", "broken")),),
    writes=("Lamp",),
    every_s=30,
    decide=decide,
    guards=(not_broken,),
    fallback=fallback,
    kpis=(),
    publishes=(),
    settings={"threshold": 2},
)


class Day:
    """A clock that stands still until it is moved."""

    at = START

    def now(self) -> datetime:
        return self.at


class Town:
    """A city with one service, its hub and its API, over files that stay."""

    def __init__(self, folder: Path) -> None:
        self.clock = Day()
        self.store = SqliteStore(folder)
        self.account = Account(SqliteLedger(self.store))
        self.mandates = Mandates(self.account)
        board = Committee(title={"en": "Board"}, members=MEMBERS, quorum=3, recusals={"lamps": ("engineer",)})
        self.city = City(
            id="town",
            folder=folder,
            name={"en": "Town"},
            jurisdiction="DE",
            time_zone="Europe/Berlin",
            languages=("en",),
            population=1,
            centre=(11.4, 48.7),
            datasets=(),
            services={"lamps": ServiceSpec()},
            committees={"board": board},
        )
        hub = Hub(self.store, Policy(()), self.clock, LocalBus())
        app = build(
            hub=hub,
            account=self.account,
            city=self.city,
            status=lambda: {"ready": True, "parts": {}},
            mandates=self.mandates,
            clock=self.clock,
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1")
        self.runner = self.fresh()

    def fresh(self) -> Runner:
        return Runner(LAMPS, city=self.city, account=self.account, mind=Inner(LAMPS), mandates=self.mandates)

    async def second(self, **values: Any) -> list[str]:
        """A second passes: what the service orders, if it is its turn."""
        self.clock.at += timedelta(seconds=1)
        if not self.runner.due(self.clock.at):
            return []
        lamp = observed(LAMP, "Lamp", self.clock.at, {"waiting": 3, **values})
        view = View(at=self.clock.at, entities={LAMP: lamp}, settings={"threshold": 2})
        orders, _ = await self.runner.tick(view)
        self.runner._pending.clear()
        return [f"{order.action} {order.parameters.get('stage', '')}".strip() for order in orders]

    async def vote(self, kind: str, n: int, **changes: Any) -> httpx.Response:
        until = (self.clock.at + timedelta(days=1)).isoformat() if kind == "approve" else None
        body = {
            "id": f"2026-{n}",
            "service": "lamps",
            "act": kind,
            "reason": "because",
            "until": until,
            "ayes": ["chair", "residents"],
            "noes": ["transport"],
            "recused": ["engineer"],
            **changes,
        }
        return await self.client.post("/committees/board/resolutions", json=body)

    async def why(self) -> str:
        return str((await self.client.get("/mandates")).json()["lamps"]["why"])


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    made = Town(tmp_path / "data")
    yield made
    await made.client.aclose()
    made.store.close()


async def test_a_suspension_binds_in_the_next_cycle(town: Town) -> None:
    assert await town.second() == [] and "no committee" in await town.why()
    assert (await town.vote("approve", 1)).status_code == 201
    assert await town.second() == ["stage on"], "not after half a minute: at once"
    assert await town.second() == [], "it decides every 30 s"
    suspended = await town.vote("suspend", 2)
    assert suspended.status_code == 201 and not suspended.json()["mandate"]["allowed"]
    assert await town.second() == ["release"], "within one second, though its turn comes in half a minute"
    status = town.runner.status
    assert status is not None and "suspended by board, resolution 2026-2" in status.reason
    assert await town.second() == [] and not town.runner.leased
    assert (await town.vote("approve", 3)).status_code == 201
    assert await town.second() == ["stage on"]
    assert (await town.vote("revoke", 4)).status_code == 201
    assert await town.second() == ["release"]
    kinds = [entry.kind for entry in await town.account.entries(1, 100)]
    assert kinds.count("resolution") == 4 and await town.account.verify() == len(kinds)


async def test_a_mandate_that_ends_ends_at_once(town: Town) -> None:
    end = town.clock.at + timedelta(seconds=3)
    assert (await town.vote("approve", 1, until=end.isoformat())).status_code == 201
    assert await town.second() == ["stage on"]
    assert await town.second() == []
    assert await town.second() == ["release"]


async def test_acts_hold_after_a_restart(town: Town, tmp_path: Path) -> None:
    await town.vote("approve", 1)
    await town.second()
    await town.vote("suspend", 2)
    await town.client.aclose()
    town.store.close()
    again = Town(tmp_path / "data")
    await again.mandates.start(again.clock.at)
    assert "suspended" in await again.why()
    assert (await again.vote("suspend", 2)).status_code == 409, "a reference is used once"
    listed = (await again.client.get("/committees/board/resolutions")).json()["resolutions"]
    assert [each["id"] for each in listed] == ["2026-2", "2026-1"]
    await again.client.aclose()
    again.store.close()


@pytest.mark.parametrize(
    ("changes", "status", "why"),
    [
        ({"ayes": ["chair"], "noes": []}, 409, "quorum"),
        ({"ayes": ["chair", "engineer"], "recused": []}, 403, "recuse"),
        ({"ayes": ["chair", "nobody"]}, 400, "no member"),
        ({"service": "doors"}, 400, "no service"),
        ({"act": "dance"}, 400, "act"),
        ({"until": "tomorrow"}, 400, "until"),
        ({"note": "x"}, 400, "note"),
    ],
)
async def test_a_vote_that_does_not_count_changes_nothing(
    town: Town, changes: dict[str, Any], status: int, why: str
) -> None:
    answer = await town.vote("approve", 1, **changes)
    assert answer.status_code == status and why in answer.json()["detail"], answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await town.account.log.head()).size == 0


async def test_only_the_clerk_brings_a_vote(town: Town) -> None:
    body = {"id": "1", "service": "lamps", "act": "revoke", "reason": "r"}
    for headers in ({"X-Forwarded-For": "203.0.113.9"}, {"Origin": "http://evil.example"}):
        answer = await town.client.post("/committees/board/resolutions", json=body, headers=headers)
        assert answer.status_code == 403
    assert (await town.client.post("/committees/none/resolutions", json=body)).status_code == 404


async def test_an_operator_overrides_one_command_for_a_while(town: Town) -> None:
    await town.vote("approve", 1)
    assert await town.second() == ["stage on"]
    (_, record), *_ = await town.account.records()
    where = f"/decisions/{record.id}/override"
    assert (await town.client.post(where, json={"reason": " "})).status_code == 400
    strange = await town.client.post(where, json={"reason": "r", "action": "explode"})
    assert (strange.status_code, "takes release and stage" in strange.json()["detail"]) == (400, True)
    assert (await town.client.post(where, json={"reason": "r", "for_s": 86_400})).status_code == 400
    assert (await town.client.post("/decisions/lamps-99/override", json={"reason": "r"})).status_code == 404
    answer = await town.client.post(where, json={"reason": "a burst pipe", "for_s": 10})
    assert answer.status_code == 201
    assert await town.second() == ["release"], "and the service's own wish is refused"
    (_, refused), (_, done) = await town.account.records(limit=2)
    assert done.rule == "operator.override" and "a burst pipe" in done.reason
    assert refused.refused is not None and "overridden by operator" in refused.refused
    assert len((await town.client.get("/overrides")).json()["overrides"]) == 1
    town.clock.at += timedelta(seconds=30)
    assert await town.second() == ["stage on"], "when it is over the service goes on"
    assert (await town.client.get("/overrides")).json()["overrides"] == []


async def test_an_override_passes_the_guards_too(town: Town) -> None:
    await town.vote("approve", 1)
    await town.second()
    (_, record), *_ = await town.account.records()
    body = {"reason": "because", "action": "stage", "parameters": {"stage": "on"}}
    await town.client.post(f"/decisions/{record.id}/override", json=body)
    assert await town.second(broken=True) == []
    found = [each.refused for _, each in await town.account.records(limit=5)]
    assert "the lamp is broken" in found


async def test_a_condition_is_enforced_at_each_command(town: Town) -> None:
    only = [{"text": "the other lamp alone", "targets": ["urn:ngsi-ld:Lamp:2"]}]
    assert (await town.vote("approve", 1, conditions=only)).status_code == 201
    assert await town.second() == []
    ((_, record),) = await town.account.records()
    assert record.refused is not None and "the other lamp alone" in record.refused
    assert record.permission is not None and record.permission.conditions[0].text == "the other lamp alone"
    assert msgspec.json.encode(record)
