"""Who signs in, stays signed in and signs out. OWASP API Security 2023, items 2 (broken authentication), 5 (broken
function level authorisation) and 8 (misconfiguration); OWASP ASVS 5.0, chapters 6 (authentication), 7 (sessions)."""

import asyncio
import dataclasses
import stat
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from argon2 import PasswordHasher
from litestar import Litestar

from madang.app.people import Place
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import Policy
from madang.govern.identity import Entrance, Person, Sessions, link
from madang.govern.identity.totp import code, new_secret
from madang.hub import Hub
from madang.store.memory import MemoryStore

from .conftest import CAR, DATASETS, serving

HERE = "http://127.0.0.1"
PAGE = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
PASSWORD = "four words in a row"
# As cheap as can be: a hash says itself how dear it is to check.
HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
ENTITIES = "/ngsi-ld/v1/entities"


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, 7, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def entrance(place: Place, clock: Clock) -> Entrance:
    return Entrance(Sessions(clock.now, place.sessions), clock.now, people=place.people, links=place.links)


@pytest.fixture
def open_app(app: Litestar, place: Place, clock: Clock) -> Iterator[Litestar]:
    before = app.state["rooms"]
    app.state["rooms"] = dataclasses.replace(before, entrance=entrance(place, clock), limits=type(before.limits)())
    yield app
    app.state["rooms"] = before


@pytest.fixture
def hub() -> Iterator[Hub]:
    """In memory: another store says nothing new about people."""
    made = Hub(MemoryStore(), Policy(DATASETS), WallClock(), LocalBus())
    yield made
    made.close()


