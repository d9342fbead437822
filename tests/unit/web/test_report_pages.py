"""The pages of reports without JavaScript: the form, the link, the desk and the table of who is reached."""

import dataclasses
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from madang import city as cities
from madang.account import Account
from madang.api import build
from madang.api.limits import Limits
from madang.api.outside import Outside
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.errors import Unauthorized
from madang.govern import Caller, Policy
from madang.hub import Hub
from madang.participate import photos
from madang.store.memory import MemoryLedger, MemoryStore
from madang.web import routes

CITY = cities.read(Path(__file__).parents[3] / "cities/ingolstadt")
STAFF = {"Authorization": "Bearer office"}
HOLE = {"kind": "pothole", "description": "<script>alert(1)</script> a hole", "lat": "48.77", "long": "11.43"}


def known(text: str, purpose: str, tenant: str) -> Caller:
    if text != "office":
        raise Unauthorized("no such key")
    return Caller("office", "operator", "public-information", tenant)


@pytest.fixture
async def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr(photos, "_finder", lambda: None)
    hub = Hub(MemoryStore(), Policy(CITY.datasets), WallClock(), LocalBus())
    app = build(
        hub=hub,
        account=Account(MemoryLedger()),
        city=CITY,
        status=lambda: {"ready": True, "parts": {"world": {"status": "running"}}},
        outside=Outside(mail=True),
        page=routes(dist=tmp_path),
        known=known,
        home=False,
    )
    app.state["rooms"] = dataclasses.replace(app.state["rooms"], limits=Limits())
    transport = httpx.ASGITransport(app=app)
    headers = {"Accept": "text/html,*/*;q=0.8", "User-Agent": "Mozilla/5.0"}
    async with httpx.AsyncClient(transport=transport, base_url="http://city.example", headers=headers) as client:
        yield client
    hub.close()


async def sent(site: httpx.AsyncClient, path: str = "/report?lang=en", **more: Any) -> httpx.Response:
    files = {name: more.pop(name) for name in list(more) if isinstance(more[name], tuple)}
    return await site.post(path, data={**HOLE, **more}, files=files or {"photo": ("", b"", "application/octet-stream")})


def picture() -> tuple[str, bytes, str]:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "JPEG")
    return ("hole.jpg", out.getvalue(), "image/jpeg")


async def test_the_form_asks_for_the_kind_and_then_for_what_belongs_to_it(site: httpx.AsyncClient) -> None:
    first = (await site.get("/report?lang=de")).text
    assert "Schlagloch" in first and 'href="/report?kind=pothole&amp;lang=de"' in first
    form = await site.get("/report?kind=pothole&lang=de")
    assert (
        "Wie tief ist es?" in form.text
        and 'name="answer-depth"' in form.text
        and "no-store" in form.headers["cache-control"]
    )
    assert "answer-depth" not in (await site.get("/report?kind=bad-air&lang=de")).text
    drafts = {
        re.search(r'name="draft" value="([^"]+)"', (await site.get("/report?kind=bad-air")).text) for _ in range(2)
    }
    assert len({each[1] for each in drafts if each}) == 2


async def test_a_report_leads_to_its_link_where_words_are_added_and_it_is_opened_again(site: httpx.AsyncClient) -> None:
    answer = await sent(site, **{"answer-depth": "deep", "age_group": "18-34", "photo": picture()})
    assert answer.status_code == 303, answer.text
    link = answer.headers["location"]
    page = await site.get(link)
    assert page.status_code == 200 and "no-store" in page.headers["cache-control"]
    assert "&lt;script&gt;alert(1)" in page.text and "<script>alert" not in page.text
    assert "1 photo waits until" in page.text and page.headers["x-robots-tag"] == "noindex"
    path = link.partition("?")[0]
    added = await site.post(f"{path}/words?lang=en", data={"words": "It <b>grew</b>"})
    assert added.status_code == 303 and "It &lt;b&gt;grew&lt;/b&gt;" in (await site.get(link)).text
    id = path.removeprefix("/report/").partition(".")[0]
    public = (await site.get(f"/report/{id}")).text
    assert "grew" not in public and "join it" in public
    # The staff closes it, somebody else opens it again.
    closed = await site.post(f"/desk/reports/{id}?lang=en", data={"status": "closed", "words": "filled"}, headers=STAFF)
    assert closed.status_code == 303, closed.text
    assert "filled" in (await site.get(f"/report/{id}?lang=en")).text
    again = await site.post(f"/report/{id}/reopening?lang=en", data={"words": "no"})
    assert again.status_code == 303 and ">Open<" in (await site.get(f"/report/{id}?lang=en")).text
    assert (await site.get(path + "x")).status_code == 404


async def test_the_same_nearby_is_shown_first(site: httpx.AsyncClient) -> None:
    first = (await sent(site)).headers["location"].partition("?")[0].removeprefix("/report/").partition(".")[0]
    page = await sent(site, description="mine", draft="x" * 30)
    assert page.status_code == 200 and "Is it one of these?" in page.text and "mine" in page.text
    joined = await sent(site, description="mine", join=first)
    assert joined.status_code == 303 and joined.headers["location"].startswith(f"/report/{first}?")
    assert "1 person joined" in (await site.get(joined.headers["location"])).text
    own = await sent(site, description="mine", alone="yes")
    assert own.status_code == 303 and first not in own.headers["location"]


async def test_what_is_wrong_is_told_and_nothing_written_is_lost(site: httpx.AsyncClient) -> None:
    answer = await sent(site, lat="north", description="I wrote much")
    assert answer.status_code == 400 and "I wrote much" in answer.text and "refused" in answer.text
    assert (await sent(site, kind="")).status_code in (400, 404)


