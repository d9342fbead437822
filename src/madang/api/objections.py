"""Objections to decisions over HTTP: anybody objects, an operator answers for the committee, and the clock is shown."""

from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.resolutions import read_as, writing_operator
from madang.api.rooms import rooms
from madang.errors import BadRequestData
from madang.model.objection import Finding, Objection
from madang.participate.letters import language
from madang.participate.motions import seats
from madang.participate.objections import Case, Objections, deadline, mark, words

_documented = partial(documented, "Objections", named=False)
_MOST: Final = 1000
_LONGEST_CONTACT: Final = 200
_GIVEN: Final = {
    "text": "My street waits for minutes each evening.",
    "language": "en",
    "contact": "resident@example.org",
}
_CASE: Final = {
    "id": "signals-4711.objection-0123456789ab",
    "decision": "signals-4711",
    "text": "My street waits for minutes each evening.",
    "at": "2026-03-01T07:30:00Z",
    "due": "2026-03-15T07:30:00Z",
    "state": "open",
    "remaining_s": 1209600,
    "answer": None,
}
_ANSWER: Final = {"finding": "upheld", "text": "The longest red is 90 s from Monday on."}


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of an objection."""

    text: str
    language: str = ""
    contact: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of an answer."""

    finding: Finding
    text: str


@post(
    "/decisions/{id:str}/objections",
    status_code=201,
    operation_class=_documented(body=_GIVEN, answers=(201, 429)),
)
async def object_to_decision(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Object to a decision, whoever you are. It is put on record, and answered until the time that the answer says.
    The words can be read by everybody; `contact` only by who answers. Who has signed in finds it again at `/mine`."""
    Arguments(request, ())
    here, caller = rooms(request), writer(request)
    here.limits.take(request, "objection")
    given = await read_as(request, Given)
    if len(given.contact) > _LONGEST_CONTACT:
        raise BadRequestData(f"'contact' has at most {_LONGEST_CONTACT} characters")
    _, record = await here.account.record(id)
    now = here.clock.now()
    due, rule = deadline(record, here.city.services, here.city.committees, now)
    case = await Objections(here.account).object(
        Objection(
            decision=record.id,
            service=record.service,
            text=words(given.text),
            at=now,
            due=due,
            rule=rule,
            language=language(given.language),
            contact=words(given.contact, what="contact") if given.contact else "",
            mark=mark(here.hub.policy.terms.secret, record.id, caller.subject),
        )
    )
    return plain(told(case, now), status=201)


@get("/decisions/{id:str}/objections", operation_class=_documented(example={"objections": [_CASE]}))
async def list_objections_to(request: Call, id: FromPath[str]) -> Response[bytes]:
    """List the objections to a decision with their answers, or how long is left to answer."""
    Arguments(request, ())
    here = rooms(request)
    await here.account.record(id)
    cases = await Objections(here.account).to(id)
    return plain({"objections": [told(case, here.clock.now()) for case in cases]})


@get("/objections", operation_class=_documented(query=("before", "limit"), example={"objections": [_CASE]}))
async def list_objections(request: Call) -> Response[bytes]:
    """List the objections to all decisions, the newest first, with their clocks."""
    given = Arguments(request, ("before", "limit"))
    here = rooms(request)
    limit = min(given.number("limit", 100, least=1) or 100, _MOST)
    cases, following = await Objections(here.account).newest(given.number("before", least=1), limit)
    return plain({"objections": [told(case, here.clock.now()) for case in cases], "next": following})


@post(
    "/objections/{id:str}/answer",
    status_code=201,
    operation_class=_documented(body=_ANSWER, answers=(201, 409)),
)
async def answer_objection(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Answer an objection, once, for the committee: upheld, partly-upheld, rejected or explained, and why. Its members
    do, and operators."""
    Arguments(request, ())
    here = rooms(request)
    by = await _answering(request, id)
    given = await read_as(request, Reply)
    now = here.clock.now()
    case = await Objections(here.account).answer(id, finding=given.finding, text=words(given.text), by=by, at=now)
    return plain(told(case, now), status=201)


@get("/objections/{id:str}/contact", operation_class=_documented(example={"contact": "resident@example.org"}))
async def tell_contact(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve where the answer to an objection shall go; for operators."""
    Arguments(request, ())
    writing_operator(request)
    case = await Objections(rooms(request).account).one(id)
    return plain({"contact": case.objection.contact if case.objection else ""})


@delete("/objections/{id:str}", status_code=204, operation_class=_documented(answers=(204,)))
async def erase_objection(request: Call, id: FromPath[str]) -> None:
    """Erase the words of an objection and who made it, for operators: where they break the law, or somebody asks. That
    there was one, when, and the proof of it stay in the ledger's log; so does that it was erased, and by whom."""
    Arguments(request, ())
    here, by = rooms(request), writing_operator(request)
    case = await Objections(here.account).one(id)
    await here.account.erase(case.id, at=here.clock.now(), reason=f"erased by {by}")


async def _answering(request: Call, id: str) -> str:
    """Who answers: a member of the committee that permitted the decision, or an operator. Raises Forbidden."""
    here, caller = rooms(request), writer(request)
    if caller.role != "operator":
        case = await Objections(here.account).one(id)
        _, record = await here.account.record(case.decision)
        spec = here.city.services.get(record.service)
        by_file = spec.mandate.committee if spec is not None and spec.mandate is not None else ""
        committee = record.permission.committee if record.permission is not None else by_file
        held = seats(committee, here.city, caller, here.clock.now())
        if held:
            return f"{committee}: {held[0]}"
    return writing_operator(request)


def told(case: Case, now: datetime) -> dict[str, Any]:
    """A case as everybody sees it."""
    said, answer = case.objection, case.answer
    if answer is not None:
        state = "answered"
    elif said is None:
        state = "erased"
    else:
        state = "overdue" if now >= said.due else "open"
    waits = said is not None and answer is None
    return {
        "id": case.id,
        "decision": case.decision,
        "at": case.at,
        "text": said.text if said else None,
        "language": said.language if said else "",
        "due": said.due if said else None,
        "rule": said.rule if said else "",
        "state": state,
        "remaining_s": round((said.due - now).total_seconds()) if said and waits else None,
        "answer": None
        if answer is None
        else {k: v for k, v in msgspec.structs.asdict(answer).items() if k != "objection"},
    }
