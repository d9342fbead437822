"""The addresses of the pages: the city, each junction, and the files of the built interface."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import File

from madang.errors import ResourceNotFound
from madang.web import (
    built,
    committees,
    datasets,
    decisions,
    desk,
    fault,
    instead,
    junction,
    mine,
    overview,
    proposals,
    reach,
    releases,
    reports,
    sensed,
    sign_in,
    staff,
    translation,
    what_if,
    worth,
)
from madang.web.client import Asked
from madang.web.once import Once
from madang.web.pages import Pages

_YEAR = "public, max-age=31536000, immutable"
_TEXTS = frozenset({".mjs", ".js", ".css"})
_TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}

Family = Callable[[Pages], list[HTTPRouteHandler]]
FAMILIES: Final[list[Family]] = [
    staff.pages,
    mine.pages,
    sensed.pages,
    reports.pages,
    desk.pages,
    reach.pages,
    sign_in.pages,
    what_if.pages,
    instead.pages,
    worth.pages,
    committees.pages,
    decisions.pages,
    proposals.pages,
    datasets.pages,
    releases.pages,
    translation.pages,
    fault.pages,
]
"""More pages, a room of ``web/`` each: what makes its handlers."""


def routes(*, dist: Path = built.DIST) -> list[HTTPRouteHandler]:
    """The handlers of all pages and of ``/assets/…``, for the application that has the API.

    `dist` is where the interface was built; without it the pages still work, and say how to build it.
    """
    pages = Pages(dist)
    more = [handler for family in FAMILIES for handler in family(pages)]
    handlers = [*_streets(pages), *_files(dist), *more]
    pages.lead(handlers)
    return handlers


def _streets(pages: Pages) -> list[HTTPRouteHandler]:
    once = Once()

    @get("/", include_in_schema=False, name="page")
    async def city_page(request: Asked) -> Response[str]:
        async def make() -> Response[str]:
            visit = await pages.visit(request)
            return await pages.show(visit, "city.html", await overview.see(visit.client, visit.words))

        return await once.answer(request, make)

    @get("/junctions/{name:str}", include_in_schema=False, name="junction")
    async def junction_page(request: Asked, name: FromPath[str]) -> Response[str]:
        async def make() -> Response[str]:
            visit = await pages.visit(request)
            return await pages.show(visit, "junction.html", await junction.see(visit.client, visit.words, name))

        return await once.answer(request, make)

    return [city_page, junction_page]


def _files(dist: Path) -> list[HTTPRouteHandler]:
    @get("/assets/{path:path}", include_in_schema=False, name="assets")
    async def assets(request: Asked, path: FromPath[str]) -> File | Response[bytes]:
        found = built.asset(str(path), dist)
        if found is None:
            raise ResourceNotFound(f"There is no file /assets/{str(path).lstrip('/')} in the built interface.")
        return await _asset(request, found)

    return [assets]


async def _asset(request: Asked, found: Path) -> File | Response[bytes]:
    """The file, compressed where it is text and the browser can read that."""
    # Everything but the documentation viewer carries a hash of its content in its name.
    forever = found.parent.name != "docs"
    headers = {"Cache-Control": _YEAR if forever else "public, max-age=3600", "Vary": "Accept-Encoding"}
    if found.name.startswith("worker-"):
        # It may look after the page of reports, and no other.
        headers["Service-Worker-Allowed"] = "/report"
    media = _TYPES.get(found.suffix)
    if found.suffix in _TEXTS and "gzip" in request.headers.get("accept-encoding", ""):
        body = await asyncio.to_thread(built.packed, found)
        return Response(body, media_type=media, headers={**headers, "Content-Encoding": "gzip"})
    return File(found, content_disposition_type="inline", media_type=media, headers=headers)
