"""What is large, deep or cunning over a real socket: a clear answer of its own, the hub lives, and others are served
meanwhile. What comes at random is in `test_hostile_input.py`."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from madang.account.ledger import Account
from madang.api import build
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import Policy
from madang.hub import Hub
from madang.store.memory import MemoryLedger, MemoryStore

from .conftest import DATASETS, ROOT, a_city, serving

HELD_S = 3.0
"""Others may have to wait so long on a busy machine. Each of these requests held the hub for 5 to 60 s before it had
its bound, or would."""
STORES = ["memory", "sqlite", "postgres"]
JSON, LD = {"Content-Type": "application/json"}, {"Content-Type": "application/ld+json"}
NAMES = ["x:a'||(SELECT(1))||'", "urn:a');DROP/**/TABLE/**/entity;--", "x:%s", "x:$1", "x:{key}", "x:a--b", "x:a?b"]
"""Names that an @context may bring, each an IRI, and none of them only a name to a careless statement."""


@pytest.fixture(scope="session")
def _application() -> Litestar:
    """With the limit that the body has by default."""
    hub = Hub(MemoryStore(), Policy(DATASETS), WallClock(), LocalBus())
    return build(hub=hub, account=Account(MemoryLedger()), city=a_city(), status=lambda: {"ready": True, "parts": {}})


@pytest.fixture
async def http(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the hub, and one beside it that must not wait."""
    async with (
        serving(app) as url,
        httpx.AsyncClient(base_url=url + ROOT, timeout=60) as client,
        httpx.AsyncClient(base_url=url + ROOT, timeout=60) as other,
    ):
        waited: list[float] = []
        asking = asyncio.create_task(_ask(other, waited))
        yield client
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
        assert max(waited) < HELD_S
        assert (await other.get("/entities/urn:x:none")).status_code == 404


async def _ask(other: httpx.AsyncClient, waited: list[float]) -> None:
    while True:
        began = time.monotonic()
        waited.append(0.0)
        assert (await other.get("/entities/urn:x:none")).status_code == 404
        waited[-1] = time.monotonic() - began
        await asyncio.sleep(0.02)


def thing(n: int, **attributes: Any) -> dict[str, Any]:
    return {"id": f"urn:x:{n}", "type": "T", **{name: {"value": value} for name, value in attributes.items()}}


def refused(answer: httpx.Response, status: int, word: str) -> None:
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert word in answer.json()["detail"], answer.json()["detail"]


async def query(http: httpx.AsyncClient, **members: Any) -> httpx.Response:
    return await http.post("/entityOperations/query", json={"type": "Query", "entities": [{"type": "T"}], **members})


