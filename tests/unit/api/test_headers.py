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

    await guarded(send, "/")(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-security-policy", b"x")]}
    )
    names = [name for name, _ in sent[0]["headers"]]
    assert names.count(b"content-security-policy") == 1
    assert b"x-content-type-options" in names
