"""Asks the public API, in this process, as the page's visitor would: a page sees and does nothing that its visitor
could not with any other client."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
from litestar import Request

from madang.errors import Forbidden, MadangError, ResourceNotFound, Unauthorized, Unavailable
from madang.turns import Quantum, sliced
from madang.web.values import Json, mapping

if TYPE_CHECKING:
    import httpx

# One line for each of a page's own questions would bury the rest of the log.
logging.getLogger("httpx").setLevel(logging.WARNING)


Asked = Request[Any, Any, Any]


class Refused(Exception):
    """The API refused what a visitor wanted to do: for the page to tell, in the API's own words."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


_PAGE = 200
"""So many entities are read at once: so long the event loop is held by a page that many shall have."""
_AT_MOST = 10_000


# What the API judges a caller by: who passed it on, which page made the browser call, and who it is.
_JUDGED = (
    *("authorization", "cookie", "forwarded", "host", "origin", "sec-fetch-mode", "sec-fetch-site", "user-agent"),
    *("x-forwarded-for", "x-real-ip"),
)


class Client:
    """The public HTTP API of `app`, without a socket."""

    def __init__(self, app: Any, visitor: Asked | None = None) -> None:
        """`app` is an ASGI application. `visitor` is the request that each call is made for: the API judges the call by
        its address and headers; without one the caller is the public, from nowhere."""
        import httpx  # noqa: PLC0415 - a tenth of the time that the hub takes to start, and only a page needs it

        self._quantum = Quantum()
        headers = {name: visitor.headers[name] for name in _JUDGED if name in visitor.headers} if visitor else {}
        client = (visitor.client.host, visitor.client.port) if visitor and visitor.client else ("0.0.0.0", 0)
        transport = httpx.ASGITransport(app=_inside(app), client=client)
        scheme = visitor.scope["scheme"] if visitor else "http"
        self._http = httpx.AsyncClient(transport=transport, base_url=f"{scheme}://madang.internal", headers=headers)

    async def post(self, path: str, body: Any, *, key: str = "") -> Any:
        """The JSON answer of ``POST path`` with `body` as JSON (None where it is empty); with a `key`, as whom
        that stands for. Errors: Refused with the API's status and words."""
        headers = {"Accept": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
        answer = await self._http.post(path, json=body, headers=headers)
        if answer.is_success:
            return msgspec.json.decode(answer.content) if answer.content else None
        raise Refused(answer.status_code, str(_problem(answer).get("detail") or answer.reason_phrase))

    async def send(self, path: str, body: bytes, media: str) -> Any:
        """The JSON answer of ``POST path`` with bytes of that media type. Errors: as `post`."""
        headers = {"Accept": "application/json", "Content-Type": media}
        answer = await self._http.post(path, content=body, headers=headers)
        if answer.is_success:
            return msgspec.json.decode(answer.content)
        raise Refused(answer.status_code, str(_problem(answer).get("detail") or answer.reason_phrase))

    async def act(self, method: str, path: str, body: Any = None) -> tuple[Any, list[str]]:
        """The JSON answer of a request, and the cookies that it sets. Errors: as `post`."""
        answer = await self._http.request(method, path, json=body, headers={"Accept": "application/json"})
        if answer.is_success:
            return msgspec.json.decode(answer.content), answer.headers.get_list("set-cookie")
        raise Refused(answer.status_code, str(_problem(answer).get("detail") or answer.reason_phrase))

    async def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        """The JSON answer of ``GET path``. Errors: ResourceNotFound on 404 and 400, Unauthorized on 401, Forbidden on
        403; Unavailable on any other refusal, with the API's own words."""
        await self._quantum.rest()
        answer = await self._http.get(path, params=dict(query or {}), headers={"Accept": "application/json"})
        if answer.status_code == 200:
            return msgspec.json.decode(answer.content)
        raise _refusal(answer)

    async def entities(self, types: str, *, pick: str = "") -> list[Json]:
        """All entities of the types (comma separated), each as plain name and value; at most 10,000. `pick` names the
        members to have (all)."""
        found: list[Json] = []
        while len(found) < _AT_MOST:
            query: dict[str, str | int] = {"type": types, "options": "keyValues", "limit": _PAGE, "offset": len(found)}
            if pick:
                query["pick"] = pick
            some: list[Json] = await self.get("/ngsi-ld/v1/entities", query)
            found += await sliced(plain, some)
            if len(some) < _PAGE:
                break
        return found

    async def entity(self, id: str) -> Json:
        """The entity, as plain name and value. Errors: as `get`."""
        return plain(await self.get(f"/ngsi-ld/v1/entities/{quote(id, safe=':')}", {"options": "keyValues"}))

    async def decisions(self, *, entity: str | None = None, limit: int = 100) -> list[Json]:
        """The newest decision records first, of one entity or of all."""
        query: dict[str, str | int] = {"limit": limit}
        if entity is not None:
            query["entity"] = entity
        return (await self.get("/decisions", query))["decisions"]


def _inside(app: Any) -> Any:
    """The application, told that what it is asked is a page's own question: the visitor is counted already."""

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "madang.inside": True}, receive, send)

    return asked


def plain(entity: Json) -> Json:
    """The entity with each JsonProperty's value bare: its simplified form is ``{"json": value}`` (ETSI GS CIM 009
    v1.8.1, 4.5.24), which a template need not know."""
    return {name: value["json"] if list(mapping(value)) == ["json"] else value for name, value in entity.items()}


def _problem(answer: "httpx.Response") -> dict[str, Any]:
    try:
        return msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _refusal(answer: "httpx.Response") -> MadangError:
    detail = str(_problem(answer).get("detail") or f"The API answered with status {answer.status_code}.")
    # Of what can be no name (400) there is none either.
    kinds = {400: ResourceNotFound, 404: ResourceNotFound, 401: Unauthorized, 403: Forbidden}
    return kinds.get(answer.status_code, Unavailable)(detail)