@pytest.mark.parametrize("hub", ["memory"], indirect=True)
class TestSizes:
    """Bounds that no store plays a part in."""

    @pytest.mark.parametrize("depth", [33, 900, 100_000])
    async def test_nesting(self, http: httpx.AsyncClient, depth: int) -> None:
        for path, start in (("/entities", '{"id":"urn:x:1","type":"T","a":{"value":'), ("/subscriptions", '{"q":')):
            body = start + "[" * depth + "]" * depth + "}" * start.count("{")
            answer = await http.post(path, content=body, headers=JSON)
            assert answer.status_code == 400
            assert answer.headers["content-type"].startswith("application/problem+json")
        context = '{"id":"urn:x:1","type":"T","@context":' + "[" * depth + "]" * depth + "}"
        answer = await http.post("/entities", content=context, headers=LD)
        assert answer.status_code == (201 if depth == 33 else 400)

    async def test_a_batch_of_a_million(self, http: httpx.AsyncClient) -> None:
        for kind, item in (("delete", "urn:x:1"), ("upsert", thing(1)), ("create", 7)):
            items = [item] * (1_000_000 if kind == "delete" else 100_000)
            content = msgspec.json.encode(items)[:9_999_999]
            content = content if content.endswith(b"]") else content[: content.rindex(b",")] + b"]"
            answer = await http.post(f"/entityOperations/{kind}", content=content, headers=JSON)
            refused(answer, 413, "send it in parts")

    async def test_selectors(self, http: httpx.AsyncClient) -> None:
        many = [{"type": "T", "id": f"urn:x:{n}"} for n in range(100_000)]
        refused(await query(http, entities=many), 403, "100000 selectors; at most 256")
        told = {"endpoint": {"uri": "http://127.0.0.1:9/"}}
        subscription = {"type": "Subscription", "entities": many, "notification": told}
        refused(await http.post("/subscriptions", json=subscription), 400, "1 to 1000")
        refused(await query(http, entities=[{"type": "(A|B);" * 99 + "C"}]), 403, "type: more than 200")
        refused(await query(http, entities=[{"type": "(" * 90 + "C" + ")" * 90}]), 403, "type: more than 16")

    async def test_terms(self, http: httpx.AsyncClient) -> None:
        refused(await query(http, q=";".join(f"a{n}==1" for n in range(10_000))), 403, "q is")
        refused(await query(http, q=";".join("a" * 300)), 403, "q: more than 256 terms")
        refused(await query(http, q="(" * 4000 + "a"), 403, "nested groups")
        refused(await query(http, q='a=="\\ud83d"'), 400, "half of a character")

    @pytest.mark.parametrize("pattern", [r"(a+)+\1", "((a{1,1000}){1,1000}){1,1000}", "(?=a)b", "[" * 500])
    async def test_a_pattern_that_would_not_end(self, http: httpx.AsyncClient, pattern: str) -> None:
        told = {"endpoint": {"uri": "http://127.0.0.1:9/"}}
        quoted = msgspec.json.encode(pattern).decode()
        for members in ({"q": f"a~={quoted}"}, {"entities": [{"type": "T", "idPattern": pattern}]}):
            refused(await query(http, **members), 400, "RE2")
            body = {"type": "Subscription", "entities": [{"type": "T"}], "notification": told, **members}
            refused(await http.post("/subscriptions", json=body), 400, "RE2")

    async def test_a_pattern_that_other_engines_do_not_end(self, http: httpx.AsyncClient) -> None:
        await http.post("/entities", json=thing(1, a="a" * 5_000_000))
        for pattern in ("(a+)+$", "(a|aa)*b", "(.*.*.*.*)="):
            answer = await query(http, q=f'a~="{pattern}"', attrs=["b"])
            assert answer.json() == []

    async def test_a_context_that_is_a_bomb(self, http: httpx.AsyncClient) -> None:
        terms = {f"t{n}": {"@id": f"urn:t:{n}", "@container": "@set"} for n in range(19_999)}
        chain = {f"t{n}": f"t{n + 1}:x" for n in range(5000)}
        bombs: dict[str, Any] = {
            "more than 20000 terms in all its parts": [terms] * 2,
            "more than 64 parts": [{"a": "urn:a"}] * 100_000,
            "defined by itself": {"a": "b:x", "b": "a:x"},
            "not valid JSON-LD": {**chain, "z": {"@id": "t0:x", "@container": "@set"}},
            "control character": {"a": "urn:a\0b"},
        }
        for said, context in bombs.items():
            refused(await http.post("/entities", json={**thing(1), "@context": context}, headers=LD), 400, said)

    async def test_a_context_of_many_prefixes(self, http: httpx.AsyncClient) -> None:
        names = {f"urn:t:a{n}": n for n in range(1000)}
        await http.post("/entities", json=thing(1, **names))
        context = {f"p{n}": "urn:t:" for n in range(19_000)}
        body = {"type": "Query", "entities": [{"type": "T"}], "@context": context}
        answer = await http.post("/entityOperations/query", json=body, headers=LD)
        assert answer.json()[0]["p0:a999"]["value"] == 999

    async def test_numbers_and_times(self, http: httpx.AsyncClient) -> None:
        for text in ("NaN", "Infinity", "1e999", "9" * 5000):
            body = '{"id":"urn:x:1","type":"T","a":{"value":' + text + "}}"
            answer = await http.post("/entities", content=body, headers=JSON)
            refused(answer, 400, "")
        for given in ({"limit": "9" * 5000}, {"limit": "-1"}, {"offset": "1e3"}, {"offset": "9" * 30}):
            refused(await http.get("/entities", params={"type": "T", **given}), 400, "whole number")
        refused(await http.get("/entities", params={"type": "T", "limit": "1001"}), 403, "at most 1000")
        for at in ("10000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+23:59"):
            body = {**thing(1), "a": {"value": 1, "observedAt": at}}
            refused(await http.post("/entities", json=body), 400, "observedAt")


