"""Which store a city has: SQLite in its data directory, or PostgreSQL where ``--store`` names one.

Each function imports the backend that it needs: the other's driver is not loaded.
"""

import shutil
from collections.abc import Awaitable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec

from madang.app import sealing
from madang.app.sealing import Restored
from madang.errors import BadRequestData, InvalidRequest, OperationNotSupported
from madang.govern.access import everybody
from madang.model.access import Access
from madang.model.city import City
from madang.model.document import NULL
from madang.model.entity import Entity
from madang.ports import Ledger, Store
from madang.settings import Settings

_SCHEMES = ("postgresql://", "postgres://")


class Kept(Protocol):
    """A tenant's data as it is, to read beside a hub that writes it or without one."""

    def walk(self, after: str, limit: int) -> Awaitable[list[Entity]]:
        """The next entities after that id."""
        ...

    def past(self, after: str, limit: int) -> Awaitable[list[Entity]]:
        """The whole past of the next entities after that id that have one."""
        ...

    def close(self) -> None:
        """Let it go."""
        ...


def open_store(city: City, settings: Settings) -> tuple[Store, Ledger]:
    """The city's store, to write, and its ledger, which lives as long. Raises Unavailable where another process has it
    or it is not fit, InvalidRequest for an address that is none."""
    if url := _server(settings):
        from madang.store.postgres import PostgresLedger, PostgresStore  # noqa: PLC0415

        made = PostgresStore(url, city.id)
        return made, PostgresLedger(made)
    from madang.store.sqlite import SqliteLedger, SqliteStore  # noqa: PLC0415

    store = SqliteStore(settings.data / city.id)
    return store, SqliteLedger(store)


def kept_store(city: City, settings: Settings, tenant: str = "") -> Kept:
    """The data of one of the city's tenants, to read. Raises Unavailable, NonexistentTenant, InvalidRequest."""
    if url := _server(settings):
        from madang.store import postgres  # noqa: PLC0415

        return postgres.KeptStore(url, city.id, tenant)
    from madang.store.sqlite.kept import KeptStore  # noqa: PLC0415

    return KeptStore(settings.data / city.id, tenant)


def kept_ledger(city: City, settings: Settings) -> AbstractContextManager[Ledger]:
    """The city's ledger, to read. Raises Unavailable, InvalidRequest."""
    if url := _server(settings):
        from madang.store import postgres  # noqa: PLC0415

        return postgres.kept_ledger(url, city.id)
    from madang.store.sqlite import kept_ledger  # noqa: PLC0415

    return kept_ledger(settings.data / city.id)


def backup(city: City, settings: Settings, target: Path, *, plain: bool = False) -> list[Path]:
    """Copy the city's data into the new folder `target`; the files. What is about people is sealed, each with a key of
    their own (`sealing`), unless `plain`. Raises OperationNotSupported for a server's data, and says which tool does
    it."""
    if _server(settings):
        raise OperationNotSupported(
            "a city on PostgreSQL is backed up with the server's own tools, while it runs: pg_dump --format=custom"
            f" --schema='madang_{city.id}*' --file=city.dump DATABASE (all tenants), or continuous archiving"
        )
    from madang.store.sqlite import sealed  # noqa: PLC0415
    from madang.store.sqlite.kept import backup as copy  # noqa: PLC0415

    folder = settings.data / city.id
    copies = copy(folder, target)
    if plain or not any(one.personal for one in city.datasets):
        return copies
    whose = partial(_whose, everybody(city.datasets))
    found = (
        (str(file.relative_to(target)), person, rows)
        for file in copies
        for person, rows in sealed.take_out(file, whose)
    )
    sealing.write(target, sealing.PeopleKeys(folder), found)
    return [*copies, target / sealing.NAME]


def restore(city: City, settings: Settings, source: Path) -> Restored:
    """Make a backup the city's data, where there is none yet: who was sealed comes back, unless the key was destroyed.

    Raises BadRequestData where there is data already, or no backup; OperationNotSupported for a server.
    """
    if _server(settings):
        raise OperationNotSupported("a city on PostgreSQL is restored with the server's own tools: pg_restore")
    from madang.store.sqlite import sealed  # noqa: PLC0415
    from madang.store.sqlite.files import files  # noqa: PLC0415

    folder, known = settings.data / city.id, files(source)
    if not known:
        raise BadRequestData(f"{source} has no copy of a city's data: name the folder that 'madang backup' made")
    if files(folder):
        raise BadRequestData(f"{folder} has data: stop the hub and move its city.sqlite and tenants away first")
    keys, people, erased = sealing.PeopleKeys(folder), set[str](), set[str]()
    for file in known.values():
        copy = folder / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    for line in sealing.read(source):
        text = keys.open(line)
        (erased if text is None else people).add(line.person)
        if text is not None:
            sealed.put_back(folder / line.file, msgspec.msgpack.decode(text))
    return sealing.Restored(len(people), len(erased))


def _whose(access: Access, entity: Entity) -> str:
    """The one person whom an entity is about."""
    # A past has its deletions, too.
    people = {one for about in access.whose(entity) for one in about.people(entity)} - {NULL}
    return people.pop() if len(people) == 1 else ""


def _server(settings: Settings) -> str:
    """The address of the PostgreSQL server; "" where there is none."""
    if settings.store and not settings.store.startswith(_SCHEMES):
        raise InvalidRequest(
            "the store is PostgreSQL's address (postgresql://user@host:5432/database), or nothing for the SQLite files"
            " below --data"
        )
    return settings.store
