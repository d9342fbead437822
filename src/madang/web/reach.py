"""Who is reached by the ways to take part, and who is not: a table for everybody, and at ``/reach.json`` as data."""

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from madang.web.client import Asked
from madang.web.pages import Pages
from madang.web.values import Json, array, mapping, moment, text


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handler of ``/reach``."""

    @get("/reach", include_in_schema=False, name="reach")
    async def table(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        found: Json = await visit.client.get("/reach.json")
        total = mapping(found["total"])
        view = {
            "reach": found,
            "since": moment(found["since"]),
            "until": moment(found["until"]),
            "total": total,
            "channels": list(mapping(total["channels"])),
            "tables": {
                name: [
                    {**mapping(one), "title": text(mapping(one)["name"], visit.words.language)}
                    for one in array(found[name])
                ]
                for name in ("districts", "ages")
            },
        }
        return await pages.show(visit, "reach.html", view)

    return [table]
