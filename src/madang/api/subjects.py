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
from madang.hub.subjects import overdue
from madang.model import time as times
from madang.model.document.output import Form, write_entity
from madang.model.entity import Entity
from madang.model.petition import Petition, Wish

_EXAMPLE = {"subject": "urn:ngsi-ld:Person:kim", "wish": "erasure", "words": "I moved away."}


@get("/subjects/data", operation_class=documented("People", query=("subject",)))
async def held_data(request: Call) -> Response[bytes]:
    """All that the city holds on a person, by dataset, with its past: for that person and for operators."""
    subject = Arguments(request, ("subject",)).text("subject")
    if not subject:
        raise BadRequestData("subject: the URI of the person is missing")
    caller = writer(request)
    held = await rooms(request).hub.subjects.held(caller, subject)
    now = {dataset: [_entity(one) for one in found] for dataset, found in held.now.items()}
    at = rooms(request).hub.subjects.now()
    await rooms(request).account.add([Note(kind="access", at=at, body={"subject": subject, "by": caller.name})])
    return plain({"subject": subject, "datasets": now, "past": [_entity(one) for one in held.past]})


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
    account = rooms(request).account
    for kind in ("consent", "access"):
        for entry in await account.find(kind, limit=100_000):
            if petition.subject.encode() in entry.body and _subject(entry.body) == petition.subject:
                await account.erase(entry.id, at=rooms(request).hub.subjects.now(), reason=f"erasure: {petition.id}")


def _subject(body: bytes) -> str:
    found = msgspec.json.decode(body)
    return found.get("subject") or found.get("consent", {}).get("subject", "")


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
    return body


def _entity(entity: Entity) -> Any:
    return write_entity(entity, Form(system=True))
