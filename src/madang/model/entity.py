"""An entity and its attributes (ETSI GS CIM 009 v1.8.1, 4.5): what the hub stores, services read and the world reports.

Names are kept in the canonical short form: expanded with the user's @context, then compacted with the core @context. So
a name in the default vocabulary is the bare term (``speed``) and any other is its full IRI; two contexts that mean the
same thing meet in the same name.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class Kind(StrEnum):
    """The attribute kinds of the standard (4.5.2 to 4.5.5, 4.5.18 to 4.5.24)."""

    PROPERTY = "Property"
    RELATIONSHIP = "Relationship"
    GEO = "GeoProperty"
    LANGUAGE = "LanguageProperty"
    JSON = "JsonProperty"
    VOCAB = "VocabProperty"
    LIST = "ListProperty"
    LIST_RELATIONSHIP = "ListRelationship"


class Attribute(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """One instance of an attribute.

    `value` is what the kind carries: the value of a property, the object (URI or URIs) of a relationship, a GeoJSON
    geometry, a language map, any JSON, a term of a vocabulary, a list. `attributes` are the attribute's own attributes.
    `value_type` is the datatype of a property's value (4.5.2.2), `object_type` the type of a relationship's object.
    `expires_at` is when the instance ceases to be; `instance_id` names a sample of the past (4.5.6); in the
    current state it only says that the instance came from there (``hub/temporal``). `observed_text` is how the sender
    wrote `observed_at`, where its decimals are others than we would write: the current state answers it as it was given
    (4.6.4), history does not keep it.
    """

    kind: Kind = Kind.PROPERTY
    value: Any = None
    observed_at: datetime | None = None
    unit_code: str | None = None
    dataset_id: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    attributes: Mapping[str, tuple["Attribute", ...]] = {}
    value_type: str | None = None
    object_type: str | None = None
    expires_at: datetime | None = None
    instance_id: str | None = None
    observed_text: str | None = None


class Entity(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A thing of the city: an id (URI), one or more types, and attributes by name, each with one or more instances.

    `scopes` are its places in hierarchies (4.18), as ``/campus/building``. `expires_at` is when a transient entity
    ceases to be (4.8).
    """

    id: str
    types: tuple[str, ...]
    attributes: Mapping[str, tuple[Attribute, ...]] = {}
    created_at: datetime | None = None
    modified_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None

    def attribute(self, name: str) -> Attribute | None:
        """The default instance of the attribute (the one without datasetId, else the first), or None."""
        instances = self.attributes.get(name, ())
        if len(instances) == 1:
            return instances[0]
        return next((a for a in instances if a.dataset_id is None), instances[0] if instances else None)

    def value(self, name: str, default: Any = None) -> Any:
        """The default instance's value, or `default` where the entity has no such attribute."""
        found = self.attribute(name)
        return default if found is None else found.value


def point(lon: float, lat: float) -> dict[str, Any]:
    """A GeoJSON point; degrees, WGS 84."""
    return {"type": "Point", "coordinates": [lon, lat]}


def observed(
    id: str,
    type: str,
    at: datetime | None,
    values: Mapping[str, Any],
    *,
    json: Sequence[str] = (),
    units: Mapping[str, str] | None = None,
) -> Entity:
    """An entity as a source reports it: every value observed at `at`.

    A GeoJSON geometry (a mapping with ``type`` and ``coordinates``) becomes a GeoProperty, a name in `json` a
    JsonProperty, all else a Property; `units` gives UN/CEFACT codes by name.
    """
    units = units or {}
    attributes = {
        name: (Attribute(kind=_kind(name, value, json), value=value, observed_at=at, unit_code=units.get(name)),)
        for name, value in values.items()
    }
    return Entity(id=id, types=(type,), attributes=attributes)


def _kind(name: str, value: Any, json: Sequence[str]) -> Kind:
    if name in json:
        return Kind.JSON
    if isinstance(value, dict) and "coordinates" in value:
        return Kind.GEO
    return Kind.PROPERTY
