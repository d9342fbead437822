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
from madang.model.city import Disclosure

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
    assert "None was made" in tiers["tier_2"]["impact_assessments"]["en"]
    assert tiers["tier_2"]["phase"] == "in operation"
    assert all(each["not_stated"] == [] for each in body["services"]), "the city that comes with us states it all"
    assert body["log"]["size"] == 6


async def test_datasets_answer_the_questions_of_dtpr(site: httpx.AsyncClient, ingolstadt: None) -> None:
    body = (await site.get("/registers/datasets")).json()
    files = {file.stem for file in (ROOT / "cities" / "ingolstadt" / "datasets").glob("*.toml")}
    assert {each["id"] for each in body["datasets"]} == files
    air = next(each for each in body["datasets"] if each["id"] == "air-quality")["dtpr"]
    assert (air["accountable"], air["storage"]["retention"]) == ("environment-bureau", "P5Y")
    assert "No device" in air["technology"]["en"] and not air["identifies_people"]
    assert all(each["not_stated"] == [] for each in body["datasets"])
    signals = next(each for each in body["datasets"] if each["id"] == "traffic-signals")
    assert "signals" in signals["dtpr"]["processing"]


async def test_a_city_with_services_that_are_gone_says_so(
    site: httpx.AsyncClient, app: Litestar, ingolstadt: None
) -> None:
    here = app.state["rooms"]
    services = {"doors": here.city.services["signals"]}
    app.state["rooms"] = replace(here, city=changed(here.city, services=services))
    assert (await site.get("/registers/services")).json()["services"] == [{"name": "doors", "status": "not installed"}]


async def test_what_nobody_stated_is_named_and_not_made_up(
    site: httpx.AsyncClient, app: Litestar, ingolstadt: None
) -> None:
    here = app.state["rooms"]
    silent = {"signals": changed(here.city.services["signals"], disclosure=Disclosure())}
    datasets = tuple(changed(one, technology={}) for one in here.city.datasets)
    app.state["rooms"] = replace(here, city=changed(here.city, services=silent, datasets=datasets))
    (signals,) = (await site.get("/registers/services")).json()["services"]
    assert {"website_url", "impact_assessments", "senior_responsible_owner"} <= {*signals["not_stated"]}
    assert signals["atrs"]["tier_1"]["website_url"] is None
    assert (await site.get("/registers/datasets")).json()["datasets"][0]["not_stated"] == ["technology"]
    notes = [*cities.unstated(app.state["rooms"].city)]
    assert len(notes) == 1 + len(datasets) and {one.severity for one in notes} == {"note"}
    assert "does not state of signals: website, owner" in str(notes[0])
    assert not [*cities.unstated(here.city)]
