"""Committees in public: who sits, what is before them, what they permit and until when, how each member voted; and the
forms with which members vote. Every figure of it is at the same address as data."""

from typing import Final

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from madang.web.client import Asked
from madang.web.forms import Form, ask, go, moment
from madang.web.overview import tried
from madang.web.pages import Pages, Visit
from madang.web.values import Json, array, mapping, text
from madang.web.values import moment as at

_SHOWN: Final = 30
"""Lines of the minutes that the page shows; the data has all."""


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of ``/committees`` and ``/committees/{id}``."""

    @get("/pages/committees", include_in_schema=False, name="committees")
    async def all_committees(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        return await pages.show(visit, "committees.html", await _all(visit))

    @get("/pages/committees/{id:str}", include_in_schema=False, name="committee")
    async def one_committee(request: Asked, id: FromPath[str]) -> Response[str]:
        return await _show(pages, await pages.visit(request), id)

    @post("/committees/{id:str}/docket", status_code=303, include_in_schema=False, name="motion tabled")
    async def table(request: Asked, id: FromPath[str], data: Form) -> Response[str]:
        visit = await pages.visit(request)
        body = {name: data.get(name, "").strip() for name in ("reference", "service", "act", "reason")}
        times = {name: moment(data.get(name, ""), visit.words) for name in ("until", "closes")}
        made, refused = await ask(visit, data, f"/committees/{id}/motions", {**body, **times})
        return await _after(pages, visit, id, refused, "" if refused else made["id"])

    @post("/committees/{id:str}/vote", status_code=303, include_in_schema=False, name="vote cast")
    async def vote(request: Asked, id: FromPath[str], data: Form) -> Response[str]:
        visit = await pages.visit(request)
        motion = data.get("motion", "")
        body = {name: data[name] for name in ("choice", "member") if data.get(name)}
        _, refused = await ask(visit, data, f"/motions/{motion}/votes", body)
        return await _after(pages, visit, id, refused, motion)

    @post("/committees/{id:str}/answer", status_code=303, include_in_schema=False, name="objection answered")
    async def answer(request: Asked, id: FromPath[str], data: Form) -> Response[str]:
        visit = await pages.visit(request)
        body = {name: data.get(name, "") for name in ("finding", "text")}
        _, refused = await ask(visit, data, f"/objections/{data.get('objection', '')}/answer", body)
        return await _after(pages, visit, id, refused, "objections")

    return [all_committees, one_committee, table, vote, answer]


async def _after(pages: Pages, visit: Visit, id: str, refused: str, mark: str) -> Response[str]:
    if refused:
        return await _show(pages, visit, id, refused=refused)
    return go(visit, f"/committees/{id}", mark)


async def _show(pages: Pages, visit: Visit, id: str, *, refused: str = "") -> Response[str]:
    view = {**await _one(visit, id), "refused": refused}
    return await pages.show(visit, "committee.html", view, status=400 if refused else 200)


async def _all(visit: Visit) -> Json:
    committees = mapping(await visit.client.get("/committees"))
    found = [await _one(visit, id) for id in committees]
    return {"committees": found}


async def _one(visit: Visit, id: str) -> Json:
    docket: Json = await visit.client.get(f"/committees/{id}")
    minutes: Json = await tried(visit.client.get(f"/committees/{id}/minutes")) or {"minutes": []}
    passed: Json = await tried(visit.client.get(f"/committees/{id}/resolutions")) or {"resolutions": []}
    motions = [_motion(mapping(one)) for one in array(docket["motions"])]
    return {
        "id": id,
        "title": text(docket["title"], visit.words.language) or id,
        "docket": docket,
        "open": [one for one in motions if one["state"] == "open"],
        "closed": [one for one in motions if one["state"] != "open"][:_SHOWN],
        "permits": [_permit(name, mapping(one)) for name, one in mapping(docket["services"]).items()],
        "objections": [{**mapping(one), "due_at": at(one["due"])} for one in array(docket["objections"])],
        "resolutions": [_resolution(mapping(one)) for one in array(passed["resolutions"])][:_SHOWN],
        "minutes": [{**mapping(one), "time": at(one["at"])} for one in array(minutes["minutes"])][:_SHOWN],
    }


def _motion(found: Json) -> Json:
    votes = [mapping(one) for one in array(found["votes"])]
    sides = {side: [one["member"] for one in votes if one["choice"] == side] for side in _SIDES}
    return {**found, "closes_at": at(found["closes"]), "until_at": at(found["until"]), "sides": sides}


_SIDES: Final = ("aye", "no", "abstain", "recuse")


def _permit(name: str, found: Json) -> Json:
    permission, suspended = mapping(found.get("permission")), mapping(found.get("suspended"))
    return {
        **found,
        "name": name,
        "resolution": permission.get("resolution") or "",
        "until_at": at(permission.get("until")),
        "conditions": [mapping(one)["text"] for one in array(permission.get("conditions"))],
        "suspended": {**suspended, "until_at": at(suspended.get("until"))} if suspended else None,
    }


def _resolution(found: Json) -> Json:
    return {
        **found,
        "time": at(found["at"]),
        "until_at": at(found.get("until")),
        "sides": {
            "aye": array(found.get("ayes")),
            "no": array(found.get("noes")),
            "abstain": array(found.get("abstained")),
            "recuse": array(found.get("recused")),
        },
        "conditions": [mapping(one)["text"] for one in array(found.get("conditions"))],
        "motion": found.get("motion") or "",
    }
