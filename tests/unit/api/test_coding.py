"""Answers are compressed for who takes that, and never where it would tell a secret or break a file."""

import gzip
import zlib
from typing import Any, NamedTuple

import pytest

from madang.api import coding
from madang.api.coding import INLINE, SMALLEST, Coder, Coding, accepts

TEXT = b'{"id":"urn:ngsi-ld:Lamp:1","type":"Lamp"},' * 100
GZIP = (b"accept-encoding", b"br, gzip, deflate")
KEPT = (b"cache-control", b"no-cache")


class Sent(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    parts: list[bytes]

    @property
    def is_packed(self) -> bool:
        return self.headers.get(b"content-encoding") == b"gzip"


async def send(
    *asked: tuple[bytes, bytes],
    parts: tuple[bytes, ...] = (TEXT,),
    kind: bytes = b"application/json",
    more: tuple[tuple[bytes, bytes], ...] = (),
    status: int = 200,
    of: Coding | None = None,
) -> Sent:
    """What leaves, where an application sends these parts."""
    told: list[Any] = []

    async def wire(message: Any) -> None:
        told.append(message)

    scope: Any = {"type": "http", "headers": [*asked]}
    coder = Coder(of or Coding(), scope, wire)
    headers = [(b"content-type", kind), *more]
    if len(parts) == 1:
        headers.append((b"content-length", b"%d" % len(parts[0])))
    await coder.send({"type": "http.response.start", "status": status, "headers": headers})
    for number, part in enumerate(parts, 1):
        await coder.send({"type": "http.response.body", "body": part, "more_body": number < len(parts)})
    first, *bodies = told
    return Sent(first["status"], dict(first["headers"]), [message["body"] for message in bodies])


async def test_a_text_leaves_compressed_and_says_so() -> None:
    sent = await send(GZIP)
    assert sent.is_packed
    assert gzip.decompress(sent.parts[0]) == TEXT
    assert int(sent.headers[b"content-length"]) == len(sent.parts[0]) < len(TEXT) / 5
    assert sent.headers[b"vary"] == b"accept-encoding"


@pytest.mark.parametrize("accepted", [b"", b"identity", b"br", b"gzip;q=0", b"*;q=0, br", b"*, gzip; q=0.000"])
async def test_who_does_not_take_it_gets_the_text_and_caches_know(accepted: bytes) -> None:
    sent = await send((b"accept-encoding", accepted))
    assert (sent.is_packed, sent.parts) == (False, [TEXT])
    assert sent.headers[b"vary"] == b"accept-encoding"


@pytest.mark.parametrize("accepted", [b"gzip", b"GZIP;q=0.1", b"*", b"br;q=1.0, gzip;q=0.8, *;q=0.1"])
def test_who_takes_it(accepted: bytes) -> None:
    assert accepts([(b"accept-encoding", accepted)])


@pytest.mark.parametrize("header", [(b"cookie", b"madang=1"), (b"range", b"bytes=0-9")])
async def test_with_a_cookie_or_of_a_part_never(header: tuple[bytes, bytes]) -> None:
    assert not (await send(GZIP, header)).is_packed


@pytest.mark.parametrize(
    "how",
    [
        {"kind": b"text/event-stream"},
        {"kind": b"image/webp"},
        {"kind": b"application/vnd.apache.parquet"},
        {"more": ((b"set-cookie", b"madang=1"),)},
        {"more": ((b"content-encoding", b"gzip"),)},
        {"status": 206},
        {"parts": (b"x" * (SMALLEST - 1),)},
        {"parts": (TEXT, TEXT), "more": ((b"content-length", b"%d" % (2 * len(TEXT))),)},
    ],
    ids=["events", "a picture", "packed already", "sets a cookie", "coded", "a part", "small", "a file as it is read"],
)
async def test_what_leaves_as_it_is(how: Any) -> None:
    sent = await send(GZIP, **how)
    assert b"".join(sent.parts) == b"".join(how.get("parts", (TEXT,)))


@pytest.mark.parametrize(
    "kind",
    [b"text/html; charset=utf-8", b"application/ld+json", b"application/geo+json", b"text/csv", b"image/svg+xml"],
)
async def test_texts_of_all_kinds(kind: bytes) -> None:
    assert (await send(GZIP, kind=kind)).is_packed


async def test_what_has_no_length_is_compressed_as_it_comes() -> None:
    parts = (TEXT, b"", TEXT * (INLINE // len(TEXT) + 1), b"")
    sent = await send(GZIP, parts=parts)
    assert sent.is_packed
    assert b"content-length" not in sent.headers
    assert gzip.decompress(b"".join(sent.parts)) == b"".join(parts)


async def test_the_compressed_has_a_tag_of_its_own_and_is_known_again() -> None:
    tag = (b"etag", b'"abc"')
    sent = await send(GZIP, more=(tag,))
    assert sent.headers[b"etag"] == b'"abc-gzip"'
    known = (b"if-none-match", b'"abc-gzip"')
    scope: Any = {"type": "http", "headers": [GZIP, known]}
    Coder(Coding(), scope, None)  # pyright: ignore[reportArgumentType]
    assert (b"if-none-match", b'"abc"') in scope["headers"], "the application sees the tag that it gave"
    again = await send(GZIP, known, status=304, parts=(b"",), more=(tag,))
    assert again.headers[b"etag"] == b'"abc-gzip"'
    assert (await send(known, more=(tag,))).headers[b"etag"] == b'"abc"'


async def test_what_may_be_kept_for_others_is_compressed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bytes] = []

    def compress(body: bytes, level: int, *, mtime: int) -> bytes:
        made.append(body)
        return zlib.compress(body, level, zlib.MAX_WBITS | 16)

    monkeypatch.setattr(coding.gzip, "compress", compress)
    one = Coding()
    for _ in range(3):
        assert (await send(GZIP, of=one, more=(KEPT,))).is_packed
    assert len(made) == 1
    for control in ((b"cache-control", b"private, no-store"), (b"link", b"</>")):
        await send(GZIP, of=one, more=(control,))
    await send(GZIP, (b"authorization", b"Bearer k"), of=one, more=(KEPT,))
    assert len(made) == 4, "what is somebody's own is not kept"


async def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coding, "KEPT", 40_000)
    one = Coding()
    for n in range(50):
        body = b"%d" % n + TEXT
        assert gzip.decompress((await send(GZIP, of=one, parts=(body,), more=(KEPT,))).parts[0]) == body
    assert sum(map(len, one._made)) <= 40_000  # pyright: ignore[reportPrivateUsage]
