"""A resident's own page: what the city holds on me, who used it for what, what I agreed to, what I asked for, my
reports; with forms that work without JavaScript."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from madang.errors import Forbidden, Unauthorized
from madang.web.client import Asked
from madang.web.forms import Form, ask, go
from madang.web.overview import tried
from madang.web.pages import Pages, Visit
from madang.web.values import Json, array, mapping, moment, short, text

_USES: Final = 100
"""Uses that the page shows; the data has all."""
_OWN: Final = "access-request"
"""For what whoever asks for their own data uses it."""


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of ``/mine…``."""

    @get("/pages/mine", include_in_schema=False, name="mine")
    async def own(request: Asked) -> Response[str]:
        return await _show(pages, await pages.visit(request))

    @post("/mine/consents", status_code=303, include_in_schema=False, name="agreed")
    async def agree(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        form = await request.form()
        given = {name: str(form.get(name, "")) for name in ("dataset", "notice", "language")}
        purposes = [str(value) for value in form.getall("purposes", [])]
        body = {**given, "subject": await _subject(visit), "purposes": purposes}
        return await _after(pages, visit, await ask(visit, {}, "/consents", body), "consents")

    @post("/mine/withdrawal", status_code=303, include_in_schema=False, name="withdrawn")
    async def withdraw(request: Asked, data: Form) -> Response[str]:
        visit = await pages.visit(request)
        path = f"/consents/{quote(data.get('consent', ''), safe=':')}/withdrawal"
        return await _after(pages, visit, await ask(visit, {}, path, {}), "consents")

    @post("/mine/requests", status_code=303, include_in_schema=False, name="asked for")
    async def request_(request: Asked, data: Form) -> Response[str]:
        visit = await pages.visit(request)
        body = {"subject": await _subject(visit), "wish": data.get("wish", ""), "words": data.get("words", "").strip()}
        return await _after(pages, visit, await ask(visit, {}, "/subjects/requests", body), "requests")

    return [own, agree, withdraw, request_]


async def _subject(visit: Visit) -> str:
    found: Json = await visit.client.get("/mine")
    return str(found["subject"])


async def _after(pages: Pages, visit: Visit, answered: tuple[Any, str], mark: str) -> Response[str]:
    _, refused = answered
    return await _show(pages, visit, refused=refused) if refused else go(visit, "/mine", mark)


async def _show(pages: Pages, visit: Visit, *, refused: str = "") -> Response[str]:
    try:
        found: Json = await visit.client.get("/mine")
    except (Forbidden, Unauthorized):
        return _own(await pages.show(visit, "mine-sign-in.html", {}, status=401))
    view = {**await _view(visit, found), "refused": refused}
    return _own(await pages.show(visit, "mine.html", view, status=400 if refused else 200))


async def _view(visit: Visit, found: Json) -> Json:
    about: dict[str, str | int] = {"subject": str(found["subject"])}
    held: Json = mapping(await tried(visit.client.get("/subjects/data", about)))
    uses: Json = mapping(await tried(visit.client.get("/subjects/uses", about)))
    consents: list[Json] = [mapping(one) for one in array(await tried(visit.client.get("/consents", about)))]
    asked: list[Json] = [mapping(one) for one in array(await tried(visit.client.get("/subjects/requests", about)))]
    language = visit.words.language
    titles = {str(mapping(one)["dataset"]): text(mapping(one)["title"], language) for one in array(found["asked"])}
    given = [_consent(one, titles) for one in consents]
    return {
        "subject": found["subject"],
        "held": [
            (name, [_thing(mapping(one)) for one in array(things)])
            for name, things in mapping(held.get("datasets")).items()
        ],
        "uses": _used(uses, str(found["name"])),
        "given": [one for one in given if one["state"] == "given"],
        "ended": [one for one in given if one["state"] != "given"],
        "asked": [_notice(mapping(one), given, language) for one in array(found["asked"])],
        "requests": [_request(one) for one in asked],
        "objections": [_objection(mapping(one)) for one in array(found["objections"])],
        "reports": [{**mapping(one), "time": moment(mapping(one)["requested_at"])} for one in array(found["reports"])],
    }


def _used(uses: Json, name: str) -> list[Json]:
    """Without one's own looks at this page."""
    found = (mapping(one) for one in array(uses.get("uses")))
    others = [one for one in found if (one["by"], one["purpose"]) != (name, _OWN)]
    return [{**one, "time": moment(one["at"])} for one in others[:_USES]]


def _thing(entity: Json) -> Json:
    names = [name for name in entity if name not in ("id", "type", "@context", "createdAt", "modifiedAt")]
    return {"id": str(entity.get("id", "")), "name": short(str(entity.get("id", ""))), "attributes": names}


def _objection(found: Json) -> Json:
    return {**found, "answer": mapping(found["answer"]), "due_at": moment(found["due"])}


def _consent(found: Json, titles: Mapping[str, str]) -> Json:
    dataset = str(found["dataset"])
    times = {name: moment(found.get(key)) for name, key in (("given_at", "givenAt"), ("ended_at", "withdrawnAt"))}
    return {**found, **times, "title": titles.get(dataset, dataset)}


def _notice(found: Json, given: list[Json], language: str) -> Json:
    held = {
        purpose
        for one in given
        if one["dataset"] == found["dataset"] and one["state"] == "given"
        for purpose in one["purposes"]
    }
    spoken = [str(tag) for tag in array(found["languages"])]
    return {
        **found,
        "title": text(found["title"], language),
        "description": text(found["description"], language),
        "language": language if language in spoken else "en",
        "purposes": [(str(purpose), str(purpose) in held) for purpose in array(found["purposes"])],
        "items": [str(one) for one in array(found["items"])],
    }


def _request(found: Json) -> Json:
    return {
        **found,
        "asked_at": moment(found["askedAt"]),
        "due_at": moment(found["dueAt"]),
        "answer": found.get("answer") or "",
    }


def _own(answer: Response[str]) -> Response[str]:
    """Kept nowhere on its way."""
    answer.headers["Cache-Control"] = "no-store"
    return answer
