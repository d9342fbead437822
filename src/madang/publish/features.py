"""The published datasets as collections of features (OGC API - Features, part 1: core 1.0.1, OGC 17-069r4)."""

from collections.abc import Sequence
from typing import Any, Final

from madang.model.city import City
from madang.model.dataset import Dataset, text_of
from madang.model.entity import Entity
from madang.publish.licence import licence
from madang.publish.table import OBSERVED

CONFORMS: Final = tuple(
    f"http://www.opengis.net/spec/ogcapi-{part}"
    for part in (
        "common-1/1.0/conf/core",
        "common-2/1.0/conf/collections",
        "features-1/1.0/conf/core",
        "features-1/1.0/conf/geojson",
        "features-1/1.0/conf/oas30",
    )
)
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


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
        "crs": [CRS84],
        **extent,
        "links": [
            link("self", here, "application/json"),
            link("items", f"{here}/items", "application/geo+json"),
            link("license", licence(one.licence).url, "text/html", licence(one.licence).title),
            link("alternate", f"{address}/data/{one.id}.csv", "text/csv"),
        ],
    }


def feature(entity: Entity) -> dict[str, Any]:
    """An entity as a feature: plain values, and the times at which they were observed."""
    properties: dict[str, Any] = {"type": entity.types[0] if len(entity.types) == 1 else list(entity.types)}
    geometry: Any = None
    for name, instances in entity.attributes.items():
        one = instances[0]
        if name == "location":
            geometry = one.value
            continue
        properties[name] = one.value
        if one.observed_at is not None:
            properties[name + OBSERVED] = one.observed_at
    return {"type": "Feature", "id": entity.id, "geometry": geometry, "properties": properties}
