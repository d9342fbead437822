"""What is sensed here: the list, a device's answers from declarations and ledger, and a sign that a camera can read."""

from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree

import cv2
import httpx
import numpy
import pytest
from PIL import Image, ImageDraw
from tests.unit.web.test_routes import AT, SIGNAL, record

from madang import city as cities
from madang.account import Account
from madang.api import build
from madang.api.outside import Outside
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import SYSTEM, Policy
from madang.hub import Hub
from madang.model.entity import Entity, observed, point
from madang.store.memory import MemoryLedger, MemoryStore
from madang.web import routes

CITY = cities.read(Path(__file__).parents[3] / "cities/ingolstadt")
SVG = "{http://www.w3.org/2000/svg}"
PLACE = "urn:ngsi-ld:PointOfInterest:school"


def devices() -> list[Entity]:
    here, there = point(11.4, 48.7), point(11.5, 48.8)
    return [
        observed(SIGNAL, "TrafficSignal", AT, {"stage": "s1", "location": here, "name": "a"}),
        observed(
            "urn:ngsi-ld:ApproachObserved:a", "ApproachObserved", AT, {"queues": {}, "location": here}, json=("queues",)
        ),
        observed(
            "urn:ngsi-ld:AirQualityObserved:x",
            "AirQualityObserved",
            AT,
            {"no2": 31.5, "location": there, "name": "<b>X</b>"},
        ),
        observed("urn:ngsi-ld:BusLine:16", "BusLine", AT, {"lateness": 5.0}),
        *(observed(f"urn:ngsi-ld:BusLine:{line}", "BusLine", AT, {"lateness": 5.0}) for line in ("x11", "x2")),
        observed(PLACE, "PointOfInterest", None, {"name": "A school", "location": point(11.402, 48.7)}),
    ]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    hub = Hub(MemoryStore(), Policy(CITY.datasets), WallClock(), LocalBus())
    await hub.batch.upsert(SYSTEM, devices())
    account = Account(MemoryLedger())
    await account.write([record()])
    app = build(
        hub=hub,
        account=account,
        city=CITY,
        status=lambda: {"ready": True, "parts": {"world": {"status": "running"}}},
        outside=Outside(address="https://city.example"),
        page=routes(dist=tmp_path),
        home=False,
    )
    headers = {"Accept": "text/html,*/*;q=0.8"}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        yield client
    hub.close()


async def test_everything_that_senses_is_listed(site: httpx.AsyncClient) -> None:
    page = (await site.get("/sensed?lang=en")).text
    for id in ("TrafficSignal:a", "ApproachObserved:a", "AirQualityObserved:x", "BusLine:16"):
        assert f"/sensed/urn:ngsi-ld:{id}?lang=en" in page
    assert "&lt;b&gt;X" in page and "<b>X" not in page and "Who reported" in page
    data = (await site.get("/sensed.json")).json()
    assert [one["kind"] for one in data["devices"]] == ["air", "bus", "bus", "bus", "camera", "place", "signal"]
    assert page.index("BusLine:16") < page.index("BusLine:x2") < page.index("BusLine:x11"), "2 before 11"


async def test_a_place_has_a_page_and_a_sign_and_says_what_senses_around_it(site: httpx.AsyncClient) -> None:
    data = (await site.get(f"/sensed/{PLACE}.json")).json()
    assert (data["kind"], data["here_m"]) == ("place", 300.0)
    assert {one["id"] for one in data["here"]} == {SIGNAL, "urn:ngsi-ld:ApproachObserved:a"}, "147 m away"
    page = (await site.get(f"/sensed/{PLACE}?lang=en")).text
    assert "A place that the city" in page and "Within 300 m of it" in page
    # A simulated city has places that somebody invented, and words that residents wrote: each dataset says its own.
    assert "a file of invented places" in page
    listed = (await site.get("/sensed?lang=en", headers={"Accept": "text/html"})).text
    assert "Where it comes from:" in listed and "written by people who report something" in listed
    assert (await site.get(f"/sensed/{PLACE}/sign.svg")).status_code == 200


