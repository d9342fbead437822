"""Residents' reports by Open311 GeoReport v2: both formats, what is wrong, who may do what, and a real client."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from georeport import GeoReport
from litestar import Litestar

from madang import city as cities
from madang.account.ledger import Account
from madang.api.contexts import Contexts
from madang.api.limits import BURST, Limits
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import Policy
from madang.hub import Hub
from madang.store.memory import MemoryLedger, MemoryStore

from .conftest import serving
from .test_governed_reads import People

ROOT = "/open311/v2"
CITY = cities.read(Path(__file__).parents[2] / "cities/ingolstadt")
HOLE = {
    "service_code": "pothole", "lat": "48.7651", "long": "11.4250", "description": "A <b>deep</b> hole & more",
    "attribute[depth]": "deep", "email": "kim@example.org", "first_name": "Kim",
}  # fmt: skip


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def reporting(_application: Litestar, people: People) -> Iterator[Litestar]:
    before = _application.state["rooms"]
    hub = Hub(MemoryStore(), Policy(CITY.datasets), WallClock(), LocalBus())
    _application.state["rooms"] = dataclasses.replace(
        before,
        hub=hub,
        city=CITY,
        account=Account(MemoryLedger()),
        contexts=Contexts(kept=lambda: hub.contexts),
        known=people.known,
        home=False,
        limits=Limits(),
    )
    yield _application
    _application.state["rooms"] = before
    hub.close()


@pytest.fixture
async def office(reporting: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=reporting)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1{ROOT}") as client:
        yield client


async def filed(office: httpx.AsyncClient, **more: str) -> str:
    answer = await office.post("/requests.json", data={**HOLE, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()[0]["service_request_id"]


async def test_services_are_told_in_both_formats(office: httpx.AsyncClient) -> None:
    listed = (await office.get("/services.json", headers={"Accept-Language": "de-DE"})).json()
    assert [one["service_name"] for one in listed] == ["Schlagloch", "Ampel gestört", "Schlechte Luft"]
    root = ElementTree.fromstring((await office.get("/services.xml")).content)
    assert (root.tag, [one.findtext("service_code") for one in root.findall("service")]) == (
        "services",
        ["pothole", "signal-fault", "bad-air"],
    )
    asked = (await office.get("/services/pothole.json")).json()["attributes"][0]
    assert (asked["code"], asked["datatype"], asked["values"][0]["key"]) == ("depth", "singlevaluelist", "shallow")
    definition = ElementTree.fromstring((await office.get("/services/pothole.xml")).content)
    assert definition.findtext("attributes/attribute/values/value/key") == "shallow"
    discovery = (await office.get("/discovery.json")).json()
    assert discovery["endpoints"][0]["url"].endswith(ROOT)
    assert ElementTree.fromstring((await office.get("/discovery.xml")).content).findtext("endpoints/endpoint/type")


@pytest.mark.parametrize(
    ("wished", "name"),
    [
        ("ko;q=0.9, de;q=0.5", "도로 파임"),
        ("xx, de-AT;q=0.8", "Schlagloch"),
        ("en;q=0.1, de", "Schlagloch"),
        ("de;q=0, ko;q=0.1", "도로 파임"),
        ("*", "Pothole"),
        ("fr", "Pothole"),
    ],
)
async def test_an_app_is_answered_in_the_language_that_it_likes_best(
    office: httpx.AsyncClient, wished: str, name: str
) -> None:
    answer = await office.get("/services.json", headers={"Accept-Language": wished})
    assert answer.json()[0]["service_name"] == name and "Accept-Language" in answer.headers["vary"]
    made = await office.post("/requests.xml", data=HOLE, headers={"Accept-Language": wished})
    assert (made.status_code, made.headers["content-type"]) == (201, "text/xml; charset=utf-8"), made.text


async def test_a_report_is_filed_read_closed_and_opened_again(office: httpx.AsyncClient, people: People) -> None:
    id = await filed(office)
    (told,) = (await office.get(f"/requests/{id}.json")).json()
    assert (told["status"], told["agency_responsible"], told["lat"]) == ("open", "road-maintenance", 48.7651)
    assert told["description"] == HOLE["description"]
    root = ElementTree.fromstring((await office.get(f"/requests/{id}.xml")).content)
    assert root.findtext("request/description") == HOLE["description"]
    assert "kim" not in (await office.get(f"/requests/{id}.json")).text.lower()
    shut = {"status": "closed", "status_notes": "filled"}
    assert (await office.post(f"/requests/{id}.json", data=shut)).status_code == 403
    operator = people.key("office", "operator")
    closed = await office.post(f"/requests/{id}.json", data=shut, headers=operator)
    assert (closed.status_code, closed.json()[0]["status"]) == (200, "closed")
    again = await office.post(f"/requests/{id}.xml", data={"status": "open", "status_notes": "it is back"})
    assert ElementTree.fromstring(again.content).findtext("request/status") == "open"
    token = (await office.get(f"/tokens/{id}.json")).json()
    assert token == [{"service_request_id": id, "token": id}]


async def test_the_notice_of_a_filed_report_has_its_link(office: httpx.AsyncClient) -> None:
    (told,) = (await office.post("/requests.json", data=HOLE)).json()
    link = told["service_notice"].split("; ")[1].split()[0]
    token = link.rpartition("/report/")[2]
    assert token.startswith(told["service_request_id"] + ".") and link.startswith("http://127.0.0.1/report/")
    opened = await office.get(f"http://127.0.0.1/reports/links/{token}")
    assert opened.json()["description"] == HOLE["description"]


async def test_who_reported_is_read_for_its_purpose_alone(office: httpx.AsyncClient, people: People) -> None:
    id = await filed(office)
    path = f"http://127.0.0.1/ngsi-ld/v1/entities/urn:ngsi-ld:ServiceRequest:{id}"
    operator = people.key("office", "operator")
    for headers, seen in (
        ({}, False),
        (operator, False),
        ({**operator, "Madang-Purpose": "report-handling"}, True),
    ):
        assert ("contactEmail" in (await office.get(path, headers=headers)).json()) is seen


async def test_reports_are_listed(office: httpx.AsyncClient, people: People) -> None:
    first = await filed(office)
    second = await filed(office, service_code="bad-air", **{"attribute[depth]": ""})
    operator = people.key("office", "operator")
    await office.post(f"/requests/{first}.json", data={"status": "closed", "status_notes": "x"}, headers=operator)

    async def ids(query: str) -> list[str]:
        answer = await office.get(f"/requests.json?{query}")
        assert answer.status_code == 200, answer.text
        return [one["service_request_id"] for one in answer.json()]

    assert await ids("") == [second, first]
    assert await ids("status=open") == [second]
    assert await ids("service_code=pothole,signal-fault") == [first]
    assert await ids(f"service_request_id={first},nothing,{second}&status=open") == [first, second]
    assert await ids("page_size=1&page=2") == [first]
    assert await ids("start_date=2020-01-01T00:00:00Z&end_date=2020-02-01T00:00:00Z") == []


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"service_code": ""}, 400, "service_code was not provided"),
        ({"service_code": "moon"}, 404, "known: pothole"),
        ({"lat": "", "long": ""}, 400, "where"),
        ({"lat": "north"}, 400, "degrees"),
        ({"lat": "95"}, 400, "-90 to 90"),
        ({"lat": "nan"}, 400, ""),
        ({"description": "x" * 4001}, 400, "4000"),
        ({"attribute[depth]": "bottomless"}, 400, "shallow, deep"),
        ({"attribute[colour]": "red"}, 400, "no question"),
        ({"media_url": "javascript:alert(1)"}, 400, "http"),
        ({"channel": "pigeon"}, 400, "api, web"),
        ({"api_key": "none"}, 403, "api_key"),
    ],
)
async def test_what_is_wrong_is_told_in_the_format(
    office: httpx.AsyncClient, more: dict[str, str], status: int, words: str
) -> None:
    answer = await office.post("/requests.json", data={**HOLE, **more})
    assert (answer.status_code, answer.json()[0]["code"]) == (status, status), answer.text
    assert words in answer.json()[0]["description"]
    root = ElementTree.fromstring((await office.post("/requests.xml", data={**HOLE, **more})).content)
    assert (root.tag, root.findtext("error/code")) == ("errors", str(status))
    assert (await office.get("/requests.json")).json() == []


@pytest.mark.parametrize(
    "path",
    ["/requests.json?status=lost", "/requests.json?start_date=monday", "/requests.json?page=0", "/services/x.xml",
     "/requests.json?page=0000000019999999999999999999", "/requests.json?page_size=1000001",
     "/requests.xml?start_date=2026-02-01T00:00:00Z&end_date=2026-01-01T00:00:00Z",
     "/requests/x.json", "/tokens/x.json", "/nothing.json", "/requests.csv"],
)  # fmt: skip
async def test_what_cannot_be_read_is_told(office: httpx.AsyncClient, path: str) -> None:
    answer = await office.get(path)
    assert answer.status_code in (400, 404)
    assert b"error" in answer.content or answer.json()


async def test_strangers_may_not_file_too_often(office: httpx.AsyncClient, people: People) -> None:
    answers: list[Any] = [await office.post("/requests.json", data=HOLE) for _ in range(BURST + 1)]
    assert [one.status_code for one in answers] == [201] * BURST + [429]
    _, text = "", people.key("kiosk", "kiosk")["Authorization"].removeprefix("Bearer ")
    assert (await office.post("/requests.json", data={**HOLE, "api_key": text})).status_code == 201


async def test_a_real_client_reads_it(reporting: Litestar, office: httpx.AsyncClient) -> None:
    """`georeport` of PyPI, over a socket."""
    id = await filed(office)

    def ask(address: str) -> None:
        for form in ("json", "xml"):
            remote = GeoReport(address + ROOT, output_format=form)
            assert remote.get_service_list()[0]["service_code"] == "pothole"
            assert remote.get_service_definition("pothole")["service_code"] == "pothole"
        listed = GeoReport(address + ROOT).get_service_requests(status="open")
        assert [one["service_request_id"] for one in listed] == [id]

    async with serving(reporting) as address:
        await asyncio.to_thread(ask, address)
