"""Where the staff begins: what waits for somebody, and what is late; and people's requests about their own data, with
the forms with which they are answered."""

from urllib.parse import quote

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from madang.web.client import Asked
from madang.web.forms import Form, ask, go
from madang.web.pages import Pages, Visit
from madang.web.values import Json, array, mapping, moment


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of ``/staff`` and ``/desk/requests``."""

    @get("/staff", include_in_schema=False, name="staff")
    async def begin(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        reports: Json = await visit.client.get("/reports/queue")
        asked = await _requests(visit)
        view = {
            "reports": len(array(reports["reports"])),
            "late_reports": reports["overdue"],
            "requests": sum(one["state"] == "open" for one in asked),
            "late_requests": sum(bool(one["overdue"]) for one in asked),
        }
        return _unseen(await pages.show(visit, "staff.html", view))

    @get("/desk/requests", include_in_schema=False, name="requests")
    async def queue(request: Asked) -> Response[str]:
        return await _show(pages, await pages.visit(request))

    @post("/desk/requests", status_code=303, include_in_schema=False, name="request answered")
    async def answer(request: Asked, data: Form) -> Response[str]:
        visit = await pages.visit(request)
        body: Json = {"granted": data.get("granted") == "yes", "words": data.get("words", "").strip()}
        path = f"/subjects/requests/{quote(data.get('request', ''), safe=':')}/answer"
        _, refused = await ask(visit, data, path, body)
        return await _show(pages, visit, refused=refused) if refused else go(visit, "/desk/requests")

    return [begin, queue, answer]


async def _show(pages: Pages, visit: Visit, *, refused: str = "") -> Response[str]:
    asked = await _requests(visit)
    view = {
        "open": [one for one in asked if one["state"] == "open"],
        "answered": [one for one in asked if one["state"] != "open"][:50],
        "refused": refused,
    }
    return _unseen(await pages.show(visit, "desk-requests.html", view, status=400 if refused else 200))


async def _requests(visit: Visit) -> list[Json]:
    found = array(await visit.client.get("/subjects/requests"))
    return [{"answer": "", **mapping(one), "due_at": moment(mapping(one)["dueAt"])} for one in found]


def _unseen(answer: Response[str]) -> Response[str]:
    """Kept nowhere on its way."""
    answer.headers["Cache-Control"] = "no-store"
    return answer
