"""What a write does: the edit that is asked for, what the store made of it, and the change that others are told."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from madang.model.entity import Attribute, Entity


class Sample(msgspec.Struct, frozen=True, gc=False):
    """One instance of an attribute that history keeps, with its time: observedAt, else modifiedAt."""

    name: str
    at: datetime
    instance: Attribute


class Edited(msgspec.Struct, frozen=True, gc=False):
    """What an edit wants stored.

    `entity` is the entity after (None: deleted; the very object that was given: left as it is), `changed` the names of
    the attributes that were written or removed, `samples` what goes to history.
    """

    entity: Entity | None
    changed: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A notification that is due: written to the outbox in the transaction of the change.

    `subscription` is the id of the one it is due to; `body` what is to be told, opaque to the store; `number` its place
    in the outbox (0 until it is stored; numbers only grow, and none is used twice). `attempts` have failed so far, the
    last with `error`.
    """

    subscription: str
    at: datetime
    body: bytes
    number: int = 0
    attempts: int = 0
    error: str = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an attempt to deliver the notice with that number at `at`.

    `error` None: delivered. Otherwise it failed with these words; with `dead` it is not tried again.
    """

    number: int
    at: datetime
    error: str | None = None
    dead: bool = False


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one subscription's notices; ``due == delivered + pending + dead`` at any time.

    `failures` counts notices whose first attempt failed; `failing` attempts that failed since the last success. Times
    are of the last attempt, the last success and the last failure.
    """

    due: int = 0
    delivered: int = 0
    pending: int = 0
    dead: int = 0
    failures: int = 0
    failing: int = 0
    sent_at: datetime | None = None
    success_at: datetime | None = None
    failure_at: datetime | None = None
    error: str = ""


Edit = Callable[[Entity | None], Edited]
"""A pure change of one entity: given what is stored (None: nothing), says what shall be; raises MadangError to refuse.

It runs inside the store's write, possibly on another thread; twice where the disk refused the first time.
"""


class Change(msgspec.Struct, frozen=True, gc=False):
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
