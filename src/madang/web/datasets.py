"""Open data as pages: what there is, and each dataset with how it was made, its files, and how programs read it."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from madang.web.client import Asked
from madang.web.forms import ask
from madang.web.overview import tried
from madang.web.pages import Pages, Visit
from madang.web.values import Json, array, mapping, text


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of ``/open-data``, ``/developers`` and ``/datasets/{dataset}/about``."""

    @get("/open-data", include_in_schema=False, name="datasets")
    async def all_datasets(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        return await pages.show(visit, "datasets.html", {"datasets": await _all(visit)})

    @get("/pages/datasets/{dataset:str}/about", include_in_schema=False, name="dataset")
    async def one_dataset(request: Asked, dataset: FromPath[str]) -> Response[str]:
        visit = await pages.visit(request)
        return await pages.show(visit, "dataset.html", await _one(visit, dataset))

    @get("/developers", include_in_schema=False, name="developers")
    async def developers(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        return await pages.show(visit, "developers.html", {"made": None, "refused": "", "base": _base(request)})

    @post("/developers", status_code=200, include_in_schema=False, name="key made")
    async def make_key(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        made, refused = await ask(visit, {}, "/developers/keys", None)
        view = {"made": made, "refused": refused, "base": _base(request)}
        # The key is shown this once: nobody on the way may keep the page.
        answer = await pages.show(visit, "developers.html", view, status=400 if refused else 200)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return [all_datasets, one_dataset, developers, make_key]


def _base(request: Asked) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', 'localhost')}"


async def _all(visit: Visit) -> list[Json]:
    found: Json = await visit.client.get("/ogc/collections")
    about = [await visit.client.get(f"/data/{one['id']}") for one in array(found["collections"])]
    return [_told(visit, one) for one in about]


def _told(visit: Visit, found: Json) -> Json:
    language = visit.words.language
    return {
        **found,
        "title": text(found["title"], language) or found["id"],
        "description": text(found.get("description"), language),
    }


async def _one(visit: Visit, id: str) -> Json:
    described: Json = await visit.client.get(f"/datasets/{id}/about")
    told = _told(visit, mapping(await visit.client.get(f"/data/{id}")))
    trace = mapping(described.pop("trace"))
    releases: Json = await tried(visit.client.get(f"/datasets/{id}/releases")) or {"releases": []}
    own = {**described, "name": str(told["title"]), "description": str(told["description"] or told["title"])}
    return {
        "one": told,
        "trace": trace,
        "releases": array(releases.get("releases"))[:5],
        "described": _inert(own),
        "base": described["@id"].removesuffix(f"/data/{id}"),
    }


def _inert(value: Any) -> str:
    """JSON that stays data within a page: no text of it can end the element that it is in."""
    text = msgspec.json.encode(value).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
