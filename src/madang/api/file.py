"""A file as clients of files expect it (RFC 9110): its length, a tag of its content, and ranges of it."""

import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from litestar.response import Stream

from madang.api.message import Answer
from madang.api.problem import Call

WHOLE: Final = 1_000_000
"""Bytes up to which a part of a file on disk is read at once."""

FOREVER: Final = "public, max-age=31536000, immutable"
"""Of what is never changed (RFC 8246)."""

_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def serve(request: Call, body: bytes, *, media: str, headers: Mapping[str, str]) -> Answer:
    """The file, 304 where the client has it, a range of it (206), or 416 where there is no such range. Of several
    ranges none is honoured, as a server may (14.2)."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    part = _part(request, tag, len(body), {"Cache-Control": "no-cache", **headers})
    return Answer(body[part.start : part.end], status_code=part.status, media_type=media, headers=part.headers)


def serve_file(request: Call, file: Path, *, digest: str, media: str, headers: Mapping[str, str]) -> Answer | Stream:
    """The same of a file on disk that never changes; `digest` is that of its content. A long part is sent as it is
    read."""
    part = _part(request, f'"{digest}"', file.stat().st_size, {"Cache-Control": FOREVER, **headers})
    length = part.end - part.start
    if length <= WHOLE:
        with file.open("rb") as stream:
            stream.seek(part.start)
            body = stream.read(length)
        return Answer(body, status_code=part.status, media_type=media, headers=part.headers)
    told = {**part.headers, "Content-Length": str(length)}
    return Stream(_blocks(file, part.start, length), status_code=part.status, media_type=media, headers=told)


class _Part(NamedTuple):
    status: int
    start: int
    end: int
    headers: dict[str, str]


def _part(request: Call, tag: str, size: int, headers: Mapping[str, str]) -> _Part:
    """Which bytes the answer has, and its status and headers."""
    told = {**headers, "ETag": tag, "Accept-Ranges": "bytes"}
    if _has(request, tag):
        return _Part(304, 0, 0, told)
    found = _range(request, tag, size)
    if found is None:
        return _Part(200, 0, size, told)
    start, end = found
    if start >= size or end < start:
        return _Part(416, 0, 0, {**told, "Content-Range": f"bytes */{size}"})
    return _Part(206, start, end + 1, {**told, "Content-Range": f"bytes {start}-{end}/{size}"})


def _has(request: Call, tag: str) -> bool:
    """Whether the client has it: any of its tags, weak or not (RFC 9110, 13.1.2)."""
    tags = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return tag in tags or tags == ["*"]


async def _blocks(file: Path, start: int, length: int) -> AsyncIterator[bytes]:
    with file.open("rb") as stream:
        stream.seek(start)
        while length > 0 and (block := stream.read(min(length, 1 << 18))):
            length -= len(block)
            yield block


def _range(request: Call, tag: str, size: int) -> tuple[int, int] | None:
    """The first and the last byte that are asked for; None: all of it."""
    asked = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if asked is None or asked.groups() == ("", "") or request.headers.get("if-range", tag) != tag:
        return None
    first, last = asked.groups()
    if not first:
        return max(0, size - int(last)), size - 1
    if last and int(last) < int(first):
        # No range at all (14.1.1): it is as if none were asked for.
        return None
    return int(first), min(int(last), size - 1) if last else size - 1
