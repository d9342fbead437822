"""The staff's desk of residents' reports: what is due first, who handles it, and the forms with which it is done."""

from urllib.parse import quote

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from madang.web.client import Asked
from madang.web.forms import Form, ask, go
from madang.web.pages import Pages, Visit
from madang.web.values import Json, array, mapping, moment, text


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of ``/desk/reports``, ``/desk/reports/{id}``."""

    @get("/desk/reports", include_in_schema=False, name="desk")
    async def queue(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        asked = {name: request.query_params.get(name, "") for name in ("status", "agency")}
        told: Json = await visit.client.get("/reports/queue", {name: value for name, value in asked.items() if value})
        titles = await _titles(visit)
        found = [_row(mapping(one), titles) for one in array(told["reports"])]
        view = {"reports": found, "agencies": told["agencies"], "overdue": told["overdue"], "asked": asked}
        return _unseen(await pages.show(visit, "desk.html", view))

    @get("/desk/reports/{id:str}", include_in_schema=False, name="desk report")
    async def one(request: Asked, id: FromPath[str]) -> Response[str]:
        return await _show(pages, await pages.visit(request), id)

    @post("/desk/reports/{id:str}", status_code=303, include_in_schema=False, name="handled")
    async def handle(request: Asked, id: FromPath[str], data: Form) -> Response[str]:
        visit = await pages.visit(request)
        body: Json = {
            name: data[name].strip() for name in ("words", "agency", "handler", "merge_into") if data.get(name)
        }
        if data.get("status"):
            body["status"] = data["status"]
        for act in ("publish", "remove"):
            if data.get(act):
                body[act] = [data[act]]
        _, refused = await ask(visit, data, f"/reports/{quote(id)}/handling", body)
        return await _show(pages, visit, id, refused=refused) if refused else go(visit, f"/desk/reports/{quote(id)}")

    return [queue, one, handle]


async def _show(pages: Pages, visit: Visit, id: str, *, refused: str = "") -> Response[str]:
    found: Json = await visit.client.get(f"/reports/{quote(id)}/case")
    titles = await _titles(visit)
    log = [{**mapping(one), "time": moment(mapping(one)["at"])} for one in array(found["log"])]
    view = {"report": {**_row(found, titles), "log": log}, "refused": refused}
    return _unseen(await pages.show(visit, "desk-report.html", view, status=400 if refused else 200))


async def _titles(visit: Visit) -> dict[str, str]:
    kinds: Json = await visit.client.get("/reports/kinds")
    return {one["code"]: text(one["name"], visit.words.language) for one in kinds["kinds"]}


def _row(found: Json, titles: dict[str, str]) -> Json:
    times = {"time": moment(found["requested_at"]), "due": moment(found["expected_at"])}
    return {**found, **times, "title": titles.get(str(found["kind"]), str(found["kind"]))}


def _unseen(answer: Response[str]) -> Response[str]:
    """Kept nowhere on its way."""
    answer.headers["Cache-Control"] = "no-store"
    return answer
