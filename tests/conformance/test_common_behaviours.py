"""What all operations have in common: ETSI GS CIM 009 v1.8.1, 5.5.2 to 5.5.4, 6.3; RFC 9457 for errors."""

from typing import Any

import httpx
import pytest
from litestar import Litestar

from madang.hub import Hub

CAR = {"id": "urn:ngsi-ld:Vehicle:1", "type": "Vehicle", "speed": 1}
JSON = {"Content-Type": "application/json"}


async def create(api: httpx.AsyncClient, body: bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.post("/entities", content=body, headers={**JSON, **named})


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"{", "JSON"),
        (b'{"id": }', "byte 7"),
        (b"speed=1", "JSON"),
        (b'{"id": "urn:a:b", "type": "T", "speed": NaN}', "NaN"),
        (b'{"id": "urn:a:b", "type": "T", "speed": -Infinity}', "Infinity"),
        (b'{"id": "urn:a:b", "type": "T", "speed": 1e999}', "out of range"),
        (b'{"id": "urn:a:b", "type": "T", "name": "\xff"}', "UTF-8"),
        (b"[" * 50_000, "nested"),
        (b'"\\ud800"', "JSON"),
    ],
)
async def test_5_5_4_a_body_that_is_not_json(api: httpx.AsyncClient, body: bytes, says: str) -> None:
    answer = await create(api, body)
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (400, "https://uri.etsi.org/ngsi-ld/errors/InvalidRequest")
    assert says in problem["detail"]


async def test_an_error_is_problem_details(api: httpx.AsyncClient) -> None:
    answer = await api.get("/entities/urn:ngsi-ld:Vehicle:none")
    problem = answer.json()
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert problem["status"] == 404
    assert problem["instance"] == "/ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:none"
    assert problem["title"] and problem["detail"]


async def test_6_3_2_the_method_is_not_allowed(api: httpx.AsyncClient) -> None:
    answer = await api.put("/entityOperations/create", json=[CAR])
    assert answer.status_code == 405
    assert {"POST"} <= {each.strip() for each in answer.headers["allow"].split(",")}
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_a_head_is_a_get_without_its_body(api: httpx.AsyncClient) -> None:
    answer = await api.head("/entities", params={"type": "Vehicle", "count": "true"})
    assert (answer.status_code, answer.headers["ngsild-results-count"]) == (200, "0")


async def test_nothing_is_at_another_address(api: httpx.AsyncClient) -> None:
    answer = await api.get("/entites")
    assert (answer.status_code, answer.json()["status"]) == (404, 404)
    assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("accept", ["text/html", "image/*", "application/json;q=0"])
async def test_6_3_4_not_acceptable(api: httpx.AsyncClient, accept: str) -> None:
    answer = await api.get("/entities", params={"type": "Vehicle"}, headers={"Accept": accept})
    assert answer.status_code == 406
    assert "application/ld+json" in answer.json()["available"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/ld+json", "application/ld+json"),
        ("application/ld+json, application/json", "application/json"),
        ("application/json;q=0.5, application/ld+json", "application/ld+json"),
        ("application/json;q=0.1, */*", "application/ld+json"),
        ("text/html, application/geo+json;q=0.3", "application/geo+json"),
    ],
)
async def test_6_3_4_the_best_of_what_is_acceptable(api: httpx.AsyncClient, accept: str, expected: str) -> None:
    answer = await api.get("/entities", params={"type": "Vehicle"}, headers={"Accept": accept})
    assert answer.headers["content-type"].split(";")[0] == expected


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "application/merge-patch+json"])
async def test_6_3_4_unsupported_media_type(api: httpx.AsyncClient, media: str) -> None:
    answer = await api.post("/entities", content=b"{}", headers={"Content-Type": media})
    assert (answer.status_code, answer.json()["status"]) == (415, 415)


async def test_6_3_4_a_body_of_no_media_type(api: httpx.AsyncClient) -> None:
    answer = await api.post("/entities", content=b"{}")
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "InvalidRequest")


async def test_6_3_4_length_required(app: Litestar) -> None:
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/ngsi-ld/v1/entities",
        "raw_path": b"/ngsi-ld/v1/entities",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"host", b"127.0.0.1")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)  # pyright: ignore
    assert sent[0]["status"] == 411


async def test_a_body_over_the_limit_is_refused_by_its_length(api: httpx.AsyncClient) -> None:
    answer = await create(api, b"[" + b" " * 200_000 + b"]")
    assert (answer.status_code, answer.json()["title"]) == (413, "Payload too large")


async def test_6_3_4_a_body_without_its_length_is_refused_before_it_streams(api: httpx.AsyncClient) -> None:
    taken = 0

    async def endless() -> Any:
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield b" " * 10_000

    for method, address in (("POST", "/entities"), ("PATCH", "/entities/urn:x:1/attrs"), ("PUT", "/entities/urn:x:1")):
        answer = await api.request(method, address, content=endless(), headers=JSON)
        assert (answer.status_code, answer.content) == (411, b"")
    assert taken < 50


