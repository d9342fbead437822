"""The published datasets for CKAN's clients: ``/api/3/action/{name}`` (CKAN Action API 2.10), ``/datastore/dump``.

There is no `datastore_search_sql`: free SQL would go round governance.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qs

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

import madang
from madang.api.answer import plain
from madang.api.catalogue import address, newest, shelf
from madang.api.docs import documented
from madang.api.given import Given, listed, needed, number, table, true
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import BadRequestData, MadangError, ResourceNotFound
from madang.model.dataset import Dataset, text_of
from madang.publish import packages, released
from madang.publish.datastore import MOST, Found, Search, search, shape, written
from madang.publish.licence import LICENCES
from madang.publish.table import written_cell

_SHORT: Final = "/api/action/{name:str}"
_PATH: Final = "/api/3/action/{name:str}"
_TYPES: Final = {400: "Search Query Error", 403: "Authorization Error", 404: "Not Found Error", 409: "Validation Error"}


@get(_PATH, operation_class=documented("Open data", named=False))
async def action(request: Call, name: FromPath[str]) -> Response[bytes]:
    """Read by one of CKAN's actions: `help_show` tells of each."""
    return await _act(request, name)


@post(_PATH, status_code=200, operation_class=documented("Open data", named=False))
async def post_action(request: Call, name: FromPath[str]) -> Response[bytes]:
    """Read by one of CKAN's actions with its parameters in the body."""
    return await _act(request, name)


@get(_SHORT, operation_class=documented("Open data", named=False))
async def short_action(request: Call, name: FromPath[str]) -> Response[bytes]:
    """Read by one of CKAN's actions at the short address."""
    return await _act(request, name)


@post(_SHORT, status_code=200, operation_class=documented("Open data", named=False))
async def post_short_action(request: Call, name: FromPath[str]) -> Response[bytes]:
    """Read by one of CKAN's actions at the short address with its parameters in the body."""
    return await _act(request, name)


async def _act(request: Call, name: str) -> Response[bytes]:
    help = f"{address(request)}/api/3/action/help_show?name={name}"
    found = ACTIONS.get(name)
    if found is None:
        return plain(f"Bad request - Action name not known: {name[:80]}", status=400)
    try:
        result = await found(request, await _given(request))
    except MadangError as error:
        status = 409 if isinstance(error, BadRequestData) and name != "package_search" else error.status
        told = {"__type": _TYPES.get(status, error.title), "message": error.detail}
        return plain({"help": help, "success": False, "error": told}, status=status)
    return plain({"help": help, "success": True, "result": result})


@get("/datastore/dump/{id:str}", operation_class=documented("Open data", named=False))
async def dump(request: Call, id: FromPath[str]) -> Response[Any]:
    """A table whole, as CSV, TSV or JSON (`format`)."""
    given = {name: values[-1] for name, values in parse_qs(request.scope["query_string"].decode("latin-1")).items()}
    form = given.get("format", "csv")
    dataset = _of_resource(request, id)
    books = shelf(request)
    table = await shape(books, dataset)
    if form in ("csv", "tsv"):
        body = written(books, dataset, table, delimiter="," if form == "csv" else "\t")
        return Stream(body, media_type="text/csv" if form == "csv" else "text/tab-separated-values")
    if form != "json":
        raise ResourceNotFound("format is csv, tsv or json")
    found = await search(books, dataset, Search(limit=MOST))
    return plain({"fields": _fields(found), "records": [list(one) for one in found.rows]})


