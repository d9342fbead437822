"""Committees, what they resolve about services, and operators' overrides of single commands. See docs/mandates.md.

Whoever may act as operator acts as the committees' clerk: it brings the vote, the rules decide what follows from it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from madang.account.mandates import RESOLUTION
from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.body import read_json
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import Rooms, rooms
from madang.decide.mandate import permit
from madang.errors import BadRequestData, Forbidden, ResourceNotFound
from madang.model import time as times
from madang.model.city import Committee, ServiceSpec
from madang.model.resolution import Act, Condition, Override, Resolution
from madang.participate.voting import Motion, resolve

_documented = partial(documented, "Committees", named=False)
T = TypeVar("T")

LONGEST_S: Final = 3600.0
"""An override lasts an hour at most: what is to last longer is the committee's to decide."""

_RELEASE: Final = "release"
"""Gives a target back to its own plan."""

_MOTION: Final = {
    "id": "2026-11/3",
    "service": "signals",
    "act": "approve",
    "reason": "the trial of the summer",
    "until": "2027-12-31T23:00:00Z",
    "conditions": [{"text": "by day only", "between": ["06:00", "20:00"]}],
    "ayes": ["chair", "residents"],
    "noes": ["public-transport"],
    "abstained": [],
    "recused": ["traffic-engineering"],
}
_OVERRIDE: Final = {"reason": "a burst pipe on the northern approach", "for_s": 600, "action": "release"}


class Vote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """The body of a vote."""

    id: str
    service: str
    act: Act
    reason: str
    since: str | None = None
    until: str | None = None
    conditions: tuple[Condition, ...] = ()
    ayes: tuple[str, ...] = ()
    noes: tuple[str, ...] = ()
    abstained: tuple[str, ...] = ()
    recused: tuple[str, ...] = ()


