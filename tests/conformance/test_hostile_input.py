"""Whatever comes in: an answer of the API, never a failure of the hub (no 5xx but 503), always problem details."""

from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.parametrize("hub", ["memory", "sqlite"], indirect=True)

ALLOWED = {200, 201, 204, 207, 304, 400, 403, 404, 405, 406, 409, 411, 413, 415, 422, 503}
PARAMETERS = [
    "type",
    "id",
    "idPattern",
    "q",
    "scopeQ",
    "expandValues",
    "georel",
    "geometry",
    "coordinates",
    "geoproperty",
    "attrs",
    "pick",
    "omit",
    "datasetId",
    "format",
    "options",
    "lang",
    "geometryProperty",
    "limit",
    "offset",
    "count",
    "local",
    "timerel",
    "timeAt",
    "endTimeAt",
    "timeproperty",
    "lastN",
    "observedAt",
    "deleteAll",
    "service",
    "entity",
    "from",
    "to",
    "before",
    "snapshot",
]
WORDS = [
    "Vehicle",
    "speed",
    "speed>5",
    "speed==1..2",
    "speed~=(a+)+$",
    "urn:ngsi-ld:Vehicle:1",
    "near;maxDistance==5",
    "Point",
    "[1,2]",
    "[[[0,0],[1,0],[1,1],[0,0]]]",
    "2026-01-01T00:00:00Z",
    "between",
    "true",
    "0",
    "-1",
    "1e9",
    "99999999999999999999",
    "keyValues",
    "sysAttrs,count",
    "temporalValues",
    "/a/#",
    "@none",
    "*",
    "(A;B)|C",
    "%00",
    "\x00",
    "' OR 1=1 --",
    "𝔘𝔫𝔦",
    "speed.observedAt>2026-01-01T00:00:00Z",
    'address[a.b]=="x"',
    "within",
    "id,type",
    "Polygon",
    "null",
    "{}",
    "a" * 3000,
]
PATHS = [
    "/ngsi-ld/v1/entities",
    "/ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:1",
    "/ngsi-ld/v1/temporal/entities",
    "/ngsi-ld/v1/types",
    "/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:Vehicle:1",
    "/ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:1/attrs/speed",
    "/decisions",
    "/decisions/signals-1",
    "/health",
    "/city",
]
WRITES = [
    ("POST", "/ngsi-ld/v1/entities"),
    ("PATCH", "/ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:1"),
    ("PUT", "/ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:1"),
    ("POST", "/ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:1/attrs"),
    ("PATCH", "/ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:1/attrs"),
    ("POST", "/ngsi-ld/v1/temporal/entities"),
    ("PATCH", "/ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:1/attrs/speed"),
    ("PUT", "/ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:1/attrs/speed"),
    ("POST", "/ngsi-ld/v1/entityOperations/query"),
    *(("POST", f"/ngsi-ld/v1/entityOperations/{name}") for name in ("create", "upsert", "update", "merge", "delete")),
]
relaxed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

texts = st.sampled_from(WORDS) | st.text(max_size=20)
scalars = st.one_of(texts, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none())
members = st.sampled_from(
    [
        "id",
        "type",
        "@context",
        "value",
        "object",
        "languageMap",
        "json",
        "vocab",
        "valueList",
        "objectList",
        "observedAt",
        "unitCode",
        "datasetId",
        "speed",
        "location",
        "scope",
        "entities",
        "q",
        "geoQ",
        "attrs",
        "coordinates",
        "georel",
        "dataset",
        "createdAt",
        "@type",
        "@value",
        "expiresAt",
        "pick",
    ]
)
values = st.recursive(
    scalars
    | st.sampled_from(["urn:ngsi-ld:Vehicle:1", "Vehicle", "Property", "GeoProperty", "Query", "urn:ngsi-ld:null"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(members | texts, inner, max_size=5),
    max_leaves=12,
)
vehicles = st.builds(
    lambda more: {**more, "id": "urn:ngsi-ld:Vehicle:1", "type": "Vehicle"},
    st.dictionaries(members, values, max_size=4),
)


def check(answer: httpx.Response) -> None:
    assert answer.status_code in ALLOWED, (answer.status_code, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["detail"]


@relaxed
@given(
    st.sampled_from(PATHS),
    st.sampled_from(["GET", "DELETE", "HEAD", "OPTIONS"]),
    st.dictionaries(st.sampled_from(PARAMETERS) | texts, texts, max_size=4),
)
async def test_any_parameters(site: httpx.AsyncClient, path: str, method: str, query: dict[str, str]) -> None:
    text = "&".join(
        f"{quote(k, safe='', errors='replace')}={quote(v, safe='', errors='replace')}" for k, v in query.items()
    )
    answer = await site.request(method, f"{path}?{text}")
    if method == "GET":
        check(answer)
    assert answer.status_code < 500 or answer.status_code == 503


@relaxed
@given(
    st.sampled_from(WRITES), values | vehicles | st.lists(vehicles, max_size=3), st.sampled_from(["json", "ld+json"])
)
async def test_any_body(site: httpx.AsyncClient, write: tuple[str, str], body: Any, media: str) -> None:
    method, path = write
    content = msgspec.json.encode(body)
    check(await site.request(method, path, content=content, headers={"Content-Type": f"application/{media}"}))


@relaxed
@given(st.sampled_from(WRITES), st.binary(max_size=60))
async def test_any_bytes(site: httpx.AsyncClient, write: tuple[str, str], body: bytes) -> None:
    method, path = write
    check(await site.request(method, path, content=body, headers={"Content-Type": "application/json"}))


@relaxed
@given(
    st.sampled_from(["accept", "link", "ngsild-tenant", "madang-purpose", "content-type", "prefer", "if-none-match"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
    | st.sampled_from(
        ['<x>; rel="http://www.w3.org/ns/json-ld#context"', "<>; rel=json-ld#context", "*/*;q=x", ";;;", ","]
    ),
)
async def test_any_headers(site: httpx.AsyncClient, name: str, value: str) -> None:
    check(await site.get("/ngsi-ld/v1/entities", params={"type": "Vehicle"}, headers={name: value}))


@relaxed
@given(st.text(max_size=30))
async def test_any_address(site: httpx.AsyncClient, text: str) -> None:
    encoded = quote(text, safe="", errors="replace")
    check(await site.get(f"/ngsi-ld/v1/entities/{encoded}" if encoded.strip(".") else "/ngsi-ld/v1/entities/x"))
    check(await site.get(f"/decisions/{encoded}" if encoded.strip(".") else "/decisions/x"))
