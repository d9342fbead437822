"""Residents' reports over HTTP: filed once, opened by a link, joined, handled, opened again, told; their photos."""

import asyncio
import dataclasses
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from PIL import Image

from madang import city as cities
from madang.account.ledger import Account
from madang.api.contexts import Contexts
from madang.api.limits import Limits
from madang.api.outside import Outside
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.errors import Undelivered
from madang.govern import SYSTEM, Policy
from madang.hub import Hub, delivery
from madang.model.parcel import Address, Parcel
from madang.participate import photos
from madang.participate.written import photographed
from madang.store.memory import MemoryLedger, MemoryStore

from .test_governed_reads import People

CITY = cities.read(Path(__file__).parents[2] / "cities/ingolstadt")
HOLE = {"kind": "pothole", "description": "A <b>deep</b> hole", "lat": 48.77, "long": 11.43, "channel": "web"}
DRAFT = "abcdefghijklmnopqrstuvwxyz"


class Carrier:
    """Takes down what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.fails = 0

    def check(self, uri: str) -> None:
        raise NotImplementedError

    async def send(self, address: Address, parcel: Parcel) -> None:
        if self.fails:
            self.fails -= 1
            raise Undelivered("not now")
        self.sent.append((address.uri, bytes(parcel.body)))

    async def close(self) -> None:
        return


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def carrier() -> Carrier:
    return Carrier()


@pytest.fixture
async def city(_application: Litestar, people: People, carrier: Carrier, monkeypatch: Any) -> AsyncIterator[Litestar]:
    monkeypatch.setattr(delivery, "FIRST_S", 0.01)
    before = _application.state["rooms"]
    hub = Hub(MemoryStore(), Policy(CITY.datasets), WallClock(), LocalBus(), courier=carrier)
    _application.state["rooms"] = dataclasses.replace(
        before,
        hub=hub,
        city=CITY,
        account=Account(MemoryLedger()),
        contexts=Contexts(kept=lambda: hub.contexts),
        known=people.known,
        home=False,
        limits=Limits(),
        outside=Outside(address="https://city.example", mail=True),
        kept={},
    )
    yield _application
    _application.state["rooms"] = before
    await hub.stop()


@pytest.fixture
async def web(city: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=city), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def office(people: People) -> dict[str, str]:
    return people.key("office", "operator")


async def filed(web: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await web.post("/reports", json={**HOLE, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def handled(web: httpx.AsyncClient, office: dict[str, str], id: str, **given: Any) -> dict[str, Any]:
    answer = await web.post(f"/reports/{id}/handling", json=given, headers=office)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def until(holds: Any) -> None:
    for _ in range(500):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to be")


def picture(form: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(out, form, **more)
    return out.getvalue()


async def test_a_report_is_opened_by_its_link_and_by_nothing_else(web: httpx.AsyncClient) -> None:
    made = await filed(web, email="kim@example.org", name="Kim")
    assert made["link"] == f"https://city.example/report/{made['token']}"
    assert (made["district"], made["agency"]) == ("north-east", "road-maintenance")
    whole = (await web.get(f"/reports/links/{made['token']}")).json()
    assert whole["description"] == HOLE["description"] and whole["log"] == []
    said = await web.post(f"/reports/links/{made['token']}/words", json={"words": "It grew."})
    assert [one["text"] for one in said.json()["log"]] == ["It grew."]
    for token in (made["id"], made["id"] + ".", made["token"] + "x", "nothing.at-all", made["id"] + "." + "0" * 48):
        assert (await web.get(f"/reports/links/{token}")).status_code == 404, token
    public = await web.get(f"/reports/{made['id']}")
    assert "kim" not in public.text.lower() and "grew" not in public.text and "log" not in public.json()


async def test_a_draft_that_is_sent_again_is_one_report(web: httpx.AsyncClient, office: dict[str, str]) -> None:
    first, second = await filed(web, draft=DRAFT), await filed(web, draft=DRAFT)
    assert (first["token"], second["again"]) == (second["token"], True)
    other = await filed(web, draft=DRAFT, description="Another hole")
    assert other["id"] != first["id"]
    assert len((await web.get("/reports/queue", headers=office)).json()["reports"]) == 2


async def test_the_same_nearby_is_suggested_and_joined(web: httpx.AsyncClient, office: dict[str, str]) -> None:
    made = await filed(web)
    await filed(web, kind="signal-fault")
    await filed(web, lat=48.78)

    async def near(**place: Any) -> list[Any]:
        answer = await web.get("/reports/near", params={"kind": "pothole", "lat": 48.7701, "long": 11.43, **place})
        assert answer.status_code == 200, answer.text
        return [(one["id"], one["distance_m"]) for one in answer.json()["reports"]]

    assert await near() == [(made["id"], 11)]
    assert await near(lat=48.775) == []
    joined = await web.post(f"/reports/{made['id']}/supporters", json={})
    assert (joined.status_code, joined.json()["supporters"]) == (201, 1)
    assert (await web.post(f"/reports/{made['id']}/supporters", json={})).status_code == 429
    await handled(web, office, made["id"], status="closed", words="filled")
    assert await near() == []
    for wrong in ({"lat": "north"}, {"lat": 95}, {"lat": "nan"}):
        assert (await web.get("/reports/near", params={"kind": "pothole", "long": 11, **wrong})).status_code == 400


async def test_staff_handles_and_the_reporter_is_told(
    web: httpx.AsyncClient, office: dict[str, str], carrier: Carrier
) -> None:
    made = await filed(web, email="kim@example.org", language="de")
    carrier.fails = 1
    await handled(web, office, made["id"], handler="team 3")
    done = await handled(web, office, made["id"], status="closed", words="Ist gefüllt.")
    assert (done["status"], done["handler"], done["reachable"]) == ("closed", "team 3", ["email"])
    await until(lambda: carrier.sent)
    (to, body) = carrier.sent[0]
    assert to == "mailto:kim@example.org" and "Ihre Meldung: Schlagloch" in body.decode()
    assert f"https://city.example/report/{made['id']}" in body.decode() and made["token"] not in body.decode()
    whole = (await web.get(f"/reports/links/{made['token']}")).json()
    assert [(one["by"], one["act"]) for one in whole["log"]] == [("staff", "assigned"), ("staff", "closed")]
    assert "office" not in str(whole)
    again = await web.post(f"/reports/{made['id']}/reopening", json={"words": "It is back"})
    assert (again.status_code, again.json()["status"]) == (201, "open")
    assert (await web.post(f"/reports/{made['id']}/reopening", json={"words": "It is back"})).status_code == 409


async def test_reports_about_one_matter_are_merged(web: httpx.AsyncClient, office: dict[str, str]) -> None:
    first, second = await filed(web), await filed(web, description="the same")
    merged = await handled(web, office, second["id"], merge_into=first["id"], words="the same hole")
    assert (merged["status"], merged["merged_into"]) == ("closed", first["id"])
    assert (await web.get(f"/reports/{first['id']}")).json()["supporters"] == 1
    for into in (second["id"], first["id"]):
        answer = await web.post(f"/reports/{first['id']}/handling", json={"merge_into": into}, headers=office)
        assert answer.status_code in (400, 409), answer.text


async def test_the_queue_has_what_is_due_first_and_is_for_operators(
    web: httpx.AsyncClient, office: dict[str, str], people: People
) -> None:
    slow, fast = await filed(web, kind="bad-air"), await filed(web, kind="signal-fault")
    listed = (await web.get("/reports/queue", headers=office)).json()
    assert [one["id"] for one in listed["reports"]] == [fast["id"], slow["id"]]
    assert listed["agencies"] == ["environment-bureau", "mobility"] and listed["overdue"] == 0
    mine = (await web.get("/reports/queue?agency=mobility", headers=office)).json()
    assert [one["id"] for one in mine["reports"]] == [fast["id"]]
    for headers in ({}, people.key("app", "reader")):
        assert (await web.get("/reports/queue", headers=headers)).status_code == 403
        assert (await web.get(f"/reports/{slow['id']}/case", headers=headers)).status_code == 403
        answer = await web.post(f"/reports/{slow['id']}/handling", json={"words": "x"}, headers=headers)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"lat": None}, 400, "go together"),
        ({"lat": None, "long": None}, 400, "where"),
        ({"email": "kim at home"}, 400, "email"),
        ({"email": "kim@example.org\r\nBcc: all@example.org"}, 400, "email"),
        ({"webhook": "https://example.org/x"}, 403, "key"),
        ({"age_group": "old"}, 400, "age_group"),
        ({"draft": "short"}, 400, "draft"),
        ({"description": "turned \u202e round"}, 400, "U+202E"),
        ({"kind": "moon"}, 404, "known: pothole"),
        ({"strange": 1}, 400, "strange"),
    ],
)
async def test_what_is_wrong_is_told(web: httpx.AsyncClient, more: dict[str, Any], status: int, words: str) -> None:
    answer = await web.post("/reports", json={**HOLE, **more})
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text


async def test_each_act_is_in_the_ledger_without_what_was_said(
    web: httpx.AsyncClient, city: Litestar, office: dict[str, str]
) -> None:
    made = await filed(web, email="kim@example.org")
    await web.post(f"/reports/links/{made['token']}/words", json={"words": "private"})
    await handled(web, office, made["id"], status="closed", words="done")
    entries = await city.state["rooms"].account.find("report", target=made["id"], limit=10)
    bodies = b"".join(entry.body for entry in entries)
    assert [b'"act":"%s"' % act in bodies for act in (b"filed", b"said", b"closed")] == [True] * 3
    assert b"private" not in bodies and b"kim" not in bodies and b"hole" not in bodies.replace(b"pothole", b"")


@pytest.fixture
def looking(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What looks for faces, if anything does."""
    found: list[Any] = [None]
    monkeypatch.setattr(photos, "_finder", lambda: found[0])
    yield found


