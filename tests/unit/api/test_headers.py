"""A slash in an id survives the routing, and nothing else of the path changes."""

from typing import Any

import pytest

from madang.api.headers import guarded, keep_slashes


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