async def test_6_3_14_the_tenant_is_said_in_the_answer(api: httpx.AsyncClient) -> None:
    headers = {"NGSILD-Tenant": "harbour"}
    for method, address in (
        ("GET", "/entities?type=A"),
        ("DELETE", "/entities/urn:x:1"),
        ("DELETE", "/entities?type=A"),
    ):
        none = await api.request(method, address, headers=headers)
        assert (none.status_code, none.json()["type"].rsplit("/", 1)[1]) == (404, "NonexistentTenant")
        assert none.headers["ngsild-tenant"] == "harbour"
    made = await api.post("/entities", json={"id": "urn:x:1", "type": "A"}, headers=headers)
    assert (made.status_code, made.headers["ngsild-tenant"]) == (201, "harbour")
    assert len((await api.get("/entities?type=A", headers=headers)).json()) == 1
    assert "ngsild-tenant" not in (await api.get("/entities?type=A")).headers


async def test_an_address_without_the_id(api: httpx.AsyncClient) -> None:
    for method, address in (("PUT", "/entities/"), ("PATCH", "/entities/"), ("DELETE", "/entities/")):
        answer = await api.request(method, address, json={"a": 1})
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData"), method
    for method, address in (
        ("POST", "/entities//attrs"),
        ("PATCH", "/entities//attrs/a"),
        ("DELETE", "/entities//attrs/a"),
    ):
        answer = await api.request(method, address, json={"a": 1})
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData"), method
    assert (await api.delete("/entities/urn:x:1/attrs/")).status_code == 405


async def test_6_3_5_an_inline_context_needs_json_ld(api: httpx.AsyncClient) -> None:
    body = {**CAR, "@context": {"speed": "https://example.org/speed"}}
    assert (await api.post("/entities", json=body)).status_code == 400
    assert (await api.post("/entityOperations/create", json=[body])).status_code == 400


async def test_6_3_5_json_ld_needs_an_inline_context_and_no_link(api: httpx.AsyncClient) -> None:
    link = '<https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld>; rel="http://www.w3.org/ns/json-ld#context"'
    without = await api.post("/entities", json=CAR, headers={"Content-Type": "application/ld+json"})
    both = await api.post(
        "/entities", json={**CAR, "@context": {}}, headers={"Content-Type": "application/ld+json", "Link": link}
    )
    assert (without.status_code, both.status_code) == (400, 400)
    assert all("BadRequestData" in answer.json()["type"] for answer in (without, both))


async def test_6_3_6_the_context_is_in_the_link_or_in_the_body(api: httpx.AsyncClient) -> None:
    await api.post("/entities", json=CAR)
    plain = await api.get(f"/entities/{CAR['id']}")
    linked = await api.get(f"/entities/{CAR['id']}", headers={"Accept": "application/ld+json"})
    assert 'rel="http://www.w3.org/ns/json-ld#context"' in plain.headers["link"]
    assert "@context" not in plain.json()
    assert "link" not in linked.headers
    assert linked.json()["@context"].endswith("core-context-v1.8.jsonld")


async def test_6_3_14_tenants_are_apart(api: httpx.AsyncClient) -> None:
    north = {"NGSILD-Tenant": "north"}
    assert (await api.post("/entities", json=CAR, headers=north)).status_code == 201
    assert (await api.get(f"/entities/{CAR['id']}", headers=north)).status_code == 200
    assert (await api.get(f"/entities/{CAR['id']}")).status_code == 404
    unknown = await api.get("/entities", params={"type": "Vehicle"}, headers={"NGSILD-Tenant": "south"})
    assert (unknown.status_code, unknown.json()["type"]) == (
        404,
        "https://uri.etsi.org/ngsi-ld/errors/NonexistentTenant",
    )
    bad = await api.get("/entities", params={"type": "Vehicle"}, headers={"NGSILD-Tenant": "../etc"})
    assert bad.status_code == 400


async def test_an_unforeseen_failure_says_an_id_and_no_more(
    api: httpx.AsyncClient, hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(hub.entities, "retrieve", broken)
    answer = await api.get(f"/entities/{CAR['id']}")
    problem = answer.json()
    assert answer.status_code == 500
    assert problem["id"] in problem["detail"] and problem["id"] in caplog.text
    assert "secret" not in answer.text and "Traceback" not in answer.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("header", [{"Origin": "https://evil.example"}, {"X-Forwarded-For": "203.0.113.9"}])
async def test_only_this_machine_writes(api: httpx.AsyncClient, header: dict[str, str]) -> None:
    answer = await api.post("/entities", json=CAR, headers=header)
    assert answer.status_code == 403
    assert (await api.get(f"/entities/{CAR['id']}", headers=header)).status_code == 404


@pytest.mark.parametrize(("client", "host"), [("203.0.113.9", "127.0.0.1"), ("127.0.0.1", "rebound.example")])
async def test_neither_another_machine_nor_another_name_writes(app: Litestar, client: str, host: str) -> None:
    transport = httpx.ASGITransport(app=app, client=(client, 1))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as elsewhere:
        assert (await elsewhere.post("/ngsi-ld/v1/entities", json=CAR)).status_code == 403
        assert (await elsewhere.get("/ngsi-ld/v1/types")).status_code == 200


async def test_every_answer_has_security_headers(site: httpx.AsyncClient) -> None:
    for path in ("/health", "/docs", "/nowhere", "/ngsi-ld/v1/entities"):
        headers = (await site.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        script = "default-src 'none';" if path.startswith("/ngsi-ld") else "script-src 'self';"
        assert script in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
