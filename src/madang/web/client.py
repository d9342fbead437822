"""Asks the public API, in this process, as any reader would: the pages see nothing that others do not."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from madang.errors import MadangError, ResourceNotFound, Unavailable
from madang.web.values import Json, mapping

if TYPE_CHECKING:
    import httpx

# One line for each of a page's own questions would bury the rest of the log.
logging.getLogger("httpx").setLevel(logging.WARNING)

_PAGE = 500
_AT_MOST = 10_000


class Client:
    """The public HTTP API of `app`, without a socket."""

    def __init__(self, app: Any) -> None:
        """`app` is an ASGI application."""
        import httpx  # noqa: PLC0415 - a tenth of the time that the hub takes to start, and only a page needs it

        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://madang.internal")

    async def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        """The JSON answer of ``GET path``. Errors: ResourceNotFound on 404 and 400; Unavailable on any other
        refusal, with the API's own words."""
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
            found += [plain(entity) for entity in some]
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


def plain(entity: Json) -> Json:
    """The entity with each JsonProperty's value bare: its simplified form is ``{"json": value}`` (ETSI GS CIM 009
    v1.8.1, 4.5.24), which a template need not know."""
    return {name: value["json"] if list(mapping(value)) == ["json"] else value for name, value in entity.items()}


def _refusal(answer: "httpx.Response") -> MadangError:
    try:
        problem = msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.DecodeError:
        problem = {}
    detail = str(problem.get("detail") or f"The API answered with status {answer.status_code}.")
    # Of what can be no name (400) there is none either.
    return ResourceNotFound(detail) if answer.status_code in (400, 404) else Unavailable(detail)
