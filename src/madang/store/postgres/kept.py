"""A city on a server as it is, to read, also while a hub writes to it: nothing is locked."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

from madang.errors import NonexistentTenant, Unavailable
from madang.model.entity import Entity
from madang.model.query import TemporalQuery
from madang.store.postgres import census, pasts, samples
from madang.store.postgres.connection import Connection, connect, explained
from madang.store.postgres.server import Server
from madang.store.postgres.tenant import Tenant, named
from madang.store.postgres.thread import Thread

T = TypeVar("T")

_EVER = TemporalQuery()


class Reading:
    """A connection to a city's schemas that only reads, on a thread of its own. Raises Unavailable where there is none,
    NonexistentTenant."""

    def __init__(self, url: str, city: str, tenant: str = "") -> None:
        self._server = Server(url, city)
        self._thread = Thread("read")
        try:
            self.place = self._thread.wait(self._open(tenant))
        except BaseException:
            self._thread.end()
            raise

    async def ask(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """What `work` reads. Raises Unavailable."""
        return await self._thread.ask(self._explained(work))

    def close(self) -> None:
        """Hang up."""
        self._connection.terminate()
        self._thread.end()

    async def _open(self, tenant: str) -> Tenant:
        server = self._server
        with explained(server.where):
            self._connection = await connect(server.url)
            await self._connection.execute("SET default_transaction_read_only = on")
            known = named("@tenant", server.schema)
            if await self._connection.fetchval("SELECT to_regclass($1)", known) is None:
                raise Unavailable(f"no city has run in '{server.schema}' on {server.where}; say where with --store")
            schema = await self._connection.fetchval(f"SELECT schema FROM {known} WHERE name = $1", tenant)
            if schema is None:
                raise NonexistentTenant(f"nothing was ever written to the tenant '{tenant}'")
            # Some entity may have a NUL: whoever only reads does not know.
            return Tenant(tenant, schema, odd=True)

    async def _explained(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        with explained(self._server.where):
            return await work(self._connection)


class KeptStore:
    """Reads one tenant of a city; see `Reading`."""

    def __init__(self, url: str, city: str, tenant: str = "") -> None:
        self._reading = Reading(url, city, tenant)

    async def walk(self, after: str, limit: int) -> list[Entity]:
        """The next entities after that id."""
        return await self._reading.ask(lambda one: census.walk(one, self._reading.place, after, limit))

    async def past(self, after: str, limit: int) -> list[Entity]:
        """The whole past of the next entities after that id that have one."""

        async def work(connection: Connection) -> list[Entity]:
            tenant = self._reading.place
            found = await pasts.pasts(connection, tenant, (), after=after, limit=limit)
            return await samples.read(connection, tenant, [id for id, _ in found], (), _EVER)

        return await self._reading.ask(work)

    def close(self) -> None:
        """Hang up."""
        self._reading.close()


@contextmanager
def rows(url: str, city: str) -> Generator[Callable[[str, tuple[Any, ...]], Awaitable[list[Any]]]]:
    """Answers statements about the city with rows."""
    reading = Reading(url, city)

    async def look(text: str, values: tuple[Any, ...]) -> list[Any]:
        return await reading.ask(lambda connection: connection.fetch(reading.place.sql(text), *values))

    try:
        yield look
    finally:
        reading.close()
