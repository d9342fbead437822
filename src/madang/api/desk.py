"""The staff's side of residents' reports: the queue with its clocks, and what is done with one."""

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
from madang.api.reports import account_for, told_whole
from madang.api.resolutions import read_as
from madang.api.rooms import rooms
from madang.errors import BadRequestData, Forbidden
from madang.govern import Caller
from madang.model.report import Case
from madang.participate.cases import STAFF, Cases, Handling, agencies, overdue
from madang.participate.notices import notices

_documented = partial(documented, "Reports", named=False)
_CASE: Final = {"id": "4f1f9d0c2b7a", "status": "open", "overdue": False}
_QUEUE: Final = {"reports": [_CASE], "overdue": 0}
_GIVEN: Final = {"status": "closed", "words": "The hole is filled.", "handler": "team 3"}


@get("/reports/queue", operation_class=_documented(query=("status", "agency"), example=_QUEUE))
async def report_queue(request: Call) -> Response[bytes]:
    """List the reports to deal with, what is due first, with what was said about each; for operators."""
    given = Arguments(request, ("status", "agency"))
    _operator(request)
    here = rooms(request)
    status = given.text("status") or "open"
    if status not in ("open", "closed", "any"):
        raise BadRequestData("status is open, closed or any")
    now, cases = here.clock.now(), Cases(here.hub)
    found = await cases.queue(now, status="" if status == "any" else status)
    mine = [one for one in found if given.text("agency") in (None, "", one.report.agency)]
    late = sum(overdue(one.report, now) for one in mine)
    return plain({"reports": [_told(request, one) for one in mine], "overdue": late, "agencies": agencies(found)})


@get("/reports/{id:str}/case", operation_class=_documented(example=_CASE))
async def report_case(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Tell the whole of a report: what was said, photos to look at, whether there is somebody to answer; for
    operators."""
    Arguments(request, ())
    _operator(request)
    return plain(_told(request, await Cases(rooms(request).hub).one(id)))


@post("/reports/{id:str}/handling", status_code=200, operation_class=_documented(body=_GIVEN, answers=(200, 409)))
async def handle_report(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Assign, route, close, open, merge or answer a report, and let photos be seen; for operators. Who left an
    address with the report is told."""
    Arguments(request, ())
    caller = _operator(request)
    given = await read_as(request, Handling)
    here = rooms(request)
    case = await Cases(here.hub).handle(caller, id, given, here.clock.now())
    for photo in given.remove:
        await here.hub.photos.remove(photo)
    await tell(request, case, given)
    act = "merged" if given.merge_into else given.status or "handled"
    await account_for(request, case.report, act, by=STAFF, name=caller.name)
    return plain(_told(request, case))


async def tell(request: Call, case: Case, given: Handling) -> None:
    """Tell who reported, where there is something to tell."""
    here = rooms(request)
    if not (given.words.strip() or given.status or given.merge_into):
        return
    told = msgspec.structs.replace(case, log=tuple(one for one in case.log if one.act != "assigned"))
    kind = here.city.reports.get(case.report.kind)
    for to, body in notices(told, kind, address=here.outside.at(request)):
        if here.outside.mail or not to.startswith("mailto:"):
            await here.hub.posts.send(f"report:{case.report.id}", to, body)


def _operator(request: Call) -> Caller:
    caller = writer(request)
    if caller.role != "operator":
        raise Forbidden("operators handle reports: sign in as one, or use an operator's key ('madang key add')")
    return caller


def _told(request: Call, case: Case) -> dict[str, Any]:
    contact = case.contact
    return {
        **told_whole(request, case),
        "handler": case.handler,
        "held": [f"/photos/{name}" for name in case.held],
        # Who it is, is for the purpose report-handling alone, as an entity; the desk needs to know that there is one.
        "reachable": [way for way, there in (("email", contact.email), ("webhook", contact.webhook)) if there],
    }


HANDLERS = (report_queue, report_case, handle_report)