@pytest.fixture
async def browser(open_app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on this machine, with its cookies."""
    transport = httpx.ASGITransport(app=open_app)
    async with httpx.AsyncClient(transport=transport, base_url=HERE, headers=PAGE) as client:
        yield client


@pytest.fixture
async def secure(open_app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """The same over TLS."""
    transport = httpx.ASGITransport(app=open_app)
    origin = {"Origin": "https://city.example", "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url="https://city.example", headers=origin) as client:
        yield client


def person(place: Place, clock: Clock, name: str = "kim", *roles: str, **more: Any) -> None:
    now = clock.now()
    place.people.add(
        Person(name=name, password=HASH, roles=roles or ("operator",), created_at=now, changed_at=now, **more)
    )


async def sign_in(browser: httpx.AsyncClient, name: str = "kim", password: str = PASSWORD, **more: str) -> int:
    answer = await browser.post("/session", json={"name": name, "password": password, **more})
    return answer.status_code


async def who(browser: httpx.AsyncClient) -> str:
    return (await browser.get("/session")).json()["name"]


# Authentication (ASVS 6; API 2)


async def test_a_person_signs_in_by_password(browser: httpx.AsyncClient, place: Place, clock: Clock) -> None:
    person(place, clock, "kim", "resident", subject="urn:ngsi-ld:Person:kim")
    assert await who(browser) == ""
    assert await sign_in(browser) == 201
    told = (await browser.get("/session")).json()
    assert (told["name"], told["operator"], told["roles"]) == ("kim", False, ["resident"])
    assert told["subject"] == "urn:ngsi-ld:Person:kim"


async def test_what_is_wrong_is_not_told(browser: httpx.AsyncClient, place: Place, clock: Clock) -> None:
    secret = new_secret()
    person(place, clock, "lee", totp=secret)
    told: set[str] = set()
    for name, password in (("nobody", PASSWORD), ("lee", "another password"), ("lee", PASSWORD), ("lee", "")):
        answer = await browser.post("/session", json={"name": name, "password": password})
        assert answer.status_code == 401 and "set-cookie" not in answer.headers
        told.add(answer.json()["detail"])
    assert len(told) == 1


async def test_a_code_is_asked_of_who_has_one_and_holds_once(
    browser: httpx.AsyncClient, place: Place, clock: Clock
) -> None:
    secret = new_secret()
    person(place, clock, totp=secret)
    given = code(secret, int(clock.now().timestamp()) // 30)
    assert await sign_in(browser, code="000000" if given != "000000" else "111111") == 401
    assert await sign_in(browser, code=given) == 201
    assert await sign_in(browser, code=given) == 401


async def test_guessing_is_slowed_for_a_name_and_for_an_address(
    browser: httpx.AsyncClient, open_app: Litestar, place: Place, clock: Clock
) -> None:
    person(place, clock)
    tries = [await sign_in(browser, password="guess") for _ in range(12)]
    assert tries == [401] * 10 + [429] * 2
    refused = await browser.post("/session", json={"name": "other", "password": "guess"})
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    elsewhere = httpx.ASGITransport(app=open_app, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url=HERE, headers=PAGE) as other:
        assert await sign_in(other) == 429, "the name's own limit holds from everywhere"
        assert await sign_in(other, "lee", "guess") == 401


def test_what_is_kept_of_people_is_their_owners_alone(place: Place, clock: Clock, tmp_path: Path) -> None:
    person(place, clock)
    made, token = link.make("operator", clock.now())
    place.links.add(made, clock.now())
    entrance(place, clock).by_link(token)
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert len(files) >= 2
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in files)
    text = b"".join(each.read_bytes() for each in files)
    assert PASSWORD.encode() not in text and token.encode() not in text and b"$argon2id$" in text


# One-time links


async def test_a_link_signs_in_once(browser: httpx.AsyncClient, place: Place, clock: Clock) -> None:
    made, token = link.make("operator", clock.now())
    place.links.add(made, clock.now())
    assert (await browser.post("/session", json={"link": token})).status_code == 201
    assert (await browser.get("/session")).json()["operator"] is True
    assert (await browser.post("/session", json={"link": token})).status_code == 401


async def test_an_old_link_a_wrong_one_and_one_of_nobody_do_not(
    browser: httpx.AsyncClient, place: Place, clock: Clock
) -> None:
    tokens: list[str] = ["x" * 43, "", "../../etc/passwd"]
    for name in ("operator", "gone"):
        made, token = link.make(name, clock.now())
        place.links.add(made, clock.now())
        tokens.append(token)
    clock.at += timedelta(minutes=16)
    for token in tokens:
        assert (await browser.post("/session", json={"link": token})).status_code == 401, token


# Sessions (ASVS 7)


async def test_the_cookie_is_the_browsers_alone(
    browser: httpx.AsyncClient, secure: httpx.AsyncClient, place: Place, clock: Clock
) -> None:
    person(place, clock)
    for client, prefix in ((browser, "madang-testville="), (secure, "__Host-madang-testville=")):
        answer = await client.post("/session", json={"name": "kim", "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(prefix)
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        assert ("Secure" in cookie) == (client is secure) and "Domain" not in cookie
        assert answer.headers["cache-control"] == "no-store"


async def test_the_public_gets_no_cookie(browser: httpx.AsyncClient) -> None:
    for path in ("/session", "/health", "/city", ENTITIES + "?type=Vehicle", "/decisions"):
        assert "set-cookie" not in (await browser.get(path)).headers


async def test_signing_in_makes_a_new_session_and_ends_the_old(
    browser: httpx.AsyncClient, place: Place, clock: Clock
) -> None:
    person(place, clock)
    browser.cookies.set("madang-testville", "f" * 43, domain="127.0.0.1")
    texts: list[str] = []
    for _ in range(2):
        answer = await browser.post("/session", json={"name": "kim", "password": PASSWORD})
        texts.append(answer.headers["set-cookie"].partition("=")[2].partition(";")[0])
    assert len({*texts, "f" * 43}) == 3
    assert (await browser.get("/session")).json()["sessions"] == 1
    old = {"Cookie": f"madang-testville={texts[0]}"}
    async with httpx.AsyncClient(transport=browser._transport, base_url=HERE) as thief:  # pyright: ignore[reportPrivateUsage]
        assert (await thief.get("/session", headers=old)).json()["name"] == ""


async def test_signing_out_ends_it_here_and_everywhere(
    browser: httpx.AsyncClient, secure: httpx.AsyncClient, place: Place, clock: Clock
) -> None:
    person(place, clock)
    for client in (browser, secure):
        assert await sign_in(client) == 201
    gone = await browser.delete("/session")
    assert gone.json() == {"ended": 1} and "Max-Age=0" in gone.headers["set-cookie"]
    assert (await who(browser), await who(secure)) == ("", "kim")
    assert await sign_in(browser) == 201
    assert (await browser.delete("/session?everywhere=true")).json() == {"ended": 2}
    assert (await who(browser), await who(secure)) == ("", "")


async def test_a_session_outlives_the_hub_and_not_its_person(
    browser: httpx.AsyncClient, open_app: Litestar, place: Place, clock: Clock, tmp_path: Path
) -> None:
    person(place, clock)
    assert await sign_in(browser) == 201

    def start_again() -> None:
        again = entrance(Place(tmp_path), clock)
        open_app.state["rooms"] = dataclasses.replace(open_app.state["rooms"], entrance=again)

    start_again()
    assert await who(browser) == "kim"
    changed = clock.now() + timedelta(seconds=1)
    place.people.replace(msgspec.structs.replace(place.people.one("kim"), changed_at=changed))
    start_again()
    assert await who(browser) == "", "another password ends the sessions of the one before"
    clock.at += timedelta(seconds=2)
    assert await sign_in(browser) == 201
    place.people.remove("kim")
    start_again()
    assert await who(browser) == ""


async def test_the_roles_are_those_of_now(
    browser: httpx.AsyncClient, open_app: Litestar, place: Place, clock: Clock, tmp_path: Path
) -> None:
    person(place, clock)
    assert await sign_in(browser) == 201
    assert (await browser.post(ENTITIES, json=CAR)).status_code == 201
    place.people.replace(msgspec.structs.replace(place.people.one("kim"), roles=("resident",)))
    again = entrance(Place(tmp_path), clock)
    open_app.state["rooms"] = dataclasses.replace(open_app.state["rooms"], entrance=again)
    assert (await browser.delete(f"{ENTITIES}/{CAR['id']}")).status_code == 403


# What a browser may (API 5, 8)


async def test_a_browser_on_this_machine_is_the_public_until_it_signs_in(
    browser: httpx.AsyncClient, place: Place, clock: Clock
) -> None:
    assert (await browser.post(ENTITIES, json=CAR)).status_code == 403
    person(place, clock)
    assert await sign_in(browser) == 201
    assert (await browser.post(ENTITIES, json=CAR)).status_code == 201
    await browser.delete("/session")
    assert (await browser.delete(f"{ENTITIES}/{CAR['id']}")).status_code == 403


@pytest.mark.parametrize(
    "mark",
    [
        {"Origin": HERE},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Mode": "navigate"},
        {"Cookie": "a=b"},
        {"User-Agent": "Mozilla/5.0 (an old browser)"},
    ],
)
async def test_whatever_a_browser_says_makes_it_one(site: httpx.AsyncClient, mark: dict[str, str]) -> None:
    assert (await site.post(ENTITIES, json=CAR, headers=mark)).status_code == 403
    assert (await site.post(ENTITIES, json=CAR)).status_code == 201, "a program is the operator"


@pytest.mark.parametrize(
    "from_where",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:9000"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
async def test_no_other_sites_page_acts_with_the_cookie(
    browser: httpx.AsyncClient, place: Place, clock: Clock, from_where: dict[str, str]
) -> None:
    person(place, clock)
    assert await sign_in(browser) == 201
    for name in PAGE:
        del browser.headers[name]
    assert (await browser.post(ENTITIES, json=CAR, headers=from_where)).status_code == 403
    assert (await browser.delete("/session", headers=from_where)).status_code == 403
    if from_where:
        again = await browser.post("/session", json={"name": "kim", "password": PASSWORD}, headers=from_where)
        assert again.status_code == 403, "nor signs its visitor in"


async def test_a_resident_is_no_operator(browser: httpx.AsyncClient, place: Place, clock: Clock) -> None:
    person(place, clock, "kim", "resident")
    assert await sign_in(browser) == 201
    for path in ("/outbox/dead", "/subjects/requests"):
        assert (await browser.get(path)).status_code == 403, path
    assert (await browser.post("/outbox/resend")).status_code == 403


async def test_a_purpose_that_is_not_the_persons_is_refused(
    browser: httpx.AsyncClient, place: Place, clock: Clock
) -> None:
    person(place, clock, "kim", "researcher", purposes=("research",))
    assert await sign_in(browser) == 201
    assert (await browser.get(ENTITIES + "?type=Vehicle")).status_code == 200
    wrong = await browser.get(ENTITIES + "?type=Vehicle", headers={"Madang-Purpose": "care"})
    assert wrong.status_code == 403 and "research" in wrong.json()["detail"]


@pytest.mark.parametrize("body", [[], {"name": 5}, {"unknown": "x"}, {"name": "kim", "password": {"$ne": ""}}])
async def test_what_is_no_signing_in_is_refused(browser: httpx.AsyncClient, body: Any) -> None:
    assert (await browser.post("/session", json=body)).status_code == 400


# What is open ends with the session (ASVS 7)


async def test_an_open_stream_ends_with_its_session(
    browser: httpx.AsyncClient, open_app: Litestar, place: Place, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madang.api.events.LOOK_EVERY_S", 0.0)
    person(place, clock)
    answer = await browser.post("/session", json={"name": "kim", "password": PASSWORD})
    cookie = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
    secret = {"id": "urn:ngsi-ld:CaseFile:1", "type": "CaseFile", "text": {"type": "Property", "value": "internal"}}
    async with (
        serving(open_app) as url,
        httpx.AsyncClient(base_url=url, timeout=20) as far,
        far.stream("GET", "/events?type=CaseFile", headers=cookie) as stream,
        asyncio.timeout(30),
    ):
        lines = stream.aiter_lines()
        await anext(lines)
        assert (await browser.post(ENTITIES, json=secret)).status_code == 201
        assert [line async for line in until_data(lines)][-1].startswith("data:")
        await browser.delete("/session")
        assert (await far.delete(f"{ENTITIES}/{secret['id']}")).status_code == 204, "a program here"
        assert [line async for line in lines if line] == [], "nothing more, and the end"


async def until_data(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """Up to the first line with data."""
    async for line in lines:
        yield line
        if line.startswith("data:"):
            return
