"""Remembers while the process lives: for evaluations, which need nothing afterwards, and for tests."""

from madang.store.memory.ledger import MemoryLedger
from madang.store.memory.store import MemoryStore

__all__ = ["MemoryLedger", "MemoryStore"]
