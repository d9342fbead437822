"""Decisions in a place and their observed effect; objections by anybody, their clock, their answer, their erasure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from msgspec.structs import replace as changed

from madang.account.ledger import Account
from madang.api.limits import BURST, Limits
from madang.decide import registry
from madang.govern import SYSTEM
from madang.hub import Hub
from madang.model.city import Committee
from madang.model.entity import observed
from madang.services.buses import SERVICE as BUSES

from .conftest import a_city
from .test_city_and_decisions import decision

pytestmark = pytest.mark.parametrize("hub", ["memory"], indirect=True)

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
PROXY = {"X-Forwarded-For": "203.0.113.9"}


class Moment:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def site_rooms(app: Litestar) -> Iterator[Litestar]:
    """The rooms with a committee, a clock that stands, and nobody who has written yet."""
    board = Committee(title={"en": "Board"}, members=("a",), quorum=1, answer_within="P14D")
    city = changed(a_city(), committees={"traffic": board})
    before = app.state["rooms"]
    app.state["rooms"] = replace(before, city=city, clock=Moment(), limits=Limits())
    yield app
    app.state["rooms"] = before


@pytest.fixture
async def decided(account: Account, site_rooms: Litestar) -> str:
    (record,) = await account.write([decision(1)])
    return record.id


async def test_anybody_objects_and_is_answered(site: httpx.AsyncClient, account: Account, decided: str) -> None:
    body = {"text": "  My street waits <b>for ever</b>. 너무 길어요 ", "language": "en", "contact": "ada@example.org"}
    made = await site.post(f"/decisions/{decided}/objections", json=body, headers=PROXY)
    assert made.status_code == 201, made.text
    case = made.json()
    assert (case["state"], case["due"], case["rule"]) == ("open", "2026-03-15T09:00:00Z", "traffic: P14D")
    assert case["remaining_s"] == 14 * 86_400 and case["text"] == "My street waits <b>for ever</b>. 너무 길어요"
    assert made.headers["content-type"] == "application/json" and made.headers["x-content-type-options"] == "nosniff"
    for address in (f"/decisions/{decided}", f"/decisions/{decided}/objections", "/objections", "/ledger/export"):
        assert "ada@example.org" not in (await site.get(address)).text, address
    where = f"/objections/{case['id']}"
    assert (await site.get(where + "/contact", headers=PROXY)).status_code == 403
    assert (await site.get(where + "/contact")).json() == {"contact": "ada@example.org"}
    answer = {"finding": "upheld", "text": "The longest red is 90 s now."}
    assert (await site.post(where + "/answer", json=answer, headers=PROXY)).status_code == 403
    assert (await site.post(where + "/answer", json={**answer, "finding": "maybe"})).status_code == 400
    answered = (await site.post(where + "/answer", json=answer)).json()
    assert (answered["state"], answered["answer"]["finding"], answered["remaining_s"]) == ("answered", "upheld", None)
    assert (await site.post(where + "/answer", json=answer)).status_code == 409
    shown = (await site.get(f"/decisions/{decided}")).json()["objections"]
    assert [each["state"] for each in shown] == ["answered"]
    assert [entry.kind for entry in await account.entries(1, 9)] == ["decision", "objection", "answer"]


async def test_what_is_late_is_shown_as_late(site: httpx.AsyncClient, decided: str, site_rooms: Litestar) -> None:
    await site.post(f"/decisions/{decided}/objections", json={"text": "too long"})

    class Later:
        def now(self) -> datetime:
            return NOW + timedelta(days=15)

    site_rooms.state["rooms"] = replace(site_rooms.state["rooms"], clock=Later())
    (case,) = (await site.get("/objections")).json()["objections"]
    assert (case["state"], case["remaining_s"]) == ("overdue", -86_400)


async def test_words_are_erased_and_the_log_stays(site: httpx.AsyncClient, account: Account, decided: str) -> None:
    case = (await site.post(f"/decisions/{decided}/objections", json={"text": "Mr. X is a thief"})).json()
    before = (await account.log.head(2)).root
    assert (await site.delete(f"/objections/{case['id']}", headers=PROXY)).status_code == 403
    assert (await site.delete(f"/objections/{case['id']}")).status_code == 204
    (left,) = (await site.get(f"/decisions/{decided}/objections")).json()["objections"]
    assert (left["state"], left["text"]) == ("erased", None)
    assert (await account.log.head(2)).root == before and await account.verify() == 3
    proof = (await site.get("/ledger/proof", params={"entry": case["id"]})).json()
    assert "body" not in proof and proof["proof"]["leaf"]["kind"] == "objection"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": " \n "},
        {"text": "x" * 2001},
        {"text": "a\u0000b"},
        {"text": "a\u202eb"},
        {"text": "a\u001bb"},
        {"text": 7},
        {"text": "a", "by": "somebody"},
        {"text": "a", "contact": "c" * 201},
        {"text": "a", "language": "l" * 36},
        [],
    ],
)
async def test_what_is_no_objection_is_refused(site: httpx.AsyncClient, decided: str, body: Any) -> None:
    answer = await site.post(f"/decisions/{decided}/objections", json=body)
    assert answer.status_code == 400 and answer.json()["detail"]


async def test_nobody_floods_the_ledger(site: httpx.AsyncClient, account: Account, decided: str) -> None:
    codes = [
        (await site.post(f"/decisions/{decided}/objections", json={"text": f"no {n}"})).status_code
        for n in range(BURST + 2)
    ]
    assert codes == [201] * BURST + [429] * 2
    assert (await account.log.head()).size == BURST + 1
    assert (await site.post("/decisions/none-1/objections", json={"text": "no"})).status_code == 429


async def test_objections_to_what_is_not_there(site: httpx.AsyncClient, site_rooms: Litestar) -> None:
    assert (await site.post("/decisions/none-1/objections", json={"text": "no"})).status_code == 404
    assert (await site.get("/decisions/none-1/objections")).status_code == 404
    assert (await site.post("/objections/none-1/answer", json={"finding": "upheld", "text": "x"})).status_code == 404


async def test_decisions_in_a_place(site: httpx.AsyncClient, hub: Hub, account: Account) -> None:
    await account.write([decision(n) for n in range(9)])
    for n in range(3):
        where = {"location": {"type": "Point", "coordinates": [11.0 + n, 48.0]}}
        signal = observed(f"urn:ngsi-ld:TrafficSignal:{n}", "TrafficSignal", NOW, where)
        await hub.entities.create(SYSTEM, signal)
    seen: list[str] = []
    query: dict[str, Any] = {"bbox": "10.5,47.5,12.5,48.5", "limit": 2}
    while True:
        page = (await site.get("/decisions", params=query)).json()
        assert len(page["decisions"]) <= 2
        seen += [each["target"][-1] for each in page["decisions"]]
        if page["next"] is None:
            break
        query["before"] = page["next"]
    assert seen == ["1", "0", "1", "0", "1", "0"], "those of the third signal are outside"
    for box in ("1,2,3", "a,b,c,d", "12,47,10,48", "10,99,11,100"):
        assert (await site.get("/decisions", params={"bbox": box})).status_code == 400


async def test_the_effect_is_observed_where_a_figure_is_declared(
    site: httpx.AsyncClient, hub: Hub, account: Account, site_rooms: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = "urn:ngsi-ld:Vehicle:bus-1"
    kpi = next(kpi for kpi in BUSES.kpis if kpi.attribute)
    watched = changed(BUSES, kpis=(changed(kpi, attribute="speed"),))
    monkeypatch.setattr(registry, "load", lambda name: watched if name == "buses" else BUSES)
    at = NOW - timedelta(hours=1)
    for minutes, value in ((-4, 60.0), (-2, 80.0), (1, 40.0), (4, 20.0), (9, 999.0)):
        seen = observed(bus, "Vehicle", at + timedelta(minutes=minutes), {"speed": value})
        await hub.batch.observe(SYSTEM, [seen])
    one = changed(decision(2), at=at, target=bus)
    late, other = changed(one, at=NOW - timedelta(seconds=5)), changed(one, target="urn:x:none")
    written = await account.write([one, late, other, changed(one, refused="a guard")])
    told = [(await site.get(f"/decisions/{each.id}")).json()["observed"] for each in written]
    assert told[0]["state"] == "measured"
    (figure,) = told[0]["figures"]
    assert (figure["before"], figure["after"], figure["change"], figure["samples"]) == (70.0, 30.0, -40.0, [2, 2])
    assert figure["better"] is True
    assert [each["state"] for each in told[1:]] == ["not yet", "not measured", "not measured"]


async def test_without_a_declared_figure_it_says_not_measured(site: httpx.AsyncClient, decided: str) -> None:
    whole = (await site.get(f"/decisions/{decided}")).json()
    assert whole["expected"] == {"waiting_s": -12.0}
    assert whole["observed"]["state"] == "not measured" and "declares no figure" in whole["observed"]["why"]
