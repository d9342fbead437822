"""The published datasets as collections of features (OGC API - Features, part 1: core 1.0.1, OGC 17-069r4)."""

from collections.abc import Sequence
from typing import Any, Final

from madang.model.city import City
from madang.model.dataset import Dataset, text_of
from madang.model.entity import Entity
from madang.model.units import describe
from madang.publish.crs import CRS84, KNOWN, there
from madang.publish.licence import licence
from madang.publish.table import OBSERVED, Column

CONFORMS: Final = tuple(
    f"http://www.opengis.net/spec/{part}"
    for part in (
        "ogcapi-common-1/1.0/conf/core",
        "ogcapi-common-2/1.0/conf/collections",
        "ogcapi-features-1/1.0/conf/core",
        "ogcapi-features-1/1.0/conf/geojson",
        "ogcapi-features-1/1.0/conf/oas30",
        "ogcapi-features-2/1.0/conf/crs",
        "ogcapi-features-3/1.0/conf/queryables",
        "ogcapi-features-3/1.0/conf/queryables-query-parameters",
        "ogcapi-features-3/1.0/conf/filter",
        "ogcapi-features-3/1.0/conf/features-filter",
        "cql2/1.0/conf/cql2-text",
        "cql2/1.0/conf/cql2-json",
        "cql2/1.0/conf/basic-cql2",
        "cql2/1.0/conf/advanced-comparison-operators",
        "cql2/1.0/conf/case-insensitive-comparison",
        "cql2/1.0/conf/basic-spatial-functions",
    )
)
_PLACE: Final = "geometry"


QUERYABLES: Final = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


def link(rel: str, href: str, media: str, title: str = "") -> dict[str, str]:
    """A link of an answer."""
    return {"rel": rel, "href": href, "type": media, **({"title": title} if title else {})}


def landing(city: City, address: str) -> dict[str, Any]:
    """The landing page (7.2)."""
    root = f"{address}/ogc"
    return {
        "title": f"{text_of(city.name)}: features",
        "description": "What the city publishes, as features.",
        "links": [
            link("self", root, "application/json"),
            link("service-desc", f"{root}/api", "application/vnd.oai.openapi+json;version=3.0"),
            link("service-doc", f"{address}/docs", "text/html"),
            link("conformance", f"{root}/conformance", "application/json"),
            link("data", f"{root}/collections", "application/json"),
        ],
    }


def collection(one: Dataset, address: str, box: Sequence[float] | None = None) -> dict[str, Any]:
    """A collection (7.14). `box`: where its features are, if somebody looked."""
    here = f"{address}/ogc/collections/{one.id}"
    extent = {"extent": {"spatial": {"bbox": [list(box)], "crs": CRS84}}} if box else {}
    return {
        "id": one.id,
        "title": text_of(one.title),
        "description": text_of(one.description) or text_of(one.title),
        "itemType": "feature",
        "crs": list(KNOWN),
        "storageCrs": CRS84,
        **extent,
        "links": [
            link("self", here, "application/json"),
            link("items", f"{here}/items", "application/geo+json"),
            link(QUERYABLES, f"{here}/queryables", "application/schema+json"),
            link("license", licence(one.licence).url, "text/html", licence(one.licence).title),
            link("alternate", f"{address}/data/{one.id}.csv", "text/csv"),
        ],
    }


def queryables(one: Dataset, table: Sequence[Column], address: str) -> dict[str, Any]:
    """What a filter may name, as a JSON Schema (Part 3, 6.2)."""
    properties: dict[str, Any] = {"id": {"title": "id", "type": "string"}}
    for column in table:
        if column.attribute and column.part == "value" and column.type != "json":
            about = {"description": f"in {describe(column.unit)}"} if column.unit else {}
            properties[column.name] = {"title": column.name, **_SCHEMAS[column.type], **about}
        elif column.part == "observedAt":
            properties[column.name] = {"title": column.name, "type": "string", "format": "date-time"}
        elif column.part == "longitude" and column.attribute == "location":
            properties[_PLACE] = {"title": "the place", "format": "geometry-any"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{address}/ogc/collections/{one.id}/queryables",
        "type": "object",
        "title": text_of(one.title),
        "properties": properties,
        "additionalProperties": False,
    }


_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "text": {"type": "string"},
    "numeric": {"type": "number"},
    "timestamp": {"type": "string", "format": "date-time"},
    "bool": {"type": "boolean"},
}


def feature(entity: Entity, crs: str = CRS84) -> dict[str, Any]:
    """An entity as a feature: plain values, and the times at which they were observed; its place in that system."""
    properties: dict[str, Any] = {"type": entity.types[0] if len(entity.types) == 1 else list(entity.types)}
    geometry: Any = None
    for name, instances in entity.attributes.items():
        one = instances[0]
        if name == "location":
            geometry = there(one.value, crs)
            continue
        properties[name] = one.value
        if one.observed_at is not None:
            properties[name + OBSERVED] = one.observed_at
    return {"type": "Feature", "id": entity.id, "geometry": geometry, "properties": properties}


def definition(address: str, filters: Sequence[str], *, most: int) -> dict[str, Any]:
    """What of the API is about features, as OpenAPI 3.0 (7.3); `most` features in an answer."""
    text: dict[str, Any] = {"schema": {"type": "string"}}
    query: list[dict[str, Any]] = [
        {"name": name, "in": "query", **text} for name in ("bbox", "datetime", "crs", *filters)
    ]
    query.append({"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": most}})
    answer = {"200": {"description": "The answer."}}
    place = [{"name": "name", "in": "path", "required": True, **text}]
    one = [*place, {"name": "id", "in": "path", "required": True, **text}]
    paths: dict[str, Any] = {
        path: {"get": {"summary": words, "parameters": parameters, "responses": answer}}
        for path, words, parameters in (
            ("/", "Landing page", []),
            ("/conformance", "Conformance classes", []),
            ("/collections", "Collections", []),
            ("/collections/{name}", "A collection", place),
            ("/collections/{name}/queryables", "What a filter may name", place),
            ("/collections/{name}/items", "Features", [*place, *query]),
            ("/collections/{name}/items/{id}", "A feature", one),
        )
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Features", "version": "1.0"},
        "servers": [{"url": f"{address}/ogc"}],
        "paths": paths,
    }
