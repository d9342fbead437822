"""Committees and decisions as pages: read and acted on with forms alone; text from people stays text."""

from collections.abc import AsyncIterator

import httpx
import pytest

from .civic import HTML, Civic, civic

FORM = {"reference": "2026-11/3", "service": "signals", "act": "suspend", "reason": "too <i>many</i> waits"}


@pytest.fixture
async def here() -> AsyncIterator[Civic]:
    async with civic() as found:
        yield found


async def follow(here: Civic, answer: httpx.Response) -> httpx.Response:
    """The page that a form leads to."""
    assert answer.status_code == 303, answer.text
    return await here.site.get(answer.headers["location"].partition("#")[0], headers=HTML)


async def test_an_address_is_a_page_to_browsers_and_data_to_programs(here: Civic) -> None:
    for path in ("/committees", "/committees/board"):
        page, data = await here.site.get(path, headers=HTML), await here.site.get(path)
        assert page.headers["content-type"].startswith("text/html") and "Board of streets" in page.text
        assert data.headers["content-type"] == "application/json"
        assert (await here.site.get(path + ".json", headers=HTML)).json().keys() == data.json().keys()
        assert "accept" in page.headers["vary"].lower() and "accept" in data.headers["vary"].lower()
        assert f'href="{path}?lang=de"' in page.text, "other languages of the same address"
    assert (await here.site.get("/committees/nobody", headers=HTML)).status_code == 404


async def test_a_committee_suspends_in_the_page(here: Civic) -> None:
    refused = await here.site.post("/committees/board/docket", data={**FORM, "key": "wrong"})
    assert refused.status_code == 400 and "not one of this city" in refused.text
    made = await here.site.post("/committees/board/docket", data={**FORM, "until": "2026-12-31T12:00", "key": "chair"})
    page = await follow(here, made)
    assert "too &lt;i&gt;many&lt;/i&gt; waits" in page.text and "Not yet voted: chair, residents" in page.text
    motion = made.headers["location"].partition("#")[2]
    for member in ("chair", "residents"):
        cast = {"motion": motion, "choice": "aye", "key": member}
        page = await follow(here, await here.site.post("/committees/board/vote", data=cast))
    assert "No motion is open." in page.text and "each member voted under its own identity" in page.text
    again = await here.site.post("/committees/board/vote", data={"motion": motion, "choice": "no", "key": "chair"})
    assert again.status_code == 400 and "closed" in again.text
    mandate = (await here.site.get("/mandates")).json()["signals"]
    assert mandate["suspended"]["until"] == "2026-12-31T11:00:00Z", "the form's time is the city's"
    for path in ("/", "/committees", f"/why/{here.decision}"):
        text = (await here.site.get(path, headers=HTML)).text
        assert "signals is suspended until" in text and "by board, resolution 2026-11/3" in text, path


async def test_a_resident_reads_why_objects_and_is_answered(here: Civic) -> None:
    path = f"/why/{here.decision}"
    page = (await here.site.get(path, headers=HTML)).text
    for words in (
        "Four vehicles wait &lt;b&gt;long&lt;/b&gt;.",
        "stage s2",
        "Permitted by board",
        "Nobody has objected.",
    ):
        assert words in page
    refused = await here.site.post(path, data={"text": " "})
    assert refused.status_code == 400 and "empty" in refused.text
    filed = await here.site.post(path, data={"text": "My street <script>waits</script>", "contact": "a@example.org"})
    page = (await follow(here, filed)).text
    assert "My street &lt;script&gt;waits&lt;/script&gt;" in page and "a@example.org" not in page
    docket = (await here.site.get("/committees/board", headers=HTML)).text
    assert "Waits for an answer" in docket and "2 weeks left" in docket
    objection = filed.headers["location"].partition("#")[2]
    answer = {"objection": objection, "finding": "upheld", "text": "Shorter from Monday on."}
    for name, status in (("", 400), ("ada", 400), ("residents", 303)):
        told = await here.site.post("/committees/board/answer", data={**answer, "key": name})
        assert told.status_code == status, name
    assert "Upheld: Shorter from Monday on." in (await here.site.get(path, headers=HTML)).text
    assert (await here.site.get("/why/signals-99", headers=HTML)).status_code == 404


@pytest.mark.parametrize("language", ["de", "ko"])
async def test_other_languages_have_the_pages(here: Civic, language: str) -> None:
    for path in ("/committees", "/committees/board", f"/why/{here.decision}"):
        page = await here.site.get(path, params={"lang": language}, headers=HTML)
        assert page.status_code == 200 and f'<html lang="{language}"' in page.text


async def test_who_objected_while_signed_in_finds_it_again_and_nobody_else_does(here: Civic) -> None:
    ada, ben = ({"Authorization": f"Bearer {name}"} for name in ("ada", "ben"))
    for who, text in ((ada, "I <b>wait</b>"), (ben, "so do I"), ({}, "nobody's")):
        made = await here.site.post(f"/decisions/{here.decision}/objections", json={"text": text}, headers=who)
        assert made.status_code == 201, made.text
    found = (await here.site.get("/mine", headers=ada)).json()["objections"]
    assert [(one["text"], one["state"]) for one in found] == [("I <b>wait</b>", "open")]
    page = (await here.site.get("/mine", headers={**HTML, **ada})).text
    assert "I &lt;b&gt;wait&lt;/b&gt;" in page and "so do I" not in page and "nobody&#39;s" not in page
    kept = [entry.body.decode() for entry in await here.account.find("objection")]
    assert not any("Person" in one or "ada" in one for one in kept), "the ledger has no name"
    answer = {"finding": "upheld", "text": "From Monday on."}
    await here.site.post(f"/objections/{found[0]['id']}/answer", json=answer, headers={"Authorization": "Bearer chair"})
    assert "From Monday on." in (await here.site.get("/mine", headers={**HTML, **ada})).text
    wrong = {"Authorization": "Bearer invented"}
    refused = await here.site.post(f"/decisions/{here.decision}/objections", json={"text": "x"}, headers=wrong)
    assert refused.status_code == 401, "who thinks that they are known is told that they are not"
