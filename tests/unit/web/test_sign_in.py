"""Signing in and out through the pages, as a browser without JavaScript does it; where one goes on to is ours."""

import dataclasses
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from tests.conformance.conftest import DATASETS, a_city

from madang.account.ledger import Account
from madang.api import build
from madang.api.limits import Limits
from madang.app.people import Place
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import Policy
from madang.govern.identity import Entrance, Person, Sessions, link
from madang.hub import Hub
from madang.store.memory import MemoryLedger, MemoryStore
from madang.web import routes

HERE = "http://127.0.0.1"
PASSWORD = "four words in a row"
NOW = WallClock().now


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    kept = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    made.people.add(Person(name="kim", password=kept, roles=("operator",), created_at=NOW(), changed_at=NOW()))
    return made


@pytest.fixture(scope="module")
def app() -> Iterator[Any]:
    """Built once: only who may come in is new in each test."""
    hub = Hub(MemoryStore(), Policy(DATASETS), WallClock(), LocalBus())
    status: Any = {"ready": True, "parts": {}}
    yield build(hub=hub, account=Account(MemoryLedger()), city=a_city(), status=lambda: status, page=routes())
    hub.close()


@pytest.fixture
async def browser(app: Any, place: Place) -> AsyncIterator[httpx.AsyncClient]:
    entrance = Entrance(Sessions(NOW, place.sessions), NOW, people=place.people, links=place.links)
    app.state["rooms"] = dataclasses.replace(app.state["rooms"], entrance=entrance, limits=Limits())
    headers = {"User-Agent": "Mozilla/5.0", "Accept": "text/html"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HERE, headers=headers) as client:
        yield client


async def give(browser: httpx.AsyncClient, path: str = "/sign-in", **form: str) -> httpx.Response:
    """Send a form of our own page."""
    return await browser.post(path, data=form, headers={"Origin": HERE, "Sec-Fetch-Site": "same-origin"})


def heading(answer: httpx.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", answer.text)
    return found[1] if found else ""


async def test_in_by_password_and_out_again(browser: httpx.AsyncClient) -> None:
    assert '<a class="who" href="/sign-in?lang=en' in (await browser.get("/sign-out")).text
    done = await give(browser, name=" kim ", password=PASSWORD, next="/committees")
    assert (done.status_code, done.headers["location"]) == (303, "/committees?lang=en")
    page = await browser.get("/sign-out")
    assert heading(page) == "Signed in as kim" and page.headers["cache-control"] == "private, no-store"
    assert '<a class="who" href="/sign-out?lang=en' in page.text
    gone = await give(browser, "/sign-out")
    assert (gone.status_code, gone.headers["location"]) == (303, "/?lang=en")
    assert heading(await browser.get("/sign-out")) == "You are not signed in"


async def test_out_on_all_devices(browser: httpx.AsyncClient) -> None:
    for _ in range(2):
        await give(browser, name="kim", password=PASSWORD)
        browser.cookies.clear()
    await give(browser, name="kim", password=PASSWORD)
    assert 'name="everywhere"' in (await browser.get("/sign-out")).text
    await give(browser, "/sign-out", everywhere="yes")
    await give(browser, name="kim", password=PASSWORD)
    assert (await browser.get("/session")).json()["sessions"] == 1


async def test_what_is_wrong_keeps_the_name_and_not_the_password(browser: httpx.AsyncClient) -> None:
    wrong = await give(browser, name='kim"><b>', password="not the password")
    assert wrong.status_code == 401 and "set-cookie" not in wrong.headers
    assert "That is not right" in wrong.text and "not the password" not in wrong.text
    assert 'value="kim&#34;&gt;&lt;b&gt;"' in wrong.text
    for _ in range(10):
        late = await give(browser, name="kim", password="wrong")
    assert late.status_code == 429 and "Too many tries" in late.text


async def test_a_link_is_spent_by_its_button_alone(browser: httpx.AsyncClient, place: Place) -> None:
    made, token = link.make("operator", NOW())
    place.links.add(made, NOW())
    for method in ("GET", "HEAD", "GET"):
        offer = await browser.request(method, f"/sign-in/{token}")
        assert offer.status_code == 200 and "set-cookie" not in offer.headers
    assert (await browser.post(f"/sign-in/{token}", headers={"Origin": "https://evil.example"})).status_code == 403
    done = await give(browser, f"/sign-in/{token}")
    assert (done.status_code, done.headers["location"]) == (303, "/?lang=en")
    assert heading(await browser.get("/sign-out")) == "Signed in as operator"
    again = await give(browser, f"/sign-in/{token}")
    assert again.status_code == 401 and "This link was used" in again.text


async def test_another_sites_form_signs_nobody_in(browser: httpx.AsyncClient) -> None:
    there = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = await browser.post("/sign-in", data={"name": "kim", "password": PASSWORD}, headers=there)
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\tevil", "", "/sign-out"],
)
async def test_one_goes_on_to_pages_of_ours_alone(browser: httpx.AsyncClient, onward: str) -> None:
    done = await give(browser, name="kim", password=PASSWORD, next=onward)
    assert done.headers["location"] == "/?lang=en"


