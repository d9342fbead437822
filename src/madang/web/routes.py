"""The addresses of the pages: the city, each junction, and the files of the built interface."""

import asyncio
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import File

from madang.errors import ResourceNotFound
from madang.web import built, junction, names, overview
from madang.web.client import Client
from madang.web.language import LANGUAGES, choose
from madang.web.words import Words, texts

_YEAR = "public, max-age=31536000, immutable"
_TEXTS = frozenset({".mjs", ".js", ".css"})
_TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}


def routes(*, dist: Path = built.DIST) -> list[HTTPRouteHandler]:
    """The handlers of ``/``, ``/junctions/{name}`` and ``/assets/…``, for the application that has the API.

    `dist` is where the interface was built; without it the pages still work, and say how to build it.
    """
    templates = Environment(
        loader=PackageLoader("madang.web"), autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True
    )

    async def page(
        request: Request[Any, Any, Any], template: str, view: dict[str, Any], words: Words, *, status: int = 200
    ) -> Response[str]:
        text = templates.get_template(template).render(
            view,
            words=words,
            say=words.say,
            names=names,
            called=names.called,
            languages=LANGUAGES,
            texts=texts(words.language),
            built=built.read(dist),
            here=request.url.path,
        )
        headers = {"Content-Language": words.language, "Vary": "Accept-Language", "Cache-Control": "no-cache"}
        return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)

    @get("/", include_in_schema=False, name="page")
    async def city_page(request: Request[Any, Any, Any]) -> Response[str]:
        client, words = await _visit(request)
        return await page(request, "city.html", await overview.see(client, words), words)

    @get("/junctions/{name:str}", include_in_schema=False, name="junction")
    async def junction_page(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[str]:
        client, words = await _visit(request)
        template, view = await _junction(request, client, words, name)
        return await page(request, template, view, words, status=200 if template == "junction.html" else 404)

    @get("/assets/{path:path}", include_in_schema=False, name="assets")
    async def assets(request: Request[Any, Any, Any], path: FromPath[str]) -> File | Response[bytes]:
        found = built.asset(str(path), dist)
        if found is None:
            raise ResourceNotFound(f"There is no file /assets/{str(path).lstrip('/')} in the built interface.")
        return await _asset(request, found)

    return [city_page, junction_page, assets]


async def _asset(request: Request[Any, Any, Any], found: Path) -> File | Response[bytes]:
    """The file, compressed where it is text and the browser can read that."""
    # Everything but the documentation viewer carries a hash of its content in its name.
    forever = found.parent.name != "docs"
    headers = {"Cache-Control": _YEAR if forever else "public, max-age=3600", "Vary": "Accept-Encoding"}
    media = _TYPES.get(found.suffix)
    if found.suffix in _TEXTS and "gzip" in request.headers.get("accept-encoding", ""):
        body = await asyncio.to_thread(built.packed, found)
        return Response(body, media_type=media, headers={**headers, "Content-Encoding": "gzip"})
    return File(found, content_disposition_type="inline", media_type=media, headers=headers)


async def _junction(
    request: Request[Any, Any, Any], client: Client, words: Words, name: str
) -> tuple[str, dict[str, Any]]:
    """The template and its values. Where there is no such junction a program gets the problem details
    (ResourceNotFound), a person a page."""
    try:
        return "junction.html", await junction.see(client, words, name)
    except ResourceNotFound:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return "missing.html", await junction.miss(client, words, name)


async def _visit(request: Request[Any, Any, Any]) -> tuple[Client, Words]:
    """The API's client, and the visitor's words in the city's time zone."""
    client = Client(request.app)
    language = choose(request.query_params.get("lang"), request.headers.get("accept-language", ""))
    return client, Words(language, await overview.zone(client))
