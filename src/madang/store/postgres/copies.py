"""A city on a server copied into a folder, as it is at one moment, while a hub writes it; and made a city again.
What is about people is not in the copy, and told beside it (see `sealed`).

<folder>/postgres.json          which tenants there are, of which version, and what each file is
<folder>/postgres/<n>/<table>   a tenant's rows, as COPY writes them in binary
"""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from madang.errors import BadRequestData, Unavailable
from madang.store.postgres import sealed
from madang.store.postgres.connection import Connection, connect, explained
from madang.store.postgres.schema import CITY, STEPS, VERSION
from madang.store.postgres.sealed import Person, Rows, Whose
from madang.store.postgres.server import Server
from madang.store.postgres.tenant import Tenant, named
from madang.store.postgres.thread import Thread

NAME: Final = "postgres.json"
_FOLDER: Final = "postgres"
_LONG_S: Final = 86_400.0

_PEOPLE: Final = """
CREATE TEMP TABLE madang_mine (entity text COLLATE "C" PRIMARY KEY) ON COMMIT DROP;
CREATE TEMP TABLE madang_kept (kind text COLLATE "C", id text COLLATE "C", PRIMARY KEY (kind, id)) ON COMMIT DROP;
CREATE TEMP TABLE madang_said (sequence bigint PRIMARY KEY) ON COMMIT DROP;
"""
_ABOUT: Final = "position('\\x2c2261626f7574223a5b5b'::bytea IN {}body) > 0"
"""A notice that is about people: its parcel has ``,"about":[[``."""

_OTHERS: Final = {
    "entity": "SELECT * FROM @entity t WHERE NOT EXISTS (SELECT FROM madang_mine m WHERE m.entity = t.id)",
    "kind": "SELECT * FROM @kind t WHERE NOT EXISTS (SELECT FROM madang_mine m WHERE m.entity = t.id)",
    "past": "SELECT * FROM @past t WHERE NOT EXISTS (SELECT FROM madang_mine m WHERE m.entity = t.entity)",
    "kindred": "SELECT * FROM @kindred t WHERE NOT EXISTS (SELECT FROM madang_mine m WHERE m.entity = t.entity)",
    "series": "SELECT * FROM @series t WHERE NOT EXISTS (SELECT FROM madang_mine m WHERE m.entity = t.entity)",
    "sample": "SELECT * FROM @sample t WHERE NOT EXISTS (SELECT FROM @series s JOIN madang_mine m USING (entity)"
    " WHERE s.number = t.series)",
    "record": "SELECT * FROM @record t WHERE NOT EXISTS"
    " (SELECT FROM madang_kept k WHERE k.kind = t.kind AND k.id = t.id)",
    "entry": "SELECT t.sequence, id, kind, service, CASE WHEN s.sequence IS NULL THEN target ELSE '' END, at,"
    " CASE WHEN s.sequence IS NULL THEN body ELSE '' END, hash,"
    " CASE WHEN s.sequence IS NULL THEN salt ELSE '' END, commitment"
    " FROM @entry t LEFT JOIN madang_said s USING (sequence)",
    "worded": "SELECT * FROM @worded",
    "form": "SELECT * FROM @form",
    "blob": "SELECT * FROM @blob",
    "tile": "SELECT * FROM @tile",
    "notice": "SELECT * FROM @notice t",
    "tally": "SELECT * FROM @tally t",
}
"""What stays in the copy: of each table the rows that are about nobody. The temporary tables say what is."""

_TOLD_OF_NOBODY: Final = {
    "notice": f"SELECT * FROM @notice t WHERE NOT ({_ABOUT.format('t.')})",
    "tally": "SELECT subscription, due - (SELECT count(*) FROM @notice n WHERE n.subscription = t.subscription AND "
    f"{_ABOUT.format('n.')}), delivered, failures, failing, sent_at, success_at, failure_at, error FROM @tally t",
}
"""Notifications about people that wait are left out: a city that is restored does not tell them again."""

_COUNTED: Final = ("series", "form", "notice")
"""Tables whose numbers the server gives: it goes on after the highest."""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant in the manifest: what its schema's name has after the city's, and each file's SHA-256 in hex."""

    name: str
    suffix: str
    version: int
    files: dict[str, str]


def is_copy(folder: Path) -> bool:
    """The folder has a copy of a city on a server."""
    return (folder / NAME).is_file()


def take(url: str, city: str, target: Path, whose: Whose | None) -> Iterator[tuple[str, str, Rows]]:
    """Copy the city into the new folder `target`; each tenant's people with their rows, which are then not in it (no
    `whose`: they are, and nobody is told). Complete when it has ended. Raises BadRequestData, Unavailable."""
    try:
        (target / _FOLDER).mkdir(parents=True)
    except FileExistsError as error:
        raise BadRequestData(f"{target} has a copy already: name a new folder") from error
    return _taken(Server(url, city), target, whose)


