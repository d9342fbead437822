"""Purge Entities: ETSI GS CIM 009 v1.9.1, 5.6.21, 6.4.3.3."""

from typing import Any

import httpx
import pytest


@pytest.fixture(autouse=True)
async def things(api: httpx.AsyncClient) -> None:
    things: list[dict[str, Any]] = [
        {"id": f"urn:x:{n}", "type": ["A", "B"][n % 2], "size": n, "name": "n", "scope": "/a"} for n in range(6)
    ]
    assert (await api.post("/entityOperations/create", json=things)).status_code == 201


async def left(api: httpx.AsyncClient) -> str:
    return "".join(one["id"][-1] for one in (await api.get("/entities?local=true")).json())


@pytest.mark.parametrize(
    ("query", "stays"),
    [
        ({"type": "A"}, "135"),
        ({"type": "A", "id": "urn:x:0,urn:x:1"}, "12345"),
        ({"q": "size>2"}, "012"),
        ({"type": "A,B", "idPattern": "[0-3]$"}, "45"),
        ({"attrs": "size", "scopeQ": "/b"}, "012345"),
        ({"local": "true"}, ""),
        ({"type": "C"}, "012345"),
    ],
)
async def test_deletes_what_matches(api: httpx.AsyncClient, query: dict[str, str], stays: str) -> None:
    answer = await api.delete("/entities", params=query)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await left(api) == stays


async def test_drops_and_keeps_attributes(api: httpx.AsyncClient) -> None:
    assert (await api.delete("/entities", params={"type": "A", "drop": "size,scope"})).status_code == 204
    assert (await api.get("/entities/urn:x:0?options=keyValues")).json() == {"id": "urn:x:0", "type": "A", "name": "n"}
    assert (await api.delete("/entities", params={"id": "urn:x:1", "keep": "name"})).status_code == 204
    assert (await api.get("/entities/urn:x:1?options=keyValues")).json() == {"id": "urn:x:1", "type": "B", "name": "n"}
    assert (await api.get("/entities/urn:x:3?options=keyValues")).json()["size"] == 3


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"id": "urn:x:1"},
        {"idPattern": ".*"},
        {"scopeQ": "/a"},
        {"attrs": "createdAt"},
        {"q": 'modifiedAt>"2020-01-01T00:00:00Z"'},
        {"type": "A", "q": 'size{name}=="x"'},
        {"type": "A", "attrs": "size{name}"},
        {"type": "A", "drop": "size", "keep": "name"},
        {"type": "A", "drop": "id"},
        {"type": "A", "id": "none"},
    ],
)
async def test_refuses_and_deletes_nothing(api: httpx.AsyncClient, query: dict[str, str]) -> None:
    answer = await api.delete("/entities", params=query)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")
    assert await left(api) == "012345"


async def test_an_unknown_parameter_is_an_invalid_request(api: httpx.AsyncClient) -> None:
    answer = await api.delete("/entities?type=A&everything=true")
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "InvalidRequest")
    assert await left(api) == "012345"


async def test_many(api: httpx.AsyncClient) -> None:
    many = [{"id": f"urn:y:{n}", "type": "M"} for n in range(1100)]
    assert (await api.post("/entityOperations/create", json=many)).status_code == 201
    assert (await api.delete("/entities?type=M")).status_code == 204
    assert await left(api) == "012345"
