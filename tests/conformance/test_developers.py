"""Developers outside make keys for themselves: for public data, counted, ended, and no way past any limit."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.web.civic import Civic, civic

from madang.api.door import Door
from madang.app.keys import KeyFile
from madang.errors import Unauthorized
from madang.govern import key as keys
from madang.govern.developing import Developers

FAR = {"X-Forwarded-For": "198.51.100.7"}


class Wall:
    at = datetime(2026, 11, 23, 23, 59, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def wall() -> Wall:
    return Wall()


@pytest.fixture
async def here(tmp_path: Path, wall: Wall) -> AsyncIterator[Civic]:
    shelf = KeyFile(tmp_path)
    made = Developers(shelf, wall.now, daily=3)

    def known(text: str, purpose: str, tenant: str) -> object:
        return keys.caller(text, shelf.keys(), wall.now, purpose=purpose, tenant=tenant)

    async with civic() as found:
        app = found.site._transport.app  # type: ignore[attr-defined]
        rooms, door = app.state["rooms"], app.door
        app.state["rooms"] = replace(rooms, developers=made, known=known)
        app.door = Door(rate=1000.0)
        yield found
        app.door = door


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", **FAR}


async def made(here: Civic) -> str:
    answer = await here.site.post("/developers/keys")
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"].startswith("dev-") and answer.json()["daily"] == 3
    return answer.json()["key"]


async def test_a_key_is_made_counted_and_ended(here: Civic, wall: Wall) -> None:
    key = await made(here)
    path = "/ngsi-ld/v1/entities?type=AirQualityObserved"
    for _ in range(2):
        assert (await here.site.get(path, headers=bearer(key))).status_code == 200
    use = (await here.site.get("/developers/keys", headers=bearer(key))).json()
    assert (use["used"], use["daily"]) == (3, 3)
    spent = await here.site.get(path, headers=bearer(key))
    assert spent.status_code == 429 and spent.json()["retry_after_s"] == 60
    wall.at += timedelta(minutes=2)
    assert (await here.site.get(path, headers=bearer(key))).status_code == 200
    assert (await here.site.delete("/developers/keys", headers=bearer(key))).status_code == 204
    assert (await here.site.get(path, headers=bearer(key))).status_code == 401
    assert (await here.site.get("/developers/keys", headers=bearer(key))).status_code == 401
    assert (await here.site.get("/developers/keys")).status_code == 401


async def test_webhooks_are_what_it_is_for(here: Civic) -> None:
    key = await made(here)
    body = {
        "type": "Subscription",
        "entities": [{"type": "AirQualityObserved"}],
        "notification": {"endpoint": {"uri": "https://example.org/hook"}},
    }
    refused = await here.site.post("/ngsi-ld/v1/subscriptions", json=body, headers=FAR)
    subscribed = await here.site.post("/ngsi-ld/v1/subscriptions", json=body, headers=bearer(key))
    assert (refused.status_code, subscribed.status_code) == (403, 201), subscribed.text


async def test_it_opens_nothing_and_makes_nobody_a_person(here: Civic) -> None:
    key = await made(here)
    for method, path, body in (
        ("POST", "/ngsi-ld/v1/entities", {"id": "urn:x:1", "type": "AirQualityObserved"}),
        ("POST", "/committees/board/motions", {"reference": "1", "service": "signals", "act": "revoke", "reason": "x"}),
    ):
        assert (await here.site.request(method, path, json=body, headers=bearer(key))).status_code == 403, path
    proposed = (await here.site.post("/proposals", json={"title": "a", "text": "b"}, headers=FAR)).json()["id"]
    assert (await here.site.post(f"/proposals/{proposed}/support", json={}, headers=bearer(key))).status_code == 403


async def test_keys_are_not_made_in_bulk(here: Civic) -> None:
    for _ in range(3):
        await made(here)
    refused = await here.site.post("/developers/keys")
    assert refused.status_code == 429 and refused.json()["retry_after_s"] > 0


async def test_an_operators_key_is_not_ended_so(tmp_path: Path, wall: Wall) -> None:
    shelf = KeyFile(tmp_path)
    key, text = keys.make("ada", roles=("planner",), now=wall.now())
    shelf.add(key)
    with pytest.raises(Unauthorized):
        Developers(shelf, wall.now).end(text)
    assert shelf.keys().get(key.id) == key


async def test_llms_txt_leads_to_what_is_there(here: Civic) -> None:
    answer = await here.site.get("/llms.txt")
    assert answer.headers["content-type"].startswith("text/markdown") and answer.text.startswith("# Ingolstadt")
    links = [part.split(")")[0] for part in answer.text.split("](")[1:]]
    assert len(links) > 20
    for link in links:
        if "/events" not in link:
            assert (await here.site.get(link)).status_code == 200, link


async def test_the_page_makes_a_key_that_holds(here: Civic) -> None:
    assert "Make a key" in (await here.site.get("/developers")).text
    made = await here.site.post("/developers", headers=FAR)
    assert made.headers["cache-control"] == "no-store"
    key = made.text.split('<pre lang="en">mdg_')[1].split("</pre>")[0]
    assert (await here.site.get("/developers/keys", headers=bearer(f"mdg_{key}"))).status_code == 200
    assert (await here.site.get("/open-data")).status_code == 200


async def test_a_page_of_another_site_reads_data_and_is_nobody_there(here: Civic) -> None:
    """What a browser sends for it (Fetch standard): where it comes from, and first a question what it may send."""
    there = {"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}
    for path in ("/catalog", "/data/air-quality.csv", "/ngsi-ld/v1/entities?type=AirQualityObserved", "/nowhere"):
        answer = await here.site.get(path, headers=there)
        assert answer.headers["access-control-allow-origin"] == "*", path
        assert "access-control-allow-credentials" not in answer.headers
    asked = {**there, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    before = await here.site.options("/ngsi-ld/v1/subscriptions", headers=asked)
    assert (before.status_code, before.content) == (204, b"")
    assert "authorization" in before.headers["access-control-allow-headers"].lower()
    page = await here.site.get("/open-data", headers={**there, "Accept": "text/html"})
    assert page.status_code == 200 and "access-control-allow-origin" not in page.headers
    made = await here.site.post("/proposals/links", json={"count": 1}, headers=there)
    assert made.status_code == 403, "a browser is no operator, whatever machine it is on"
