"""The port `Outbox` in a tenant's file."""

from collections.abc import Sequence

from madang.model.change import Notice
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.writer import Look, Writer


class SqliteOutbox:
    """Notices and their account; `look` answers a statement and its values with rows."""

    def __init__(self, writer: Writer, look: Look) -> None:
        self._writer = writer
        self._look = look


def add(connection: Connection, due: Sequence[Notice]) -> Sequence[Notice]:
    """Store the notices, inside a transaction; answers them with their numbers."""
    raise NotImplementedError