async def test_a_device_answers_each_question(site: httpx.AsyncClient) -> None:
    data = (await site.get(f"/sensed/{SIGNAL}.json")).json()
    asked = data["questions"]
    assert asked["technology"]["traffic-signals"]["en"].startswith("Simulated signal controllers")
    assert asked["accountable"] == ["traffic-bureau"]
    assert asked["retention"]["traffic-signals"] == "P90D" and "signals" in asked["purpose"]
    acting = {one["service"] for one in asked["process"] if one["acts"]}
    assert "signals" in acting and data["decision"]["id"] == "signals-1"
    assert [one["id"] for one in data["here"]] == ["urn:ngsi-ld:ApproachObserved:a"]
    page = (await site.get(f"/sensed/{SIGNAL}?lang=de")).text
    assert "Simulated signal controllers, which report stage and lamps." in page
    assert "90 Tage" in page and "traffic-bureau" in page and "/why/signals-1?lang=de" in page
    assert f"/sensed/{SIGNAL}/sign.svg" in page and "urn:ngsi-ld:ApproachObserved:a?lang=de" in page


@pytest.mark.parametrize(
    ("language", "hours", "days"),
    [("en", "6 hours", "90 days"), ("ko", "6시간", "90일"), ("de", "6 Stunden", "90 Tage"), ("hi", "6 घंटे", "90 दिन"),
     ("id", "6 jam", "90 hari"), ("vi", "6 giờ", "90 ngày"), ("th", "6 ชั่วโมง", "90 วัน")],
)  # fmt: skip
async def test_how_long_is_said_in_each_language(site: httpx.AsyncClient, language: str, hours: str, days: str) -> None:
    page = (await site.get(f"/sensed/{SIGNAL}?lang={language}", headers={"Accept": "text/html"})).text
    assert f": {hours}</dd>" in page and f": {days}</dd>" in page and "duration" not in page


@pytest.mark.parametrize(
    "id", ["urn:ngsi-ld:TrafficSignal:none", "urn:ngsi-ld:ServiceRequest:x", "no-urn", "urn:x%2F..%2Fy"]
)
async def test_what_senses_nothing_has_no_page(site: httpx.AsyncClient, id: str) -> None:
    for end in ("", ".json", "/sign.svg"):
        assert (await site.get(f"/sensed/{id}{end}")).status_code in (400, 404)


async def test_the_sign_has_the_citys_languages_and_a_code_that_leads_here(site: httpx.AsyncClient) -> None:
    answer = await site.get(f"/sensed/{SIGNAL}/sign.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    root = ElementTree.fromstring(answer.content)
    said = [each.text for each in root.iter(f"{SVG}text")]
    assert len(said) == 2 * len(CITY.languages) + 1 and said[-1] == f"https://city.example/sensed/{SIGNAL}"
    assert not [each for each in root.iter() if each.tag in (f"{SVG}script", f"{SVG}style") or "style" in each.attrib]
    path = next(root.iter(f"{SVG}path")).attrib["d"]
    found, *_ = cv2.QRCodeDetector().detectAndDecode(drawn(path))
    assert found == f"https://city.example/sensed/{SIGNAL}"


def drawn(path: str, scale: int = 8) -> numpy.ndarray:
    """The code's dots as pixels."""
    dots = [tuple(map(int, each.removesuffix("h1v1h-1z").split())) for each in path.split("M") if each]
    side = scale * (max(max(dot) for dot in dots) + 5)
    picture = Image.new("L", (side, side), 255)
    draw = ImageDraw.Draw(picture)
    for column, row in dots:
        draw.rectangle((column * scale, row * scale, (column + 1) * scale - 1, (row + 1) * scale - 1), fill=0)
    return numpy.asarray(picture)
