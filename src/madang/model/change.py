"""What a write does: the edit that is asked for, what the store made of it, and the change that others are told."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from madang.model.entity import Attribute, Entity


class Sample(msgspec.Struct, frozen=True):
    """One instance of an attribute that history keeps, with its time: observedAt, else modifiedAt."""

    name: str
    at: datetime
    instance: Attribute


class Edited(msgspec.Struct, frozen=True):
    """What an edit wants stored.

    `entity` is the entity after (None: deleted; the very object that was given: left as it is), `changed` the names of
    the attributes that were written or removed, `samples` what goes to history.
    """

    entity: Entity | None
    changed: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()


Edit = Callable[[Entity | None], Edited]
"""A pure change of one entity: given what is stored (None: nothing), says what shall be; raises MadangError to refuse.

It runs inside the store's write, possibly on another thread; twice where the disk refused the first time.
"""


class Change(msgspec.Struct, frozen=True):
    """A committed change of one entity: as it was before (None: it is new) and after (None: it was deleted)."""

    id: str
    types: tuple[str, ...]
    before: Entity | None
    entity: Entity | None
    changed: tuple[str, ...] = ()

    @property
    def deleted(self) -> bool:
        """The entity is gone."""
        return self.entity is None
