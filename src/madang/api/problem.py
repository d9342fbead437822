"""The one translation of errors to HTTP: problem details (RFC 9457), never a stack trace.

A failure that nobody foresaw is logged with an id, and the answer carries that id, so that who reads the answer and who
reads the log can talk about the same event.
"""

import logging
import math
import uuid
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException

from madang.api.message import Answer
from madang.errors import InvalidRequest, MadangError, Unauthorized

MEDIA_TYPE: Final = "application/problem+json"
_LONGEST: Final = 500
_log = logging.getLogger("madang.api")

Call = Request[Any, Any, Any]


class NotAcceptable(MadangError):
    """No representation that the Accept header allows (6.3.4)."""

    status = 406
    type = "about:blank"
    title = "Not acceptable"


class LengthRequired(MadangError):
    """A body without a Content-Length and not chunked (6.3.4)."""

    status = 411
    type = "about:blank"
    title = "Length required"


class UnsupportedMediaType(MadangError):
    """A body of a media type that the operation does not read (6.3.4)."""

    status = 415
    type = "about:blank"
    title = "Unsupported media type"


def problem(error: MadangError, *, instance: str | None = None) -> dict[str, Any]:
    """The problem details of an error; its members are extension members."""
    body: dict[str, Any] = {"type": error.type, "title": error.title, "status": error.status, "detail": error.detail}
    if instance is not None:
        body["instance"] = instance
    return {**error.members, **body}


def answer(request: Call, error: Exception) -> Answer:
    """The answer to what a handler raised."""
    if isinstance(error, MadangError):
        return _foreseen(request, error)
    return _of_http(request, error) if isinstance(error, HTTPException) else _unforeseen(request, error)


def _foreseen(request: Call, error: MadangError) -> Answer:
    if isinstance(error, LengthRequired):
        # 6.3.4: just the status, without any payload body.
        return Answer(b"", status_code=error.status, media_type=MEDIA_TYPE)
    headers: dict[str, str] = {}
    if error.status in (401, 403):
        # ASVS 5.0, 16.3: who tries what is not theirs is on the log, without the key that was tried.
        _log.info("refused: %s %s: %s", request.method, request.url.path[:_LONGEST], error.detail[:_LONGEST])
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = 'Bearer realm="madang"'
    if "retry_after_s" in error.members:
        headers["Retry-After"] = str(math.ceil(error.members["retry_after_s"]))
    return _answer(error.status, problem(error, instance=request.url.path), headers)


def _of_http(request: Call, error: HTTPException) -> Answer:
    """Litestar's own: no such address, a method that the address has not, a body over the limit."""
    if error.status_code >= 500:
        return _unforeseen(request, error)
    title, detail = _WORDS.get(error.status_code, ("", error.detail))
    if error.status_code == 400:
        return _foreseen(request, InvalidRequest(error.detail))
    path = request.url.path
    body = {
        "type": "about:blank",
        "title": title or f"HTTP {error.status_code}",
        "status": error.status_code,
        "detail": detail.format(path=path, method=request.method),
        "instance": path,
    }
    return _answer(error.status_code, body, error.headers or {})


def _unforeseen(request: Call, error: Exception) -> Answer:
    id = uuid.uuid4().hex[:12]
    _log.error("error %s in %s %s", id, request.method, request.url.path, exc_info=error)
    body = {
        "type": MadangError.type,
        "title": MadangError.title,
        "status": 500,
        "detail": f"something went wrong here, not with the request; the log says more under the id {id}",
        "instance": request.url.path,
        "id": id,
    }
    return _answer(500, body)


def _answer(status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(msgspec.json.encode(body), status_code=status, media_type=MEDIA_TYPE, headers=headers)


_WORDS = {
    404: ("Not found", "there is nothing at {path}; /docs lists what there is"),
    405: ("Method not allowed", "{path} has no method {method}; the header Allow lists what it has"),
    413: ("Payload too large", "the body is larger than this hub takes; send it in parts"),
}

HANDLERS: dict[int | type[Exception], Any] = {MadangError: _foreseen, HTTPException: _of_http, Exception: _unforeseen}
