"""Every door to the outside on one page. Adapters implement these; ``app`` alone knows which runs."""

from collections.abc import AsyncIterator, Callable, Container, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from madang.errors import MadangError
from madang.model.access import Access
from madang.model.change import Change, Edit, Notice, Outcome, Tally
from madang.model.entity import Attribute, Entity, Kind
from madang.model.ledger import Entry, Place, Tiles
from madang.model.parcel import Address, Parcel
from madang.model.query import Aggregate, Aggregation, AnyOfAll, EntityQuery, TemporalQuery
from madang.model.record import Record, RecordKind
from madang.model.row import Rows
from madang.model.values import Values
from madang.model.world import Answer, Hello, Orders, Tick

T = TypeVar("T")


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


class Feed(Protocol):
    """A third party's source: entities as they come. The entry points of ``madang.sources`` are functions
    ``(settings, folder) -> Feed``; the settings are the city's, from ``sources.toml``, the folder is the city's."""

    def observations(self) -> AsyncIterator[Sequence[Entity]]:
        """Batches as they come, for ever. It may raise: it is then opened again after a pause."""
        ...


class Actuator(Protocol):
    """Carries orders to the field, each under a lease: a device that hears nothing for 5 s runs its own plan."""

    async def send(self, orders: Orders) -> Sequence[Answer]:
        """Send; returns the answers that are known by now (a remote device's come with a later tick)."""
        ...


Types = tuple[str, ...]
"""All types of an entity."""


class Census(NamedTuple):
    """So many entities of exactly these types have the attribute, with an instance of that kind."""

    types: Types
    name: str
    kind: Kind
    entities: int


Committed = Callable[[str, Sequence[Change]], None]
"""Told of committed changes of a tenant, on the event loop, in commit order; must not block and must not raise."""


class Reaction(Protocol):
    """What follows from a change and has to be as durable as the change itself."""

    def due(self, tenant: str, changes: Sequence[Change]) -> Sequence[Notice]:
        """The notices that the changes make due, in order. Runs inside the transaction, possibly on another thread,
        and twice where the disk refused the first time: pure but for the reading of what it was given, and it must not
        raise."""
        ...

    def stored(self, tenant: str, notices: Sequence[Notice]) -> None:
        """They are committed, each with its number; on the event loop, in order. Must not block and must not raise."""
        ...


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

    def react(self, reaction: Reaction) -> None:
        """Have `reaction` asked within each transaction what its changes make due, for every tenant. One at most."""
        ...

    def tenants(self) -> list[str]:
        """The names of all tenants that were ever written to, "" first."""
        ...

    @property
    def records(self) -> "Records":
        """What is kept besides entities."""
        ...

    @property
    def outbox(self) -> "Outbox":
        """Notices on their way."""
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
        """The page of entities that match and are seen, whole (neither masked nor projected; but see `query.lean`), in
        `query.order`, then by id in code point order; and how many match in all, if `query.count`. Conditions on
        attributes that `access` hides do not match."""
        ...

    async def values(self, query: EntityQuery, access: Access) -> list[Values | Entity] | None:
        """The page of `find` where nothing but values in their simplified form is wanted: each entity as its values or,
        where these are not all of it, as `find` has it. None where the store has no quicker way to them than `find`."""
        ...

    async def rows(self, query: EntityQuery, access: Access, make: Callable[[Rows], T]) -> tuple[T, int | None] | None:
        """What `make` makes of the page of `find` as it is stored; it runs where that is read, perhaps in a thread.
        None where the store has no rows, or would have to read more of them than the page (for an order)."""
        ...

    async def types(self) -> dict[str, int]:
        """How many entities there are of each type."""
        ...

    async def census(self) -> list[Census]:
        """How many entities of each combination of types have each attribute, by kind; the combinations in the order
        of their names, then the attributes'."""
        ...

    async def walk(self, after: str = "", limit: int = 1000) -> list[Entity]:
        """The next entities after that id, in code point order, the expired ones too: for exports."""
        ...

    async def expired(self, now: datetime, limit: int = 1000) -> list[str]:
        """Ids of entities whose expiresAt, or that of one of their attributes, has come: earliest first."""
        ...

    async def history(self, ids: Sequence[str], names: Sequence[str], past: TemporalQuery) -> list[Entity]:
        """The temporal representation (4.5.6) of each entity with a history, in the order of `ids`: all instances in
        the range, oldest first by `past.property` (where a sample has none: by modifiedAt), then by modifiedAt, then by
        datasetId; `names` empty: all attributes. An entity whose history has nothing in the range comes without
        attributes. Deleted entities have a history too. Each instance has an `instance_id`, which stays the same (see
        ``store/past``). An instance whose value is ``urn:ngsi-ld:null`` is a deletion, at its modifiedAt."""
        ...

    async def pasts(self, *, types: AnyOfAll = (), after: str = "", limit: int = 1000) -> list[tuple[str, Types]]:
        """Entities that have a history, deleted ones too: id and the types they had last; of these types (a
        disjunction of conjunctions; empty: any), after that id in code point order."""
        ...

    async def aggregate(
        self, ids: Sequence[str], names: Sequence[str], past: TemporalQuery, aggregation: Aggregation
    ) -> list[Aggregate]:
        """The aggregates (4.5.19) of each instance that has samples in the range, in the order of `ids`, then by name.
        `names` empty: all attributes; `past.last` counts the newest periods. Booleans count as 0 and 1, arrays as how
        many items they have; what cannot be added up has no sum, average or deviation (the method is left out), texts
        and times have a least and a greatest; ``store/aggregates`` says what counts as what. Deletions do not count.
        Raises TooManyResults for an instance with more than ``store.aggregates.MAX_PERIODS`` periods."""
        ...

    async def revise(
        self, id: str, name: str, instance: str, revision: Callable[[Attribute], Attribute | None]
    ) -> bool:
        """Replace one sample, named by its `instance_id`, with what `revision` makes of it (None: delete it); it keeps
        its instance_id, datasetId and createdAt, and its place is by its new observedAt (where it has none: it stays).
        Whether there was one. `revision` may refuse with MadangError."""
        ...

    async def forget(
        self, *, type: str | None, names: Container[str], before: datetime, apart: Sequence[str] = ()
    ) -> int:
        """Delete the samples of these attributes whose time is before `before`, of entities of that type, or (None) of
        those that have no type of `apart`; how many."""
        ...

    async def erase(self, id: str, name: str | None = None, *, dataset: str | None = None, every: bool = True) -> bool:
        """Delete the history of the entity, or of one attribute of it: of every instance, or (not `every`) of the one
        with that datasetId (None: the one without). Whether there was any."""
        ...

    async def backup(self, path: Path) -> None:
        """A consistent copy of everything, all tenants, in the new folder `path`, made while others write. Raises
        OperationNotSupported where the backend has its own way, and says which."""
        ...

    def close(self) -> None:
        """Write what is waiting, release the files and the lock. A second call does nothing."""
        ...


