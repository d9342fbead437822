"""Remembers in PostgreSQL (15 or later, no extension needed): one schema a tenant, one process that writes a city,
group commit, an acknowledged write is on the server's disk. The choice for a city that has a database administrator, or
that outgrew one machine.

What PostGIS would add: an index over shapes rather than their boxes, and the exact test of a geo-query in the server.
Several processes that write one city need the events of a bus and a lock for each tenant instead of one for the city:
not yet.
"""

from madang.store.postgres.copies import is_copy, put_back, take
from madang.store.postgres.kept import KeptStore
from madang.store.postgres.ledger import PostgresLedger, kept_ledger
from madang.store.postgres.store import PostgresStore

__all__ = ["KeptStore", "PostgresLedger", "PostgresStore", "is_copy", "kept_ledger", "put_back", "take"]
