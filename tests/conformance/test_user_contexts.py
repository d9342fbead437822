"""A user's @context: ETSI GS CIM 009 v1.8.1, 4.4, 5.5.5, 5.5.7, 6.3.5."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from litestar import Litestar

from madang.api.contexts import Contexts

from .conftest import serving

pytestmark = pytest.mark.parametrize("hub", ["memory"], indirect=True)
"""The store plays no part here."""

TERMS = {
    "schema": "https://schema.org/",
    "Auto": "https://example.org/vocab#Car",
    "Tempo": {"@id": "https://example.org/vocab#speed"},
    "Name": "schema:name",
    "gehört": {"@id": "https://example.org/vocab#owner", "@type": "@id"},
    "ort": "https://uri.etsi.org/ngsi-ld/location",
    "rot": "https://example.org/vocab#red",
}
CAR = {
    "id": "urn:ngsi-ld:Auto:1",
    "type": "Auto",
    "Tempo": 30,
    "Name": "Käfer",
    "gehört": {"type": "Relationship", "object": "urn:ngsi-ld:Person:Eva"},
    "farbe": {"type": "VocabProperty", "vocab": "rot"},
    "@context": TERMS,
}
LD = {"Content-Type": "application/ld+json"}
PACKED = gzip.compress(b" " * 5_000_000)


def link(url: str) -> dict[str, str]:
    return {"Link": f'<{url}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'}


@pytest.fixture
async def auto(api: httpx.AsyncClient) -> str:
    answer = await api.post("/entities", json=CAR, headers=LD)
    assert answer.status_code == 201, answer.text
    return "/entities/urn:ngsi-ld:Auto:1"


async def test_5_5_7_names_without_the_context_are_whole(api: httpx.AsyncClient, auto: str) -> None:
    body = (await api.get(auto, params={"format": "simplified"})).json()
    assert body["type"] == "https://example.org/vocab#Car"
    assert body["https://schema.org/name"] == "Käfer"
    assert body["farbe"] == {"vocab": "https://example.org/vocab#red"}


async def test_5_5_7_another_context_gives_other_names(api: httpx.AsyncClient, auto: str) -> None:
    context = {"Coche": "https://example.org/vocab#Car", "velocidad": "https://example.org/vocab#speed"}
    query = {"type": "Query", "entities": [{"type": "Coche"}], "q": "velocidad==30", "@context": context}
    answer = await api.post("/entityOperations/query", json=query, headers={**LD, "Accept": "application/ld+json"})
    found = answer.json()[0]
    assert (found["type"], found["velocidad"]["value"]) == ("Coche", 30)
    assert found["@context"][0] == context
    default = await api.get("/entities", params={"type": "Auto"})
    assert default.json() == []
    whole = await api.get("/entities", params={"type": "https://example.org/vocab#Car"})
    assert len(whole.json()) == 1


async def test_5_5_7_the_core_context_comes_first(api: httpx.AsyncClient) -> None:
    context = {"location": "https://example.org/place", "Property": "https://example.org/Property"}
    body = {
        "id": "urn:a:1",
        "type": "T",
        "location": {"type": "Point", "coordinates": [1, 2]},
        "@context": [context, "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.3.jsonld"],
    }
    assert (await api.post("/entities", json=body, headers=LD)).status_code == 201
    assert (await api.get("/entities/urn:a:1")).json()["location"]["type"] == "GeoProperty"


@pytest.mark.parametrize(
    ("context", "says"),
    [
        (5, "@context"),
        ({"a": {"@id": "https://example.org/a", "@context": {"b": "https://example.org/b"}}}, "scoped"),
        ({"a": 5}, "'a'"),
        ({"@import": "https://example.org/other"}, "@import"),
        ({"a": "b:x", "b": "a:y"}, "itself"),
        ([{}] * 100, "more than"),
    ],
)
async def test_5_5_7_a_context_that_is_none(api: httpx.AsyncClient, context: Any, says: str) -> None:
    answer = await api.post("/entities", json={**CAR, "@context": context}, headers=LD)
    assert answer.status_code == 400, answer.text
    assert says in answer.json()["detail"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/context.jsonld",
        "http://[::1]:9/context.jsonld",
        "http://localhost:9/context.jsonld",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:10.0.0.1]/context.jsonld",
        "file:///etc/passwd",
        "gopher://example.org/",
        "http://",
        "context.jsonld",
    ],
)
async def test_a_private_address_is_not_fetched(api: httpx.AsyncClient, url: str) -> None:
    answer = await api.get("/entities", params={"type": "Auto"}, headers=link(url))
    assert answer.status_code == 503
    assert answer.json()["type"] == "https://uri.etsi.org/ngsi-ld/errors/LdContextNotAvailable"


class Shelf:
    """A server of contexts, and how often each was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.url = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"]
        self.asked.append(path)
        status, headers, body = 200, [(b"content-type", b"application/ld+json")], b"{}"
        if path == "/terms":
            body = b'{"@context": {"Auto": "https://example.org/vocab#Car"}}'
        elif path == "/list":
            body = b'{"@context": ["terms", {"Tempo": "https://example.org/vocab#speed"}]}'
        elif path == "/moved":
            status, headers = 302, [(b"location", b"/terms")]
        elif path == "/circle":
            body = b'{"@context": "circle"}'
        elif path == "/around":
            status, headers = 302, [(b"location", b"/around")]
        elif path == "/huge":
            body = b'{"@context": {"a": "' + b"x" * 2_000_000 + b'"}}'
        elif path == "/broken":
            body = b"<html>"
        elif path == "/away":
            status, headers = 302, [(b"location", b"http://10.0.0.1/context.jsonld")]
        elif path == "/packed":
            headers, body = [(b"content-encoding", b"gzip")], PACKED
        elif path == "/bare":
            body = b'{"terms": {}}'
        elif path == "/deep":
            body = b'{"@context": ' + b"[" * 900 + b"]" * 900 + b"}"
        elif path == "/wide":
            body = b'{"@context": [' + b"[{}, {}, {}, {}, {}, {}, {}, {}]," * 20 + b"{}]}"
        elif path == "/slow":
            await asyncio.sleep(30)
        else:
            status = 404
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def shelf(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shelf]:
    """Contexts on this machine, and a hub that may fetch from it."""
    made = Shelf()
    async with serving(made) as made.url:
        app.state["rooms"] = replace(app.state["rooms"], contexts=Contexts(loopback=True))
        monkeypatch.setattr("madang.api.download.TIMEOUT_S", 0.5)
        yield made


