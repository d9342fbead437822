"""Releases as pages: the newest of all datasets; one with its files, what changed, its guarantee, how it was made."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from madang.web.client import Asked
from madang.web.pages import Pages, Visit
from madang.web.values import Json, array, mapping, moment, text


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of ``/releases`` and ``/datasets/{dataset}/releases/{version}``; the data has the same addresses."""

    @get("/pages/releases", include_in_schema=False, name="releases")
    async def all_releases(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        found: Json = await visit.client.get("/releases")
        return await pages.show(visit, "releases.html", {"releases": [_told(visit, one) for one in found["releases"]]})

    @get("/pages/datasets/{dataset:str}/releases/{version:str}", include_in_schema=False, name="release")
    async def one_release(request: Asked, dataset: FromPath[str], version: FromPath[str]) -> Response[str]:
        visit = await pages.visit(request)
        path = f"/datasets/{quote(dataset, safe='')}/releases/{quote(version, safe='')}"
        return await pages.show(visit, "release.html", {"one": _told(visit, await visit.client.get(path))})

    return [all_releases, one_release]


def _told(visit: Visit, found: Any) -> Json:
    one = mapping(found)
    changes = mapping(one.get("changes"))
    return {
        **one,
        "name": text(one["title"], visit.words.language) or one["dataset"],
        "at": moment(one["made"]),
        "files": [mapping(file) for file in array(one["files"])],
        "changes": changes if changes.get("since") else None,
        "how": mapping(one.get("how")),
    }