@pytest.mark.parametrize("hub", STORES, indirect=True)
class TestStores:
    """What a statement of a database has to bear."""

    async def test_a_thousand_of_everything(self, http: httpx.AsyncClient) -> None:
        made = await http.post("/entityOperations/create", json=[thing(n, **{f"a{n}": n}) for n in range(1000)])
        assert made.status_code == 201, made.text
        ids, names = [f"urn:x:{n}" for n in range(1000)], [f"a{n}" for n in range(1000)]
        found = await http.get("/entities", params={"type": "T", "id": ",".join(ids), "limit": 1000})
        assert len(found.json()) == 1000
        for member in ("attrs", "pick"):
            found = await http.get("/entities", params={"type": "T", member: ",".join(names[500:]), "limit": 1000})
            assert len(found.json()) == 500, found.text[:300]
        selectors = [{"type": "T", "id": id} for id in ids[:256]]
        assert len((await query(http, entities=selectors)).json()) == 20
        far = await http.get("/entities", params={"type": "T", "offset": 10**14})
        assert far.json() == []

    @pytest.mark.parametrize("name", NAMES)
    async def test_a_name_is_never_a_statement(self, http: httpx.AsyncClient, name: str) -> None:
        context = {"@context": {"zz": {"@id": name}}}
        many = [{**thing(n, zz=n), **context} for n in range(300)]
        assert (await http.post("/entityOperations/create", json=many, headers=LD)).status_code == 201
        body = {"type": "Query", "entities": [{"type": "T"}], "q": "zz==5", **context}
        for _ in range(4):
            # The second query that looks at many makes an index of the attribute, with its name spelled out.
            answer = await http.post("/entityOperations/query", json=body, headers=LD)
            assert [one["id"] for one in answer.json()] == ["urn:x:5"], answer.text
            await asyncio.sleep(0.05)
        later = {**thing(5, zz=7), **context}
        assert (await http.post("/entityOperations/upsert", json=[later], headers=LD)).status_code in (201, 204)
        ranged = {**body, "q": "zz>=298|zz==7", "ordering": {"orderBy": ["zz;desc"]}}
        answer = await http.post("/entityOperations/query", json=ranged, headers=LD)
        assert sorted(one["id"] for one in answer.json()) == ["urn:x:298", "urn:x:299", "urn:x:5", "urn:x:7"]

    @pytest.mark.parametrize("text", ["a'); DROP TABLE entity;--", 'a"b', "a\\b", "a\r\nFake: header", "%(a)s"])
    async def test_nor_is_any_other_text(self, http: httpx.AsyncClient, text: str) -> None:
        await http.post("/entities", json=thing(1, a=text))
        quoted = msgspec.json.encode(text).decode()
        assert [one["id"] for one in (await query(http, q=f"a=={quoted}")).json()] == ["urn:x:1"]
        for given in ({"type": text}, {"attrs": text}, {"id": text}, {"type": "T", "orderBy": text}, {"q": text}):
            refused(await http.get("/entities", params=given), 400, "")
        if "\r" not in text:
            answer = await http.get("/entities", params={"type": "T"}, headers={"NGSILD-Tenant": text})
            assert answer.status_code in (400, 404)
        assert (await http.get("/entities/urn:x:1")).status_code == 200

    async def test_places_outside_of_the_earth_and_without_end(self, http: httpx.AsyncClient) -> None:
        ring = [[math.cos(n / 5e4 * math.pi) * n % 80, math.sin(n / 5e4 * math.pi) * 80] for n in range(100_000)]
        shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        geo = {"georel": "intersects", "geometry": "Polygon", "coordinates": shape["coordinates"]}
        refused(await query(http, geoQ=geo), 403, "more than 10000 positions")
        told = {"endpoint": {"uri": "http://127.0.0.1:9/"}}
        body = {"type": "Subscription", "entities": [{"type": "T"}], "geoQ": geo, "notification": told}
        refused(await http.post("/subscriptions", json=body), 403, "more than 10000 positions")
        place = {**thing(1), "location": {"type": "GeoProperty", "value": shape}}
        assert (await http.post("/entities", json=place)).status_code == 201
        for coordinates in ([1000, 5000], [1e308, 1e308], [], None, [["a"]], [[[0, 0]]]):
            place = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": coordinates}}
            answer = await http.post("/entities", json={**thing(2), "location": place})
            refused(answer, 400, "") if answer.status_code != 409 else None
        for given in ("[NaN,1]", "[1e999,1]", "[" * 9000):
            near = {"georel": "near;maxDistance==1", "geometry": "Point", "coordinates": given}
            refused(await http.get("/entities", params={"type": "T", **near}), 400, "coordinates")


@pytest.mark.parametrize("hub", ["memory"], indirect=True)
async def test_a_slow_body_keeps_nobody_waiting(app: Litestar) -> None:
    """Fifty of them."""
    async with serving(app) as url, httpx.AsyncClient(base_url=url + ROOT, timeout=HELD_S) as client:
        host, port = url.removeprefix("http://").split(":")
        head = f"POST {ROOT}/entities HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        head += "Content-Length: 90\r\n\r\n{"
        writers = []
        for _ in range(50):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(head.encode())
            writers.append(writer)
        for n in range(20):
            assert (await client.post("/entities", json=thing(n, a=1))).status_code == 201
        for writer in writers:
            writer.close()


@pytest.mark.parametrize("hub", ["memory"], indirect=True)
async def test_hundreds_of_subscriptions(http: httpx.AsyncClient) -> None:
    """Making one weighs all of them again: thousands cost seconds in all, and are not waited for here."""
    told = {"endpoint": {"uri": "http://127.0.0.1:9/"}}
    for n in range(400):
        body = {"type": "Subscription", "entities": [{"type": "T"}], "q": f"a=={n}", "notification": told}
        assert (await http.post("/subscriptions", json=body)).status_code == 201
    for n in range(20):
        assert (await http.post("/entities", json=thing(n, a=-1))).status_code == 201
