"""Residents' reports as Open311 GeoReport v2: ``/open311/v2``, each address as ``.json`` and ``.xml``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from madang.api.caller import reader, writer
from madang.api.catalogue import address
from madang.api.desk import tell
from madang.api.docs import documented
from madang.api.message import Answer
from madang.api.problem import Call
from madang.api.reports import account_for
from madang.api.rooms import rooms
from madang.errors import BadRequestData, Forbidden, MadangError, ResourceNotFound, Unauthorized
from madang.govern import Caller
from madang.model import time as times
from madang.model.report import Contact, Report
from madang.model.wishes import best, wishes
from madang.participate import georeport
from madang.participate.cases import ANYBODY, REPORTER, STAFF, Cases, Handling
from madang.participate.letters import words
from madang.participate.reports import MOST, OPEN, Filed, Reports, Wanted

ROOT: Final = "/open311/v2"
_MEDIA: Final = {"json": "application/json", "xml": "text/xml"}
_ANSWERS: Final = "attribute["
_FORM_LIMIT: Final = 100_000
_MOST_PAGES: Final = 1_000_000
_CONTACT: Final = ("email", "phone", "first_name", "last_name", "device_id", "account_id")


def reports(request: Call) -> Reports:
    """The city's reports."""
    return Reports(rooms(request).hub, rooms(request).city)


@get(ROOT + "/{name:str}", operation_class=documented("Reports", named=False))
async def overview(request: Call, name: FromPath[str]) -> Response[bytes]:
    """`discovery`, `services` or `requests`, with ``.json`` or ``.xml``."""
    word, form = _parted(name)
    try:
        if word == "discovery":
            return _answer(form, "discovery", _discovery(request))
        if word == "services":
            kinds = reports(request).kinds
            return _answer(form, "services", [georeport.service(c, k, _language(request)) for c, k in kinds.items()])
        if word == "requests":
            return _answer(form, "service_requests", await _listed(request))
        raise ResourceNotFound(f"{ROOT} has discovery, services and requests")
    except MadangError as error:
        return _refused(form, error)


@get(ROOT + "/services/{name:str}", operation_class=documented("Reports", named=False))
async def service(request: Call, name: FromPath[str]) -> Response[bytes]:
    """What is asked for a kind of report."""
    code, form = _parted(name)
    try:
        return _answer(
            form, "service_definition", georeport.definition(code, reports(request).kind(code), _language(request))
        )
    except MadangError as error:
        return _refused(form, error)


@get(ROOT + "/requests/{name:str}", operation_class=documented("Reports", named=False))
async def one_request(request: Call, name: FromPath[str]) -> Response[bytes]:
    """One report."""
    id, form = _parted(name)
    try:
        return _answer(form, "service_requests", [_told(request, await reports(request).one(id))])
    except MadangError as error:
        return _refused(form, error)


@get(ROOT + "/tokens/{name:str}", operation_class=documented("Reports", named=False))
async def token(request: Call, name: FromPath[str]) -> Response[bytes]:
    """The report of a token. Reports are taken down at once here: a token is the report's id."""
    id, form = _parted(name)
    try:
        found = await reports(request).one(id)
        return _answer(form, "service_requests", [{"service_request_id": found.id, "token": id}])
    except MadangError as error:
        return _refused(form, error)


@post(ROOT + "/{name:str}", status_code=201, operation_class=documented("Reports", named=False, answers=(201,)))
async def file_request(request: Call, name: FromPath[str]) -> Response[bytes]:
    """File a report: a form with `service_code`, where, what. Without an `api_key` it is anonymous, not too often."""
    word, form = _parted(name)
    try:
        if word != "requests":
            raise ResourceNotFound(f"reports are filed at {ROOT}/requests.json")
        given = await _form(request)
        _identify(request, given)
        now = rooms(request).hub.subjects.now()
        found = reports(request)
        filed = await found.file(_draft(found, given, now), _contact(request, given))
        await account_for(request, filed.report, "filed", by=REPORTER)
        notice = _notice(request, filed)
        told = [{"service_request_id": filed.report.id, "service_notice": notice, "account_id": None}]
        return _answer(form, "service_requests", told, status=201)
    except MadangError as error:
        return _refused(form, error)


