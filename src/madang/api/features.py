"""The published datasets as OGC API Features, parts 1 to 3: ``/ogc``. GeoJSON, filtered by CQL2, in several systems."""

import re
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from madang.api.answer import GEO, plain
from madang.api.arguments import Arguments
from madang.api.catalogue import address, shelf
from madang.api.docs import documented
from madang.api.message import Answer
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import BadRequestData, ResourceNotFound, TooManyResults
from madang.model import geometry as geometries
from madang.model import time as times
from madang.model.dataset import Dataset
from madang.model.entity import Entity
from madang.model.query import Compare, Condition, EntityQuery, Every, GeoFilter, Georel, Operator, Path
from madang.publish import crs as systems
from madang.publish import features
from madang.publish.cql2 import Filter, Test, all_of, understood
from madang.publish.datastore import LOOKED, shape
from madang.publish.expression import read_json, read_text
from madang.publish.features import link
from madang.publish.reading import Shelf

_FILTER: Final = ("filter", "filter-lang", "filter-crs")
_OWN: Final = ("limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "f", *_FILTER)
_LANGUAGES: Final = ("cql2-text", "cql2-json")
_FORMS: Final = ("json", "geojson")
_MOST: Final = 10_000
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,3})?", re.ASCII)


@get("/ogc", operation_class=documented("Open data", named=False))
async def landing(request: Call) -> Response[bytes]:
    """Where features begin: links to all there is."""
    _plainly(request)
    return plain(features.landing(rooms(request).city, address(request)))


@get("/ogc/conformance", operation_class=documented("Open data", named=False))
async def conformance(request: Call) -> Response[bytes]:
    """The conformance classes that hold here."""
    _plainly(request)
    return plain({"conformsTo": list(features.CONFORMS)})


@get("/ogc/api", operation_class=documented("Open data", named=False))
async def definition(request: Call) -> Response[bytes]:
    """What of the API is about features, as OpenAPI 3.0."""
    _plainly(request)
    return plain(
        features.definition(address(request), _FILTER, most=_MOST), media="application/vnd.oai.openapi+json;version=3.0"
    )


@get("/ogc/collections", operation_class=documented("Open data", named=False))
async def collections(request: Call) -> Response[bytes]:
    """The published datasets as collections."""
    _plainly(request)
    here = address(request)
    body = {
        "links": [link("self", f"{here}/ogc/collections", "application/json")],
        "collections": [features.collection(one, here) for one in shelf(request).all()],
    }
    return plain(body)


@get("/ogc/collections/{name:str}", operation_class=documented("Open data", named=False))
async def collection(request: Call, name: FromPath[str]) -> Response[bytes]:
    """One collection."""
    _plainly(request)
    return plain(features.collection(shelf(request).one(name), address(request)))


@get("/ogc/collections/{name:str}/queryables", operation_class=documented("Open data", named=False))
async def queryables(request: Call, name: FromPath[str]) -> Response[bytes]:
    """The properties that a filter may name, as a JSON Schema."""
    _plainly(request)
    books = shelf(request)
    dataset = books.one(name)
    body = features.queryables(dataset, await shape(books, dataset), address(request))
    return plain(body, media="application/schema+json")


@get(
    "/ogc/collections/{name:str}/items",
    operation_class=documented(
        "Open data",
        named=False,
        query=("limit", "offset", "bbox#features", "bbox-crs", "datetime", "crs", *_FILTER, "f"),
    ),
)
async def items(request: Call, name: FromPath[str]) -> Response[bytes]:
    """Features of a collection: `bbox`, `datetime`, a CQL2 `filter` and any of its properties by name narrow them."""
    books = shelf(request)
    dataset = books.one(name)
    given = Arguments(request, (*_OWN, *dataset.attributes))
    given.choice("f", _FORMS)
    limit = min(given.number("limit", 10, least=1) or 10, _MOST)
    offset = given.number("offset", 0) or 0
    crs = systems.named(given.text("crs"), what="crs")
    asked, rest = _asked(given, dataset)
    if rest is None:
        page, total = await books.page(dataset, asked, limit=limit, offset=offset, count=True)
    else:
        page, total = await _tested(books, dataset, asked, rest, limit=limit, offset=offset)
    found = [features.feature(one, crs) for one in page]
    return _geo(_page(request, given, name, found, limit, offset, total or 0), crs)


@get("/ogc/collections/{name:str}/items/{id:path}", operation_class=documented("Open data", named=False))
async def item(request: Call, name: FromPath[str], id: FromPath[str]) -> Response[bytes]:
    """One feature, by its entity's id."""
    given = Arguments(request, ("f", "crs"))
    given.choice("f", _FORMS)
    crs = systems.named(given.text("crs"), what="crs")
    books = shelf(request)
    dataset = books.one(name)
    wanted = str(id).lstrip("/")
    page, _ = await books.page(dataset, EntityQuery(ids=(wanted,)), limit=1, offset=0)
    if not page:
        raise ResourceNotFound(f"'{name}' has no feature '{wanted[:200]}'")
    here = f"{address(request)}/ogc/collections/{name}"
    links = [link("self", f"{here}/items/{wanted}", GEO), link("collection", here, "application/json")]
    return _geo({**features.feature(page[0], crs), "links": links}, crs)


def _plainly(request: Call) -> None:
    """Of an address that takes no parameter but its form."""
    Arguments(request, ("f",)).choice("f", _FORMS)


