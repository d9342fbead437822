"""Receipts of reads: who asks with ``Prefer: receipt`` gets, beside the answer, the address of a signed statement that
anybody can check offline (see docs/ledger.md).

The statement is an entry of the ledger, so the log proves it; its address has the entry's salt, which only who asked
knows: what was asked is nobody else's business.
"""

import hashlib
import hmac
import logging
import re
from typing import Any, Final, cast
from urllib.parse import parse_qsl, unquote

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from madang.account.export import receipt
from madang.account.ledger import Note
from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.caller import reader
from madang.api.docs import documented
from madang.api.limits import TooManyRequests
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import MadangError, ResourceNotFound
from madang.govern.statement import commitment, statement
from madang.hub.uses import TOLD

KIND: Final = "access"
_BURST, _EVERY_S = 60, 1.0
_ROOT: Final = "/ngsi-ld/v1/"
_READS: Final = (*(_ROOT + what for what in ("entities", "temporal/entities", "types", "attributes")), "/decisions")
_QUERIES: Final = frozenset((_ROOT + "entityOperations/query", _ROOT + "temporal/entityOperations/query"))
_LONGEST: Final = 2000
_NAME = re.compile(r"[^\s,;()|]+")
log = logging.getLogger(__name__)


def is_asked(request: Call) -> bool:
    """Whether the request prefers a receipt, of a read that has one."""
    prefer = request.headers.get("prefer")
    if prefer is None or not any(
        part.strip().lower() == "receipt" for piece in prefer.split(",") for part in piece.split(";")
    ):
        return False
    path = request.url.path
    return path.startswith(_READS) if request.method == "GET" else path.rstrip("/") in _QUERIES


def begin() -> None:
    """From now on, for this request, it is kept in mind whom it tells of: its receipt says on which consents it
    stood."""
    TOLD.set({})


async def headers(request: Call, status: int, body: bytes) -> dict[str, str]:
    """Put the read on record; the headers that lead to its receipt. None where it cannot be had (too often, the ledger
    does not take it): a preference may be passed over (RFC 7240, 2)."""
    here = rooms(request)
    try:
        here.limits.take(request, "receipt", burst=_BURST, every_s=_EVERY_S)
        caller = reader(request)
        given = await request.body() if request.method == "POST" else b""
        said = statement(here.policy.datasets, caller, here.policy.terms, _types(request, given, body))
        about = {
            "method": request.method,
            "path": request.url.path[:_LONGEST],
            "query": request.scope["query_string"].decode("ascii", "replace")[:_LONGEST],
            "status": status,
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        if given:
            about["body"] = hashlib.sha256(given).hexdigest()
        if status in (401, 403):
            said = {**said, "decision": "denied"}
        consents = commitment(here.policy.terms, caller, TOLD.get() or {})
        whole = {"at": here.clock.now(), "city": here.city.id, "request": about, **said, "consents": consents}
        (entry,) = await here.account.add([Note(kind=KIND, at=here.clock.now(), body=whole)])
    except TooManyRequests as error:
        return {"Receipt-Missing": error.detail}
    except MadangError as error:
        log.warning("no receipt: %s", error.detail)
        return {"Receipt-Missing": error.title}
    where = f"/receipts/{entry.id}?salt={entry.salt.hex()}"
    return {"Link": f'<{where}>; rel="receipt"', "Receipt": where, "Preference-Applied": "receipt"}


async def attach(request: Call, answer: Response[bytes]) -> Response[bytes]:
    """The answer with its receipt's address, where one was asked for."""
    if is_asked(request):
        for name, text in (await headers(request, answer.status_code or 200, answer.content)).items():
            # An answer may have links and preferences of its own.
            answer.headers[name] = f"{answer.headers[name]}, {text}" if name in answer.headers else text
    return answer


@get(
    "/receipts/{id:str}",
    operation_class=documented("Ledger", named=False, query=("salt",), example={"format": "madang-receipt/1"}),
)
async def retrieve_receipt(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve the receipt of a read: what was decided and why, with the proof that it is in the log. Its address is in
    the header `Receipt` of the answer to a read with `Prefer: receipt`."""
    given = Arguments(request, ("salt",))
    account = rooms(request).account
    entry = await account.entry(id)
    salt = entry.salt.hex() if entry is not None and entry.kind == KIND else ""
    if not salt or not hmac.compare_digest(salt.encode(), (given.text("salt") or "").encode()):
        raise ResourceNotFound(f"there is no receipt '{id[:80]}' with that salt")
    return plain(await receipt(account, id, opens=lambda _: True))


def _types(request: Call, given: bytes, body: bytes) -> set[str]:
    """The types that were asked for (by the query, or the body `given` of one) or answered with; none: any."""
    kind, _, name = request.url.path.removeprefix(_ROOT).partition("/")
    if kind in ("types", "attributes"):
        return {unquote(name).strip("/").rpartition("/")[2]} - {""} if kind == "types" else set()
    query = dict(parse_qsl(request.scope["query_string"].decode("ascii", "replace")))
    found = set(_NAME.findall(query.get("type", "")))
    asked = _decoded(given)
    if isinstance(asked, dict):
        for one in _mappings(cast(dict[str, Any], asked).get("entities")):
            found |= set(_NAME.findall(str(one.get("type", ""))))
    answered = _decoded(body)
    if isinstance(answered, dict):
        whole = cast(dict[str, Any], answered)
        answered = whole.get("decisions") or whole.get("features") or [whole]
    for one in _mappings(answered):
        found |= _named(one)
    return found


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body) if body else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _mappings(given: Any) -> list[dict[str, Any]]:
    listed = cast(list[Any], given) if isinstance(given, list) else []
    return [cast(dict[str, Any], one) for one in listed if isinstance(one, dict)]


def _named(one: dict[str, Any]) -> set[str]:
    inputs = one.get("inputs")
    if isinstance(inputs, list):
        return {str(cast(dict[str, Any], each).get("type", "")) for each in cast(list[Any], inputs)} - {""}
    own = one.get("properties", one) if one.get("type") == "Feature" else one
    types: Any = cast(dict[str, Any], own).get("type", []) if isinstance(own, dict) else []
    return {str(each) for each in (cast(list[Any], types) if isinstance(types, list) else [types])}
