"""What every page shares: the templates, the frame around the content, the visitor's language and time zone."""

from collections.abc import Iterable
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlencode

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from litestar import MediaType, Response
from litestar.handlers import HTTPRouteHandler

from madang.turns import Quantum
from madang.web import built, names, overview
from madang.web.client import Asked, Client
from madang.web.language import LANGUAGES, choose
from madang.web.values import Json, Told, mapping
from madang.web.words import Words, drafts, texts

NAVIGATION: Final[list[tuple[str, str]]] = [
    ("/", "Streets"),
    ("/report", "Report a problem"),
    ("/sensed", "What is sensed here"),
    ("/committees", "Committees"),
    ("/proposals", "Proposals"),
    ("/worth", "What it is worth"),
    ("/open-data", "Open data"),
    ("/mine", "What the city holds on me"),
    ("/desk/reports", "Staff: reports"),
]
"""Where every page leads: an address and the text that names it, in the order of the navigation. What no room has is
left out."""


TWIN: Final = "/pages"
"""Pages below it are seen at the address of their data, by who asks for HTML (``api/twins``)."""


PROBLEM: Final = "madang.problem"
"""Where the scope has the problem that a page is about (``api/apology``)."""


_PIECES: Final = 32
"""After so many pieces of a page's text it is asked whether others wait too long."""


class Visit(msgspec.Struct, frozen=True):
    """One visitor's look at one page: what was asked, the API as this visitor would ask it, and the visitor's words."""

    request: Asked
    client: Client
    words: Words


class Pages:
    """Makes pages from templates, all in the same frame."""

    def __init__(self, dist: Path) -> None:
        """`dist` is where the interface was built; without it the pages still work, and say how to build it."""
        self._dist = dist
        self._navigation: list[tuple[str, str]] = []
        self._templates = Environment(
            loader=PackageLoader("madang.web"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
        )
        cast(dict[str, Any], self._templates.filters)["spoken"] = spoken

    def lead(self, handlers: Iterable[HTTPRouteHandler]) -> None:
        """Lead to those pages that the handlers have."""
        known = {path.removeprefix(TWIN) for handler in handlers for path in handler.paths}
        self._navigation = [entry for entry in NAVIGATION if entry[0] in known]

    async def visit(self, request: Asked) -> Visit:
        """The visit behind a request: its language is the address's ``?lang=``, else the browser's."""
        client = Client(request.app, request)
        language = choose(request.query_params.get("lang"), request.headers.get("accept-language", ""))
        return Visit(request, client, Words(language, await overview.zone(client)))

    async def show(self, visit: Visit, template: str, view: Json, *, status: int = 200) -> Response[str]:
        """The page of `template` with `view` in it; the frame's ``city`` and ``status`` are added where they miss."""
        words = visit.words
        if "city" not in view:
            view = {"city": await overview.city(visit.client, words), **view}
        if "status" not in view:
            view = {"status": await overview.status(visit.client), **view}
        pieces = self._templates.get_template(template).generate(
            view,
            words=words,
            say=words.say,
            names=names,
            called=names.called,
            languages=LANGUAGES,
            addresses=_addresses(visit.request),
            draft=drafts(words.language)[0] > 0,
            navigation=self._navigation,
            texts=texts(words.language),
            built=built.read(self._dist),
            here=place(visit.request),
            who=await overview.who(visit.client) if "cookie" in visit.request.headers else "",
        )
        text, quantum = StringIO(), Quantum()
        for number, piece in enumerate(pieces):
            text.write(piece)
            if number % _PIECES == 0:
                await quantum.rest()
        headers = {"Content-Language": words.language, "Vary": "Accept-Language", "Cache-Control": "no-cache"}
        return Response(text.getvalue(), status_code=status, media_type=MediaType.HTML, headers=headers)


@pass_context
def spoken(context: Context, text: str) -> str:
    """A text of the city's, marked where it is not in the page's language: a voice that reads aloud then knows."""
    language = text.language if isinstance(text, Told) else ""
    if language in ("", context["words"].language):
        return text
    return Markup(f'<span lang="{escape(language)}">{escape(text)}</span>')


class Markup(str):
    """HTML as it goes into a page: what strangers wrote in it is escaped."""

    def __html__(self) -> str:
        return self


def place(request: Asked) -> str:
    """The address that the visitor sees: of a page about a problem it is where the problem was met."""
    problem = mapping(cast(dict[str, Any], request.scope).get(PROBLEM))
    return str(problem.get("instance") or request.url.path).removeprefix(TWIN)


def _addresses(request: Asked) -> dict[str, str]:
    """The address of this page in each language; what else was asked stays."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return {tag: f"{place(request)}?{urlencode([*asked, ('lang', tag)])}" for tag in LANGUAGES}
