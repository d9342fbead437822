"""Residents' reports for pages and programs: ``/reports``. Open311's clients have ``/open311/v2`` for the same."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from madang.account.ledger import Note
from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.caller import reader
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.resolutions import read_as
from madang.api.rooms import rooms
from madang.errors import BadRequestData, Forbidden
from madang.model import time as times
from madang.model.report import Case, Contact, Report
from madang.participate.cases import ANYBODY, REPORTER, Cases, overdue
from madang.participate.reports import Filed, Reports

_documented = partial(documented, "Reports", named=False)
_REPORT: Final = {"id": "4f1f9d0c2b7a", "kind": "pothole", "status": "open", "agency": "road-maintenance"}
_GIVEN: Final = {
    "kind": "pothole",
    "description": "A deep hole on the cycle way.",
    "lat": 48.7651,
    "long": 11.425,
    "email": "kim@example.org",
}


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a report: what (`kind`, `description`, `answers`), where (`lat` and `long` in degrees, or an
    `address`), and, if wanted, whom to answer. `draft`: random letters of the sender's, made once for each report."""

    kind: str
    description: str = ""
    lat: float | None = None
    long: float | None = None
    address: str = ""
    answers: Mapping[str, tuple[str, ...]] = {}
    channel: str = "api"
    name: str = ""
    email: str = ""
    phone: str = ""
    webhook: str = ""
    language: str = ""
    age_group: str = ""
    draft: str = ""


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a remark: `words`, or the reason why a report is opened again."""

    words: str


@get("/reports/kinds", operation_class=_documented(example={"kinds": [{"code": "pothole"}]}))
async def report_kinds(request: Call) -> Response[bytes]:
    """List what may be reported, what is asked besides, and in how many days it is dealt with."""
    Arguments(request, ())
    here = rooms(request)
    kinds = [
        {"code": code, **msgspec.to_builtins(kind, str_keys=True)}
        for code, kind in Reports(here.hub, here.city).kinds.items()
    ]
    ages = list(here.city.districts.ages) if here.city.districts is not None else []
    return plain({"kinds": kinds, "mail": here.outside.mail, "ages": ages, "centre": here.city.centre})


@post("/reports", status_code=201, operation_class=_documented(body=_GIVEN, answers=(201, 429)))
async def file_report(request: Call) -> Response[bytes]:
    """File a report, whoever you are. The answer has the `link` that opens it without an account: keep it, it is told
    once."""
    Arguments(request, ())
    given = await read_as(request, Given)
    caller = reader(request)
    here = rooms(request)
    if caller.is_stranger:
        here.limits.take(request, "report")
        if given.webhook:
            raise Forbidden("webhook: it needs a key, so that nobody makes the hub call strangers; leave an email")
    reports, now = Reports(here.hub, here.city), here.clock.now()
    filed = await reports.file(_draft(reports, given, now), _contact(given, caller.subject), draft=given.draft)
    if not filed.again:
        await account_for(request, filed.report, "filed", by=REPORTER)
    return plain(_filed(request, filed), status=201)


@get(
    "/reports/near", operation_class=_documented(query=("kind#reports", "lat", "long"), example={"reports": [_REPORT]})
)
async def reports_near(request: Call) -> Response[bytes]:
    """Find open reports that may be the same matter: join one instead of filing it again."""
    given = Arguments(request, ("kind", "lat", "long"))
    here = rooms(request)
    try:
        place = float(given.text("long") or ""), float(given.text("lat") or "")
    except ValueError:
        raise BadRequestData("lat and long are degrees, such as 48.7651 and 11.4250") from None
    found = await Reports(here.hub, here.city).near(given.text("kind") or "", place, here.clock.now())
    return plain({"reports": [{**told(request, one), "distance_m": round(apart)} for one, apart in found]})


@get("/reports/{id:str}", operation_class=_documented(example=_REPORT))
async def public_report(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Tell one report as anybody may read it."""
    Arguments(request, ())
    here = rooms(request)
    return plain(told(request, await Reports(here.hub, here.city).one(id)))


