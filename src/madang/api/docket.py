"""A committee in public: its docket with every clock that runs, and its minutes as open data."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from madang.account.mandates import RESOLUTION
from madang.api import motions
from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.caller import reader
from madang.api.docs import documented
from madang.api.objections import told as case_told
from madang.api.problem import Call
from madang.api.resolutions import committee_of, mandate_of
from madang.api.rooms import Rooms, rooms
from madang.model.city import Committee
from madang.model.ledger import Entry
from madang.participate.motions import CLOSE, MOTION, VOTE, Motions, seats
from madang.participate.objections import ANSWER, Objections
from madang.participate.voting import sitting

_documented = partial(documented, "Committees", named=False)
_LOOKED: Final = 1000
_COLUMNS: Final[tuple[str, ...]] = ("at", "kind", "reference", "service", "what", "by", "text", "entry", "hash")
_LINE: Final = {
    "at": "2026-11-23T19:02:00Z",
    "kind": "vote",
    "reference": "motion-4711",
    "service": "signals",
    "what": "aye",
    "by": "chair",
    "text": "",
    "entry": "motion-4711.chair",
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


@get("/committees/{id:str}", operation_class=_documented(example={"id": "mobility", "motions": []}))
async def retrieve_committee(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve a committee's docket: members and terms, open motions, mandates with their ends, objections that wait
    for an answer, each with its clock; and which seats you hold."""
    Arguments(request, ())
    here = rooms(request)
    committee, now = committee_of(here, id), here.clock.now()
    names = services(here, id, committee)
    ballots = await Motions(here.mandates, here.city).of(id)
    cases, _ = await Objections(here.account).newest(None, _LOOKED)
    waiting = [one for one in cases if one.objection is not None and one.answer is None]
    body = {
        "id": id,
        **msgspec.to_builtins(committee, builtin_types=(datetime,)),
        "members": _members(here, committee, now),
        "recusals": {name: list(members) for name, members in committee.recusals.items()},
        "now": now,
        "motions": [motions.told(here, one, now) for one in ballots],
        "services": {name: _service(here, name, now) for name in names},
        "objections": [case_told(one, now) for one in waiting if one.objection and one.objection.service in names],
        "seats": seats(id, here.city, reader(request), now),
    }
    return plain(body)


@get("/committees/{id:str}/minutes", operation_class=_documented(example={"minutes": [_LINE]}))
async def committee_minutes(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Read the committee's minutes: motions, votes, resolutions and answers, the newest first, each with its entry in
    the ledger and its hash."""
    Arguments(request, ())
    here = rooms(request)
    return plain({"minutes": await _minutes(here, id, committee_of(here, id))})


@get("/committees/{id:str}/minutes.csv", operation_class=_documented(media=("text/csv",)))
async def committee_minutes_csv(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Download the committee's minutes as a table."""
    Arguments(request, ())
    here = rooms(request)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    table.writerows([[line[name] for name in _COLUMNS] for line in await _minutes(here, id, committee_of(here, id))])
    return Response(text.getvalue().encode(), media_type="text/csv")


def services(here: Rooms, id: str, committee: Committee) -> list[str]:
    """The services that the committee decides on: those that it names, else those that stand on its word."""
    if committee.services:
        return [name for name in here.city.services if name in committee.services]
    by_file = {name for name, spec in here.city.services.items() if spec.mandate and spec.mandate.committee == id}
    return [
        name
        for name in here.city.services
        if name in by_file or any(act.committee == id for act in here.mandates.acts(name))
    ]


def _members(here: Rooms, committee: Committee, now: datetime) -> list[dict[str, Any]]:
    running = sitting(committee, now.astimezone(ZoneInfo(here.city.time_zone)).date())
    return [
        {
            "name": member,
            "sits": member in running,
            "from": term.since if (term := committee.terms.get(member)) else None,
            "until": term.until if term else None,
        }
        for member in committee.members
    ]


def _service(here: Rooms, name: str, now: datetime) -> dict[str, Any]:
    found = mandate_of(here, name, here.city.services[name])
    permission = found.get("permission")
    left_s = round((permission.until - now).total_seconds()) if permission is not None else None
    return {**found, "remaining_s": left_s}


async def _minutes(here: Rooms, id: str, committee: Committee) -> list[dict[str, Any]]:
    names = services(here, id, committee)
    found: list[Entry] = []
    for kind in (MOTION, CLOSE):
        found += await here.account.find(kind, target=id, limit=_LOOKED)
    own = [entry.id for entry in found if entry.kind == MOTION]
    for motion in own:
        found += await here.account.find(VOTE, target=motion, limit=_LOOKED)
    found += await here.account.find(RESOLUTION, limit=_LOOKED)
    found += await here.account.find(ANSWER, limit=_LOOKED)
    lines = [(entry.sequence, line) for entry in found if (line := _line(entry, id, names)) is not None]
    return [line for _, line in sorted(lines, key=lambda each: -each[0])]


def _line(entry: Entry, id: str, names: Sequence[str]) -> dict[str, Any] | None:
    """An entry as a line of the minutes; None where it is another committee's."""
    body: dict[str, Any] = msgspec.json.decode(entry.body) if entry.body else {}
    if entry.kind == RESOLUTION and body.get("committee") != id:
        return None
    if entry.kind == ANSWER and str(body.get("decision", "")).rpartition("-")[0] not in names:
        return None
    what = body.get("act") or body.get("choice") or body.get("result") or body.get("finding") or ""
    reference = body.get("reference") or body.get("motion") or body.get("objection") or body.get("id") or ""
    if entry.kind == RESOLUTION:
        reference = body.get("id", "")
    return {
        "at": entry.at.isoformat().replace("+00:00", "Z"),
        "kind": entry.kind,
        "reference": reference,
        "service": entry.service or str(body.get("decision", "")).rpartition("-")[0],
        "what": what,
        "by": body.get("member") or body.get("by") or "",
        "text": body.get("reason") or body.get("why") or body.get("text") or "",
        "entry": entry.id,
        "hash": entry.hash,
    }
