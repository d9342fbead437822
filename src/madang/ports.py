"""Every door to the outside on one page. Adapters implement these; ``app`` chooses them; nobody else knows which
runs."""

from collections.abc import AsyncIterator, Callable, Container, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from madang.errors import MadangError
from madang.model.access import Access
from madang.model.change import Change, Edit
from madang.model.entity import Entity
from madang.model.ledger import Entry
from madang.model.query import EntityQuery, TemporalQuery
from madang.model.world import Answer, Hello, Orders, Tick


class World(Protocol):
    """What the actuators act on: the real streets, or a simulation of them. Synchronous: it runs in a process of its
    own, or in an evaluation's."""

    def hello(self) -> Hello:
        """The world's description; may be asked for at any time."""
        ...

    def step(self) -> Tick:
        """Let one second pass and report what the city's devices then report."""
        ...

    def order(self, orders: Orders) -> None:
        """Take the city's orders and renew its leases; what became of them is in the next tick's answers."""
        ...

    def finished(self) -> bool:
        """Nothing more will happen: the demand has ended and the network is empty, or the drain is over."""
        ...

    def results(self) -> Mapping[str, Any]:
        """Measures over all trips so far (see ``evaluate/kpis.py`` for names and units), the monitor's counts
        included."""
        ...

    def close(self) -> None:
        """End the simulation and free what it holds."""
        ...


class Source(Protocol):
    """Yields what a city's devices report."""

    @property
    def connected(self) -> bool:
        """Whether there is somebody to report now."""
        ...

    def observations(self) -> AsyncIterator[Tick | Hello]:
        """Batches as they come, for ever; reconnects by itself."""
        ...


class Actuator(Protocol):
    """Carries orders to the field, each under a lease: a device that hears nothing for 5 s runs its own plan."""

    async def send(self, orders: Orders) -> Sequence[Answer]:
        """Send; returns the answers that are known by now (a remote device's come with a later tick)."""
        ...


Committed = Callable[[str, Sequence[Change]], None]
"""Told of committed changes of a tenant, on the event loop, in commit order; must not block and must not raise."""

Deliver = Committed
"""The same, for what a bus brings."""


class Store(Protocol):
    """Remembers the entities and the history of one tenant. Every method raises Unavailable when the disk refuses."""

    def tenant(self, name: str, *, create: bool = False) -> "Store":
        """The store of the tenant with that name ("" is the city itself). Raises NonexistentTenant unless `create`."""
        ...

    def watch(self, committed: Committed) -> None:
        """Have `committed` called after each commit, before the writers are answered; for every tenant."""
        ...

    async def write(self, edits: Sequence[tuple[str, Edit]]) -> list[Change | MadangError | None]:
        """Run each (entity id, edit) against what is stored, in order, in one transaction.

        Durable when it returns. Each edit has its own outcome: the change, None where it left the entity as it was, or
        the error with which it refused; a refusal leaves the others untouched.
        """
        ...

    async def get(self, id: str) -> Entity | None:
        """The entity with that id."""
        ...

    async def read(self, ids: Sequence[str]) -> dict[str, Entity]:
        """Those of the entities that exist."""
        ...

    async def find(self, query: EntityQuery, access: Access) -> tuple[list[Entity], int | None]:
        """The page of entities that match and are seen, whole (neither masked nor projected), by id in code point
        order; and how many match in all, if `query.count`. Conditions on attributes that `access` hides do not
        match."""
        ...

    async def types(self) -> dict[str, int]:
        """How many entities there are of each type."""
        ...

    async def history(self, ids: Sequence[str], names: Sequence[str], past: TemporalQuery) -> list[Entity]:
        """The temporal representation (4.5.6) of each entity that has a history: all instances in the range, oldest
        first by observedAt (by modifiedAt where `past.property` says so); `names` empty: all attributes. An entity
        whose history has nothing in the range comes without attributes. Deleted entities have a history too."""
        ...

    async def forget(
        self, *, type: str | None, names: Container[str], before: datetime, apart: Sequence[str] = ()
    ) -> int:
        """Delete the samples of these attributes whose time is before `before`, of entities of that type, or (None) of
        those that have no type of `apart`; how many."""
        ...

    async def erase(self, id: str, name: str | None = None) -> bool:
        """Delete the history of the entity, or of one attribute of it; whether there was any."""
        ...

    def close(self) -> None:
        """Write what is waiting, release the files and the lock. A second call does nothing."""
        ...


class Bus(Protocol):
    """Tells rooms and other processes what changed. Never blocks a writer."""

    def publish(self, tenant: str, changes: Sequence[Change]) -> None:
        """Pass on committed changes, in order."""
        ...

    def subscribe(self, deliver: Deliver) -> Callable[[], None]:
        """Have `deliver` called with what is published, here or elsewhere; the answer ends it."""
        ...

    def close(self) -> None:
        """Stop."""
        ...


class Ledger(Protocol):
    """Where the account is kept: append only, one writer. Durable when `append` returns."""

    async def append(self, entries: Sequence[Entry], *, blobs: Mapping[str, bytes] | None = None) -> None:
        """Append entries in order, all or none, and keep `blobs` by SHA-256 in hex (each only once)."""
        ...

    async def last(self) -> Entry | None:
        """The newest entry."""
        ...

    async def read(self, id: str) -> Entry | None:
        """The entry with that id."""
        ...

    async def blob(self, digest: str) -> bytes | None:
        """The blob with that SHA-256 (hex)."""
        ...

    async def find(
        self,
        *,
        kind: str | None = None,
        service: str | None = None,
        target: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[Entry]:
        """Matching entries, newest first; `before` (a sequence number, exclusive) pages on."""
        ...