async def test_the_desk_is_for_the_staff(site: httpx.AsyncClient) -> None:
    made = await sent(site, email="kim@example.org", photo=picture())
    assert made.status_code == 303, made.text
    link = made.headers["location"]
    id = link.removeprefix("/report/").partition(".")[0]
    assert (await site.get("/desk/reports?lang=en")).status_code == 403
    assert (await site.get(f"/desk/reports/{id}")).status_code == 403
    assert (await site.post(f"/desk/reports/{id}", data={"status": "closed", "words": "x"})).status_code in (400, 403)
    queue = await site.get("/desk/reports?lang=en", headers=STAFF)
    assert f"/desk/reports/{id}" in queue.text and "Photos to look at" in queue.text and "kim" not in queue.text
    page = await site.get(f"/desk/reports/{id}?lang=en", headers=STAFF)
    assert "Is told by e-mail or webhook" in page.text and "&lt;script&gt;" in page.text
    photo = re.search(r'src="(/photos/[^"]+)"', page.text)
    assert photo and (await site.get(photo[1])).status_code == 404
    shown = await site.post(f"/desk/reports/{id}", data={"publish": photo[1].rpartition("/")[2]}, headers=STAFF)
    assert shown.status_code == 303 and (await site.get(photo[1])).headers["content-type"] == "image/jpeg"
    await site.post(f"/desk/reports/{id}", data={"handler": "team 3", "agency": "bridges"}, headers=STAFF)
    assert "team 3" in (await site.get("/desk/reports?agency=bridges", headers=STAFF)).text
    assert id not in (await site.get("/desk/reports?agency=mobility", headers=STAFF)).text
    wrong = await site.post(f"/desk/reports/{id}", data={"merge_into": "nothing"}, headers=STAFF)
    assert wrong.status_code == 400 and "no report" in wrong.text


async def test_the_staff_begins_where_something_waits_and_answers_requests(site: httpx.AsyncClient) -> None:
    await sent(site)
    kim = {"subject": "urn:ngsi-ld:Person:kim", "wish": "access", "words": "What <i>do</i> you have?"}
    assert (await site.post("/subjects/requests", json=kim, headers=STAFF)).status_code == 201
    assert (await site.get("/staff")).status_code == 403 and (await site.get("/desk/requests")).status_code == 403
    begin = (await site.get("/staff?lang=en", headers=STAFF)).text
    assert begin.count("1 open") == 2 and "/desk/reports?lang=en" in begin
    queue = (await site.get("/desk/requests?lang=en", headers=STAFF)).text
    asked = re.search(r'name="request" value="([^"]+)"', queue)
    assert asked and "What &lt;i&gt;do" in queue and "Tell me what you have" in queue
    form = {"request": asked[1], "granted": "yes", "words": "It is sent."}
    assert (await site.post("/desk/requests", data={**form, "words": ""}, headers=STAFF)).status_code == 400
    assert (await site.post("/desk/requests", data=form)).status_code in (400, 403)
    assert (await site.post("/desk/requests", data=form, headers=STAFF)).status_code == 303
    after = (await site.get("/desk/requests?lang=en", headers=STAFF)).text
    assert "Nobody waits for an answer." in after and "It is sent." in after


async def test_a_report_is_taken_down_for_somebody(site: httpx.AsyncClient) -> None:
    listed = (await site.get("/report?channel=phone&lang=en")).text
    assert "By telephone" in listed and 'href="/report?kind=pothole&amp;channel=phone&amp;lang=en"' in listed
    assert 'name="channel" value="phone"' in (await site.get("/report?kind=pothole&channel=phone")).text
    assert 'name="channel"' not in (await site.get("/report?kind=pothole&channel=%22pigeon")).text
    await sent(site, channel="phone")
    assert "By telephone" in (await site.get("/desk/reports?lang=en", headers=STAFF)).text


async def test_who_is_reached_is_a_table_and_data(site: httpx.AsyncClient) -> None:
    await sent(site, age_group="18-34")
    page = await site.get("/reach?lang=de")
    assert page.status_code == 200 and "Erfundener Nordwesten" in page.text and "Invented: four quarters" in page.text
    assert (await site.get("/reach.json")).json()["total"]["reports"] == 0, "today is not over"


async def test_what_the_city_says_in_another_language_is_marked_for_voices(site: httpx.AsyncClient) -> None:
    page = (await site.get("/report", params={"lang": "th", "kind": "pothole"})).text
    assert "<h2>หลุมบนถนน</h2>" in page, "the reader's language needs no mark"
    reach = (await site.get("/reach", params={"lang": "th"})).text
    assert '<span lang="en">Invented north-west</span>' in reach
    assert '<th scope="row">Invented north-west</th>' in (await site.get("/reach", params={"lang": "en"})).text


async def test_a_photo_that_is_none_is_told_and_the_report_stands(site: httpx.AsyncClient) -> None:
    photo = {"photo": ("hole.heic", b"\0\0\0\x18ftypheic" + b"\0" * 99, "image/heic")}
    made = await site.post("/report", data={**HOLE, "alone": "yes"}, files=photo)
    assert made.status_code == 303, made.text
    page = (await site.get(made.headers["location"].partition("#")[0])).text
    assert "its photo was not" in page and "JPEG, PNG or WebP" in page and 'name="photo"' in page
    public = made.headers["location"].partition("?")[0].partition(".")[0]
    assert "its photo was not" not in (await site.get(public, params={"photo": "refused"})).text
