"""An `Entity` as JSON: normalized, concise or simplified, and as GeoJSON (ETSI GS CIM 009 v1.8.1, 4.5.1 to 4.5.24)."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, cast

import msgspec

from madang.model.context import CORE, Context
from madang.model.document import MEMBER
from madang.model.document.proof import SEALED
from madang.model.entity import Attribute, Entity, Kind
from madang.model.query import EVERY_MEMBER, Projection


class Shape(StrEnum):
    """The representations: all members (4.5.2.2), without those that are implied (4.5.2.3), values only (4.5.4)."""

    NORMALIZED = "normalized"
    CONCISE = "concise"
    SIMPLIFIED = "simplified"


class Join(msgspec.Struct, frozen=True, kw_only=True):
    """Linked entities that are written where relationships lead to them (4.5.23.2).

    `entities` by id; over so many `levels` more; `wanted` says which members of each are in the answer; `seen` are the
    ids on the way here, and those that the caller has: they are not written again.
    """

    entities: Mapping[str, Entity]
    levels: int
    wanted: Projection = EVERY_MEMBER
    seen: frozenset[str] = frozenset()


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """How an answer is written: its shape, with createdAt, modifiedAt and expiresAt or without (`system`), the language
    wanted of a LanguageProperty (`language`, an Accept-Language list; None: all), and linked entities (`join`)."""

    shape: Shape = Shape.NORMALIZED
    system: bool = False
    language: str | None = None
    join: Join | None = None


def write_members(entity: Entity, wanted: Projection, form: Form, context: Context) -> dict[str, Any]:
    """The JSON object of an entity with the members that are wanted: id, type and scope may be left out too (4.21)."""
    if not wanted.pick and not wanted.omit:
        return write_entity(entity, form, context)
    kept = {
        name: instances
        for name, instances in entity.attributes.items()
        if (not wanted.pick or name in wanted.pick) and name not in wanted.omit
    }
    body = write_entity(msgspec.structs.replace(entity, attributes=kept), form, context)
    for name in ("id", "type", "scope"):
        if name in wanted.omit or (wanted.pick and name not in wanted.pick):
            body.pop(name, None)
    return body


def write_entity(entity: Entity, form: Form = Form(), context: Context = CORE) -> dict[str, Any]:  # noqa: B008 (frozen)
    """The JSON object of an entity; date-times are left to the encoder, which writes them in UTC with ``Z``."""
    compact = context.compact
    types = entity.types
    body: dict[str, Any] = {"id": entity.id, "type": compact(types[0]) if len(types) == 1 else [*map(compact, types)]}
    if entity.scopes:
        body["scope"] = entity.scopes[0] if len(entity.scopes) == 1 else list(entity.scopes)
    if form.system:
        _stamp(body, entity)
    write, join, plain = _WRITERS[form.shape], form.join, context.plain
    for name, instances in entity.attributes.items():
        inner = form if join is None else msgspec.structs.replace(form, join=_along(join, entity.id, name))
        body[name if plain else compact(name)] = write(instances, inner, context)
    return body


def _along(join: Join, id: str, name: str) -> Join:
    """The join as it goes on over a relationship of the entity with that id."""
    return Join(entities=join.entities, levels=join.levels, wanted=join.wanted.of(name), seen=join.seen | {id})


def write_feature(
    entity: Entity,
    form: Form,
    context: Context,
    *,
    wanted: Projection = EVERY_MEMBER,
    geometry_property: str = "location",
    dataset: str | None = None,
) -> dict[str, Any]:
    """The GeoJSON Feature of an entity (4.5.16, 4.5.17). Its geometry is null where it has no such GeoProperty, and is
    that of the default instance, or of the one with the datasetId `dataset`."""
    found = entity.attributes.get(geometry_property, ())
    geometry = next((one.value for one in found if one.kind is Kind.GEO and one.dataset_id == dataset), None)
    body = write_members(entity, wanted, form, context)
    body.pop("id", None)
    return {"id": entity.id, "type": "Feature", "geometry": geometry, "properties": body}


def write_instance(attribute: Attribute, form: Form, context: Context) -> dict[str, Any]:
    """One instance, normalized or concise, always as an object."""
    kind = attribute.kind
    member, name, plain = _WORDS[kind]
    body: dict[str, Any] = {} if form.shape is _CONCISE else {"type": name}
    if form.language is not None and kind is Kind.LANGUAGE:
        body = {"type": "Property", **_spoken(attribute, form.language)}
    else:
        body[member] = attribute.value if plain else _value(attribute, context)
        if form.join is not None and kind in _LINKS:
            body.update(_joined(attribute, form, context))
    _add_members(body, attribute, form, context)
    return body


def _joined(attribute: Attribute, form: Form, context: Context) -> dict[str, Any]:
    """The sub-attribute with the linked entities, in the order of the objects; nothing where there is none."""
    value: Any = attribute.value
    listed = attribute.kind is Kind.LIST_RELATIONSHIP or isinstance(value, list)
    objects = cast(list[str], value) if listed else [cast(str, value)]
    found = [entity for entity in (_linked(uri, form, context) for uri in objects) if entity is not None]
    if not found:
        return {}
    return (
        {"entityList": found} if attribute.kind is Kind.LIST_RELATIONSHIP else {"entity": found if listed else found[0]}
    )


def _linked(uri: str, form: Form, context: Context) -> dict[str, Any] | None:
    join = form.join
    if join is None or join.levels == 0 or uri in join.seen or uri not in join.entities:
        return None
    further = Join(entities=join.entities, levels=join.levels - 1, wanted=join.wanted, seen=join.seen)
    return write_members(join.entities[uri], join.wanted, msgspec.structs.replace(form, join=further), context)


def _add_members(body: dict[str, Any], attribute: Attribute, form: Form, context: Context) -> None:
    if attribute.observed_at is not None:
        body["observedAt"] = attribute.observed_text or attribute.observed_at
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
        inner = form if form.join is None else msgspec.structs.replace(form, join=None)
        write = _WRITERS[form.shape]
        for name, nested in attribute.attributes.items():
            sealed = nested[0].value if name in SEALED else None
            body[context.compact(name)] = context.compact(sealed) if sealed else write(nested, inner, context)


def _stamp(body: dict[str, Any], of: Entity | Attribute) -> None:
    if of.created_at is not None:
        body["createdAt"] = of.created_at
    if of.modified_at is not None:
        body["modifiedAt"] = of.modified_at
    if of.expires_at is not None:
        body["expiresAt"] = of.expires_at


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
    if form.join is not None and attribute.kind in _LINKS:
        return _plain_links(attribute, form, context)
    value = _value(attribute, context)
    if attribute.kind is Kind.LIST_RELATIONSHIP:
        return attribute.value
    return {MEMBER[attribute.kind]: value} if attribute.kind in (Kind.LANGUAGE, Kind.JSON, Kind.VOCAB) else value


def _plain_links(attribute: Attribute, form: Form, context: Context) -> Any:
    """The objects, each replaced by the entity that it leads to."""
    value: Any = attribute.value
    if isinstance(value, list):
        return [_linked(uri, form, context) or uri for uri in cast(list[str], value)]
    return _linked(value, form, context) or value


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


_CONCISE = Shape.CONCISE
_WORDS = {kind: (MEMBER[kind], kind.value, kind not in (Kind.VOCAB, Kind.LIST_RELATIONSHIP)) for kind in Kind}
"""Of each kind the member that has the value, its name, and whether the value is written as it is stored. Looked up
once: an enumeration's members take longer to reach than what is done with them."""

_LINKS = (Kind.RELATIONSHIP, Kind.LIST_RELATIONSHIP)
_READ_AS_ATTRIBUTE = frozenset({"type", "@type", "dataset", *MEMBER.values()})
_WRITERS: Mapping[Shape, Callable[[Sequence[Attribute], Form, Context], Any]] = {
    Shape.NORMALIZED: _normalized,
    Shape.CONCISE: _concise,
    Shape.SIMPLIFIED: _simplified,
}