async def _given(request: Call) -> Given:
    if request.method == "GET":
        pairs = parse_qs(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return {name: values[-1] for name, values in pairs.items()}
    body = await request.body()
    if not body:
        return {}
    if "form" in request.headers.get("content-type", ""):
        return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise BadRequestData(f"the body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadRequestData("the body is an object")
    return cast(dict[str, Any], found)


async def _status(request: Call, given: Given) -> Any:
    city = rooms(request).city
    return {
        "ckan_version": "2.10.0",
        "site_url": address(request),
        "site_title": text_of(city.name),
        "site_description": f"Madang {madang.__version__}",
        "locale_default": city.languages[0],
        "extensions": ["datastore"],
    }


async def _package_list(request: Call, given: Given) -> Any:
    names = [one.id for one in shelf(request).all()]
    start = number(given, "offset", 0)
    return names[start : start + number(given, "limit", len(names))]


async def _package_show(request: Call, given: Given) -> Any:
    package = packages.package(shelf(request).one(needed(given, "id")), address(request))
    for kept in newest(request):
        if kept.manifest.dataset == package["id"]:
            found = released.resources(kept, address(request), package["num_resources"])
            package |= {"version": str(kept.manifest.version), "num_resources": package["num_resources"] + len(found)}
            package["resources"] += found
    return package


async def _package_search(request: Call, given: Given) -> Any:
    facets = listed(given.get("facet.field"))
    asked = {name: str(given.get(name) or "") for name in ("q", "fq", "sort")}
    return packages.search(
        shelf(request).all(),
        address(request),
        **asked,
        rows=min(number(given, "rows", 10), 1000),
        start=number(given, "start", 0),
        facets=facets,
    )


async def _resource_show(request: Call, given: Given) -> Any:
    id = needed(given, "id")
    package = await _package_show(request, {"id": id.partition(".")[0]})
    found = next((one for one in package["resources"] if one["id"] == id), None)
    if found is None:
        raise ResourceNotFound(f"no resource '{id[:80]}'")
    return found


async def _organization_list(request: Call, given: Given) -> Any:
    names = sorted({one.owner for one in shelf(request).all()})
    return [packages.organization(name) for name in names] if true(given.get("all_fields")) else names


async def _organization_show(request: Call, given: Given) -> Any:
    name = needed(given, "id")
    own = [one for one in shelf(request).all() if one.owner == name]
    if not own:
        raise ResourceNotFound(f"no organization '{name[:80]}' publishes here")
    body = {**packages.organization(name), "package_count": len(own)}
    if true(given.get("include_datasets")):
        body["packages"] = [packages.package(one, address(request)) for one in own]
    return body


async def _group_list(request: Call, given: Given) -> Any:
    return []


async def _tag_list(request: Call, given: Given) -> Any:
    return sorted({tag for one in shelf(request).all() for tag in (one.type, *one.purposes)})


async def _license_list(request: Call, given: Given) -> Any:
    return [
        {"id": one.id, "title": one.title, "url": one.url, "status": "active", "od_conformance": "approved"}
        for one in LICENCES.values()
    ]


async def _datastore_search(request: Call, given: Given) -> Any:
    id = needed(given, "resource_id" if given.get("resource_id") or not given.get("id") else "id")
    dataset = _of_resource(request, id)
    form = str(given.get("records_format") or "objects")
    asked = _search(given)
    found = await search(shelf(request), dataset, asked)
    body: dict[str, Any] = {
        "resource_id": id,
        "fields": _fields(found),
        "records": _records(found, form, asked.offset),
        "records_format": form,
        "limit": asked.limit,
        "offset": asked.offset,
        "filters": dict(asked.filters),
    }
    if given.get("include_total") in (None, "", True, "true", "True"):
        body |= {"total": found.total, "total_was_estimated": False}
    return body


async def _datastore_info(request: Call, given: Given) -> Any:
    id = needed(given, "id")
    dataset = _of_resource(request, id)
    table = await shape(shelf(request), dataset)
    return {
        "meta": {"id": id, "count": await shelf(request).count(dataset), "table_type": "BASE TABLE"},
        "fields": [{"id": column.name, "type": column.type} for column in table],
    }


async def _help_show(request: Call, given: Given) -> Any:
    name = needed(given, "name")
    if name not in ACTIONS:
        raise ResourceNotFound(f"there is no action '{name[:80]}'; there are {', '.join(ACTIONS)}")
    return _HELP.get(name, f"As CKAN's {name}; what can be read is what the city publishes.")


_HELP: Final = {
    "package_search": "q: words, or field:value; fq: field:value terms; rows, start, sort, facet.field (a JSON list).",
    "datastore_search": "resource_id, filters (an object), q, distinct, limit (at most 32000), offset, fields, sort,"
    " include_total, records_format (objects, lists, csv, tsv).",
}

ACTIONS: Final[Mapping[str, Callable[[Call, Given], Awaitable[Any]]]] = {
    "status_show": _status,
    "site_read": _status,
    "package_list": _package_list,
    "package_show": _package_show,
    "package_search": _package_search,
    "resource_show": _resource_show,
    "organization_list": _organization_list,
    "organization_show": _organization_show,
    "group_list": _group_list,
    "tag_list": _tag_list,
    "license_list": _license_list,
    "datastore_search": _datastore_search,
    "datastore_info": _datastore_info,
    "help_show": _help_show,
}


def _of_resource(request: Call, id: str) -> Dataset:
    name, _, form = id.partition(".")
    dataset = shelf(request).one(name)
    if form not in ("", *packages.FORMATS):
        raise ResourceNotFound(f"no resource '{id[:80]}'")
    return dataset


def _search(given: Given) -> Search:
    wanted = {
        name: cast(list[Any], value) if isinstance(value, list) else [value]
        for name, value in table(given, "filters").items()
    }
    order = [part.split() for part in listed(given.get("sort"))]
    if any(len(part) > 2 or part[1:] not in ([], ["asc"], ["desc"], ["ASC"], ["DESC"]) for part in order):
        raise BadRequestData("sort: fields, each with asc or desc after it or nothing: 'no2 desc, id'")
    words = given.get("q") or ""
    if not isinstance(words, str) or words.startswith("{"):
        raise BadRequestData("q: words, which may stand in any field; filters takes values of one field")
    return Search(
        filters=wanted,
        words=words,
        fields=listed(given.get("fields")),
        order=[(part[0], len(part) > 1 and part[1].lower() == "desc") for part in order if part],
        limit=min(number(given, "limit", 100), MOST),
        offset=number(given, "offset", 0),
        distinct=true(given.get("distinct")),
    )


def _fields(found: Found) -> list[dict[str, Any]]:
    return [{"id": column.name, "type": column.type} for column in found.columns]


def _records(found: Found, form: str, offset: int) -> Any:
    if form == "lists":
        return [list(one) for one in found.rows]
    if form in ("csv", "tsv"):
        mark = "," if form == "csv" else "\t"
        return "".join(mark.join(_quoted(cell, mark) for cell in one) + "\n" for one in found.rows)
    if form != "objects":
        raise BadRequestData("records_format is objects, lists, csv or tsv")
    names = [column.name for column in found.columns]
    return [{"_id": offset + n, **dict(zip(names, one, strict=True))} for n, one in enumerate(found.rows, 1)]


def _quoted(cell: Any, mark: str) -> str:
    text = str(written_cell(cell))
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in (mark, '"', "\n", "\r")) else text
