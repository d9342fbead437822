"""Which store a city has: SQLite in its data directory, or PostgreSQL where ``--store`` names one.

Each function imports the backend that it needs: the other's driver is not loaded.
"""

import shutil
from collections.abc import Awaitable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec

from madang.app import sealing
from madang.app.sealing import Restored
from madang.errors import BadRequestData, InvalidRequest
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
    their own (`sealing`), unless `plain`. Raises BadRequestData, Unavailable."""
    folder = settings.data / city.id
    open_ = plain or not any(one.personal for one in city.datasets)
    whose = partial(_whose, everybody(city.datasets))
    if url := _server(settings):
        from madang.store import postgres  # noqa: PLC0415

        found = postgres.take(url, city.id, target, None if open_ else whose)
        if open_:
            # Nobody is told of; the copy is complete when that is over.
            list(found)
        else:
            sealing.write(target, sealing.PeopleKeys(folder), found)
        return sorted(file for file in target.rglob("*") if file.is_file())
    from madang.store.sqlite import sealed  # noqa: PLC0415
    from madang.store.sqlite.kept import backup as copy  # noqa: PLC0415

    copies = copy(folder, target)
    if open_:
        return copies
    found = (
        (str(file.relative_to(target)), person, rows)
        for file in copies
        for person, rows in sealed.take_out(file, whose)
    )
    sealing.write(target, sealing.PeopleKeys(folder), found)
    return [*copies, target / sealing.NAME]


def restore(city: City, settings: Settings, source: Path) -> Restored:
    """Make a backup the city's data, where there is none yet: who was sealed comes back, unless the key was destroyed.

    Raises BadRequestData where there is data already, or no backup of this kind of store; Unavailable.
    """
    from madang.store.sqlite import sealed  # noqa: PLC0415
    from madang.store.sqlite.files import files  # noqa: PLC0415

    folder, known = settings.data / city.id, files(source)
    opened = _Opened(sealing.PeopleKeys(folder), source)
    if url := _server(settings):
        from madang.store import postgres  # noqa: PLC0415

        if not postgres.is_copy(source):
            raise BadRequestData(
                f"{source} has no copy of a city on a server: name the folder that 'madang backup' made"
            )
        postgres.put_back(url, city.id, source, opened.rows())
        return opened.told()
    if not known:
        raise BadRequestData(
            f"{source} has no copy of a city's files: name the folder that 'madang backup' made, and --store for one"
            " that is of a server"
        )
    if files(folder):
        raise BadRequestData(f"{folder} has data: stop the hub and move its city.sqlite and tenants away first")
    for file in known.values():
        copy = folder / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    for place, rows in opened.rows():
        sealed.put_back(folder / place, rows)
    return opened.told()


class _Opened:
    """What a backup has sealed, opened with the keys that there still are; and how many people that is."""

    def __init__(self, keys: sealing.PeopleKeys, source: Path) -> None:
        self._keys, self._source = keys, source
        self._people, self._erased = set[str](), set[str]()

    def rows(self) -> Iterator[tuple[str, Any]]:
        """Each person's rows, by the file or tenant they are of. Raises BadRequestData, Unavailable."""
        for line in sealing.read(self._source):
            text = self._keys.open(line)
            (self._erased if text is None else self._people).add(line.person)
            if text is not None:
                yield line.file, msgspec.msgpack.decode(text)

    def told(self) -> Restored:
        """How many are back, and how many are not."""
        return Restored(len(self._people), len(self._erased))


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
