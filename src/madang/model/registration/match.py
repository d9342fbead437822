"""Which registrations does a request concern? (ETSI GS CIM 009 v1.9.1, 5.12, 5.10.2.4, 5.11.2.4)"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from madang.model import geometry, match
from madang.model.entity import Attribute, Entity, Kind
from madang.model.query import (
    AnyOfAll,
    Condition,
    EntityQuery,
    Every,
    GeoFilter,
    Georel,
    Linked,
    Selector,
    Some,
    TemporalQuery,
    Timerel,
)
from madang.model.registration import EntityInfo, Interval, Registration, RegistrationInfo


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a request is about. Every part restricts; an empty part does not.

    `entities`: one of them has to match. `names`: attributes, one of them has to be registered (or none is). `past`
    None: only sources of the latest state count; else only those of the past whose interval overlaps it. `where` is the
    context source filter (csf), over the registration's own members.
    """

    entities: tuple[Selector, ...] = ()
    names: frozenset[str] = frozenset()
    datasets: tuple[str, ...] = ()
    geo: GeoFilter | None = None
    past: TemporalQuery | None = None
    where: Condition | None = None
    scopes: AnyOfAll = ()


def matching(one: Registration, wanted: Wanted) -> list[int]:
    """Which elements of the registration's `information` match, by place; none where the registration does not."""
    if not _in_time(one, wanted.past) or not _of_datasets(one, wanted) or not _in_place(one, wanted.geo):
        return []
    if (wanted.where is not None or wanted.scopes) and not match.test(
        EntityQuery(where=wanted.where, scopes=wanted.scopes)
    )(_as_entity(one)):
        return []
    return [place for place, info in enumerate(one.information) if covers(info, wanted.entities, wanted.names)]


def covers(info: RegistrationInfo, entities: tuple[Selector, ...], names: frozenset[str]) -> bool:
    """The element may hold one of these attributes (empty: any) of these entities (empty: any)."""
    if names and info.names and names.isdisjoint(info.names):
        return False
    if not entities or not info.entities:
        return True
    return any(_entity_matches(one, selector) for one in info.entities for selector in entities)


def is_itself(one: Registration, where: Condition) -> bool:
    """The condition speaks of the registration's own members (Context Source Properties), and holds for them."""
    itself = _as_entity(one)
    return not names_in(where).isdisjoint(itself.attributes) and match.test(EntityQuery(where=where))(itself)


def names_in(where: Condition | None) -> frozenset[str]:
    """The attributes that a condition speaks of: they count as wanted ones (5.10.2.4)."""
    match where:
        case None:
            return frozenset()
        case Every(terms) | Some(terms):
            return frozenset(name for term in terms for name in names_in(term))
        case Linked(relation):
            return frozenset((relation,))
        case _:
            return frozenset((where.path.names[0],))


def _entity_matches(one: EntityInfo, selector: Selector) -> bool:
    if selector.types and not match.of_types(one.types, selector.types):
        return False
    if (one.id is None and one.pattern is None) or (not selector.ids and selector.id_pattern is None):
        return True
    if one.id is not None:
        return one.id in selector.ids or (
            selector.id_pattern is not None and match.pattern(selector.id_pattern)(one.id)
        )
    # Whether two patterns have an id in common is not decided: then the source may have it (5.12).
    found = match.pattern(one.pattern or "")
    return selector.id_pattern is not None or any(found(id) for id in selector.ids)


def _in_time(one: Registration, past: TemporalQuery | None) -> bool:
    if past is None or past.relation is None:
        return one.observation is None and one.management is None
    interval = one.observation if past.property == "observedAt" else one.management
    return interval is not None and past.at is not None and _overlaps(interval, past, past.at)


def _overlaps(interval: Interval, past: TemporalQuery, at: datetime) -> bool:
    if past.relation is Timerel.BEFORE:
        return interval.start <= at
    if past.relation is Timerel.BETWEEN and past.end is not None and interval.start > past.end:
        return False
    return interval.end is None or interval.end >= at


def _of_datasets(one: Registration, wanted: Wanted) -> bool:
    return not one.datasets or not wanted.datasets or not set(one.datasets).isdisjoint(wanted.datasets)


def _in_place(one: Registration, geo: GeoFilter | None) -> bool:
    """The registered place stands so to the wanted one, or may contain places that do."""
    if geo is None:
        return True
    place = one.geometries.get(geo.property)
    if place is None:
        return False
    if geometry.relation(geo)(place):
        return True
    if geo.relation is Georel.DISJOINT:
        return not geometry.relation(msgspec.structs.replace(geo, relation=Georel.WITHIN))(place)
    if geo.relation is Georel.NEAR:
        # The distance is that of the nearest place; a region reaches further than its nearest place.
        return geo.min_distance_m is not None and place.get("type") != "Point"
    return geometry.relation(msgspec.structs.replace(geo, relation=Georel.INTERSECTS))(place)


def _as_entity(one: Registration) -> Entity:
    """The registration as an entity, so that a condition on attributes can be put to its members (csf, 4.9)."""
    attributes = {
        name: (Attribute(kind=Kind.PROPERTY, value=_value(value)),)
        for name, value in one.body.items()
        if name not in ("id", "type", "information")
    }
    return Entity(
        id=one.id,
        types=("ContextSourceRegistration",),
        attributes=attributes,
        scopes=one.scopes,
        created_at=one.created_at,
        modified_at=one.modified_at,
    )


def _value(value: Any) -> Any:
    """The value of a Context Source Property, written bare or as a Property or Relationship."""
    if isinstance(value, Mapping):
        kind = value.get("type")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if kind in ("Property", "Relationship"):
            member: str = "value" if kind == "Property" else "object"
            return value.get(member)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return value  # pyright: ignore[reportUnknownVariableType]
