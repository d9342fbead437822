"""Proposals as pages: what is proposed and on which data it rests, how much support it has, who has to answer until
when, what came of it; with forms to propose and to support."""

from urllib.parse import quote

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from madang.web.client import Asked
from madang.web.forms import Form, ask, go, moment
from madang.web.pages import Pages, Visit
from madang.web.values import Json, amount, array, mapping
from madang.web.values import moment as at


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of ``/proposals…``."""
    return [*_proposals(pages), *_letters(pages)]


def _proposals(pages: Pages) -> list[HTTPRouteHandler]:

    @get("/pages/proposals", include_in_schema=False, name="proposals")
    async def all_proposals(request: Asked) -> Response[str]:
        return await _list(pages, await pages.visit(request))

    @post("/proposals/new", status_code=303, include_in_schema=False, name="proposed")
    async def propose(request: Asked, data: Form) -> Response[str]:
        visit = await pages.visit(request)
        path = data.get("path", "").strip()
        evidence = [{"path": path, "says": data.get("says", "").strip()}] if path else []
        body = {name: data.get(name, "").strip() for name in ("title", "text", "by")}
        made, refused = await ask(
            visit, data, "/proposals", {**body, "language": visit.words.language, "evidence": evidence}
        )
        if refused:
            return await _list(pages, visit, refused=refused, written=data)
        return go(visit, f"/proposals/{made['id']}")

    @get("/pages/proposals/{id:str}", include_in_schema=False, name="proposal")
    async def one_proposal(request: Asked, id: FromPath[str]) -> Response[str]:
        return await _show(pages, await pages.visit(request), id)

    @post("/proposals/{id:str}/sign", status_code=303, include_in_schema=False, name="proposal supported")
    async def sign(request: Asked, id: FromPath[str], data: Form) -> Response[str]:
        visit = await pages.visit(request)
        body = {"ticket": data.get("ticket", "").strip()}
        return await _acted(pages, visit, data, id, "support", body)

    @post("/proposals/{id:str}/unsign", status_code=303, include_in_schema=False, name="proposal not supported")
    async def unsign(request: Asked, id: FromPath[str], data: Form) -> Response[str]:
        visit = await pages.visit(request)
        body = {"ticket": data.get("ticket", "").strip()}
        return await _acted(pages, visit, data, id, "support/withdrawal", body)

    @post("/proposals/{id:str}/reply", status_code=303, include_in_schema=False, name="proposal answered")
    async def reply(request: Asked, id: FromPath[str], data: Form) -> Response[str]:
        visit = await pages.visit(request)
        body = {"accept": data.get("accept") == "yes", "text": data.get("text", "")}
        return await _acted(pages, visit, data, id, "answer", body)

    @post("/proposals/{id:str}/end", status_code=303, include_in_schema=False, name="proposal closed")
    async def end(request: Asked, id: FromPath[str], data: Form) -> Response[str]:
        visit = await pages.visit(request)
        body = {"text": data.get("text", ""), **_measure(visit, data)}
        return await _acted(pages, visit, data, id, "close", body)

    return [all_proposals, propose, one_proposal, sign, unsign, reply, end]


def _letters(pages: Pages) -> list[HTTPRouteHandler]:
    @post("/proposals/{id:str}/follow", status_code=303, include_in_schema=False, name="letters asked for")
    async def follow(request: Asked, id: FromPath[str], data: Form) -> Response[str]:
        visit = await pages.visit(request)
        body = {"email": data.get("email", "").strip(), "language": visit.words.language}
        _, refused = await ask(visit, data, f"/proposals/{quote(id)}/letters", body)
        if refused:
            return await _show(pages, visit, id, refused=refused)
        return go(visit, f"/proposals/{id}", "letters", asked="yes")

    @get("/pages/proposals/letters/{token:str}", include_in_schema=False, name="letters")
    async def letters(request: Asked, token: FromPath[str]) -> Response[str]:
        return await _follow(pages, await pages.visit(request), token)

    @post("/proposals/letters/{token:str}/yes", status_code=303, include_in_schema=False, name="letters wanted")
    async def yes(request: Asked, token: FromPath[str], data: Form) -> Response[str]:
        return await _said(pages, await pages.visit(request), data, token, "confirmation")

    @post("/proposals/letters/{token:str}/no", status_code=303, include_in_schema=False, name="letters not wanted")
    async def no(request: Asked, token: FromPath[str], data: Form) -> Response[str]:
        return await _said(pages, await pages.visit(request), data, token, "stop")

    return [follow, letters, yes, no]


async def _said(pages: Pages, visit: Visit, data: Form, token: str, act: str) -> Response[str]:
    _, refused = await ask(visit, data, f"/proposals/letters/{quote(token)}/{act}", None)
    if refused:
        return await _follow(pages, visit, token, refused=refused)
    return go(visit, f"/proposals/letters/{token}")


async def _follow(pages: Pages, visit: Visit, token: str, *, refused: str = "") -> Response[str]:
    found: Json = await visit.client.get(f"/proposals/letters/{quote(token)}")
    view = {"one": found, "token": token, "refused": refused}
    return await pages.show(visit, "letters.html", view, status=400 if refused else 200)


def _measure(visit: Visit, data: Form) -> Json:
    """The figure that a form names, where it names one."""
    if not data.get("entity", "").strip():
        return {}
    spans = {
        name: [moment(data.get(f"{name}-{edge}", ""), visit.words) or "" for edge in ("from", "to")]
        for name in ("before", "after")
    }
    return {"measure": {"entity": data["entity"].strip(), "attribute": data.get("attribute", "").strip(), **spans}}


async def _acted(pages: Pages, visit: Visit, data: Form, id: str, act: str, body: Json) -> Response[str]:
    _, refused = await ask(visit, data, f"/proposals/{id}/{act}", body)
    return await _show(pages, visit, id, refused=refused) if refused else go(visit, f"/proposals/{id}")


async def _list(pages: Pages, visit: Visit, *, refused: str = "", written: Form | None = None) -> Response[str]:
    found: Json = await visit.client.get("/proposals")
    view = {
        "rules": found["rules"],
        "proposals": [_proposal(mapping(one)) for one in array(found["proposals"])],
        "refused": refused,
        "written": {"title": "", "text": "", "by": "", "path": "", "says": "", **(written or {})},
    }
    return await pages.show(visit, "proposals.html", view, status=400 if refused else 200)


async def _show(pages: Pages, visit: Visit, id: str, *, refused: str = "") -> Response[str]:
    found: Json = await visit.client.get(f"/proposals/{id}")
    view = {
        "one": _proposal(found),
        "support": mapping(found["support"]),
        "ticket": visit.request.query_params.get("code", ""),
        "asked": visit.request.query_params.get("asked") == "yes",
        "refused": refused,
    }
    return await pages.show(visit, "proposal.html", view, status=400 if refused else 200)


def _proposal(found: Json) -> Json:
    steps = [{**mapping(step), "time": at(mapping(step)["at"])} for step in array(found["steps"])]
    needed = amount(found["needed"]) or 1
    return {
        **found,
        "steps": steps,
        "proposed_at": at(found["at"]),
        "closes_at": at(found["closes"]),
        "due_at": at(found["due"]),
        "share": min(1.0, found["supporters"] / needed),
    }
