"""What a city on a server has of people: found, so that a copy has it apart, and put back. The same of files:
`store/sqlite/sealed`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from madang.model.entity import Entity
from madang.model.query import TemporalQuery
from madang.store.postgres import census, samples
from madang.store.postgres.connection import Connection
from madang.store.postgres.tenant import Tenant

Rows = Mapping[str, Sequence[tuple[Any, ...]]]
"""A person's rows by table; those of ``entry`` are body, salt, target and number."""

Whose = Callable[[Entity], str]
"""The one person that an entity is about; "" where it is about nobody, or about several."""

_PAGE: Final = 500
_EVER: Final = TemporalQuery()

_OWN: Final = {
    "entity": "SELECT id, types, odd, place::text, ends, expires, body FROM @entity WHERE id = ANY($1)",
    "kind": "SELECT type, id FROM @kind WHERE id = ANY($1)",
    "past": "SELECT entity, types FROM @past WHERE entity = ANY($1)",
    "kindred": "SELECT type, entity FROM @kindred WHERE entity = ANY($1)",
    "series": "SELECT number, entity, attribute, dataset FROM @series WHERE entity = ANY($1)",
    "sample": "SELECT t.* FROM @sample t JOIN @series s ON s.number = t.series WHERE s.entity = ANY($1)",
}
_INTO: Final = {
    "entity": "INSERT INTO @entity VALUES ($1, $2, $3, $4::text::box, $5, $6, $7)",
    "kind": "INSERT INTO @kind VALUES ($1, $2)",
    "past": "INSERT INTO @past VALUES ($1, $2)",
    "kindred": "INSERT INTO @kindred VALUES ($1, $2)",
    "series": "INSERT INTO @series OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4)",
    "sample": "INSERT INTO @sample VALUES ($1, $2, $3, $4, $5)",
    "record": "INSERT INTO @record VALUES ($1, $2, $3)",
    "entry": "UPDATE @entry SET body = $1, salt = $2, target = $3 WHERE sequence = $4",
}


class Person:
    """What is a person's: ids of entities, keys of records, numbers of entries."""

    def __init__(self) -> None:
        self.entities: list[str] = []
        self.records: list[tuple[str, str]] = []
        self.entries: list[int] = []


async def people(connection: Connection, tenant: Tenant, whose: Whose) -> dict[str, Person]:
    """Each person of the tenant, with what is theirs."""
    found: dict[str, Person] = {}
    after = ""
    while page := await census.walk(connection, tenant, after, _PAGE):
        after = page[-1].id
        for one in page:
            if person := whose(one):
                found.setdefault(person, Person()).entities.append(one.id)
    for one in await _gone(connection, tenant):
        if person := whose(one):
            found.setdefault(person, Person()).entities.append(one.id)
    records = tenant.sql("SELECT kind, id, body FROM @record WHERE kind IN ('consent', 'petition')")
    for kind, id, body in await connection.fetch(records):
        if person := str(msgspec.json.decode(body).get("subject", "")):
            found.setdefault(person, Person()).records.append((kind, id))
    entries = tenant.sql(
        "SELECT sequence, target, body FROM @entry WHERE body <> '' AND"
        " (target = ANY($1) OR kind IN ('consent', 'request', 'access'))"
    )
    for sequence, target, body in await connection.fetch(entries, [*found]):
        person = target if target in found else next((one for one in _words(body) if one in found), "")
        if person:
            found[person].entries.append(sequence)
    return found


async def _gone(connection: Connection, tenant: Tenant) -> list[Entity]:
    """The past of the entities that are deleted."""
    gone = "SELECT entity FROM @past p WHERE NOT EXISTS (SELECT FROM @entity e WHERE e.id = p.entity)"
    ids = [id for (id,) in await connection.fetch(tenant.sql(gone))]
    found: list[Entity] = []
    for start in range(0, len(ids), _PAGE):
        found += await samples.read(connection, tenant, ids[start : start + _PAGE], (), _EVER)
    return found


def _words(body: bytes) -> Iterator[str]:
    """Every text in a JSON document."""
    waiting: list[object] = [msgspec.json.decode(body)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += cast(dict[str, object], one).values()
        elif isinstance(one, list):
            waiting += cast(list[object], one)


async def rows(connection: Connection, tenant: Tenant, owned: Person) -> Rows:
    async def of(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await connection.fetch(tenant.sql(sql), *values)]

    rows = {table: await of(sql, owned.entities) for table, sql in _OWN.items()}
    record = "SELECT kind, id, body FROM @record WHERE kind = $1 AND id = $2"
    rows["record"] = [row for key in owned.records for row in await of(record, *key)]
    rows["entry"] = await of("SELECT body, salt, target, sequence FROM @entry WHERE sequence = ANY($1)", owned.entries)
    return rows


async def put_back(connection: Connection, tenant: Tenant, rows: Rows) -> None:
    """Put a person's rows back in their places."""
    for table, found in rows.items():
        await connection.executemany(tenant.sql(_INTO[table]), found)
