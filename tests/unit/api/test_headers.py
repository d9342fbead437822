"""A slash in an id survives the routing, and nothing else of the path changes."""

from typing import Any

import pytest

from madang.api.headers import asks_first, guarded, keep_slashes, permit


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/entities/urn%3Aa%2Fb", "/entities/urn:a%2Fb"),
        (b"/entities/http:%2f%2Fx", "/entities/http:%2F%2Fx"),
        (b"/entities/%ec%86%8d%2Fb", "/entities/속%2Fb"),
    ],
)
def test_keeps_slashes(raw: bytes, path: str) -> None:
    scope: Any = {"raw_path": raw, "path": "decoded by the server"}
    keep_slashes(scope)
    assert scope["path"] == path


@pytest.mark.parametrize("raw", [b"/entities/urn%3Aa", b"/entities", None])
def test_leaves_other_paths_alone(raw: bytes | None) -> None:
    scope: Any = {"raw_path": raw, "path": "as it was"}
    keep_slashes(scope)
    assert scope["path"] == "as it was"


async def test_an_answer_keeps_a_policy_of_its_own() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {"path": "/", "scheme": "http", "headers": []}
    await guarded(send, scope)(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-security-policy", b"x")]}
    )
    names = [name for name, _ in sent[0]["headers"]]
    assert names.count(b"content-security-policy") == 1
    assert b"x-content-type-options" in names


@pytest.mark.parametrize(
    ("path", "given", "kept"),
    [
        ("/", [], b"no-cache"),
        ("/", [(b"cookie", b"a=b")], b"private, no-store"),
        ("/", [(b"authorization", b"Bearer x")], b"private, no-store"),
        ("/assets/page.css", [(b"cookie", b"a=b")], b"no-cache"),
    ],
)
async def test_what_is_somebodys_own_is_kept_nowhere(path: str, given: list[Any], kept: bytes) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {"path": path, "scheme": "https", "headers": given}
    message: Any = {"type": "http.response.start", "status": 200, "headers": [(b"cache-control", b"no-cache")]}
    await guarded(send, scope)(message)
    headers = sent[0]["headers"]
    assert [value for name, value in headers if name == b"cache-control"] == [kept]
    assert [value for name, value in headers if name == b"strict-transport-security"] == [b"max-age=63072000"]


@pytest.mark.parametrize(("media", "shared"), [(b"text/csv", True), (b"text/html; charset=utf-8", False)])
async def test_a_page_of_another_site_may_read_data_and_no_page(media: bytes, shared: bool) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {"path": "/data/air.csv", "scheme": "http", "headers": []}
    await guarded(send, scope)({"type": "http.response.start", "status": 200, "headers": [(b"content-type", media)]})
    told = dict(sent[0]["headers"])
    assert (told.get(b"access-control-allow-origin") == b"*") is shared
    assert b"access-control-allow-credentials" not in told


async def test_a_preflight_is_answered_and_a_plain_options_is_not() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asked: Any = {"method": "OPTIONS", "headers": [(b"access-control-request-method", b"GET")]}
    plain: Any = {"method": "OPTIONS", "headers": []}
    assert (asks_first(asked), asks_first(plain)) == (True, False)
    await permit(send)
    told = dict(sent[0]["headers"])
    assert sent[0]["status"] == 204
    assert b"GET" in told[b"access-control-allow-methods"]
    assert b"Authorization" in told[b"access-control-allow-headers"]
    assert b"access-control-allow-private-network" not in told