class Records(Protocol):
    """Records of one tenant by kind and id. Durable when a call returns."""

    async def put(self, record: Record, *, new: bool = False) -> None:
        """Keep the record, instead of the one with its kind and id. Raises AlreadyExists where `new` and there is
        one."""
        ...

    async def get(self, kind: RecordKind, id: str) -> Record | None:
        """The record."""
        ...

    async def all(self, kind: RecordKind) -> list[Record]:
        """Every record of the kind, by id in code point order."""
        ...

    async def remove(self, kind: RecordKind, id: str) -> bool:
        """It is gone; whether there was one."""
        ...


class Outbox(Protocol):
    """The notices of one tenant: due, and not yet delivered or given up. Durable when a call returns."""

    async def add(
        self,
        notices: Sequence[Notice],
        *,
        put: Record | None = None,
        new: bool = False,
        remove: tuple[RecordKind, str] | None = None,
    ) -> list[Notice]:
        """Make notices due that no change of an entity makes (by time, at the start); answers them numbered. In the
        same transaction keep a record (`put`, `new`: as `Records.put`) or `remove` one; raises AlreadyExists, or
        ResourceNotFound where there is none to remove, and then nothing is done."""
        ...

    async def pending(self, subscription: str | None = None, *, after: int = 0, limit: int = 1000) -> list[Notice]:
        """The next that wait (of that subscription) with a number above `after`, by number."""
        ...

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Take down what became of attempts: the delivered are counted and gone, the failed wait on or are dead. A
        number that is not pending any more is passed over, so that nothing is counted twice."""
        ...

    async def tallies(self, subscription: str | None = None) -> dict[str, Tally]:
        """The account of each subscription (or of that one) that ever had a notice due, by id."""
        ...

    async def dead(self, subscription: str | None = None, *, after: int = 0, limit: int = 1000) -> list[Notice]:
        """The next that were given up, by number."""
        ...

    async def resend(self, subscription: str | None = None, *, number: int | None = None) -> int:
        """Dead notices (of that subscription; with that number) wait again, with no attempts behind them; how many."""
        ...

    async def rewrite(self, bodies: Mapping[int, bytes]) -> None:
        """The notices with these numbers, pending or dead, have other bodies from now on; the account stays."""
        ...

    async def drop(self, subscription: str) -> None:
        """The subscription is gone: its notices, pending and dead, and its account go with it."""
        ...


class Courier(Protocol):
    """Brings notifications to addresses outside. Waits as long as it is let: who sends sets the time."""

    def check(self, uri: str) -> None:
        """A notification may go there, as far as the address itself tells. Raises BadRequestData that says why not."""
        ...

    async def send(self, address: Address, parcel: Parcel) -> None:
        """Bring it there; done when the receiver took it. Raises Undelivered."""
        ...

    async def close(self) -> None:
        """Hang up."""
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

    async def append(
        self, entries: Sequence[Entry], *, blobs: Mapping[str, bytes] | None = None, tiles: Tiles | None = None
    ) -> None:
        """Append entries in order, all or none, and keep `blobs` by SHA-256 in hex (each only once) and the `tiles` of
        the log's tree that became whole with them."""
        ...

    async def adopt(self, entries: Sequence[Entry], tiles: Tiles) -> None:
        """Give entries from before the log their salt, commitment and hash, by their number; and keep the tiles."""
        ...

    async def erase(self, id: str, blobs: Sequence[str] = ()) -> bool:
        """Erase the body, the salt and the target of an entry, and these blobs, for good; what the log has of it stays.
        Whether there was a body."""
        ...

    async def tile(self, place: Place) -> bytes | None:
        """The hashes of a whole tile of the log's tree."""
        ...

    async def last(self) -> Entry | None:
        """The newest entry."""
        ...

    async def read(self, id: str) -> Entry | None:
        """The entry with that id."""
        ...

    async def count(self, *, kind: str, service: str, after: int = 0) -> int:
        """How many entries of that kind about that service have a number above `after`."""
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