class Word(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of an override."""

    reason: str
    for_s: float = 300.0
    action: str = _RELEASE
    parameters: Mapping[str, Any] = {}


@get("/committees", operation_class=_documented(example={"mobility": {"members": ["chair"], "quorum": 1}}))
async def list_committees(request: Call) -> Response[bytes]:
    """List the committees: members, quorum, majority, terms, recusals, and which services they decide on."""
    Arguments(request, ())
    return plain(dict(rooms(request).city.committees))


@get("/mandates", operation_class=_documented(example={"signals": {"allowed": True, "why": ""}}))
async def list_mandates(request: Call) -> Response[bytes]:
    """List each service's mandate: whether it may act now, by which resolution and conditions, else why not."""
    Arguments(request, ())
    here = rooms(request)
    return plain({name: mandate_of(here, name, spec) for name, spec in here.city.services.items()})


@get("/committees/{id:str}/resolutions", operation_class=_documented(example={"resolutions": [_MOTION]}))
async def list_resolutions(request: Call, id: FromPath[str]) -> Response[bytes]:
    """List what the committee has resolved, the newest first, each with its number in the ledger."""
    Arguments(request, ())
    here = rooms(request)
    committee_of(here, id)
    found: list[dict[str, Any]] = []
    for entry in await here.account.find(RESOLUTION, limit=1000):
        passed = msgspec.json.decode(entry.body, type=Resolution)
        if passed.committee == id:
            found.append({**_told(passed), "entry": entry.id})
    return plain({"resolutions": found})


@post(
    "/committees/{id:str}/resolutions",
    status_code=201,
    operation_class=_documented(body=_MOTION, answers=(201, 409)),
)
async def pass_resolution(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Put a vote on record: approve a service with conditions until a date, suspend it, or revoke its mandate. It binds
    in the service's next control cycle."""
    Arguments(request, ())
    here = rooms(request)
    writing_operator(request)
    committee = committee_of(here, id)
    given = await read_as(request, Vote)
    if given.service not in here.city.services:
        known = ", ".join(here.city.services) or "none"
        raise BadRequestData(f"the city runs no service {given.service[:60]!r}; there are {known}")
    now = here.clock.now()
    passed = resolve(id, committee, _motion(given, now), at=now, time_zone=here.city.time_zone)
    entry = await here.mandates.resolve(passed)
    mandate = mandate_of(here, given.service, here.city.services[given.service])
    return plain({**_told(passed), "entry": entry.id, "mandate": mandate}, status=201)


@post(
    "/decisions/{id:str}/override",
    status_code=201,
    operation_class=_documented(body=_OVERRIDE, answers=(201,)),
)
async def override_decision(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Override a service's command: give its target back to its own plan, or order something else, for a stated time
    (at most an hour) and with a reason. Guards hold for operators too."""
    Arguments(request, ())
    here, caller = rooms(request), writing_operator(request)
    given = await read_as(request, Word)
    if not given.reason.strip():
        raise BadRequestData("an override needs a reason, for those who read it later")
    if not 0 < given.for_s <= LONGEST_S:
        raise BadRequestData(f"for_s is {given.for_s:g}; an override lasts more than 0 s and at most {LONGEST_S:g} s")
    _, record = await here.account.record(id)
    if given.action not in (_RELEASE, record.action):
        known = " and ".join(sorted({_RELEASE, record.action}))
        raise BadRequestData(f"action: {given.action[:60]!r}; of this target an override takes {known}")
    now = here.clock.now()
    made = await here.mandates.override(
        Override(
            id="",
            decision=record.id,
            service=record.service,
            target=record.target,
            action=given.action,
            parameters=given.parameters,
            reason=given.reason,
            by=caller,
            at=now,
            until=now + timedelta(seconds=given.for_s),
        )
    )
    return plain(made, status=201)


@get("/overrides", operation_class=_documented(example={"overrides": []}))
async def list_overrides(request: Call) -> Response[bytes]:
    """List the overrides that run now."""
    Arguments(request, ())
    here = rooms(request)
    now = here.clock.now()
    return plain({"overrides": [one for name in here.city.services for one in here.mandates.overrides(name, now)]})


def writing_operator(request: Call) -> str:
    """Who acts; raises Forbidden."""
    caller = writer(request)
    if caller.role != "operator":
        raise Forbidden("only operators may do that: sign in as one, or use an operator's key ('madang key add')")
    return caller.name


def committee_of(here: Rooms, id: str) -> Committee:
    """The committee with that id. Raises ResourceNotFound."""
    known = here.city.committees
    if id not in known:
        raise ResourceNotFound(f"the city has no committee {id[:60]!r}; there are {', '.join(known) or 'none'}")
    return known[id]


async def read_as(request: Call, type: type[T]) -> T:
    """The body as that type. Raises BadRequestData that says what is wrong with it."""
    try:
        return msgspec.convert(await read_json(request), type)
    except msgspec.ValidationError as error:
        raise BadRequestData(f"the body: {error}") from error


def _motion(given: Vote, now: datetime) -> Motion:
    values: dict[str, Any] = msgspec.structs.asdict(given)
    values["since"] = times.parse(given.since, what="from") if given.since else now
    values["until"] = times.parse(given.until, what="until") if given.until else None
    return Motion(**values)


def mandate_of(here: Rooms, name: str, spec: ServiceSpec) -> dict[str, Any]:
    """Whether the service may act now, and why or why not."""
    acts = here.mandates.acts(name)
    city = here.city
    found = permit(spec, city.committees, here.clock.now(), time_zone=city.time_zone, acts=acts)
    if isinstance(found, str):
        return {"allowed": False, "why": found, "acts": len(acts), "suspended": _suspension(acts, here.clock.now())}
    return {"allowed": True, "why": "", "permission": found, "acts": len(acts)}


def _suspension(acts: Sequence[Resolution], now: datetime) -> dict[str, Any] | None:
    """By whom, why and until when (None: until it is approved again), where its newest act suspends or revokes it."""
    newest = acts[-1] if acts else None
    if newest is None or newest.act is Act.APPROVE or (newest.until is not None and newest.until <= now):
        return None
    return {
        "act": newest.act,
        "committee": newest.committee,
        "resolution": newest.id,
        "reason": newest.reason,
        "at": newest.at,
        "until": newest.until,
    }


def _told(passed: Resolution) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(passed, builtin_types=(datetime,))
    body["from"] = body.pop("since")
    return body