def _page(
    request: Call, given: Arguments, name: str, found: list[dict[str, Any]], limit: int, offset: int, total: int
) -> dict[str, Any]:
    here = f"{address(request)}/ogc/collections/{name}"
    path = f"{here}/items"
    links = [
        link("self", given.address(path, limit=str(limit), offset=str(offset)), GEO),
        link("collection", here, "application/json"),
    ]
    if offset + limit < total:
        links.append(link("next", given.address(path, limit=str(limit), offset=str(offset + limit)), GEO))
    if offset:
        links.append(link("prev", given.address(path, limit=str(limit), offset=str(max(0, offset - limit))), GEO))
    return {
        "type": "FeatureCollection",
        "features": found,
        "numberMatched": total,
        "numberReturned": len(found),
        "timeStamp": times.text(rooms(request).hub.subjects.now()),
        "links": links,
    }


def _asked(given: Arguments, dataset: Dataset) -> tuple[EntityQuery, Test | None]:
    """What the store is asked, and what is decided on each entity after that."""
    text = given.text("filter")
    found = Filter()
    if text is not None:
        language = given.choice("filter-lang", _LANGUAGES) or _LANGUAGES[text.lstrip().startswith("{")]
        read = read_text(text) if language == "cql2-text" else read_json(text)
        crs = systems.named(given.text("filter-crs"), what="filter-crs")
        found = understood(read, dataset.attributes, crs=crs)
    elif "filter-lang" in given or "filter-crs" in given:
        raise BadRequestData("filter-lang and filter-crs say how 'filter' is written; there is none")
    own, box = _where(given, dataset), _box(given)
    terms = [one for one in (own, found.where) if one is not None]
    where = None if not terms else terms[0] if len(terms) == 1 else Every(tuple(terms))
    tests = [one for one in (found.rest, geometries.test(found.geo) if found.geo and box else None) if one]
    return EntityQuery(where=where, geo=box or found.geo), all_of(tests) if tests else None


async def _tested(
    books: Shelf, dataset: Dataset, asked: EntityQuery, rest: Test, *, limit: int, offset: int
) -> tuple[list[Entity], int]:
    """A page of the entities that fit, and how many do; raises TooManyResults where too many would be looked at."""
    found: list[Entity] = []
    looked = count = 0
    async for entity in books.entities(dataset, asked):
        looked += 1
        if looked > LOOKED:
            raise TooManyResults(f"such a filter looks at {LOOKED} features at most; narrow it with bbox or properties")
        if rest(entity):
            count += 1
            if offset < count <= offset + limit:
                found.append(entity)
    return found, count


def _geo(body: Any, crs: str) -> Answer:
    headers = {"Content-Crs": f"<{crs}>"}
    return Answer(msgspec.json.encode(body), status_code=200, media_type=GEO, headers=headers)


def _box(given: Arguments) -> GeoFilter | None:
    """The box of `bbox` (7.15.3): four numbers, or six with heights, which do not count."""
    text = given.text("bbox")
    if text is None:
        if "bbox-crs" in given:
            raise BadRequestData("bbox-crs says how 'bbox' is written; there is none")
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    crs = systems.named(given.text("bbox-crs"), what="bbox-crs")
    if len(numbers) == 4:
        numbers = [*systems.position(numbers[0], numbers[1], crs), *systems.position(numbers[2], numbers[3], crs)]
    if len(numbers) != 4 or not (numbers[1] <= numbers[3] and all(abs(n) <= 360 for n in numbers)):
        raise BadRequestData("bbox: the least and the greatest of both coordinates: west,south,east,north in degrees")
    west, south, east, north = numbers
    parts = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    rings = [[[[w, south], [e, south], [e, north], [w, north], [w, south]]] for w, e in parts]
    shape = {"type": "MultiPolygon", "coordinates": rings}
    return GeoFilter(relation=Georel.INTERSECTS, geometry=shape)


def _where(given: Arguments, dataset: Dataset) -> Condition | None:
    terms: list[Condition] = []
    for name in dataset.attributes:
        value = given.text(name) if name not in _OWN else None
        if value is not None:
            terms.append(Compare(Path((name,)), Operator.EQUAL, _value(value)))
    terms += _times(given, dataset)
    return None if not terms else terms[0] if len(terms) == 1 else Every(tuple(terms))


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if not _NUMBER.fullmatch(text):
        return text
    return int(text) if text.removeprefix("-").isdigit() else float(text)


def _times(given: Arguments, dataset: Dataset) -> list[Condition]:
    """Of `datetime` (7.15.4): the time of observation of the dataset's first attribute whose past is kept."""
    text = given.text("datetime")
    if text is None:
        return []
    start, slash, end = text.partition("/")
    bounds = [_time(start), _time(end) if slash else _time(start)]
    if bounds == [None, None]:
        return []
    if bounds[0] is not None and bounds[1] is not None and bounds[0] > bounds[1]:
        raise BadRequestData("datetime: it ends before it begins")
    name = next((one for one in dataset.history if one in dataset.attributes), "")
    if not name:
        return []
    terms: list[Condition] = []
    for bound, operator in zip(bounds, (Operator.GREATER_EQUAL, Operator.LESS_EQUAL), strict=True):
        if bound is not None:
            terms.append(Compare(Path((name, "observedAt")), operator, bound))
    return terms


def _time(text: str) -> datetime | None:
    if text in ("", ".."):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadRequestData("datetime: a time with its zone, or two with a slash between (.. for an open end)")
    return found
