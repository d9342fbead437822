"""The form with which residents report something, and the page that shows how a report stands: to who has its link with
all that was said, to everybody else without. Nobody needs an account, nor JavaScript."""

import secrets
from typing import Annotated, Any, Final
from urllib.parse import quote

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath

from madang.errors import MadangError
from madang.web.client import Asked, Refused
from madang.web.forms import Form, go
from madang.web.pages import Pages, Visit
from madang.web.values import Json, array, mapping, moment, text

Parts = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)]

_ANSWER: Final = "answer-"
_OTHERS: Final = ("phone", "kiosk", "assisted")
"""Ways besides this page by which a report may be told: somebody then fills the form in for who reports."""
_KEPT: Final = (
    "kind",
    "description",
    "address",
    "lat",
    "long",
    "name",
    "email",
    "phone",
    "age_group",
    "draft",
    "channel",
)


_PHOTO: Final = "photo"


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of ``/report…``."""
    return [*_form(pages), *_standing(pages)]


def _form(pages: Pages) -> list[HTTPRouteHandler]:
    @get("/report", include_in_schema=False, name="report")
    async def form(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        asked = {name: request.query_params.get(name, "") for name in ("kind", "channel")}
        return await _ask(pages, visit, {**asked, "draft": secrets.token_urlsafe(24)})

    @post("/report", status_code=303, include_in_schema=False, name="reported")
    async def given(request: Asked, data: Parts) -> Response[str]:
        visit = await pages.visit(request)
        told = {name: str(value).strip() for name, value in data.items() if not isinstance(value, UploadFile)}
        if told.get("join"):
            return await _join(pages, visit, told)
        if not told.get("alone"):
            near = await _near(visit, told)
            if near:
                return await _ask(pages, visit, told, near=near)
        try:
            filed = await visit.client.post("/reports", _report(visit, told, data))
        except Refused as refused:
            return await _ask(pages, visit, told, refused=refused)
        problem = await _picture(visit, filed["token"], data.get("photo"))
        place = f"/report/{filed['token']}"
        return go(visit, place, _PHOTO, **{_PHOTO: "refused"}) if problem else go(visit, place)

    return [form, given]


def _standing(pages: Pages) -> list[HTTPRouteHandler]:
    @get("/report/{token:str}", include_in_schema=False, name="report stands")
    async def stands(request: Asked, token: FromPath[str]) -> Response[str]:
        return await _show(pages, await pages.visit(request), token)

    @post("/report/{token:str}/words", status_code=303, include_in_schema=False, name="words added")
    async def add(request: Asked, token: FromPath[str], data: Form) -> Response[str]:
        path = f"/reports/links/{quote(token)}/words"
        return await _act(pages, await pages.visit(request), token, path, {"words": data.get("words", "")})

    @post("/report/{token:str}/reopening", status_code=303, include_in_schema=False, name="opened again")
    async def reopen(request: Asked, token: FromPath[str], data: Form) -> Response[str]:
        path = f"/reports/{quote(token.partition('.')[0])}/reopening"
        return await _act(pages, await pages.visit(request), token, path, {"words": data.get("words", "")})

    @post("/report/{token:str}/join", status_code=303, include_in_schema=False, name="joined")
    async def join(request: Asked, token: FromPath[str]) -> Response[str]:
        path = f"/reports/{quote(token.partition('.')[0])}/supporters"
        return await _act(pages, await pages.visit(request), token, path, {})

    @post("/report/{token:str}/photo", status_code=303, include_in_schema=False, name="photo added")
    async def picture(request: Asked, token: FromPath[str], data: Parts) -> Response[str]:
        visit = await pages.visit(request)
        problem = await _picture(visit, token, data.get("photo"))
        return await _show(pages, visit, token, refused=problem) if problem else go(visit, f"/report/{token}", "photo")

    return [stands, add, reopen, join, picture]


async def _ask(
    pages: Pages, visit: Visit, told: Json, *, near: list[Json] | None = None, refused: Refused | None = None
) -> Response[str]:
    """The form: first which kind, then what, where and, if wanted, who."""
    found: Json = await visit.client.get("/reports/kinds")
    language = visit.words.language
    kinds = [
        {**one, "title": text(one["name"], language), "about": text(one["description"], language)}
        for one in found["kinds"]
    ]
    kind = next((one for one in kinds if one["code"] == told.get("kind")), None)
    view = {
        "kinds": kinds,
        "kind": kind,
        "questions": _questions(kind, language) if kind else [],
        "told": told,
        "given": {name: told.get(name, "") for name in _KEPT},
        "near": near or [],
        "mail": found["mail"],
        "ages": found["ages"],
        "refused": refused,
        "channel": told.get("channel") if told.get("channel") in _OTHERS else "",
    }
    status = refused.status if refused else 200
    answer = await pages.show(visit, "report.html", view, status=status)
    # A form has a draft's name of its own.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _questions(kind: Json, language: str) -> list[Json]:
    return [
        {
            "code": code,
            "name": _ANSWER + code,
            "text": text(mapping(one)["text"], language),
            "kind": mapping(one)["kind"],
            "required": mapping(one)["required"],
            "values": {key: text(said, language) for key, said in mapping(mapping(one)["values"]).items()},
        }
        for code, one in mapping(kind["questions"]).items()
    ]


async def _near(visit: Visit, told: Json) -> list[Json]:
    """Open reports that may be the same; none where the place is not known by its position."""
    lat, long = told.get("lat", ""), told.get("long", "")
    if not (lat and long):
        return []
    try:
        query: dict[str, str | int] = {"kind": told.get("kind", ""), "lat": lat, "long": long}
        found = array((await visit.client.get("/reports/near", query))["reports"])
    except MadangError:
        # What is wrong with the place is told when the report is filed.
        return []
    return [{**mapping(one), "time": moment(mapping(one)["requested_at"])} for one in found]


def _report(visit: Visit, told: Json, data: Json) -> Json:
    given = {name.removeprefix(_ANSWER): value for name, value in data.items() if name.startswith(_ANSWER) and value}
    answers = {code: array(value) or [str(value)] for code, value in given.items()}
    body = {name: told.get(name, "") for name in _KEPT if name not in ("lat", "long")}
    return {
        **body,
        "lat": _degrees(told.get("lat", "")),
        "long": _degrees(told.get("long", "")),
        "answers": answers,
        "channel": told.get("channel") or "web",
        "language": visit.words.language,
    }


def _degrees(given: str) -> Any:
    """A number, None for nothing; what is no number is passed on, and the API says what is wrong with it."""
    try:
        return float(given.replace(",", ".")) if given else None
    except ValueError:
        return given


async def _join(pages: Pages, visit: Visit, told: Json) -> Response[str]:
    try:
        await visit.client.post(f"/reports/{quote(told['join'])}/supporters", {})
    except Refused as refused:
        return await _ask(pages, visit, told, refused=refused)
    return go(visit, f"/report/{quote(told['join'])}", "joined")


async def _picture(visit: Visit, token: str, photo: Any) -> str:
    """Add the photo of a form, where it has one; why not, "" where all is well."""
    if not isinstance(photo, UploadFile) or not photo.filename:
        return ""
    try:
        await visit.client.send(f"/reports/links/{quote(token)}/photos", await photo.read(), photo.content_type)
    except Refused as refused:
        return refused.detail
    return ""


async def _act(pages: Pages, visit: Visit, token: str, path: str, body: Json) -> Response[str]:
    try:
        await visit.client.post(path, body)
    except Refused as refused:
        return await _show(pages, visit, token, refused=refused.detail)
    return go(visit, f"/report/{quote(token)}", "log")


async def _show(pages: Pages, visit: Visit, token: str, *, refused: str = "") -> Response[str]:
    own = "." in token
    found: Json = await visit.client.get(f"/reports/{'links/' if own else ''}{quote(token)}")
    kinds: Json = await visit.client.get("/reports/kinds")
    kind = next((one for one in kinds["kinds"] if one["code"] == found["kind"]), None)
    view = {
        "report": {
            **found,
            "time": moment(found["requested_at"]),
            "due": moment(found["expected_at"]),
            "log": [{**mapping(one), "time": moment(mapping(one)["at"])} for one in array(found.get("log"))],
        },
        "title": text(kind["name"], visit.words.language) if kind else found["kind"],
        "token": token,
        "own": own,
        "refused": refused,
        # The report was taken, its photo was not: a page that was led to says so, too.
        "photo_refused": own and visit.request.query_params.get(_PHOTO) == "refused",
    }
    answer = await pages.show(visit, "report-stands.html", view, status=400 if refused else 200)
    if own:
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Robots-Tag"] = "noindex"
    return answer