async def test_a_photo_nobody_looked_at_is_seen_by_staff_alone(
    web: httpx.AsyncClient, office: dict[str, str], looking: list[Any]
) -> None:
    made = await filed(web)
    path = f"/reports/links/{made['token']}/photos"
    sent = await web.post(path, content=picture(), headers={"Content-Type": "image/jpeg"})
    assert (sent.status_code, sent.json()["photos"], sent.json()["photos_held"]) == (201, [], 1), sent.text
    (held,) = (await web.get(f"/reports/{made['id']}/case", headers=office)).json()["held"]
    assert (await web.get(held)).status_code == 404
    seen = await web.get(held, headers=office)
    assert (seen.status_code, seen.headers["content-type"], seen.headers["cache-control"]) == (
        200,
        "image/jpeg",
        "private, no-store",
    )
    await handled(web, office, made["id"], publish=[held.removeprefix("/photos/")])
    public = await web.get(held)
    assert public.status_code == 200 and public.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in public.headers["content-security-policy"]
    assert public.headers["content-disposition"].startswith("inline; filename=")
    listed = (await web.get(f"/open311/v2/requests/{made['id']}.json")).json()[0]
    assert listed["media_url"] == f"https://city.example{held}"
    await handled(web, office, made["id"], remove=[held.removeprefix("/photos/")])
    assert (await web.get(held, headers=office)).status_code == 404


