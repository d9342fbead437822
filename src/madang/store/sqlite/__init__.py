"""Remembers on disk, embedded: SQLite with a write-ahead log, one writer thread with group commit, an acknowledged
write is on disk. One file a tenant, so that a tenant is backed up, moved or erased alone and no query can forget to
name it."""

from madang.store.sqlite.ledger import SqliteLedger, kept_ledger
from madang.store.sqlite.store import SqliteStore

__all__ = ["SqliteLedger", "SqliteStore", "kept_ledger"]
