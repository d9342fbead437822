"""Earlier versions of the standard, for who asks for one: ETSI GS CIM 009 v1.9.1, 6.3.6, 4.3.6.8, 5.2.12."""

from typing import Any

import httpx
import pytest

from madang.hub import Hub

from .receiving import CAR, Town

WORD = {"type": "VocabProperty", "vocab": "Big"}


@pytest.fixture
def hub(telling_hub: Hub) -> Hub:
    return telling_hub


@pytest.fixture
async def thing(town: Town) -> str:
    await town.create(word=WORD, scope="/a")
    return f"/entities/{CAR}"


@pytest.mark.parametrize(
    ("asked", "applied", "word"),
    [
        ("ngsi-ld=1.6", "ngsi-ld=1.6", {"type": "Property", "value": "Big"}),
        ('body=json, ngsi-ld="1.6.1"', "ngsi-ld=1.6", {"type": "Property", "value": "Big"}),
        ("ngsi-ld=1.8", "ngsi-ld=1.8", WORD),
        ("ngsi-ld=1.9", "ngsi-ld=1.9", WORD),
        ("ngsi-ld=7.0", "ngsi-ld=1.9", WORD),
        ("ngsi-ld=new", None, WORD),
        ("ngsi-ld=1.2.3.4", None, WORD),
        ("respond-async", None, WORD),
    ],
)
async def test_a_preferred_version_is_applied(
    api: httpx.AsyncClient, thing: str, asked: str, applied: str | None, word: Any
) -> None:
    one = await api.get(thing, headers={"Prefer": asked})
    many = await api.get("/entities", params={"type": "Vehicle"}, headers={"Prefer": asked})
    body = {"type": "Query", "entities": [{"type": "Vehicle"}]}
    posted = await api.post("/entityOperations/query", json=body, headers={"Prefer": asked})
    for answer in (one, many, posted):
        assert answer.status_code == (200 if word is WORD else 203)
        assert answer.headers.get("Preference-Applied") == applied
        entity = answer.json() if answer is one else answer.json()[0]
        assert entity["word"] == word
        assert "json-ld#context" in answer.headers["Link"]


async def test_in_each_form(api: httpx.AsyncClient, thing: str) -> None:
    wanted = {"keyValues": "Big", "simplified": "Big", "concise": {"value": "Big"}}
    for form, word in wanted.items():
        answer = await api.get(thing, params={"format": form}, headers={"Prefer": "ngsi-ld=1.3"})
        assert answer.json() == {"id": CAR, "type": "Vehicle", "word": word}
    features = await api.get(thing, headers={"Prefer": "ngsi-ld=1.3", "Accept": "application/geo+json"})
    assert features.json()["properties"]["word"] == {"type": "Property", "value": "Big"}


async def test_a_preference_changes_no_error_and_no_other_answer(api: httpx.AsyncClient, thing: str) -> None:
    wrong = await api.get("/entities/urn:nothing", headers={"Prefer": "ngsi-ld=1.6"})
    assert (wrong.status_code, "Preference-Applied" in wrong.headers) == (404, False)
    assert (await api.get(thing)).json()["word"] == WORD
    types = await api.get("/types", headers={"Prefer": "ngsi-ld=1.6"})
    assert (types.status_code, types.headers["Preference-Applied"]) == (200, "ngsi-ld=1.6")


@pytest.mark.parametrize(
    ("version", "form", "word"),
    [
        ("1.6", "normalized", {"type": "Property", "value": "Big"}),
        ("1.6", "keyValues", "Big"),
        ("1.8", "normalized", WORD),
        ("1.9.1", "normalized", WORD),
    ],
)
async def test_a_subscription_is_told_in_its_version(town: Town, version: str, form: str, word: Any) -> None:
    await town.subscribe(ngsildConformance=version, notification={"format": form})
    await town.create(word=WORD)
    assert (await town.receiver.next()).data == [{"id": CAR, "type": "Vehicle", "word": word}]


@pytest.mark.parametrize("version", ["new", 1.8, "", "1", "1.2.3.4"])
async def test_what_is_no_version_is_refused(town: Town, version: Any) -> None:
    body = {"type": "Subscription", "entities": [{"type": "T"}], "ngsildConformance": version}
    body["notification"] = {"endpoint": {"uri": town.receiver.url}}
    assert (await town.api.post("/subscriptions", json=body)).status_code == 400
