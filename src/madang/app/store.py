"""Which store a city has: SQLite in its data directory, or PostgreSQL where ``--store`` names one.

Each function imports the backend that it needs: the other's driver is not loaded.
"""

from collections.abc import Awaitable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from madang.errors import InvalidRequest, OperationNotSupported
from madang.model.city import City
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


def backup(city: City, settings: Settings, target: Path) -> list[Path]:
    """Copy the city's data into the new folder `target`; the files. Raises OperationNotSupported for a server's data,
    and says which tool does it."""
    if _server(settings):
        raise OperationNotSupported(
            "a city on PostgreSQL is backed up with the server's own tools, while it runs: pg_dump --format=custom"
            f" --schema='madang_{city.id}*' --file=city.dump DATABASE (all tenants), or continuous archiving"
        )
    from madang.store.sqlite.kept import backup as copy  # noqa: PLC0415

    return copy(settings.data / city.id, target)


def _server(settings: Settings) -> str:
    """The address of the PostgreSQL server; "" where there is none."""
    if settings.store and not settings.store.startswith(_SCHEMES):
        raise InvalidRequest(
            "the store is PostgreSQL's address (postgresql://user@host:5432/database), or nothing for the SQLite files"
            " below --data"
        )
    return settings.store
