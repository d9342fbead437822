"""A connection to the server as this room uses it: the part of asyncpg's that it needs, typed, and what its errors
mean in words."""

from collections.abc import Generator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from madang.errors import BadRequestData, Unavailable

ANSWER_S = 60.0
"""Longest time that one statement may take."""

CONNECT_S = 5.0
"""Longest time that a new connection may take."""

INDEXED = 2500
"""Bytes that an index of PostgreSQL takes for one row, with some to spare (a third of a page is the limit)."""

Row = tuple[Any, ...]

_ENDING = (asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.CannotConnectNowError)
"""The server is going down, or coming up."""

LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError, TimeoutError, *_ENDING)
"""The connection is gone: what was asked last may or may not have been done."""

_SESSION = {
    "application_name": "madang",
    # An acknowledged write is on disk, whatever the server's own setting.
    "synchronous_commit": "on",
    # Short statements: compiling them costs more than it brings.
    "jit": "off",
    "timezone": "UTC",
    # A peer that vanished without a word is noticed, and its lock is free again, after 25 s instead of two hours.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}

_READING = _SESSION | {
    "default_transaction_read_only": "on",
    # Answers come by id, a page at a time: an index that gives that order beats a bitmap that has to be sorted.
    "enable_bitmapscan": "off",
}


class Connection(Protocol):
    """See asyncpg.Connection."""

    async def execute(self, query: str, *args: Any) -> str: ...

    async def executemany(self, command: str, args: Iterable[Sequence[Any]]) -> None: ...

    async def fetch(self, query: str, *args: Any) -> list[Row]: ...

    async def fetchrow(self, query: str, *args: Any) -> Row | None: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...

    def transaction(self) -> AbstractAsyncContextManager[Any]: ...

    def is_closed(self) -> bool: ...

    async def close(self) -> None: ...

    def terminate(self) -> None: ...


class Pool(Protocol):
    """See asyncpg.Pool."""

    def acquire(self, *, timeout: float) -> AbstractAsyncContextManager[Connection]: ...

    async def close(self) -> None: ...

    def terminate(self) -> None: ...


class _Connection(asyncpg.Connection):  # pyright: ignore[reportMissingTypeArgument]
    """Nothing that we do has to be undone when a connection goes back to the pool: that saves a round trip a read."""

    def get_reset_query(self) -> str:
        return ""


def corners(west: float, south: float, east: float, north: float) -> Any:
    """The box as a value of a statement."""
    return cast(Any, asyncpg).Box((east, north), (west, south))


async def connect(url: str) -> Connection:
    """A connection of one's own. Raises asyncpg's errors."""
    made = await cast(Any, asyncpg).connect(
        url, timeout=CONNECT_S, command_timeout=ANSWER_S, server_settings=_SESSION, statement_cache_size=1000
    )
    return cast(Connection, made)


async def pool(url: str, *, size: int) -> Pool:
    """Connections to read with, made when they are needed. Raises asyncpg's errors."""
    made = await cast(Any, asyncpg).create_pool(
        url,
        min_size=0,
        max_size=size,
        timeout=CONNECT_S,
        command_timeout=ANSWER_S,
        connection_class=_Connection,
        server_settings=_READING,
        statement_cache_size=1000,
    )
    return cast(Pool, made)


def place(url: str) -> str:
    """Where the server is, for people: never with the password."""
    parts = urlsplit(url)
    return f"postgresql://{parts.hostname or '(local)'}:{parts.port or 5432}{parts.path}"


@contextmanager
def explained(where: str) -> Generator[None]:
    """The driver's errors as Unavailable, in words that say what to do; `where` is the server's place."""
    try:
        yield
    except (asyncpg.PostgresConnectionError, *_ENDING) as problem:
        raise _away(where, problem) from None
    except asyncpg.PostgresError as problem:
        raise Unavailable(f"{where}: {_words(problem)}") from None
    except (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError) as problem:
        raise _away(where, problem) from None


def indexed(*texts: str, what: str) -> None:
    """Raises BadRequestData where the texts do not fit into an index together, or PostgreSQL cannot say them at all."""
    for text in texts:
        if not sayable(text):
            raise BadRequestData(f"{what} '{text[:80]!r}' has a character that PostgreSQL does not store (NUL)")
    if sum(len(text.encode()) for text in texts) > INDEXED:
        raise BadRequestData(f"{what} '{texts[0][:80]}…' is too long: up to {INDEXED} bytes, with what belongs to it")


def sayable(text: str) -> bool:
    """PostgreSQL can store the text."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _away(where: str, problem: BaseException) -> Unavailable:
    said = (str(problem) or type(problem).__name__).partition("\n")[0]
    return Unavailable(
        f"the PostgreSQL server {where} does not answer ({said}); start it, or see to the network: the hub goes on by"
        " itself when it is back. What was under way is not acknowledged"
    )


def _words(problem: asyncpg.PostgresError) -> str:
    match problem:
        case asyncpg.DiskFullError():
            return "the server's disk is full; free some space, the store then goes on by itself"
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return f"the server refuses the user ({problem}); check the user and the password of --store"
        case asyncpg.InvalidCatalogNameError():
            return f"{problem}; make it with createdb, or name another with --store"
        case asyncpg.InsufficientPrivilegeError():
            return f"{problem}; let the user of --store create schemas: GRANT CREATE ON DATABASE … TO …"
        case asyncpg.ReadOnlySQLTransactionError():
            return "the server only reads (a standby?); name the one that writes with --store"
        case asyncpg.TooManyConnectionsError():
            return "the server has no connection left; raise max_connections, or end others that use it"
        case asyncpg.QueryCanceledError():
            return "the server gave up a statement that took too long; ask for less"
        case _:
            return f"{type(problem).__name__}: {problem}"
