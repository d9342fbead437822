"""Every query parameter and header of the API, said once, for the OpenAPI document."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec
from litestar.openapi.spec import Example, Parameter, Reference, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

_TEXT = Schema(type=OpenAPIType.STRING)
_FLAG = Schema(type=OpenAPIType.BOOLEAN)
_AS_JSON = (OpenAPIType.BOOLEAN, OpenAPIType.INTEGER)
_TIME = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME)


def _count(minimum: int, default: int | None = None) -> Schema:
    return Schema(type=OpenAPIType.INTEGER, minimum=minimum, default=default)


def _one_of(*values: str) -> Schema:
    return Schema(type=OpenAPIType.STRING, enum=list(values))


_QUERY: dict[str, tuple[Schema, str, str]] = {
    "type": (_TEXT, "Entity types: `A,B` either, `(A;B)` both (4.17).", "TrafficSignal"),
    "id": (_TEXT, "Entity ids, separated by commas.", "urn:ngsi-ld:TrafficSignal:gneJ207"),
    "idPattern": (_TEXT, "A regular expression (RE2) found in the id.", ".*gneJ.*"),
    "q": (
        _TEXT,
        "Condition on attributes (4.9); `;` is and, `|` is or.",
        'control=="service";since>2026-01-01T00:00:00Z',
    ),
    "georel": (
        _TEXT,
        "Spatial relation (4.10): `near;maxDistance==m`, `within`, `intersects` …",
        "near;maxDistance==500",
    ),
    "geometry": (_TEXT, "Type of the reference geometry.", "Point"),
    "coordinates": (_TEXT, "Coordinates of the reference geometry, longitude first.", "[11.4257,48.7651]"),
    "geoproperty": (_TEXT, "Which GeoProperty is compared; `location` by default.", "location"),
    "geometryProperty": (_TEXT, "Which GeoProperty is a feature's geometry in GeoJSON.", "location"),
    "scopeQ": (_TEXT, "Scopes (4.19): `/campus/+`, `/campus/#`.", "/campus/#"),
    "attrs": (_TEXT, "Only entities with one of these attributes, and only these.", "lamps,stage"),
    "pick": (_TEXT, "Only these members in the answer (4.21).", "id,stage"),
    "omit": (_TEXT, "All members but these in the answer (4.21).", "lamps"),
    "datasetId": (_TEXT, "Only instances with one of these dataset ids; `@none` for those without.", "@none"),
    "lang": (_TEXT, "The language wanted of texts in several languages.", "ko,en;q=0.5"),
    "expandValues": (_TEXT, "Attributes whose values in `q` are terms of a vocabulary.", "category"),
    "limit": (_count(0, 20), "At most so many results; 0 only together with `count`.", "20"),
    "offset": (_count(0, 0), "Skip so many results.", "0"),
    "count": (_FLAG, "Say in `NGSILD-Results-Count` how many there are in all.", "true"),
    "format": (_one_of("normalized", "concise", "simplified", "keyValues"), "How entities are written.", "simplified"),
    "options": (_TEXT, "List of `keyValues`, `concise`, `sysAttrs`, `count` …", "keyValues,sysAttrs"),
    "jsonKeys": (_TEXT, "Attributes whose values are raw JSON; they are never expanded.", "settings"),
    "join": (_one_of("flat", "inline", "@none"), "Linked entities beside the linking ones, or in them.", "inline"),
    "joinLevel": (_count(1, 1), "Over how many relationships linked entities are followed.", "1"),
    "containedBy": (_TEXT, "Entities that the caller has already; they are not joined.", "urn:ngsi-ld:Road:1"),
    "orderBy": (_TEXT, "Attributes to sort by (4.23): `name`, `age;desc`, `location;dist-asc`.", "since;desc"),
    "orderFrom": (_TEXT, "Coordinates to measure from, for an order by distance.", "[11.4257,48.7651]"),
    "orderGeometry": (_TEXT, "Type of the geometry that `orderFrom` has; a point by default.", "Point"),
    "collation": (_TEXT, "How texts are sorted; by code point where none is said.", "und"),
    "drop": (_TEXT, "Only these attributes are deleted.", "lamps"),
    "keep": (_TEXT, "All attributes but these are deleted.", "stage"),
    "local": (_FLAG, "Only what this hub itself knows; it always answers so.", "true"),
    "observedAt": (_TIME, "The time of observation for merged attributes that state none.", "2026-03-01T07:30:00Z"),
    "deleteAll": (_FLAG, "Delete all instances of the attribute.", "false"),
    "timerel": (_one_of("before", "after", "between"), "Which part of the past (4.11).", "between"),
    "timeAt": (_TIME, "The time that `timerel` refers to.", "2026-03-01T07:30:00Z"),
    "endTimeAt": (_TIME, "The end of `between`; it is not included.", "2026-03-01T08:30:00Z"),
    "timeproperty": (
        _one_of("observedAt", "createdAt", "modifiedAt", "deletedAt"),
        "Which time is compared; of `deletedAt` only deletions have one.",
        "observedAt",
    ),
    "lastN": (_count(1), "Only so many newest instances of each attribute; of aggregates, of periods.", "60"),
    "aggrMethods": (
        _TEXT,
        "With `format=aggregatedValues` (4.5.19): totalCount, distinctCount, sum, avg, min, max, stddev, sumsq.",
        "avg,max",
    ),
    "aggrPeriodDuration": (
        _TEXT,
        "How long each period of an aggregate is; PT0S, the whole range, by default.",
        "PT1H",
    ),
    "csf": (_TEXT, "Condition on the members of registrations, written as `q` (4.9).", 'registrationName=="water"'),
    "kind": (_one_of("Cached", "Hosted", "ImplicitlyCreated"), "Only @contexts of this kind (5.13.1).", "Hosted"),
    "everywhere": (_FLAG, "All sessions of whoever asks, not this one alone.", "true"),
    "reload": (_FLAG, "Fetch the @context anew instead of deleting it.", "true"),
    "details": (_FLAG, "More than the names.", "false"),
    "snapshot": (_FLAG, "Begin with the entities as they are now.", "true"),
    "subject": (_TEXT, "The URI of the person.", "urn:ngsi-ld:Person:kim"),
    "kind#reports": (_TEXT, "The kind of report, by its code.", "pothole"),
    "lat": (_TEXT, "Latitude, degrees.", "48.7651"),
    "long": (_TEXT, "Longitude, degrees.", "11.4250"),
    "status": (_one_of("open", "closed", "any"), "Reports of this status; open by default.", "open"),
    "agency": (_TEXT, "Reports that this agency handles.", "road-maintenance"),
    "datetime": (
        _TEXT,
        "Observed at this time or in this interval (RFC 3339): `a/b`, `../b`, `a/..`.",
        "../2026-03-01T08:00:00Z",
    ),
    "f": (_one_of("json"), "The format; there is one.", "json"),
    "filter": (
        _TEXT,
        "A condition in CQL2 (OGC 21-065r2), text or JSON.",
        "no2 > 20 AND S_INTERSECTS(geometry, BBOX(11,48,12,49))",
    ),
    "filter-lang": (
        _one_of("cql2-text", "cql2-json"),
        "How the filter is written; a brace at its start is JSON.",
        "cql2-text",
    ),
    "filter-crs": (
        _TEXT,
        "The reference system of the filter's geometries.",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    ),
    "crs": (_TEXT, "The reference system of the answer.", "http://www.opengis.net/def/crs/EPSG/0/3857"),
    "bbox-crs": (_TEXT, "The reference system of `bbox`.", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"),
    "bbox#features": (_TEXT, "Features within west,south,east,north (degrees).", "11.4,48.7,11.5,48.8"),
    "service": (_TEXT, "Decisions of this service.", "signals"),
    "entity": (_TEXT, "Decisions about this entity.", "urn:ngsi-ld:TrafficSignal:gneJ207"),
    "from": (_TIME, "From this time of the city on.", "2026-03-01T07:30:00Z"),
    "to": (_TIME, "Before this time of the city.", "2026-03-01T08:30:00Z"),
    "subscription": (_TEXT, "Notifications of this subscription.", "urn:ngsi-ld:Subscription:air"),
    "after": (_count(0), "Those with a number above it: the `next` of the page before.", "0"),
    "number": (_count(1), "The notification with this number.", "42"),
    "bbox": (
        _TEXT,
        "Decisions about entities that are now within west,south,east,north (degrees).",
        "11.4,48.7,11.5,48.8",
    ),
    "entry": (_TEXT, "The entry's id: a decision's, a resolution's …", "signals-4711"),
    "salt": (_TEXT, "What makes the address of a receipt its owner's.", "00112233445566778899aabbccddeeff"),
    "size": (_count(1), "The proof in the log of the first so many entries; all by default.", "4711"),
    "from#size": (_count(0), "The size of the earlier log.", "100"),
    "to#size": (_count(0), "The size of the later log; its present one by default.", "4711"),
    "from#entry": (_count(1, 1), "The number of the first entry.", "1"),
    "to#entry": (_count(1), "The number of the last entry; at most 1000 in an answer.", "100"),
    "hash": (_TEXT, "The notice with this hash, which somebody agreed to; by default the present one.", "9f86d081…"),
    "before#entry": (_count(1), "Entries with a smaller number: the `next` of the page before.", "4711"),
    "before": (_count(1), "Decisions before this sequence number: the `next` of the page before.", "4711"),
}

_PATH: dict[str, str] = {
    "token": "What the link of a report, or of letters, ends with: an id, a dot and a secret.",
    "photo": "The photo's name, which ends in .jpg.",
    "id": "The id; a URI, whose slashes are written %2F.",
    "name": "The attribute's name, as the @context has it.",
    "instance": "The instanceId, as the past has it.",
    "project": "The project's id: the name of its file.",
    "version": "The release's number, from 1; or `latest`.",
    "file": "The file's name, as the release tells it.",
    "dataset": "The dataset's id: the name of its declaration's file.",
}

_HEADERS: dict[str, str] = {
    "Link": 'The @context of the request\'s names: `<URL>; rel="http://www.w3.org/ns/json-ld#context"`.',
    "NGSILD-Tenant": "The tenant; none is the city itself.",
    "Madang-Purpose": "What the data is for; `public-information` by default.",
}


def query_parameters(names: Iterable[str]) -> list[Parameter]:
    """The documented query parameters of these names; what follows a # tells apart parameters of one name."""
    found: list[Parameter] = []
    for name in names:
        schema, description, example = _QUERY[name]
        found.append(_parameter(name.partition("#")[0], "query", schema, description, example))
    return found


def path_parameters(given: Iterable[Parameter | Reference]) -> list[Parameter]:
    """The path's parameters, described."""
    found = [each for each in given if isinstance(each, Parameter)]
    return [replace(each, description=_PATH.get(each.name, "")) for each in found]


def headers() -> list[Parameter]:
    """The documented request headers."""
    return [_parameter(name, "header", _TEXT, description, None) for name, description in _HEADERS.items()]


def _parameter(name: str, where: Any, schema: Schema, description: str, example: str | None) -> Parameter:
    value = msgspec.json.decode(example) if example is not None and schema.type in _AS_JSON else example
    examples = {"example": Example(value=value)} if example is not None else None
    return Parameter(
        name=name, param_in=where, schema=schema, description=description, required=False, examples=examples
    )
