"""The catalogue and the downloads: ``/catalog`` as DCAT-AP, ``/data/{dataset}.{format}``."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from madang.api.answer import LD, negotiate, plain
from madang.api.arguments import Arguments
from madang.api.docs import documented
from madang.api.file import serve
from madang.api.message import Answer
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import ResourceNotFound
from madang.hub.shown import Form
from madang.model.dataset import Dataset
from madang.model.entity import Entity
from madang.publish import parquet
from madang.publish.archive import Kept
from madang.publish.catalogue import FORMATS, catalogue
from madang.publish.datastore import shape, written
from madang.publish.features import feature
from madang.publish.graph import json_ld, turtle
from madang.publish.licence import licence
from madang.publish.reading import Shelf
from madang.publish.sheet import spooled
from madang.publish.table import csvw

WHOLE: Final = 50_000_000
"""Bytes up to which a file is made before it is sent: then it has a length, a tag and ranges."""

TURTLE: Final = "text/turtle"
_CSVW: Final = "csv-metadata.json"


def address(request: Call) -> str:
    """Where this hub is, as the request called it."""
    return f"{request.scope['scheme']}://{request.headers.get('host', 'localhost')}"


def shelf(request: Call) -> Shelf:
    """What is published."""
    return Shelf(rooms(request).hub)


@get("/catalog", operation_class=documented("Open data", named=False, media=(LD, TURTLE)))
async def dcat(request: Call) -> Response[bytes]:
    """What the city publishes (DCAT-AP 3), as JSON-LD or Turtle."""
    Arguments(request, ())
    return _catalogue(request, negotiate(request, (LD, TURTLE)))


@get("/catalog.jsonld", operation_class=documented("Open data", named=False))
async def dcat_json(request: Call) -> Response[bytes]:
    """The catalogue in JSON-LD."""
    Arguments(request, ())
    return _catalogue(request, LD)


@get("/catalog.ttl", operation_class=documented("Open data", named=False))
async def dcat_turtle(request: Call) -> Response[bytes]:
    """The catalogue in Turtle."""
    Arguments(request, ())
    return _catalogue(request, TURTLE)


@get("/data/{name:str}", operation_class=documented("Open data", named=False))
async def download(request: Call, name: FromPath[str]) -> Response[Any]:
    """A published dataset whole, as ``{dataset}.csv``, ``.geojson``, ``.ndjson``, ``.parquet``; or what it is, as
    ``{dataset}`` and ``{dataset}.csv-metadata.json`` (CSV on the Web)."""
    Arguments(request, ())
    id, _, form = name.partition(".")
    books = shelf(request)
    dataset = books.one(id)
    if form == "":
        return plain(about(request, dataset))
    if form == _CSVW:
        table = await shape(books, dataset)
        url = f"{address(request)}/data/{id}.csv"
        return plain(csvw(dataset, table, url=url, licence=licence(dataset.licence).url))
    if form not in (*FORMATS, "parquet"):
        raise ResourceNotFound(f"{id} is to be had as {', '.join(FORMATS)}, parquet")
    headers = {
        "Content-Disposition": f'attachment; filename="{id}.{form}"',
        "Link": f'<{licence(dataset.licence).url}>; rel="license"',
    }
    media = parquet.MEDIA if form == "parquet" else FORMATS[form][0]

    async def make() -> bytes | None:
        return await (_parquet(books, dataset) if form == "parquet" else _whole(_body(books, dataset, form)))

    body = await rooms(request).files.share((id, form), make)
    if body is None:
        return Stream(_body(books, dataset, form), media_type=media, headers=headers)
    return serve(request, body, media=media, headers=headers)


def about(request: Call, dataset: Dataset) -> dict[str, Any]:
    """What a dataset is, in words of its declaration, and where its files are."""
    here = f"{address(request)}/data/{dataset.id}"
    return {
        "id": dataset.id,
        "title": dict(dataset.title),
        "description": dict(dataset.description),
        "type": dataset.type,
        "attributes": list(dataset.attributes),
        "units": dict(dataset.units),
        "owner": dataset.owner,
        "licence": licence(dataset.licence).url,
        "legalBasis": dataset.legal_basis,
        "purposes": list(dataset.purposes),
        "retention": dataset.retention,
        "files": {form: f"{here}.{form}" for form in FORMATS},
        "features": f"{address(request)}/ogc/collections/{dataset.id}",
        "api": f"{address(request)}/ngsi-ld/v1/entities?type={dataset.type}",
    }


def newest(request: Call) -> list[Kept]:
    """The newest release of each dataset that has one."""
    found = rooms(request).releases
    return found.newest() if found is not None else []


def _catalogue(request: Call, media: str) -> Response[bytes]:
    nodes = catalogue(rooms(request).city, shelf(request).all(), address(request), newest(request))
    if media == TURTLE:
        return Answer(turtle(nodes).encode(), status_code=200, media_type=TURTLE)
    return plain(json_ld(nodes), media=LD)


async def _parquet(books: Shelf, dataset: Dataset) -> bytes:
    """The dataset as Parquet: its columns are known when the last entity is. Raises MissingExtra."""
    parquet.check()
    with TemporaryDirectory() as name:
        folder = Path(name)
        sheet, _ = await spooled(dataset, books.entities(dataset), folder / "spool")
        await asyncio.to_thread(parquet.write_parquet, sheet, folder / "made")
        return (folder / "made").read_bytes()


async def _whole(parts: AsyncIterator[bytes]) -> bytes | None:
    """The file, or None where it is too long to be held."""
    found = bytearray()
    async for part in parts:
        found += part
        if len(found) > WHOLE:
            return None
    return bytes(found)


async def _body(books: Shelf, dataset: Dataset, form: str) -> AsyncIterator[bytes]:
    if form == "csv":
        async for part in written(books, dataset, await shape(books, dataset)):
            yield part
        return
    yield b'{"type":"FeatureCollection","features":[' if form == "geojson" else b""
    part, between = bytearray(), b""
    async for text in books.texts(dataset, Form(form, _feature if form == "geojson" else _feature_line)):
        part += between + text
        between = b"," if form == "geojson" else b""
        if len(part) > 1_000_000:
            yield bytes(part)
            part.clear()
    yield bytes(part) + (b"]}" if form == "geojson" else b"")


def _feature(entity: Entity) -> bytes:
    return msgspec.json.encode(feature(entity))


def _feature_line(entity: Entity) -> bytes:
    return _feature(entity) + b"\n"
