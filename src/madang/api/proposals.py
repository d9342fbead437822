"""Proposals over HTTP: residents propose with evidence and support once each; who has to answers; it ends measured."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath

from madang.api import evidence, followers
from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.caller import writer
from madang.api.catalogue import address
from madang.api.docs import documented
from madang.api.file import serve
from madang.api.problem import Call
from madang.api.resolutions import read_as, writing_operator
from madang.api.rooms import Rooms, rooms
from madang.errors import BadRequestData, Forbidden
from madang.govern import Caller
from madang.model import time as times
from madang.model.dataset import text_of
from madang.model.feed import MEDIA, atom
from madang.model.proposal import OVER, Evidence, Proposal, State, Step
from madang.participate import news
from madang.participate.followers import Followers
from madang.participate.letters import language
from madang.participate.measuring import Measure, measured
from madang.participate.motions import seats
from madang.participate.objections import words
from madang.participate.proposals import Course, Proposals

_documented = partial(documented, "Proposals", named=False)
_TITLE, _MOST_EVIDENCE, _PAGE = 120, 8, 200
_GIVEN: Final = {
    "title": "Green for the school at eight",
    "text": "Children wait two minutes at the crossing before school.",
    "evidence": [{"path": "/data/approach-waits.csv", "says": "the waits of the last hours"}],
}
_COURSE: Final = {
    "id": "proposal-4711",
    "title": "Green for the school at eight",
    "state": "open",
    "supporters": 12,
    "needed": 100,
    "remaining_s": 7776000,
}
_MEASURE: Final = {
    "entity": "urn:ngsi-ld:ApproachWait:gneJ207",
    "attribute": "wait",
    "before": ["2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z"],
    "after": ["2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z"],
}


class Shown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An item of evidence as it is given."""

    path: str
    says: str = ""


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a proposal."""

    title: str
    text: str
    language: str = ""
    by: str = ""
    evidence: tuple[Shown, ...] = ()


class Backing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a support; `ticket` is the secret of a one-time link."""

    ticket: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of an answer."""

    accept: bool
    text: str


class Figure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which figure was to become better, and when it was measured."""

    entity: str
    attribute: str
    before: tuple[str, str]
    after: tuple[str, str]


