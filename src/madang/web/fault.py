"""The page about what went wrong: what a browser gets where a program gets problem details (``api/apology``)."""

from typing import Any, cast

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from madang.errors import ResourceNotFound
from madang.web.client import Asked
from madang.web.names import FAULT
from madang.web.pages import PROBLEM, Pages, place
from madang.web.values import Json, mapping


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handler of ``/fault``: nobody goes there, the hub sends what it refused."""

    @get("/fault", include_in_schema=False, name="fault")
    async def fault(request: Asked) -> Response[str]:
        problem = mapping(cast(dict[str, Any], request.scope).get(PROBLEM))
        if not problem:
            raise ResourceNotFound("/fault shows what went wrong elsewhere; there is nothing to show.")
        visit = await pages.visit(request)
        status = int(problem.get("status") or 500)
        return await pages.show(visit, "fault.html", _view(request, problem, status), status=status)

    return [fault]


def _view(request: Asked, problem: Json, status: int) -> Json:
    title, advice = FAULT.get(status) or FAULT[400 if status < 500 else 500]
    return {
        "title": title,
        "advice": advice,
        "number": status,
        "detail": str(problem.get("detail") or ""),
        "address": place(request),
    }
