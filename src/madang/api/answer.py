"""The answer's media type and its entities (ETSI GS CIM 009 v1.8.1, 6.3.4, 6.3.6, 6.3.10, 6.3.13)."""

from collections.abc import Sequence
from typing import Any, Final, cast

import msgspec

from madang.api.message import Answer
from madang.api.problem import Call, NotAcceptable
from madang.model.context import CORE_URL, Context
from madang.model.document.output import Form, write_entity, write_feature
from madang.model.entity import Entity
from madang.model.query import EntityQuery

JSON: Final = "application/json"
LD: Final = "application/ld+json"
GEO: Final = "application/geo+json"
_LINK = '<{}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'


def negotiate(request: Call, offers: Sequence[str] = (JSON, LD)) -> str:
    """The offer that the Accept header likes best, the first of equals (RFC 9110, 12.5.1). Raises NotAcceptable."""
    header = request.headers.get("accept", "").strip()
    if not header or header == "*/*":
        return offers[0]
    ranges = [_range(part) for part in header.split(",")]
    best, weight = "", 0.0
    for offer in offers:
        liked = max((r for r in ranges if _covers(r[0], offer)), key=lambda r: len(r[0].rstrip("*/")), default=None)
        if liked is not None and liked[1] > weight:
            best, weight = offer, liked[1]
    if not best:
        raise NotAcceptable(
            f"none of {header[:100]!r} is to be had; there are {', '.join(offers)}", available=list(offers)
        )
    return best


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    try:
        return media, float(weight)
    except ValueError:
        return media, 1.0


def _covers(media: str, offer: str) -> bool:
    return media in ("*/*", offer) or (media.endswith("/*") and offer.startswith(media[:-1]))


def reply(body: Any, media: str, context: Context, *, status: int = 200, links: Sequence[str] = ()) -> Answer:
    """The answer: in JSON the @context is in the Link header, in JSON-LD it is in the body already."""
    found = list(links)
    if media == JSON:
        url = _address(context)
        if url is not None:
            found.insert(0, _LINK.format(url))
    headers = {"Link": ", ".join(found)} if found else {}
    return Answer(msgspec.json.encode(body), status_code=status, media_type=media, headers=headers)


def plain(body: Any, *, status: int = 200, media: str = JSON) -> Answer:
    """An answer that has no @context."""
    return Answer(msgspec.json.encode(body), status_code=status, media_type=media)


def write(entity: Entity, query: EntityQuery, form: Form, context: Context) -> dict[str, Any]:
    """The entity as the query wants it: `pick` and `omit` may leave out id, type and scope too (4.21)."""
    body = write_entity(entity, form, context)
    if query.pick or query.omit:
        for name in ("id", "type", "scope"):
            if name in query.omit or (query.pick and name not in query.pick):
                body.pop(name, None)
    return body


def one(
    entity: Entity, query: EntityQuery, form: Form, context: Context, *, media: str, geometry: str, bare: bool = False
) -> dict[str, Any]:
    """One entity in the media type of the answer; `bare` leaves the @context out of GeoJSON (6.3.6, Prefer)."""
    if media == GEO:
        body = write_feature(entity, form, context, geometry_property=geometry)
    else:
        body = write(entity, query, form, context)
    if media == LD or (media == GEO and not bare):
        body["@context"] = in_body(context)
    return body


def many(
    entities: Sequence[Entity],
    query: EntityQuery,
    form: Form,
    context: Context,
    *,
    media: str,
    geometry: str,
    bare: bool = False,
) -> Any:
    """A page of entities in the media type of the answer."""
    if media != GEO:
        return [one(each, query, form, context, media=media, geometry=geometry) for each in entities]
    features = [write_feature(each, form, context, geometry_property=geometry) for each in entities]
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if not bare:
        collection["@context"] = in_body(context)
    return collection


def in_body(context: Context) -> Any:
    """The @context member: the user's, with the core's last (4.4)."""
    if context.plain:
        return CORE_URL
    source: Any = context.source
    if context.has_core:
        return source
    return [*cast(list[Any], source), CORE_URL] if isinstance(source, list) else [source, CORE_URL]


def _address(context: Context) -> str | None:
    """The address for the Link header; an inline @context has none."""
    if context.plain:
        return CORE_URL
    return context.source if isinstance(context.source, str) else None
