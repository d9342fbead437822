"""What is not NGSI-LD: health, the city, its streets, its decisions, the documentation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from madang.account.ledger import Account, Outcome
from madang.model.decision import DecisionRecord, Input, Permission
from madang.model.service import Alternative
from madang.model.world import Hello

pytestmark = pytest.mark.parametrize("hub", ["memory"], indirect=True)
"""The store plays no part here."""

START = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)


def decision(n: int) -> DecisionRecord:
    return DecisionRecord(
        id="",
        service="signals" if n % 2 else "buses",
        version="1",
        at=START + timedelta(minutes=n),
        target=f"urn:ngsi-ld:TrafficSignal:{n % 3}",
        action="stage",
        parameters={"stage": "a"},
        rule="max-pressure",
        reason="more vehicles wait in the north",
        previous={"stage": "b"},
        inputs=(Input(entity="urn:x:1", attribute="vehicles", value=["x" * 3000], observed_at=START),),
        alternatives=(Alternative(label="stay", score=1.5),),
        score_unit="veh",
        expected={"waiting_s": -12.0},
        permission=Permission(committee="traffic", resolution="2026-7", until=START + timedelta(days=30)),
        memory={},
        settings={},
    )


@pytest.fixture
async def ten(account: Account) -> list[str]:
    return [record.id for record in await account.write([decision(n) for n in range(10)])]


async def test_lists_decisions_newest_first_and_pages(site: httpx.AsyncClient, ten: list[str]) -> None:
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 4}
    while True:
        body = (await site.get("/decisions", params=query)).json()
        seen += [each["id"] for each in body["decisions"]]
        if body["next"] is None:
            break
        query["before"] = body["next"]
    assert seen == list(reversed(ten))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"service": "signals"}, [9, 7, 5, 3, 1]),
        ({"entity": "urn:ngsi-ld:TrafficSignal:0"}, [9, 6, 3, 0]),
        ({"from": "2026-03-01T07:38:00Z"}, [9, 8]),
        ({"to": "2026-03-01T07:32:00Z"}, [1, 0]),
        ({"service": "signals", "entity": "urn:ngsi-ld:TrafficSignal:0"}, [9, 3]),
        ({"service": "none"}, []),
    ],
)
async def test_finds_decisions(
    site: httpx.AsyncClient, ten: list[str], query: dict[str, str], expected: list[int]
) -> None:
    body = (await site.get("/decisions", params=query)).json()
    assert [each["sequence"] - 1 for each in body["decisions"]] == expected


async def test_a_decision_is_whole(site: httpx.AsyncClient, account: Account, ten: list[str]) -> None:
    await account.conclude([Outcome(decision=ten[3], at=START)], targets={})
    body = (await site.get(f"/decisions/{ten[3]}")).json()
    assert (body["id"], body["sequence"], len(body["hash"])) == (ten[3], 4, 64)
    assert body["inputs"][0]["value"] == ["x" * 3000]
    assert body["alternatives"] == [{"label": "stay", "score": 1.5, "parameters": {}}]
    assert body["permission"]["resolution"] == "2026-7"
    assert body["outcome"]["decision"] == ten[3]
    assert (body["at"], body["reason"]) == ("2026-03-01T07:33:00Z", "more vehicles wait in the north")


BACKWARDS = {"from": "2026-03-01T08:00:00Z", "to": "2026-03-01T07:00:00Z"}


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "1001"}, {"from": "noon"}, {"before": "x"}, {"who": "me"}, BACKWARDS]
)
async def test_says_what_is_wrong_with_a_list(site: httpx.AsyncClient, query: dict[str, str]) -> None:
    assert (await site.get("/decisions", params=query)).status_code == 400


async def test_no_such_decision(site: httpx.AsyncClient) -> None:
    assert (await site.get("/decisions/signals-99")).status_code == 404


async def test_health(site: httpx.AsyncClient) -> None:
    answer = await site.get("/health")
    assert answer.json() == {"live": True, "ready": True, "parts": {"store": {"status": "running"}}}
    assert answer.headers["cache-control"] == "no-store"


async def test_the_city_and_its_streets(site: httpx.AsyncClient, app: Litestar) -> None:
    assert (await site.get("/streets.geojson")).status_code == 404
    starting = {"ready": False, "parts": {"world": {"status": "starting"}}}
    alone = app.state["rooms"]
    app.state["rooms"] = replace(alone, status=lambda: starting)
    assert (await site.get("/streets.geojson")).status_code == 503
    app.state["rooms"] = alone
    assert (await site.get("/city")).json()["scenario"] is None
    hello = Hello(
        scenario="somewhere",
        scenario_hash="ab" * 32,
        seed=1,
        at=START,
        speed=2.0,
        entities=(),
        streets={"type": "FeatureCollection", "features": [{"type": "Feature", "id": n} for n in range(50)]},
    )
    before = app.state["rooms"]
    app.state["rooms"] = replace(before, world=lambda: hello, attribution="somebody")
    try:
        city = (await site.get("/city")).json()
        streets = await site.get("/streets.geojson")
        plain = await site.get("/streets.geojson", headers={"Accept-Encoding": "identity"})
        unchanged = await site.get("/streets.geojson", headers={"If-None-Match": streets.headers["etag"]})
    finally:
        app.state["rooms"] = before
    assert (city["name"], city["scenario"], city["speed"]) == ({"en": "Testville"}, "somewhere", 2.0)
    assert (city["time_zone"], city["attribution"]) == ("Europe/Berlin", "somebody")
    assert streets.headers["content-type"].startswith("application/geo+json")
    assert streets.json() == hello.streets
    assert (streets.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert plain.json() == hello.streets and plain.headers["etag"] != streets.headers["etag"]
    assert (unchanged.status_code, unchanged.content) == (304, b"")


async def test_every_operation_is_documented(site: httpx.AsyncClient) -> None:
    document = (await site.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    operations = [each for path in document["paths"].values() for name, each in path.items() if name != "parameters"]
    assert len(operations) > 25
    assert len({each["operationId"] for each in operations}) == len(operations)
    assert "application/problem+json" in document["components"]["responses"]["400"]["content"]
    for each in operations:
        assert each["summary"] and each["description"], each
        assert any(code.startswith("2") for code in each["responses"]), each
        assert each["responses"]["400"]["$ref"] == "#/components/responses/400"
        assert all(parameter.get("description") for parameter in each["parameters"]), each


async def test_the_viewer_asks_no_other_host(site: httpx.AsyncClient) -> None:
    page = (await site.get("/docs")).text
    script = (await site.get("/docs/start.js")).text
    assert "http" not in page.replace("https://uri.etsi.org", "")
    assert "<script>" not in page and "/openapi.json" in script