async def test_a_kind_may_have_its_photos_looked_at_first(
    web: httpx.AsyncClient, city: Litestar, looking: list[Any]
) -> None:
    looking[0] = lambda _: []
    kinds = {code: msgspec.structs.replace(kind, look_first=True) for code, kind in CITY.reports.items()}
    rooms = city.state["rooms"]
    city.state["rooms"] = dataclasses.replace(rooms, city=msgspec.structs.replace(CITY, reports=kinds))
    made = await filed(web)
    path = f"/reports/links/{made['token']}/photos"
    sent = await web.post(path, content=picture(), headers={"Content-Type": "image/jpeg"})
    assert (sent.json()["photos"], sent.json()["photos_held"], sent.json()["faces_removed"]) == ([], 1, 0)


async def test_what_is_no_photo_is_refused_and_nothing_is_kept(web: httpx.AsyncClient, looking: list[Any]) -> None:
    looking[0] = lambda _: []
    made = await filed(web)
    path = f"/reports/links/{made['token']}/photos"
    for body, media, status in (
        (b"<svg onload='alert(1)'/>", "image/svg+xml", 415),
        (b"<svg onload='alert(1)'/>", "image/jpeg", 400),
        (picture()[:200], "image/jpeg", 400),
        (b"", "image/png", 400),
        (picture("GIF"), "image/png", 400),
    ):
        answer = await web.post(path, content=body, headers={"Content-Type": media})
        assert answer.status_code == status, answer.text
    assert (await web.post(path + "x", content=picture(), headers={"Content-Type": "image/jpeg"})).status_code in (
        404,
        405,
    )
    assert (await web.get(f"/reports/{made['id']}")).json()["photos"] == []


async def test_what_is_kept_goes_when_its_dataset_says(web: httpx.AsyncClient, city: Litestar, office: Any) -> None:
    made = await filed(web, email="kim@example.org")
    await web.post(f"/reports/links/{made['token']}/words", json={"words": "private"})
    await handled(web, office, made["id"], handler="team 3")
    hub: Hub = city.state["rooms"].hub
    whole = (await hub.entities.read(SYSTEM, [f"urn:ngsi-ld:ServiceRequest:{made['id']}"])).popitem()[1]
    years = {
        name: one.expires_at.year - whole.created_at.year
        for name, (one, *_) in whole.attributes.items()
        if one.expires_at and whole.created_at
    }
    private = ("contactEmail", "caseSecret", "caseLog", "handler")
    assert {years.pop(name) for name in private} == {1} and set(years.values()) - {1} == {5}
    assert years["status"] == years["location"] == years["photos"] == 5 and set(years) | set(private) == set(
        whole.attributes
    )
    assert whole.expires_at and whole.created_at and whole.expires_at.year - whole.created_at.year == 5


async def test_an_erased_person_leaves_no_photo(web: httpx.AsyncClient, city: Litestar, looking: list[Any]) -> None:
    looking[0] = lambda _: []
    made = await filed(web)
    sent = await web.post(
        f"/reports/links/{made['token']}/photos", content=picture("PNG"), headers={"Content-Type": "image/png"}
    )
    (shown,) = sent.json()["photos"]
    hub: Hub = city.state["rooms"].hub
    assert await hub.photos.sweep(photographed) == 0
    await hub.entities.delete(SYSTEM, f"urn:ngsi-ld:ServiceRequest:{made['id']}")
    assert await hub.photos.sweep(photographed) == 1
    assert await hub.photos.find(shown.removeprefix("/photos/")) is None