@post(ROOT + "/requests/{name:str}", status_code=200, operation_class=documented("Reports", named=False))
async def handle_request(request: Call, name: FromPath[str]) -> Response[bytes]:
    """Close a report (an operator), or open it again (anybody): a form with `status` and `status_notes`."""
    id, form = _parted(name)
    try:
        given = await _form(request)
        caller = writer(request)
        if caller.is_stranger:
            rooms(request).limits.take(request, "report")
        now = rooms(request).hub.subjects.now()
        status, notes = _first(given, "status"), _first(given, "status_notes")
        handled = await _handled(request, caller, id, Handling(status=status, words=notes), now)
        return _answer(form, "service_requests", [_told(request, handled)])
    except MadangError as error:
        return _refused(form, error)


async def _handled(request: Call, caller: Caller, id: str, given: Handling, now: datetime) -> Report:
    """As an operator, or as anybody, who opens again what was closed."""
    cases, staff = Cases(rooms(request).hub), caller.role == "operator"
    if not staff and given.status == OPEN:
        case = await cases.reopen(id, given.words, now)
    else:
        words(given.words, what="status_notes")
        case = await cases.handle(caller, id, given, now)
        await tell(request, case, given)
    await account_for(request, case.report, given.status, by=STAFF if staff else ANYBODY, name=caller.name)
    return case.report


def _identify(request: Call, given: Mapping[str, Sequence[str]]) -> None:
    """A key has to hold; without one it is somebody, who may not write too often."""
    key = _first(given, "api_key")
    try:
        who = rooms(request).known(key, "", "") if key else reader(request)
        if not who.is_stranger:
            return
    except Unauthorized as error:
        raise Forbidden(f"api_key: {error.detail}") from error
    rooms(request).limits.take(request, "report")


async def _listed(request: Call) -> list[dict[str, Any]]:
    given = parse_qs(request.scope["query_string"].decode("latin-1"))
    found = reports(request)
    ids = _commas(given, "service_request_id")
    if ids:
        return [_told(request, one) for one in await found.some(ids[:MOST])]
    status = _first(given, "status")
    if status not in ("", "open", "closed", "open,closed", "closed,open"):
        raise BadRequestData("status is open or closed")
    wanted = Wanted(
        kinds=_commas(given, "service_code"),
        status="" if "," in status else status,
        start=_time(given, "start_date"),
        end=_time(given, "end_date"),
    )
    if wanted.start is not None and wanted.end is not None and wanted.end < wanted.start:
        raise BadRequestData("end_date is before start_date")
    size = _count(given, "page_size", MOST)
    page = _count(given, "page", 1)
    now = rooms(request).hub.subjects.now()
    return [_told(request, one) for one in await found.find(wanted, now, limit=size, offset=(page - 1) * size)]


def _draft(found: Reports, given: Mapping[str, Sequence[str]], now: datetime) -> Report:
    code = _first(given, "service_code")
    if not code:
        raise BadRequestData("service_code was not provided")
    answers = {
        name.removeprefix(_ANSWERS).partition("]")[0]: tuple(values)
        for name, values in given.items()
        if name.startswith(_ANSWERS) and any(values)
    }
    return found.draft(
        code,
        now,
        description=_first(given, "description"),
        channel=_first(given, "channel") or "api",
        place=_place(given),
        address=_first(given, "address_string")[:500],
        address_id=_first(given, "address_id")[:100],
        media_url=_first(given, "media_url")[:2000],
        answers=answers,
    )


