"""The city's place on the server: its schemas, their versions, and the lock that lets one process alone write them."""

import asyncio
import logging

from madang.clock import monotonic_s
from madang.errors import BadRequestData, Unavailable
from madang.store.postgres.connection import Connection, connect, place
from madang.store.postgres.schema import CITY, STEPS, VERSION
from madang.store.postgres.tenant import Tenant, named

log = logging.getLogger(__name__)

OLDEST = 15
"""The first major version of PostgreSQL that this was tried with."""

PATIENCE_S = 10.0
"""How long the lock is waited for: the server may not have noticed yet that the process before this one died."""

LONGEST_NAME = 48
"""Bytes of a city's schema: PostgreSQL cuts names at 63, and those of the tenants are longer."""


class Server:
    """The server at `url` (postgresql://user:password@host:port/database) as the city `city` uses it."""

    def __init__(self, url: str, city: str) -> None:
        self.url = url
        self.where = place(url)
        self.schema = "madang" if not city else f"madang_{city}"
        if len(self.schema.encode()) > LONGEST_NAME or "\0" in self.schema:
            raise Unavailable(f"the city's id '{city[:80]}' is too long for a schema of PostgreSQL")

    async def writer(self) -> Connection:
        """A connection that holds the city's lock as long as it lives: whoever writes over it is the only one.

        Raises Unavailable where another process holds it, or the server is not fit; asyncpg's errors.
        """
        connection = await connect(self.url)
        try:
            await self._check(connection)
            await self._lock(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def begin(self, connection: Connection) -> dict[str, Tenant]:
        """Make the city's schema, bring all schemas to this version; the tenants by name."""
        async with connection.transaction():
            known = named("@tenant", self.schema)
            if await connection.fetchval("SELECT to_regclass($1)", known) is None:
                await connection.execute(named(f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"; {CITY}', self.schema))
            found = await connection.fetch(f"SELECT name, schema, version FROM {known} ORDER BY number")
            for name, schema, version in found:
                await self._migrate(connection, name, schema, version)
            tenants = {name: await _tenant(connection, name, schema) for name, schema, _ in found}
            if "" not in tenants:
                tenants[""] = await self._make(connection, "", self.schema)
        return tenants

    async def create(self, connection: Connection, name: str) -> Tenant:
        """The schema of a new tenant, inside a transaction. Raises BadRequestData for a name that is none."""
        if not 0 < len(name) <= 64 or not all(c.isascii() and (c.isalnum() or c in "_-") for c in name):
            raise BadRequestData(f"the tenant '{name[:80]}': up to 64 of the characters A-Z a-z 0-9 _ - make a name")
        known = named("@tenant", self.schema)
        number = await connection.fetchval(f"SELECT coalesce(max(number), 0) + 1 FROM {known}")
        schema = f"{self.schema}_t{number}"
        await connection.execute(f'CREATE SCHEMA "{schema}"')
        return await self._make(connection, name, schema)

    async def _make(self, connection: Connection, name: str, schema: str) -> Tenant:
        for step in range(1, VERSION + 1):
            await connection.execute(named(STEPS[step], schema))
        known = named("@tenant", self.schema)
        await connection.execute(
            f"INSERT INTO {known} (name, schema, version) VALUES ($1, $2, $3)", name, schema, VERSION
        )
        return Tenant(name, schema)

    async def _migrate(self, connection: Connection, name: str, schema: str, version: int) -> None:
        if version > VERSION:
            raise Unavailable(
                f"{self.where} was written by a newer Madang (schema {version}, this one knows {VERSION}); update"
            )
        for step in range(version + 1, VERSION + 1):
            await connection.execute(named(STEPS[step], schema))
        if version < VERSION:
            known = named("@tenant", self.schema)
            await connection.execute(f"UPDATE {known} SET version = $2 WHERE name = $1", name, VERSION)

    async def _check(self, connection: Connection) -> None:
        version = int(await connection.fetchval("SHOW server_version_num")) // 10_000
        if version < OLDEST:
            raise Unavailable(f"{self.where} is PostgreSQL {version}; {OLDEST} or later is needed")
        encoding = await connection.fetchval("SHOW server_encoding")
        if encoding != "UTF8":
            raise Unavailable(f"the database {self.where} is in {encoding}; make one in UTF8 (createdb -E UTF8)")
        if await connection.fetchval("SHOW fsync") != "on":
            log.warning("%s runs with fsync off: what it acknowledges is not on its disk", self.where)

    async def _lock(self, connection: Connection) -> None:
        end = monotonic_s() + PATIENCE_S
        while not await connection.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", self.schema):
            if monotonic_s() > end:
                raise Unavailable(
                    f"the city's schema '{self.schema}' on {self.where} is in use by {await self._holder(connection)};"
                    " stop that one, or choose another --store"
                )
            await asyncio.sleep(0.02)

    async def _holder(self, connection: Connection) -> str:
        found = await connection.fetchrow(
            "SELECT a.pid, coalesce(host(a.client_addr), 'this machine') FROM pg_locks l JOIN pg_stat_activity a"
            " USING (pid) WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
            " AND (l.classid::bigint << 32) | l.objid::bigint = hashtextextended($1, 0)",
            self.schema,
        )
        return f"a process on {found[1]} (the server's process {found[0]})" if found else "another process"


async def _tenant(connection: Connection, name: str, schema: str) -> Tenant:
    odd = await connection.fetchval(named("SELECT EXISTS (SELECT 1 FROM @entity WHERE odd)", schema))
    worded = await connection.fetch(named("SELECT attribute FROM @worded", schema))
    return Tenant(name, schema, odd=bool(odd), worded=[attribute for (attribute,) in worded])
