"""Motions over HTTP: put on a committee's docket, voted on by its members under their own identity."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.resolutions import committee_of, read_as
from madang.api.rooms import Rooms, rooms
from madang.errors import BadRequestData, Forbidden
from madang.govern import Caller
from madang.model import time as times
from madang.model.motion import Choice, Tabled
from madang.model.resolution import Act, Condition
from madang.participate.motions import Ballot, Motions, seats
from madang.participate.objections import words

_documented = partial(documented, "Committees", named=False)
_OPEN: Final = timedelta(days=7)
"""A vote is open so long unless the motion says otherwise."""

_GIVEN: Final = {
    "reference": "2026-11/3",
    "service": "signals",
    "act": "suspend",
    "reason": "the complaints of the eastern district are to be looked into first",
    "until": "2026-12-31T23:00:00Z",
    "closes": "2026-11-30T20:00:00Z",
}
_BALLOT: Final = {
    "id": "motion-4711",
    "committee": "mobility",
    "reference": "2026-11/3",
    "state": "open",
    "votes": [{"member": "chair", "choice": "aye", "at": "2026-11-23T19:02:00Z"}],
    "waiting": ["residents"],
}


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """The body of a motion."""

    reference: str
    service: str
    act: Act
    reason: str
    since: str | None = None
    until: str | None = None
    closes: str | None = None
    conditions: tuple[Condition, ...] = ()


class Cast(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a vote; `member` is needed by who holds several seats."""

    choice: Choice
    member: str = ""


@post("/committees/{id:str}/motions", status_code=201, operation_class=_documented(body=_GIVEN, answers=(201, 409)))
async def table_motion(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Put a motion on the committee's docket: its members do, and an operator as its clerk."""
    Arguments(request, ())
    here, caller = rooms(request), writer(request)
    committee_of(here, id)
    now = here.clock.now()
    held = seats(id, here.city, caller, now)
    if not held and caller.role != "operator":
        raise Forbidden(f"members of {id} and its clerk put motions on its docket (docs/committees.md)")
    given = await read_as(request, Given)
    motion = Tabled(
        id="",
        committee=id,
        reference=words(given.reference, what="reference")[:80],
        service=given.service,
        act=given.act,
        reason=words(given.reason, what="reason"),
        by=held[0] if held else caller.name,
        at=now,
        closes=times.parse(given.closes, what="closes") if given.closes else now + _OPEN,
        since=times.parse(given.since, what="from") if given.since else None,
        until=times.parse(given.until, what="until") if given.until else None,
        conditions=given.conditions,
    )
    async with here.voting:
        ballot = await Motions(here.mandates, here.city).table(motion)
    return plain(told(here, ballot, now), status=201)


@get("/motions/{id:str}", operation_class=_documented(example=_BALLOT))
async def retrieve_motion(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve a motion: who has voted how, who has not yet, when it closes, how it ended."""
    Arguments(request, ())
    here = rooms(request)
    return plain(told(here, await Motions(here.mandates, here.city).one(id), here.clock.now()))


@post(
    "/motions/{id:str}/votes",
    status_code=201,
    operation_class=_documented(body={"choice": "aye"}, answers=(201, 409)),
)
async def cast_vote(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Vote on a motion as the member whose seat you hold: aye, no, abstain or recuse, once. What carries binds at
    once."""
    Arguments(request, ())
    here, caller = rooms(request), writer(request)
    given = await read_as(request, Cast)
    now = here.clock.now()
    async with here.voting:
        motions = Motions(here.mandates, here.city)
        ballot = await motions.one(id)
        member = _member(here, ballot, caller, given.member, now)
        ballot = await motions.vote(id, member, given.choice, by=caller.name, at=now)
    return plain(told(here, ballot, now), status=201)


def _member(here: Rooms, ballot: Ballot, caller: Caller, named: str, now: datetime) -> str:
    held = seats(ballot.motion.committee, here.city, caller, now)
    if named and named not in held:
        raise Forbidden(f"you do not hold the seat of {named[:60]!r} in {ballot.motion.committee}, or its term is over")
    if not held:
        role = f"{ballot.motion.committee}-<member>"
        raise Forbidden(f"only who holds a seat votes: a key or a session with the role {role} (docs/committees.md)")
    if not named and len(held) > 1:
        raise BadRequestData(f"you hold several seats; name one as 'member': {', '.join(held)}")
    return named or held[0]


def told(here: Rooms, ballot: Ballot, now: datetime) -> dict[str, Any]:
    """A motion as everybody sees it."""
    motion, close = ballot.motion, ballot.close
    body: dict[str, Any] = msgspec.to_builtins(motion, builtin_types=(datetime,))
    body["from"] = body.pop("since", None)
    remaining_s = round((motion.closes - now).total_seconds())
    return {
        "until": None,
        **body,
        "conditions": [msgspec.to_builtins(one) for one in motion.conditions],
        "state": "open" if close is None else str(close.result),
        "remaining_s": max(0, remaining_s) if close is None else None,
        "votes": [{"member": one.member, "choice": str(one.choice), "at": one.at} for one in ballot.votes.values()],
        "waiting": Motions(here.mandates, here.city).waiting(ballot, now) if close is None else [],
        "closed": None if close is None else {"at": close.at, "why": close.why, "resolution": close.entry or None},
    }