async def test_a_city_without_a_provider_offers_none(browser: httpx.AsyncClient) -> None:
    assert "/sign-in/with" not in (await browser.get("/sign-in")).text
    assert (await browser.get("/sign-in/with")).status_code == 404
    assert (await browser.get("/sign-in/back?code=a&state=b")).status_code == 404


async def test_the_page_speaks_the_visitors_language(browser: httpx.AsyncClient) -> None:
    done = await browser.post("/sign-in?lang=ko", data={"name": "kim", "password": PASSWORD}, headers={"Origin": HERE})
    assert done.headers["location"] == "/?lang=ko"


OTHER = "quite another one"


async def change(browser: httpx.AsyncClient, old: str, new: str = OTHER, again: str = OTHER) -> httpx.Response:
    return await give(browser, "/password", old=old, new=new, again=again)


async def test_one_changes_ones_own_password(browser: httpx.AsyncClient) -> None:
    assert (await change(browser, PASSWORD)).status_code == 401
    await give(browser, name="kim", password=PASSWORD)
    before = httpx.Cookies(browser.cookies)
    wrong = await change(browser, "not that one")
    assert wrong.status_code == 401 and "The present password is not right" in wrong.text
    assert (await change(browser, PASSWORD, again="another quite one")).status_code == 400
    weak = await change(browser, PASSWORD, "kim", "kim")
    assert weak.status_code == 400 and "12 to 256 characters" in weak.text
    done = await change(browser, PASSWORD)
    assert done.status_code == 303
    told = (await browser.get(done.headers["location"])).text
    assert "Your password is changed" in told and ">kim</a>" in told
    assert heading(await browser.get("/sign-out")) == "Signed in as kim"
    browser.cookies = before
    assert heading(await browser.get("/sign-out")) == "You are not signed in", "the session before has ended"
    assert (await give(browser, name="kim", password=PASSWORD)).status_code == 401
    assert (await give(browser, name="kim", password=OTHER)).status_code == 303


async def test_another_sites_page_changes_nobodys_password(browser: httpx.AsyncClient) -> None:
    await give(browser, name="kim", password=PASSWORD)
    form = {"old": PASSWORD, "new": OTHER, "again": OTHER}
    answer = await browser.post("/password", data=form, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert (await give(browser, name="kim", password=PASSWORD)).status_code == 303


async def test_who_came_by_the_operators_link_has_no_password(browser: httpx.AsyncClient, place: Place) -> None:
    made, token = link.make("operator", NOW())
    place.links.add(made, NOW())
    await give(browser, f"/sign-in/{token}")
    assert (await change(browser, PASSWORD)).status_code == 401
