"""Every decision with its reasons, from the ledger: for residents, operators and auditors alike."""

from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from madang.api.answer import negotiate, plain
from madang.api.arguments import Arguments
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.visible import masked, sight
from madang.errors import BadRequestData
from madang.model.decision import DecisionRecord
from madang.model.ledger import Entry

PATH: Final = "/decisions"
_QUERY: Final = ("service", "entity", "from", "to", "limit", "before")
_MAX: Final = 1000
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
    found = await rooms(request).account.records(
        service=given.text("service"),
        target=given.text("entity"),
        since=given.time("from"),
        until=given.time("to"),
        before=given.number("before", least=1),
        limit=limit + 1,
    )
    shown = found[:limit]
    following = shown[-1][0].sequence if len(found) > limit else None
    access = sight(request)
    return plain({"decisions": [_record(entry, masked(record, access)) for entry, record in shown], "next": following})


@get(PATH + "/{id:str}", operation_class=documented("Decisions", named=False, example=_EXAMPLE))
async def retrieve_decision(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve one decision whole: its inputs, its alternatives, who permitted it, what came of it, its hash."""
    negotiate(request, ("application/json",))
    Arguments(request, ())
    account = rooms(request).account
    entry, record = await account.record(id)
    return plain({**_record(entry, masked(record, sight(request))), "outcome": await account.outcome(id)})


def _record(entry: Entry, record: DecisionRecord) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(record, builtin_types=(type(record.at),))
    return {**body, "sequence": entry.sequence, "hash": entry.hash}
