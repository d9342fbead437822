"""Which part of an entity is in the answer (ETSI GS CIM 009 v1.8.1, 4.21 projection, 4.5.5 datasetId)."""

from madang.model.entity import Attribute, Entity
from madang.model.query import EntityQuery

NO_DATASET = "@none"
"""Stands for instances without a datasetId."""


def projected(entity: Entity, query: EntityQuery) -> Entity:
    """The entity with the attributes and instances that the query wants. Id and type always stay: the API leaves them
    out."""
    if not (query.attributes or query.pick or query.omit or query.datasets):
        return entity
    attributes: dict[str, tuple[Attribute, ...]] = {}
    for name, instances in entity.attributes.items():
        if _wanted(name, query):
            kept = _instances(instances, query.datasets)
            if kept:
                attributes[name] = kept
    return Entity(
        id=entity.id,
        types=entity.types,
        attributes=attributes,
        created_at=entity.created_at,
        modified_at=entity.modified_at,
        scopes=entity.scopes,
        expires_at=entity.expires_at,
    )


def _wanted(name: str, query: EntityQuery) -> bool:
    if query.attributes and name not in query.attributes:
        return False
    if query.pick and name not in query.pick:
        return False
    return name not in query.omit


def _instances(instances: tuple[Attribute, ...], datasets: tuple[str, ...]) -> tuple[Attribute, ...]:
    if not datasets:
        return instances
    return tuple(one for one in instances if (one.dataset_id or NO_DATASET) in datasets)
