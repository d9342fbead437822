"""Every decision with its reasons, from the ledger: for residents, operators and auditors alike."""

from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from madang.account.ledger import Account
from madang.api.answer import negotiate, plain
from madang.api.arguments import Arguments
from madang.api.caller import reader
from madang.api.docs import documented
from madang.api.effect import observed
from madang.api.objections import told
from madang.api.problem import Call
from madang.api.receipts import attach
from madang.api.rooms import rooms
from madang.api.visible import masked, sight
from madang.errors import BadRequestData, TooComplexQuery
from madang.model.decision import DecisionRecord
from madang.model.ledger import Entry
from madang.model.query import EntityQuery, GeoFilter, Georel
from madang.participate.objections import Objections

PATH: Final = "/decisions"
_QUERY: Final = ("service", "entity", "bbox", "from", "to", "limit", "before")
_MAX: Final = 1000
_LOOKED_AT: Final = 5000
"""Decisions that one page looks at for those in a place."""

_IN_BOX: Final = 10_000
_EXAMPLE: Final = {
    "id": "signals-4711",
    "sequence": 4711,
    "service": "signals",
    "at": "2026-03-01T07:30:00Z",
    "target": "urn:ngsi-ld:TrafficSignal:gneJ207",
    "action": "stage",
    "reason": "more vehicles wait on the northern approach",
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


@get(
    PATH,
    operation_class=documented("Decisions", named=False, query=_QUERY, example={"decisions": [_EXAMPLE], "next": 4711}),
)
async def list_decisions(request: Call) -> Response[bytes]:
    """List decisions, the newest first. `next` is the `before` of the next page, or null on the last."""
    negotiate(request, ("application/json",))
    given = Arguments(request, _QUERY)
    limit = given.number("limit", 100, least=1) or 100
    if limit > _MAX:
        raise BadRequestData(f"limit is {limit}; at most {_MAX}: ask for the rest with before")
    before = given.number("before", least=1)
    wanted = _Wanted(given.text("service"), given.text("entity"), given.time("from"), given.time("to"))
    if wanted.since is not None and wanted.until is not None and wanted.until < wanted.since:
        raise BadRequestData("from is after to: nothing lies between")
    box = given.text("bbox")
    within = None if box is None else await _within(request, box)
    shown, following = await _page(rooms(request).account, wanted, within, before=before, limit=limit)
    access = sight(request)
    told_of = [_record(entry, masked(record, access)) for entry, record in shown]
    return await attach(request, plain({"decisions": told_of, "next": following}))


@get(PATH + "/{id:str}", operation_class=documented("Decisions", named=False, example=_EXAMPLE))
async def retrieve_decision(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve one decision whole: its inputs, its alternatives, who permitted it, what came of it, what was expected
    and what was seen after it, who objects, its hash."""
    negotiate(request, ("application/json",))
    Arguments(request, ())
    account = rooms(request).account
    entry, record = await account.record(id)
    now = rooms(request).clock.now()
    answer = plain(
        {
            **_record(entry, masked(record, sight(request))),
            "outcome": await account.outcome(id),
            "observed": await observed(request, record),
            "objections": [told(case, now) for case in await Objections(account).to(id)],
        }
    )
    return await attach(request, answer)


class _Wanted(NamedTuple):
    service: str | None
    entity: str | None
    since: datetime | None
    until: datetime | None


_Found = list[tuple[Entry, DecisionRecord]]


async def _page(
    account: Account, wanted: _Wanted, within: frozenset[str] | None, *, before: int | None, limit: int
) -> tuple[_Found, int | None]:
    """The page, and the `before` of the next. Where a place is asked for, so many decisions are looked at and no more:
    a page may have fewer than `limit`, or none, and still a next one."""
    service, entity, since, until = wanted
    page = limit if within is None else max(limit, _LOOKED_AT)
    found = await account.records(
        service=service, target=entity, since=since, until=until, before=before, limit=page + 1
    )
    more, looked = len(found) > page, found[:page]
    if within is None:
        return looked, looked[-1][0].sequence if more else None
    inside = [each for each in looked if each[1].target in within]
    if len(inside) > limit:
        return inside[:limit], inside[limit - 1][0].sequence
    return inside, looked[-1][0].sequence if more else None


async def _within(request: Call, box: str) -> frozenset[str]:
    """The entities that are in the box now, as far as the caller may see them."""
    try:
        west, south, east, north = (float(part) for part in box.split(","))
    except ValueError as error:
        raise BadRequestData(f"bbox: {box[:60]!r} is not west,south,east,north in degrees") from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise BadRequestData(f"bbox: {box[:60]!r}: west is below east and south below north, in degrees")
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    place = GeoFilter(relation=Georel.WITHIN, geometry={"type": "Polygon", "coordinates": [ring]}, property="location")
    query = EntityQuery(geo=place, pick=("id",), limit=_IN_BOX + 1)
    page = await rooms(request).hub.entities.query(reader(request), query)
    if len(page.entities) > _IN_BOX:
        raise TooComplexQuery(f"bbox: more than {_IN_BOX} entities are in it; ask for a smaller one")
    return frozenset(entity.id for entity in page.entities)


def _record(entry: Entry, record: DecisionRecord) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(record, builtin_types=(type(record.at),))
    return {**body, "sequence": entry.sequence, "hash": entry.hash}