@post("/reports/{id:str}/supporters", status_code=201, operation_class=_documented(body={}, answers=(201, 409, 429)))
async def join_report(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Join a report: you have the same matter. Counted, not checked who you are."""
    Arguments(request, ())
    here = rooms(request)
    here.limits.take(request, f"join {id[:40]}", burst=1, every_s=3600.0)
    here.limits.take(request, "report")
    joined = await Cases(here.hub).support(id, here.clock.now())
    await account_for(request, joined.report, "joined", by=ANYBODY)
    return plain(told(request, joined.report), status=201)


@post(
    "/reports/{id:str}/reopening",
    status_code=201,
    operation_class=_documented(body={"words": "It is back."}, answers=(201, 409, 429)),
)
async def reopen_report(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Open a closed report again, whoever you are, with a reason."""
    Arguments(request, ())
    given = await read_as(request, Said)
    here = rooms(request)
    if reader(request).is_stranger:
        here.limits.take(request, "report")
    opened = await Cases(here.hub).reopen(id, given.words, here.clock.now())
    await account_for(request, opened.report, "opened", by=ANYBODY)
    return plain(told(request, opened.report), status=201)


@get("/reports/links/{token:str}", operation_class=_documented(example={**_REPORT, "log": []}))
async def report_by_link(request: Call, token: FromPath[str]) -> Response[bytes]:
    """Tell a report to who has its link: how it stands, and what was said about it."""
    Arguments(request, ())
    return plain(told_whole(request, await Cases(rooms(request).hub).opened(token)))


@post(
    "/reports/links/{token:str}/words",
    status_code=201,
    operation_class=_documented(body={"words": "It grew."}, answers=(201, 409, 429)),
)
async def add_words(request: Call, token: FromPath[str]) -> Response[bytes]:
    """Add words to a report by its link; the staff reads them, and who has the link."""
    Arguments(request, ())
    given = await read_as(request, Said)
    here = rooms(request)
    if reader(request).is_stranger:
        here.limits.take(request, "report")
    case = await Cases(here.hub).add(token, given.words, here.clock.now())
    await account_for(request, case.report, "said", by=REPORTER)
    return plain(told_whole(request, case), status=201)


async def account_for(request: Call, report: Report, act: str, *, by: str, name: str = "") -> None:
    """Put an act on record: what was done with which report, never what was said or who reported."""
    here = rooms(request)
    body = {"act": act, "report": report.id, "kind": report.kind, "status": report.status, "agency": report.agency}
    body |= {"by": by, **({"name": name} if name else {})}
    await here.account.add([Note(kind="report", at=here.clock.now(), target=report.id, body=body)])


def told(request: Call, report: Report) -> dict[str, Any]:
    """A report as anybody may read it."""
    now = rooms(request).clock.now()
    longitude, latitude = report.place or (None, None)
    return {
        "id": report.id,
        "kind": report.kind,
        "status": report.status,
        "status_notes": report.status_notes,
        "description": report.description,
        "answers": report.answers,
        "requested_at": times.text(report.requested_at),
        "updated_at": times.text(report.updated_at),
        "expected_at": times.text(report.expected_at),
        "overdue": overdue(report, now),
        "agency": report.agency,
        "channel": report.channel,
        "lat": latitude,
        "long": longitude,
        "address": report.address,
        "district": report.district,
        "supporters": report.supporters,
        "merged_into": report.merged_into,
        "photos": [f"/photos/{name}" for name in report.photos],
        "media_url": report.media_url,
    }


def told_whole(request: Call, case: Case) -> dict[str, Any]:
    """A report as who has its link and the staff may read it; never the contact."""
    log = [{"at": times.text(one.at), "by": one.by, "act": one.act, "text": one.text} for one in case.log]
    return {**told(request, case.report), "log": log, "photos_held": len(case.held)}


def _filed(request: Call, filed: Filed) -> dict[str, Any]:
    link = f"{rooms(request).outside.at(request)}/report/{filed.token}"
    return {**told(request, filed.report), "token": filed.token, "link": link, "again": filed.again}


def _draft(reports: Reports, given: Given, now: datetime) -> Report:
    place = None if given.lat is None or given.long is None else (given.long, given.lat)
    if (given.lat is None) != (given.long is None):
        raise BadRequestData("where: lat and long go together")
    return reports.draft(
        given.kind,
        now,
        description=given.description.strip(),
        channel=given.channel,
        place=place,
        address=given.address.strip()[:500],
        answers=given.answers,
    )


def _contact(given: Given, subject: str) -> Contact:
    names = {"first_name": given.name, "email": given.email, "phone": given.phone, "webhook": given.webhook}
    short = {name: text.strip()[:300] for name, text in names.items()}
    return Contact(**short, language=given.language, age_group=given.age_group, subject=subject)


HANDLERS = (
    report_kinds,
    reports_near,
    report_by_link,
    file_report,
    public_report,
    join_report,
    reopen_report,
    add_words,
)
