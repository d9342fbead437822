"""Every door to the outside on one page. Adapters implement these; ``app`` chooses them; nobody else knows which runs."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from madang.model.ledger import Entry
from madang.model.world import Answer, Hello, Orders, Tick


class World(Protocol):
    """What the actuators act on: the real streets, or a simulation of them. Synchronous: it runs in a process of its own,
    or in an evaluation's."""

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
        """Measures over all trips so far (see ``evaluate/kpis.py`` for names and units), the monitor's counts included."""
        ...

    def close(self) -> None:
        """End the simulation and free what it holds."""
        ...


class Source(Protocol):
    """Yields what a city's devices report."""

    def observations(self) -> AsyncIterator[Tick | Hello]:
        """Batches as they come, for ever; reconnects by itself."""
        ...


class Actuator(Protocol):
    """Carries orders to the field, each under a lease: a device that hears nothing for 5 s runs its own plan."""

    async def send(self, orders: Orders) -> Sequence[Answer]:
        """Send; returns the answers that are known by now (a remote device's come with a later tick)."""
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
