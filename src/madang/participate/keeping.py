"""How long what people left with the city (reports, addresses for letters) is kept: as its dataset declares. It then
goes by itself, like all that expires."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from madang.model.dataset import Dataset
from madang.model.entity import Attribute, Entity
from madang.model.time import duration


def kept(entity: Entity, datasets: Sequence[Dataset], since: datetime) -> Entity:
    """The entity, or a part of it, with the time until which each attribute is kept, counted from `since`; whole, until
    the last of them goes."""
    ends: dict[str, datetime] = {}
    for dataset in datasets:
        if dataset.type in entity.types:
            end = duration(dataset.retention, what=f"retention of {dataset.id}").after(since)
            ends |= {name: max(end, ends.get(name, end)) for name in dataset.attributes}
    attributes = {
        name: tuple(_until(one, ends.get(name)) for one in found) for name, found in entity.attributes.items()
    }
    return msgspec.structs.replace(entity, attributes=attributes, expires_at=max(ends.values(), default=None))


def _until(one: Attribute, end: datetime | None) -> Attribute:
    return msgspec.structs.replace(one, expires_at=end) if end is not None else one