def _taken(server: Server, target: Path, whose: Whose | None) -> Iterator[tuple[str, str, Rows]]:
    thread = Thread("copy")
    try:
        with explained(server.where):
            connection = thread.wait(connect(server.url))
            thread.wait(connection.execute(f"BEGIN ISOLATION LEVEL REPEATABLE READ; {_PEOPLE}"))
            kept: list[_Kept] = []
            for number, (name, schema, version) in enumerate(thread.wait(_tenants(connection, server))):
                if version != VERSION:
                    raise Unavailable(
                        f"{server.where}: the schema is of version {version}, not {VERSION}: start the hub"
                    )
                tenant = Tenant(name, schema, odd=True)
                people = thread.wait(sealed.people(connection, tenant, whose)) if whose is not None else {}
                for person, owned in people.items():
                    yield name, person, thread.wait(sealed.rows(connection, tenant, owned))
                folder = target / _FOLDER / str(number)
                files = thread.wait(_copy(connection, tenant, people.values(), folder, told=whose is not None))
                kept.append(_Kept(name=name, suffix=schema.removeprefix(server.schema), version=version, files=files))
            thread.wait(connection.execute("ROLLBACK"))
            connection.terminate()
        (target / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(kept)))
    finally:
        thread.end()


def put_back(url: str, city: str, source: Path, people: Iterable[tuple[str, Rows]]) -> None:
    """Make the copy a city of this server that has none of that name, with these people's rows by tenant. All or
    nothing. Raises BadRequestData, Unavailable."""
    try:
        kept = msgspec.json.decode((source / NAME).read_bytes(), type=list[_Kept])
    except msgspec.MsgspecError as error:
        raise BadRequestData(f"{source / NAME} is not what a backup wrote: {error}") from error
    for number, one in enumerate(kept):
        for table, digest in one.files.items():
            if table not in _OTHERS or _digest(source / _FOLDER / str(number) / table) != digest:
                raise BadRequestData(f"{source}: {_FOLDER}/{number}/{table[:40]} was changed since it was written")
    server, thread = Server(url, city), Thread("restore")
    try:
        with explained(server.where):
            connection = thread.wait(server.writer())
            try:
                thread.wait(_restored(connection, server, source, kept, people))
            finally:
                thread.wait(_end(connection))
    finally:
        thread.end()


async def _end(connection: Connection) -> None:
    connection.terminate()


async def _tenants(connection: Connection, server: Server) -> list[tuple[str, str, int]]:
    known = named("@tenant", server.schema)
    if await connection.fetchval("SELECT to_regclass($1)", known) is None:
        raise Unavailable(f"no city has run in '{server.schema}' on {server.where}; say where with --store")
    found = await connection.fetch(f"SELECT name, schema, version FROM {known} ORDER BY number")
    return [(name, schema, version) for name, schema, version in found]


async def _copy(
    connection: Connection, tenant: Tenant, people: Iterable[Person], folder: Path, *, told: bool
) -> dict[str, str]:
    """Write a tenant's tables without what is people's; the files with their SHA-256."""
    await connection.execute("TRUNCATE madang_mine, madang_kept, madang_said")
    for owned in people:
        await connection.executemany("INSERT INTO madang_mine VALUES ($1)", [(id,) for id in owned.entities])
        await connection.executemany("INSERT INTO madang_kept VALUES ($1, $2)", owned.records)
        await connection.executemany("INSERT INTO madang_said VALUES ($1)", [(n,) for n in owned.entries])
    await asyncio.to_thread(folder.mkdir)
    for table, sql in {**_OTHERS, **(_TOLD_OF_NOBODY if told else {})}.items():
        await cast(Any, connection).copy_from_query(
            tenant.sql(sql), output=str(folder / table), format="binary", timeout=_LONG_S
        )
    return {table: await asyncio.to_thread(_digest, folder / table) for table in _OTHERS}


async def _restored(
    connection: Connection, server: Server, source: Path, kept: Sequence[_Kept], people: Iterable[tuple[str, Rows]]
) -> None:
    async with connection.transaction():
        known = named("@tenant", server.schema)
        if await connection.fetchval("SELECT to_regclass($1)", known) is not None:
            raise BadRequestData(
                f"'{server.schema}' on {server.where} has data: rename that schema and those of its tenants first"
                f' (ALTER SCHEMA "{server.schema}" RENAME TO …), or name another database'
            )
        await connection.execute(named(f'CREATE SCHEMA IF NOT EXISTS "{server.schema}"; {CITY}', server.schema))
        tenants: dict[str, Tenant] = {}
        for number, one in enumerate(kept):
            tenants[one.name] = tenant = Tenant(one.name, server.schema + one.suffix)
            await _make(connection, tenant, one.version)
            for table in one.files:
                await cast(Any, connection).copy_to_table(
                    table,
                    schema_name=tenant.schema,
                    source=str(source / _FOLDER / str(number) / table),
                    format="binary",
                    timeout=_LONG_S,
                )
            await connection.execute(
                f"INSERT INTO {known} (name, schema, version) VALUES ($1, $2, $3)", one.name, tenant.schema, one.version
            )
        for name, rows in people:
            await sealed.put_back(connection, tenants[name], rows)
        for tenant in tenants.values():
            await _count_on(connection, tenant)


async def _count_on(connection: Connection, tenant: Tenant) -> None:
    """The numbers that the server gives go on after those that are there."""
    for table in _COUNTED:
        place = f'"{tenant.schema}".{table}'
        highest = await connection.fetchval(f"SELECT max(number) FROM {place}")
        if highest:
            await connection.fetchval("SELECT setval(pg_get_serial_sequence($1, 'number'), $2)", place, highest)


async def _make(connection: Connection, tenant: Tenant, version: int) -> None:
    if version > VERSION:
        raise Unavailable(f"the copy is of a newer Madang (schema {version}, this one knows {VERSION}); update")
    await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{tenant.schema}"')
    for step in range(1, version + 1):
        await connection.execute(named(STEPS[step], tenant.schema))


def _digest(file: Path) -> str:
    if not file.is_file():
        return ""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
