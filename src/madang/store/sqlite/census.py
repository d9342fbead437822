"""What there is, over all entities: the census of attributes, the walk through everything, what has expired."""

from datetime import datetime

from madang.model import time
from madang.model.entity import Entity, Kind
from madang.ports import Census
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.entities import COLUMNS, entity, type_names

# A property's kind is not written into the body: it is the default.
_CENSUS = """
SELECT e.types, a.key, coalesce(json_extract(i.value, '$.kind'), 'Property'), count(DISTINCT e.number)
FROM entity e, json_each(e.body, '$.a') a, json_each(a.value) i
GROUP BY 1, 2, 3
"""


def census(connection: Connection) -> list[Census]:
    """See `ports.Store.census`."""
    rows = connection.execute(_CENSUS)
    return sorted(Census(type_names(types), name, Kind(kind), count) for types, name, kind, count in rows)


def walk(connection: Connection, after: str, limit: int) -> list[Entity]:
    """See `ports.Store.walk`."""
    rows = connection.execute(f"SELECT {COLUMNS} FROM entity WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
    return [entity(*row) for row in rows]


def expired(connection: Connection, now: datetime, limit: int) -> list[str]:
    """See `ports.Store.expired`."""
    sql = "SELECT id FROM entity WHERE expires <= ? ORDER BY expires, id LIMIT ?"
    return [id for (id,) in connection.execute(sql, (time.microseconds(now), limit))]