class Ending(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a close: what was measured, or why it ends without."""

    text: str
    measure: Figure | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many one-time links."""

    count: int


@get("/proposals", operation_class=_documented(query=("before", "limit"), example={"proposals": [_COURSE]}))
async def list_proposals(request: Call) -> Response[bytes]:
    """List proposals, the newest first, with their states, support and clocks, and the rules that they are under."""
    given = Arguments(request, ("before", "limit"))
    here = rooms(request)
    limit = min(given.number("limit", 100, least=1) or 100, _PAGE)
    found, following = await _proposals(here).newest(given.number("before", least=1), limit)
    now, city = here.clock.now(), here.city
    rules = city.participation.proposals if city.participation else None
    return plain({"rules": rules, "proposals": [told(one, now) for one in found], "next": following})


@get("/proposals.atom", operation_class=_documented(media=(MEDIA,)))
async def proposals_feed(request: Call) -> Response[bytes]:
    """Hear of new proposals and of each step that one takes, as an Atom feed: nobody has to leave an address."""
    Arguments(request, ())
    here, name = address(request), text_of(rooms(request).city.name)
    courses, _ = await _proposals(rooms(request)).newest(None, _PAGE)
    found = news.items(courses, here)[:_PAGE]
    body = atom(f"{name}: proposals", found, here=f"{here}/proposals.atom", page=f"{here}/proposals", author=name)
    return serve(request, body, media=f"{MEDIA}; charset=utf-8", headers={})


@post("/proposals", status_code=201, operation_class=_documented(body=_GIVEN, answers=(201, 429)))
async def propose(request: Call) -> Response[bytes]:
    """Propose something, whoever you are, and say what it rests on: addresses of public data on this hub, of which the
    content's SHA-256 is put on record."""
    Arguments(request, ())
    here = rooms(request)
    found = _proposals(here)
    _ = found.rules
    here.limits.take(request, "proposal")
    given = await read_as(request, Given)
    if len(given.title) > _TITLE or len(given.evidence) > _MOST_EVIDENCE:
        raise BadRequestData(f"a title has at most {_TITLE} characters, a proposal {_MOST_EVIDENCE} items of evidence")
    now = here.clock.now()
    rests = [await _evidence(request, one, now) for one in given.evidence]
    draft = Proposal(
        id="",
        title=words(given.title, what="title"),
        text=words(given.text),
        at=now,
        closes=now,
        needed=0,
        language=language(given.language),
        by=words(given.by, what="by")[:_TITLE] if given.by else "",
        evidence=tuple(rests),
    )
    async with here.voting:
        return plain(told(await found.propose(draft), now), status=201)


@get("/proposals/{id:str}", operation_class=_documented(example=_COURSE))
async def retrieve_proposal(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve a proposal: its words, evidence, support by how people are known, every step, and what is due."""
    Arguments(request, ())
    here = rooms(request)
    found = _proposals(here)
    course = await found.one(id)
    support = await found.by_kind(id)
    return plain({**told(course, here.clock.now()), "support": support, "letters": followers.offered(here)})


@get("/proposals/{id:str}/evidence", operation_class=_documented(example={"evidence": []}))
async def check_evidence(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Read what a proposal rests on again: whether it is the same as when it was proposed, byte by byte."""
    Arguments(request, ())
    here = rooms(request)
    here.limits.take(request, "evidence", burst=20, every_s=2.0)
    course = await _proposals(here).one(id)
    rests = course.proposal.evidence if course.proposal else ()
    return plain({"evidence": [{**msgspec.to_builtins(one), **await _again(request, one)} for one in rests]})


@post(
    "/proposals/{id:str}/support",
    status_code=201,
    operation_class=_documented(body={"ticket": "QOOy5vZ8gk0Xo7bO8H0a1w"}, answers=(201, 409, 429)),
)
async def support_proposal(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Support a proposal, once a person: as whom you have signed in, or with a one-time code that the city sent you."""
    return await _backed(request, id, Proposals.support)


@post(
    "/proposals/{id:str}/support/withdrawal",
    status_code=201,
    operation_class=_documented(body={"ticket": "QOOy5vZ8gk0Xo7bO8H0a1w"}, answers=(201, 409, 429)),
)
async def withdraw_support(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Take your support of a proposal back, as whom you gave it, while it is gathered; you may give it again."""
    return await _backed(request, id, Proposals.withdraw)


async def _backed(
    request: Call, id: str, act: Callable[[Proposals, str, Caller, str, datetime], Awaitable[Course]]
) -> Response[bytes]:
    """A supporter's act, one at a time; one-time codes are not to be guessed."""
    Arguments(request, ())
    here, caller = rooms(request), writer(request)
    given = await read_as(request, Backing)
    if given.ticket:
        here.limits.take(request, "ticket")
    now = here.clock.now()
    async with here.voting:
        return plain(told(await act(_proposals(here), id, caller, given.ticket, now), now), status=201)


@post(
    "/proposals/{id:str}/answer",
    status_code=201,
    operation_class=_documented(body={"accept": True, "text": "From Monday on, for a month."}, answers=(201, 409)),
)
async def answer_proposal(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Answer a proposal that has enough support: accept it, or decline it and say why."""
    Arguments(request, ())
    here = rooms(request)
    by = _answering(request)
    given = await read_as(request, Reply)
    now = here.clock.now()
    state = State.ACCEPTED if given.accept else State.DECLINED
    return await _stepped(here, id, Step(proposal=id, state=state, text=words(given.text), at=now, by=by))


@post(
    "/proposals/{id:str}/close",
    status_code=201,
    operation_class=_documented(body={"text": "Waits are shorter.", "measure": _MEASURE}, answers=(201, 409)),
)
async def close_proposal(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Close a proposal, with a before and after that the hub measures from its public history, or with a stated
    reason."""
    Arguments(request, ())
    here = rooms(request)
    by = _answering(request)
    given = await read_as(request, Ending)
    now, text = here.clock.now(), words(given.text)
    seen = await measured(here.hub, _measure(given.measure)) if given.measure is not None else None
    state = State.MEASURED if seen is not None else State.ENDED
    return await _stepped(here, id, Step(proposal=id, state=state, text=text, at=now, by=by, measured=seen))


@post("/proposals/links", status_code=201, operation_class=_documented(body={"count": 100}, answers=(201,)))
async def make_links(request: Call) -> Response[bytes]:
    """Make one-time codes, for operators to send to residents, one each. They are shown this once."""
    Arguments(request, ())
    here = rooms(request)
    writing_operator(request)
    given = await read_as(request, Wanted)
    return plain({"tickets": await _proposals(here).links(given.count, here.clock.now())}, status=201)


@delete("/proposals/{id:str}", status_code=204, operation_class=_documented(answers=(204,)))
async def erase_proposal(request: Call, id: FromPath[str]) -> None:
    """Erase the words of a proposal, for operators: where they break the law, or who proposed asks. That there was one
    stays in the ledger, and so does that it was erased."""
    Arguments(request, ())
    here, by = rooms(request), writing_operator(request)
    await _proposals(here).erase(id, here.clock.now(), f"erased by {by}")
    await Followers(here.hub, here.outside.address, here.city.time_zone).drop(id)


def _proposals(here: Rooms) -> Proposals:
    return Proposals(here.account, here.hub, here.city)


async def _stepped(here: Rooms, id: str, step: Step) -> Response[bytes]:
    async with here.voting:
        return plain(told(await _proposals(here).step(id, step), step.at), status=201)


def _answering(request: Call) -> str:
    """Who answers: an operator, or a member of the committee that the rules name. Raises Forbidden."""
    here, caller = rooms(request), writer(request)
    if caller.role == "operator":
        return caller.name
    committee = _proposals(here).rules.committee
    held = seats(committee, here.city, caller, here.clock.now())
    if not held:
        raise Forbidden(f"{committee or 'an operator'} answers proposals (docs/proposals.md)")
    return f"{committee}: {held[0]}"


def _measure(given: Figure) -> Measure:
    spans = [
        tuple(times.parse(text, what=name) for text in found)
        for name, found in (("before", given.before), ("after", given.after))
    ]
    (start, end), (since, until) = spans
    return Measure(entity=given.entity, attribute=given.attribute, before=(start, end), after=(since, until))


async def _evidence(request: Call, given: Shown, now: datetime) -> Evidence:
    digest, size = await evidence.fingerprint(request.app, given.path)
    says = words(given.says, what="says") if given.says else ""
    return Evidence(path=given.path, sha256=digest, bytes=size, at=now, says=says)


async def _again(request: Call, one: Evidence) -> dict[str, Any]:
    try:
        digest, _ = await evidence.fingerprint(request.app, one.path)
    except BadRequestData as error:
        return {"now": None, "same": False, "why": error.detail}
    return {"now": digest, "same": digest == one.sha256, "why": ""}


def told(course: Course, now: datetime) -> dict[str, Any]:
    """A proposal as everybody sees it."""
    said = course.proposal
    ends = course.due or (said.closes if said is not None and course.state is State.OPEN else None)
    waits = ends is not None and course.state not in OVER
    overdue = waits and course.state is State.REACHED and ends is not None and now >= ends
    return {
        "id": course.id,
        "title": said.title if said else None,
        "text": said.text if said else None,
        "language": said.language if said else "",
        "by": said.by if said else "",
        "at": said.at if said else None,
        "state": str(course.state),
        "overdue": overdue,
        "supporters": course.supporters,
        "needed": said.needed if said else None,
        "closes": said.closes if said else None,
        "due": course.due if waits else None,
        "remaining_s": round((ends - now).total_seconds()) if waits and ends is not None else None,
        "evidence": [msgspec.to_builtins(one) for one in said.evidence] if said else [],
        "steps": [
            {"text": "", "by": "", "due": None, "measured": None, "late": one.late, **msgspec.to_builtins(one)}
            for one in course.steps
        ],
    }
