"""An `Entity` as JSON: normalized, concise or simplified, and as GeoJSON (ETSI GS CIM 009 v1.8.1, 4.5.1 to 4.5.24)."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, cast

import msgspec

from madang.model.context import CORE, Context
from madang.model.document import MEMBER
from madang.model.entity import Attribute, Entity, Kind


class Shape(StrEnum):
    """The representations: all members (4.5.2.2), without those that are implied (4.5.2.3), values only (4.5.4)."""

    NORMALIZED = "normalized"
    CONCISE = "concise"
    SIMPLIFIED = "simplified"


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """How an answer is written: its shape, with createdAt and modifiedAt or without (`system`), and the language wanted
    of a LanguageProperty (`language`, an Accept-Language list; None: all)."""

    shape: Shape = Shape.NORMALIZED
    system: bool = False
    language: str | None = None


def write_entity(entity: Entity, form: Form = Form(), context: Context = CORE) -> dict[str, Any]:  # noqa: B008 (frozen)
    """The JSON object of an entity; date-times are left to the encoder, which writes them in UTC with ``Z``."""
    compact = context.compact
    types = entity.types
    body: dict[str, Any] = {"id": entity.id, "type": compact(types[0]) if len(types) == 1 else [*map(compact, types)]}
    if entity.scopes:
        body["scope"] = entity.scopes[0] if len(entity.scopes) == 1 else list(entity.scopes)
    if form.system:
        _stamp(body, entity)
    write = _WRITERS[form.shape]
    for name, instances in entity.attributes.items():
        body[compact(name)] = write(instances, form, context)
    return body


def write_feature(
    entity: Entity, form: Form, context: Context, *, geometry_property: str = "location", dataset: str | None = None
) -> dict[str, Any]:
    """The GeoJSON Feature of an entity (4.5.16, 4.5.17). Its geometry is null where it has no such GeoProperty."""
    body = write_entity(entity, form, context)
    geometry = next(
        (
            a.value
            for a in entity.attributes.get(geometry_property, ())
            if a.kind is Kind.GEO and a.dataset_id == dataset
        ),
        None,
    )
    return {"id": body.pop("id"), "type": "Feature", "geometry": geometry, "properties": body}


def write_instance(attribute: Attribute, form: Form, context: Context) -> dict[str, Any]:
    """One instance, normalized or concise, always as an object."""
    kind = attribute.kind
    body: dict[str, Any] = {} if form.shape is Shape.CONCISE else {"type": kind.value}
    if kind is Kind.LANGUAGE and form.language is not None:
        return {"type": "Property", **_spoken(attribute, form.language), **_members(attribute, form, context)}
    body[MEMBER[kind]] = _value(attribute, context)
    body.update(_members(attribute, form, context))
    return body


def _members(attribute: Attribute, form: Form, context: Context) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if attribute.observed_at is not None:
        body["observedAt"] = attribute.observed_at
    if attribute.unit_code is not None:
        body["unitCode"] = attribute.unit_code
    if attribute.dataset_id is not None:
        body["datasetId"] = attribute.dataset_id
    if attribute.value_type is not None:
        body["valueType"] = context.compact(attribute.value_type)
    if attribute.object_type is not None:
        body["objectType"] = context.compact(attribute.object_type)
    if form.system:
        _stamp(body, attribute)
    if attribute.attributes:
        write = _WRITERS[form.shape]
        for name, nested in attribute.attributes.items():
            body[context.compact(name)] = write(nested, form, context)
    return body


def _stamp(body: dict[str, Any], of: Entity | Attribute) -> None:
    if of.created_at is not None:
        body["createdAt"] = of.created_at
    if of.modified_at is not None:
        body["modifiedAt"] = of.modified_at


def _normalized(instances: Sequence[Attribute], form: Form, context: Context) -> Any:
    if len(instances) == 1:
        return write_instance(instances[0], form, context)
    return [write_instance(each, form, context) for each in instances]


def _concise(instances: Sequence[Attribute], form: Form, context: Context) -> Any:
    if len(instances) != 1:
        return [write_instance(each, form, context) for each in instances]
    body = write_instance(instances[0], form, context)
    plain = len(body) == 1 and "value" in body
    value = body.get("value")
    return value if plain and _stands_alone(value, instances[0].kind) else body


def _stands_alone(value: Any, kind: Kind) -> bool:
    """Whether a bare value is read back as the same property."""
    if kind is Kind.GEO:
        return True
    if isinstance(value, dict):
        return not _READ_AS_ATTRIBUTE.intersection(cast(dict[str, Any], value))
    return not (isinstance(value, list) and any(isinstance(item, dict) for item in cast(list[Any], value)))


def _simplified(instances: Sequence[Attribute], form: Form, context: Context) -> Any:
    if len(instances) == 1:
        return _plain(instances[0], form, context)
    return {"dataset": {each.dataset_id or "@none": _plain(each, form, context) for each in instances}}


def _plain(attribute: Attribute, form: Form, context: Context) -> Any:
    if attribute.kind is Kind.LANGUAGE and form.language is not None:
        return _spoken(attribute, form.language)["value"]
    value = _value(attribute, context)
    if attribute.kind is Kind.LIST_RELATIONSHIP:
        return attribute.value
    return {MEMBER[attribute.kind]: value} if attribute.kind in (Kind.LANGUAGE, Kind.JSON, Kind.VOCAB) else value


def _value(attribute: Attribute, context: Context) -> Any:
    if attribute.kind is Kind.VOCAB:
        value: Any = attribute.value
        if isinstance(value, list):
            return [context.compact(each) for each in cast(list[str], value)]
        return context.compact(value)
    if attribute.kind is Kind.LIST_RELATIONSHIP:
        return [{"object": uri} for uri in attribute.value]
    return attribute.value


def _spoken(attribute: Attribute, wanted: str) -> dict[str, Any]:
    """The text in the wanted language (4.15): the best of an Accept-Language list, else ``@none``, English, any."""
    texts: Mapping[str, Any] = attribute.value
    by_tag = {tag.lower(): tag for tag in texts}
    for tag in (*_languages(wanted), "@none", "en"):
        found = by_tag.get(tag) or next((by_tag[t] for t in by_tag if t.split("-")[0] == tag.split("-")[0]), None)
        if found or tag == "*":
            break
    else:
        found = None
    tag = found or next(iter(texts))
    return {"value": texts[tag]} if tag == "@none" else {"value": texts[tag], "lang": tag}


def _languages(wanted: str) -> list[str]:
    """The tags of an Accept-Language list, best first (RFC 9110, 12.5.4)."""
    weighed: list[tuple[float, str]] = []
    for part in wanted.split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), tag.strip().lower()))
        except ValueError:
            weighed.append((0.0, tag.strip().lower()))
    return [tag for _, tag in sorted(weighed, key=lambda pair: pair[0])]


_READ_AS_ATTRIBUTE = frozenset({"type", "@type", "dataset", *MEMBER.values()})
_WRITERS: Mapping[Shape, Callable[[Sequence[Attribute], Form, Context], Any]] = {
    Shape.NORMALIZED: _normalized,
    Shape.CONCISE: _concise,
    Shape.SIMPLIFIED: _simplified,
}