async def test_6_3_5_a_linked_context_is_fetched_once(api: httpx.AsyncClient, auto: str, shelf: Shelf) -> None:
    url = f"{shelf.url}/list"
    answers = await asyncio.gather(*(api.get(auto, headers=link(url), params={"type": "Auto"}) for _ in range(5)))
    for answer in answers:
        assert (answer.json()["type"], answer.json()["Tempo"]["value"]) == ("Auto", 30)
        assert answer.headers["link"].startswith(f"<{url}>")
    assert sorted(shelf.asked) == ["/list", "/terms"]


async def test_a_context_that_moved_is_followed(api: httpx.AsyncClient, auto: str, shelf: Shelf) -> None:
    answer = await api.get(auto, headers=link(f"{shelf.url}/moved"))
    assert answer.json()["type"] == "Auto"


@pytest.mark.parametrize("path", ["/none", "/around", "/huge", "/slow", "/away"])
async def test_a_context_that_cannot_be_had(api: httpx.AsyncClient, shelf: Shelf, path: str) -> None:
    answer = await api.get("/types", headers=link(shelf.url + path))
    assert answer.status_code == 503
    asked = len(shelf.asked)
    assert (await api.get("/types", headers=link(shelf.url + path))).status_code == 503
    assert len(shelf.asked) == asked, "a failure is remembered for a while"


@pytest.mark.parametrize("path", ["/broken", "/bare", "/deep", "/wide", "/packed"])
async def test_5_5_6_a_context_that_is_none(api: httpx.AsyncClient, shelf: Shelf, path: str) -> None:
    answer = await api.get("/types", headers=link(shelf.url + path))
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData"), answer.text


async def test_a_context_that_refers_to_itself(api: httpx.AsyncClient, shelf: Shelf) -> None:
    answer = await api.get("/types", headers=link(f"{shelf.url}/circle"))
    assert (answer.status_code, "itself" in answer.json()["detail"]) == (400, True)


async def test_5_6_7_in_a_batch_it_is_the_error_of_its_own_entity(api: httpx.AsyncClient, shelf: Shelf) -> None:
    batch = [
        {"id": "urn:a:1", "type": "Auto", "@context": f"{shelf.url}/none"},
        {"id": "urn:a:2", "type": "Auto", "@context": f"{shelf.url}/terms"},
        {"id": "urn:a:3", "type": "Auto", "@context": f"{shelf.url}/broken"},
    ]
    answer = await api.post("/entityOperations/create", json=batch, headers=LD)
    assert (answer.status_code, answer.json()["success"]) == (207, ["urn:a:2"])
    said = {one["entityId"]: one["error"]["type"].rsplit("/", 1)[1] for one in answer.json()["errors"]}
    assert said == {"urn:a:1": "LdContextNotAvailable", "urn:a:3": "BadRequestData"}