def _place(given: Mapping[str, Sequence[str]]) -> tuple[float, float] | None:
    latitude, longitude = _first(given, "lat"), _first(given, "long")
    if not latitude and not longitude:
        return None
    try:
        return float(longitude), float(latitude)
    except ValueError:
        raise BadRequestData("lat and long are degrees, such as 48.7651 and 11.4250") from None


def _contact(request: Call, given: Mapping[str, Sequence[str]]) -> Contact:
    """What GeoReport v2 has; more than that a client of its cannot say."""
    wished = wishes(request.headers.get("accept-language", ""))
    return Contact(**{name: _first(given, name)[:300] for name in _CONTACT}, language=next(iter(wished), ""))


async def _form(request: Call) -> Mapping[str, Sequence[str]]:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in ("application/x-www-form-urlencoded", ""):
        raise BadRequestData("the body is a form: application/x-www-form-urlencoded")
    body = await request.body()
    if len(body) > _FORM_LIMIT:
        raise BadRequestData(f"the form is larger than {_FORM_LIMIT} bytes")
    try:
        return parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=200, errors="strict")
    except ValueError as error:
        raise BadRequestData(f"the form cannot be read: {error}") from error


def _discovery(request: Call) -> dict[str, Any]:
    return {
        "changeset": times.text(rooms(request).hub.identity.since),
        "contact": f"{address(request)}/",
        "key_service": "the city's operators make keys: madang key add",
        "endpoints": [
            {
                "specification": georeport.SPECIFICATION,
                "url": address(request) + ROOT,
                "changeset": times.text(rooms(request).hub.identity.since),
                "type": "production",
                "formats": ["application/json", "text/xml"],
            }
        ],
    }


def _told(request: Call, report: Report) -> dict[str, Any]:
    photo = report.media_url or next(
        (f"{rooms(request).outside.at(request)}/photos/{one}" for one in report.photos), ""
    )
    shown = msgspec.structs.replace(report, media_url=photo)
    return georeport.request(shown, reports(request).kinds.get(report.kind), _language(request))


def _notice(request: Call, filed: Filed) -> str:
    here = f"{rooms(request).outside.at(request)}/report/{filed.token}"
    return (
        f"{filed.report.agency} answers by {filed.report.expected_at:%Y-%m-%d}; {here} is yours and tells how it stands"
    )


def _language(request: Call) -> str:
    """Of those in which the city says what may be reported, what the app likes best."""
    kinds = rooms(request).city.reports.values()
    return best(request.headers.get("accept-language", ""), {tag for one in kinds for tag in (*one.name, "en")})


def _parted(name: str) -> tuple[str, str]:
    """The word and the format of an address. Raises ResourceNotFound."""
    word, _, form = name.rpartition(".")
    if form not in _MEDIA or not word:
        raise ResourceNotFound("the address ends in .json or .xml")
    return word, form


def _answer(form: str, root: str, value: Any, *, status: int = 200) -> Answer:
    body = msgspec.json.encode(value) if form == "json" else georeport.xml(root, value)
    return Answer(body, status_code=status, media_type=_MEDIA[form], headers={"Vary": "Accept-Language"})


def _refused(form: str, error: MadangError) -> Answer:
    return _answer(form, "errors", [{"code": error.status, "description": error.detail}], status=error.status)


def _first(given: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(given.get(name, ())), "").strip()


def _commas(given: Mapping[str, Sequence[str]], name: str) -> list[str]:
    return [part.strip() for part in _first(given, name).split(",") if part.strip()]


def _count(given: Mapping[str, Sequence[str]], name: str, default: int) -> int:
    text = _first(given, name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= _MOST_PAGES):
        raise BadRequestData(f"{name}: a whole number from 1 to {_MOST_PAGES}")
    return int(text)


def _time(given: Mapping[str, Sequence[str]], name: str) -> datetime | None:
    text = _first(given, name).replace(" ", "+")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadRequestData(f"{name}: a time with its zone, such as 2026-03-01T07:30:00Z")
    return found
