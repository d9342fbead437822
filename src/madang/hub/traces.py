"""What a change of the current state leaves in history besides the values that were written: deletions, and scopes
(ETSI GS CIM 009 v1.9.1, 4.5.6 to 4.5.8, 4.18).

A deleted instance leaves a sample whose value is the NGSI-LD Null; its modifiedAt is the time of the deletion. Scopes
are kept as samples of the attribute ``scope``, observed when they were set, where the dataset keeps the past of
``scope`` (or of everything).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from madang.errors import BadRequestData
from madang.model.change import Edit, Edited, Sample
from madang.model.document import NULL
from madang.model.entity import Attribute, Entity, Kind

_Keeps = Callable[[tuple[str, ...]], frozenset[str]]
_Instances = tuple[Attribute, ...]

SCOPE: Final = "scope"
"""The name of the scopes' samples."""


def traced(edit: Edit, now: datetime, keeps: _Keeps) -> Edit:
    """The edit, with the traces of what it does among its samples."""

    def run(old: Entity | None) -> Edited:
        edited = edit(old)
        if edited.entity is old:
            return edited
        traces = _traces(old, edited, now, keeps)
        return msgspec.structs.replace(edited, samples=(*edited.samples, *traces)) if traces else edited

    return run


def scope_sample(scopes: tuple[str, ...], now: datetime) -> Sample:
    """The scopes as they were set now; none: that they were deleted."""
    if not scopes:
        return Sample(SCOPE, now, _deletion(Kind.PROPERTY, None, now))
    value = scopes[0] if len(scopes) == 1 else list(scopes)
    return Sample(SCOPE, now, Attribute(value=value, observed_at=now, created_at=now, modified_at=now))


def _traces(old: Entity | None, edited: Edited, now: datetime, keeps: _Keeps) -> list[Sample]:
    after = edited.entity
    before_scopes, after_scopes = old.scopes if old else (), after.scopes if after else ()
    if old is None and not after_scopes:
        return []
    keep = _kept(after or old, keeps)
    found: list[Sample] = []
    if old is not None and keep:
        for name in old.attributes if after is None else edited.changed:
            if name in keep and name in old.attributes:
                left = after.attributes.get(name, ()) if after else ()
                found += _deleted(name, old.attributes[name], left, now)
    if before_scopes != after_scopes and SCOPE in keep:
        found.append(scope_sample(after_scopes, now))
    return found


def _kept(entity: Entity | None, keeps: _Keeps) -> frozenset[str]:
    try:
        return keeps(entity.types) if entity else frozenset()
    except BadRequestData:
        # Of a type that no dataset declares any more nothing is kept.
        return frozenset()


def _deleted(name: str, before: _Instances, left: _Instances, now: datetime) -> list[Sample]:
    if len(before) == len(left) == 1 and before[0].dataset_id == left[0].dataset_id:
        return []
    stay = {one.dataset_id for one in left}
    gone = [one for one in before if one.dataset_id not in stay]
    return [Sample(name, now, _deletion(one.kind, one.dataset_id, now)) for one in gone]


def _deletion(kind: Kind, dataset: str | None, now: datetime) -> Attribute:
    return Attribute(kind=kind, value=NULL, dataset_id=dataset, created_at=now, modified_at=now)
