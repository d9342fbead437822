"""What is left of an entity at a time: nothing that expired (ETSI GS CIM 009 v1.9.1, 4.22).

What expired is hidden at once, everywhere, and deleted a little later (``hub/expiry``). Attributes of attributes have
no expiry of their own that is looked at: they live and go with the attribute that has them (our choice).
"""

from datetime import datetime

import msgspec

from madang.model.entity import Attribute, Entity


def alive(entity: Entity, now: datetime) -> Entity | None:
    """The entity without the instances that expired by then (the very object where none did), None where it did
    itself."""
    if entity.expires_at is not None and entity.expires_at <= now:
        return None
    for instances in entity.attributes.values():
        for one in instances:
            if one.expires_at is not None and one.expires_at <= now:
                return _left(entity, now)
    return entity


def ends(entity: Entity) -> datetime | None:
    """When the entity, or the first of its instances, expires; None: never."""
    times = [one.expires_at for instances in entity.attributes.values() for one in instances if one.expires_at]
    return min([*times, entity.expires_at] if entity.expires_at else times, default=None)


def _left(entity: Entity, now: datetime) -> Entity:
    attributes: dict[str, tuple[Attribute, ...]] = {}
    for name, instances in entity.attributes.items():
        left = tuple(one for one in instances if one.expires_at is None or one.expires_at > now)
        if left:
            attributes[name] = left
    return msgspec.structs.replace(entity, attributes=attributes)
