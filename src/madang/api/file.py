"""A file as clients of files expect it (RFC 9110): its length, a tag of its content, and ranges of it."""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from madang.api.message import Answer
from madang.api.problem import Call

_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def serve(request: Call, body: bytes, *, media: str, headers: Mapping[str, str]) -> Answer:
    """The file, 304 where the client has it, a range of it (206), or 416 where there is no such range. Of several
    ranges none is honoured, as a server may (14.2)."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    told = {**headers, "ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Answer(b"", status_code=304, media_type=media, headers=told)
    found = _range(request, tag, len(body))
    if found is None:
        return Answer(body, status_code=200, media_type=media, headers=told)
    start, end = found
    if start >= len(body) or end < start:
        return Answer(b"", status_code=416, media_type=media, headers={**told, "Content-Range": f"bytes */{len(body)}"})
    told["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
    return Answer(body[start : end + 1], status_code=206, media_type=media, headers=told)


def _range(request: Call, tag: str, size: int) -> tuple[int, int] | None:
    """The first and the last byte that are asked for; None: all of it."""
    asked = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if asked is None or asked.groups() == ("", "") or request.headers.get("if-range", tag) != tag:
        return None
    first, last = asked.groups()
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
