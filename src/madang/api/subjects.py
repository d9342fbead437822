"""A person's data and requests: ``/subjects/data``, ``/subjects/requests``. Each act is in the ledger."""

from typing import Any, cast

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from madang.account.ledger import Note
from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.body import read_json
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import BadRequestData
from madang.hub.subjects import Held, overdue
from madang.model import time as times
from madang.model.document.output import Form, write_entity
from madang.model.entity import Entity
from madang.model.petition import Petition, Wish

_EXAMPLE = {"subject": "urn:ngsi-ld:Person:kim", "wish": "erasure", "words": "I moved away."}


_USES = {
    "subject": "urn:ngsi-ld:Person:kim",
    "uses": [
        {
            "at": "2026-03-01T12:00:07Z",
            "by": "study-7",
            "role": "member",
            "purpose": "research",
            "dataset": "visits",
            "country": "",
            "since": "2026-03-01T12:00:00Z",
            "until": "2026-03-01T13:00:00Z",
            "entry": "use-4711",
        }
    ],
    "next": None,
}
_PAGE = 1000


@get("/subjects/data", operation_class=documented("People", query=("subject",)))
async def held_data(request: Call) -> Response[bytes]:
    """All that the city holds on a person, by dataset, with its past, in every tenant: for that person and for
    operators."""
    subject = Arguments(request, ("subject",)).text("subject")
    if not subject:
        raise BadRequestData("subject: the URI of the person is missing")
    caller = writer(request)
    held = await rooms(request).hub.subjects.held(caller, subject)
    at = rooms(request).hub.subjects.now()
    body = {"subject": subject, "by": caller.name, "role": caller.role}
    await rooms(request).account.add([Note(kind="access", target=subject, at=at, body=body)])
    tenants = {name: _held(one) for name, one in held.tenants.items()}
    return plain({"subject": subject, **_held(held), "tenants": tenants})


@get("/subjects/uses", operation_class=documented("People", query=("subject", "before#entry"), example=_USES))
async def data_uses(request: Call) -> Response[bytes]:
    """Who used a person's data for what, newest first: for that person and for operators. `next` is the `before` of the
    next page, or null. An entry stands for an hour of one reader; each is in the ledger, and nobody else can read it.
    """
    given = Arguments(request, ("subject", "before"))
    subject = given.text("subject")
    if not subject:
        raise BadRequestData("subject: the URI of the person is missing")
    found = await rooms(request).hub.uses.of(writer(request), subject, before=given.number("before"), limit=_PAGE)
    following = int(found[-1].entry.rpartition("-")[2]) if len(found) == _PAGE else None
    return plain({"subject": subject, "uses": found, "next": following})


@post("/subjects/requests", status_code=201, operation_class=documented("People", body=_EXAMPLE, answers=(201,)))
async def ask_request(request: Call) -> Response[bytes]:
    """Ask for access, portability, rectification, erasure, or object: the law's clock runs from now."""
    Arguments(request, ())
    petition = await rooms(request).hub.subjects.ask(writer(request), await _object(request))
    return plain(await _accounted(request, petition), status=201)


@get("/subjects/requests", operation_class=documented("People", query=("subject",)))
async def list_requests(request: Call) -> Response[bytes]:
    """The operator's queue, what is due first; or, with `subject`, one person's requests."""
    subject = Arguments(request, ("subject",)).text("subject") or ""
    found = await rooms(request).hub.subjects.all(writer(request), subject)
    return plain([_told(request, one) for one in found])


@post("/subjects/requests/{id:str}/answer", status_code=200, operation_class=documented("People", named=False))
async def answer_request(request: Call, id: FromPath[str]) -> Response[bytes]:
    """An operator grants it (an erasure is done with that) or refuses, with a reason."""
    Arguments(request, ())
    body = await _object(request)
    granted, words = body.get("granted"), body.get("words")
    if not isinstance(granted, bool) or not isinstance(words, str):
        raise BadRequestData('an answer is {"granted": true or false, "words": "the reason"}')
    answered = await rooms(request).hub.subjects.answer(writer(request), id, granted=granted, words=words)
    if answered.granted and answered.wish is Wish.ERASURE:
        await _forget(request, answered)
    return plain(await _accounted(request, answered))


async def _forget(request: Call, petition: Petition) -> None:
    """What the ledger says of the person goes too: entries and proofs stay, and that this was erased."""
    account, hub, reason = rooms(request).account, rooms(request).hub, f"erasure: {petition.id}"
    await hub.uses.forget(petition.subject, reason)
    for kind in ("consent", "access"):
        before: int | None = None
        while page := await account.find(kind, before=before, limit=_PAGE):
            before = page[-1].sequence
            mine = [one.id for one in page if _is_of(one.body, petition.subject)]
            await account.erase_all(mine, at=hub.subjects.now(), reason=reason)


def _is_of(body: bytes, subject: str) -> bool:
    if subject.encode() not in body:
        return False
    found = msgspec.json.decode(body)
    return subject in (found.get("subject"), found.get("consent", {}).get("subject"))


async def _object(request: Call) -> dict[str, Any]:
    body = await read_json(request)
    if not isinstance(body, dict):
        raise BadRequestData("the body is an object")
    return cast(dict[str, Any], body)


async def _accounted(request: Call, petition: Petition) -> dict[str, Any]:
    told = _told(request, petition)
    (entry,) = await rooms(request).account.add(
        [Note(kind="request", at=petition.answered_at or petition.asked_at, body=told)]
    )
    return {**told, "entry": entry.id}


def _told(request: Call, petition: Petition) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": petition.id,
        "subject": petition.subject,
        "wish": petition.wish.value,
        "words": petition.words,
        "askedAt": times.text(petition.asked_at),
        "dueAt": times.text(petition.due_at),
        "article": petition.article or None,
        "state": "open" if petition.granted is None else ("granted" if petition.granted else "refused"),
        "overdue": overdue(petition, rooms(request).hub.subjects.now()),
    }
    if petition.answered_at is not None:
        body |= {"answeredAt": times.text(petition.answered_at), "answer": petition.answer, "erased": petition.erased}
    if petition.granted and petition.wish is Wish.ERASURE:
        body |= {"told": petition.told, "letters": petition.letters}
    return body


def _held(held: Held) -> dict[str, Any]:
    now = {dataset: [_entity(one) for one in found] for dataset, found in held.now.items()}
    return {"datasets": now, "past": [_entity(one) for one in held.past]}


def _entity(entity: Entity) -> Any:
    return write_entity(entity, Form(system=True))
