"""The registers say what is declared and what ran, and name what nobody stated."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from msgspec.structs import replace as changed

from madang import city as cities
from madang.account.ledger import Account
from madang.decide import registry

from .test_city_and_decisions import decision

pytestmark = pytest.mark.parametrize("hub", ["memory"], indirect=True)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def ingolstadt(app: Litestar) -> Iterator[None]:
    """The rooms with the city that comes with us."""
    before = app.state["rooms"]
    app.state["rooms"] = replace(before, city=cities.read(ROOT / "cities" / "ingolstadt"))
    yield
    app.state["rooms"] = before


async def test_services_are_registered_with_what_ran(
    site: httpx.AsyncClient, account: Account, ingolstadt: None
) -> None:
    await account.write([decision(n) for n in range(5)])
    for expected in ({"signals": 2, "buses": 3}, {"signals": 3, "buses": 3}):
        body = (await site.get("/registers/services")).json()
        ran = {each["name"]: each["ran"]["decision"] for each in body["services"]}
        assert {name: ran[name] for name in expected} == expected
        if expected["signals"] == 2:
            await account.write([decision(1)])
    signals = next(each for each in body["services"] if each["name"] == "signals")
    assert signals["version"] == registry.load("signals").version and signals["mandate"]["allowed"]
    assert signals["last_decision"] == "2026-03-01T07:31:00Z"
    tiers = signals["atrs"]
    assert tiers["tier_1"]["contact_email"] == "mobility@example.org"
    assert {"traffic-signals", "approaches"} <= {one["id"] for one in tiers["tier_2"]["source_data"]}
    assert "3 decisions" in tiers["tier_2"]["frequency_and_scale_of_usage"]
    assert signals["eurocities"]["status"] == "in use"
    assert "impact_assessments" in signals["not_stated"] and tiers["tier_2"]["impact_assessments"] is None
    assert body["log"]["size"] == 6


async def test_datasets_answer_the_questions_of_dtpr(site: httpx.AsyncClient, ingolstadt: None) -> None:
    body = (await site.get("/registers/datasets")).json()
    files = {file.stem for file in (ROOT / "cities" / "ingolstadt" / "datasets").glob("*.toml")}
    assert {each["id"] for each in body["datasets"]} == files
    air = next(each for each in body["datasets"] if each["id"] == "air-quality")["dtpr"]
    assert (air["accountable"], air["storage"]["retention"]) == ("environment-bureau", "P5Y")
    assert air["technology"] == "simulated devices" and not air["identifies_people"]
    signals = next(each for each in body["datasets"] if each["id"] == "traffic-signals")
    assert "signals" in signals["dtpr"]["processing"]


async def test_a_city_with_services_that_are_gone_says_so(
    site: httpx.AsyncClient, app: Litestar, ingolstadt: None
) -> None:
    here = app.state["rooms"]
    services = {"doors": here.city.services["signals"]}
    app.state["rooms"] = replace(here, city=changed(here.city, services=services, world=None))
    assert (await site.get("/registers/services")).json()["services"] == [{"name": "doors", "status": "not installed"}]
    assert "technology" in (await site.get("/registers/datasets")).json()["datasets"][0]["not_stated"]
