"""The answer's media type and its entities (ETSI GS CIM 009 v1.8.1, 6.3.4, 6.3.6, 6.3.10, 6.3.13)."""

from collections.abc import Sequence
from typing import Any, Final, cast

import msgspec

from madang.api.message import Answer
from madang.api.problem import Call, NotAcceptable
from madang.model.context import CORE_URL, Context
from madang.model.document.output import Form, write_feature, write_members
from madang.model.entity import Entity
from madang.model.query import EVERY_MEMBER, Projection

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


def reply(
    body: Any, media: str, context: Context, *, status: int = 200, links: Sequence[str] = (), bare: bool = False
) -> Answer:
    """The answer: in JSON (and GeoJSON where it is `bare`) the @context is in the Link header, in JSON-LD it is in the
    body already."""
    found = list(links)
    if media == JSON or bare:
        url = _address(context)
        if url is not None:
            found.insert(0, _LINK.format(url))
    headers = {"Link": ", ".join(found)} if found else {}
    return Answer(msgspec.json.encode(body), status_code=status, media_type=media, headers=headers)


def plain(body: Any, *, status: int = 200, media: str = JSON) -> Answer:
    """An answer that has no @context."""
    return Answer(msgspec.json.encode(body), status_code=status, media_type=media)


class View(msgspec.Struct, frozen=True, kw_only=True):
    """How entities are written in an answer: which of their members, in which form and media type; `geometry` names the
    GeoProperty of a feature, `dataset` its instance; `bare` leaves the @context out of GeoJSON (6.3.6, Prefer)."""

    form: Form
    context: Context
    media: str
    wanted: Projection = EVERY_MEMBER
    geometry: str = "location"
    dataset: str | None = None
    bare: bool = False


def one(entity: Entity, view: View) -> dict[str, Any]:
    """One entity in the media type of the answer; empty where nothing of it is wanted."""
    body = _body(entity, view)
    if body and (view.media == LD or (view.media == GEO and not view.bare)):
        body["@context"] = in_body(view.context)
    return body


def many(entities: Sequence[tuple[Entity, Projection]], view: View) -> Any:
    """Entities, each with what is wanted of it, in the media type of the answer; without those of which nothing is."""
    views = ((entity, msgspec.structs.replace(view, wanted=wanted)) for entity, wanted in entities)
    if view.media != GEO:
        return [body for body in (one(*each) for each in views) if body]
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": [_body(*each) for each in views]}
    if not view.bare:
        collection["@context"] = in_body(view.context)
    return collection


def _body(entity: Entity, view: View) -> dict[str, Any]:
    if view.media != GEO:
        return write_members(entity, view.wanted, view.form, view.context)
    return write_feature(
        entity,
        view.form,
        view.context,
        wanted=view.wanted,
        geometry_property=view.geometry,
        dataset=view.dataset,
    )


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
