"""One decision for everybody: what was decided and why, what else was possible, who permitted it, what it was to bring
and what was seen after it; who objects, and the form to do so."""

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from madang.web import junction
from madang.web.client import Asked
from madang.web.forms import Form, ask, go
from madang.web.pages import Pages, Visit
from madang.web.values import Json, amount, array, mapping, moment, short


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of ``/why/{decision}``."""

    @get("/why/{id:str}", include_in_schema=False, name="why")
    async def why(request: Asked, id: FromPath[str]) -> Response[str]:
        visit = await pages.visit(request)
        return await pages.show(visit, "why.html", await _see(visit, id))

    @post("/why/{id:str}", status_code=303, include_in_schema=False, name="objection filed")
    async def object_(request: Asked, id: FromPath[str], data: Form) -> Response[str]:
        visit = await pages.visit(request)
        body = {"text": data.get("text", ""), "language": visit.words.language, "contact": data.get("contact", "")}
        made, refused = await ask(visit, data, f"/decisions/{id}/objections", body)
        if refused:
            view = {**await _see(visit, id), "refused": refused, "written": data.get("text", "")}
            return await pages.show(visit, "why.html", view, status=400)
        return go(visit, f"/why/{id}", made["id"])

    return [why, object_]


async def _see(visit: Visit, id: str) -> Json:
    found: Json = await visit.client.get(f"/decisions/{id}")
    shown = junction.decision(found)
    observed = mapping(found.get("observed"))
    return {
        "id": id,
        "record": found,
        "decided": shown,
        "subject": short(str(found["target"])),
        "inputs": [_input(mapping(one)) for one in array(found.get("inputs"))],
        "expected": [{"name": name, "value": amount(value)} for name, value in mapping(found.get("expected")).items()],
        "observed": observed,
        "outcome": mapping(found.get("outcome")),
        "objections": [_case(mapping(one)) for one in array(found.get("objections"))],
        "refused": "",
        "written": "",
    }


def _input(found: Json) -> Json:
    """A value that was known; what is as by default is not written in a record."""
    return {
        "entity": short(str(found["entity"])),
        "attribute": found["attribute"],
        "observed_at": moment(found.get("observed_at")),
        "withheld": found.get("withheld") or "",
    }


def _case(found: Json) -> Json:
    answer = mapping(found.get("answer"))
    return {**found, "due_at": moment(found.get("due")), "answered": {**answer} if answer else None}
