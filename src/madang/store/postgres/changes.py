"""Edits as changes of rows: what many edits are about is read at once, worked out in order, and stored at once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from madang.model import geometry, time
from madang.model.alive import ends
from madang.model.change import Change, Edit
from madang.model.entity import Attribute, Entity, Kind
from madang.store.postgres import history
from madang.store.postgres.connection import Connection, corners, sayable
from madang.store.postgres.entities import entity, read, text
from madang.store.postgres.tenant import Tenant

NUL = "\\u0000"
"""How JSON writes the one character that jsonb refuses."""

_STORE = """
INSERT INTO @entity (id, types, odd, place, ends, expires, body)
SELECT u.id, string_to_array(u.types, ' '), u.odd, u.place, u.ends, u.expires, u.body FROM
unnest($1::text[], $2::text[], $3::boolean[], $4::box[], $5::bigint[], $6::bigint[], $7::text[])
AS u (id, types, odd, place, ends, expires, body)
"""

_UPDATE = """
UPDATE @entity e SET types = string_to_array(u.types, ' '), odd = u.odd, place = u.place, ends = u.ends,
expires = u.expires, body = u.body FROM
unnest($1::text[], $2::text[], $3::boolean[], $4::box[], $5::bigint[], $6::bigint[], $7::text[])
AS u (id, types, odd, place, ends, expires, body) WHERE e.id = u.id
"""


_WORDED = ('"kind":"LanguageProperty"', '"kind":"VocabProperty"')


class _Row(NamedTuple):
    id: str
    types: str
    odd: bool
    place: Any
    ends: int | None
    expires: int | None
    body: str


class Batch:
    """The entities that a group of edits is about: read in one statement, changed here, written in a few.

    An edit sees what the one before it made of the entity, whosever that was.
    """

    def __init__(self, tenant: Tenant, stored: dict[str, Entity]) -> None:
        self._tenant = tenant
        self._stored = stored
        self._now: dict[str, Entity | None] = dict(stored)
        self._bodies: dict[str, str] = {}
        self._kept: list[history.Kept] = []

    def change(self, id: str, edit: Edit) -> Change | None:
        """Run the edit; all refusals come before anything is kept."""
        before = self._now.get(id)
        edited = edit(before)
        after = edited.entity
        some = after or before
        if some is None:
            return None
        body = text(after) if after is not None and after is not before else ""
        kept = history.rows(id, edited.samples)
        if kept:
            self._kept.append(history.Kept(id, some.types, kept))
        if after is before:
            return None
        self._now[id] = after
        self._bodies[id] = body
        return Change(id, some.types, before, after, edited.changed)

    async def store(self, connection: Connection) -> None:
        """Write what has changed since it was read, inside the transaction."""
        tenant = self._tenant
        ids = list(self._bodies)
        new = [_row(one, self._bodies[id]) for id in ids if id not in self._stored and (one := self._now[id])]
        old = [_row(one, self._bodies[id]) for id in ids if id in self._stored and (one := self._now[id])]
        gone = [id for id in ids if id in self._stored and self._now[id] is None]
        tenant.odd = tenant.odd or any(row.odd for row in new) or any(row.odd for row in old)
        tenant.grown += len(new)
        if new:
            await connection.execute(tenant.sql(_STORE), *map(list, zip(*new, strict=True)))
        if old:
            await connection.execute(tenant.sql(_UPDATE), *map(list, zip(*old, strict=True)))
        if gone:
            await connection.execute(tenant.sql("DELETE FROM @entity WHERE id = ANY($1::text[])"), gone)
        await self._index(connection, ids)
        await self._word(connection, ids)
        if self._kept:
            await history.append(connection, tenant, self._kept)
        await history.retype(connection, tenant, self._retyped(ids))

    def _retyped(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The types of the entities that are new or have others than before."""
        found: dict[str, tuple[str, ...]] = {}
        for id in ids:
            before, after = self._stored.get(id), self._now[id]
            if after is not None and (before is None or before.types != after.types):
                found[id] = after.types
        return found

    async def _index(self, connection: Connection, ids: Sequence[str]) -> None:
        lost: list[tuple[str, str]] = []
        won: list[tuple[str, str]] = []
        for id in ids:
            before, after = self._stored.get(id), self._now[id]
            had, has = before.types if before else (), after.types if after else ()
            if had != has:
                lost += [(type, id) for type in had if type not in has]
                won += [(type, id) for type in dict.fromkeys(has) if type not in had]
        sql = self._tenant.sql
        pairs = "unnest($1::text[], $2::text[]) AS u (type, id)"
        if lost:
            await connection.execute(
                sql(f"DELETE FROM @kind k USING {pairs} WHERE k.type = u.type AND k.id = u.id"),
                *map(list, zip(*lost, strict=True)),
            )
        if won:
            await connection.execute(
                sql(f"INSERT INTO @kind SELECT u.type, u.id FROM {pairs}"), *map(list, zip(*won, strict=True))
            )

    async def _word(self, connection: Connection, ids: Sequence[str]) -> None:
        """Note the names that are new among those of which SQL does not say what matches."""
        names: set[str] = set()
        for id in ids:
            one = self._now[id]
            if one is not None and any(mark in self._bodies[id] for mark in _WORDED):
                names.update(name for name in _worded(one.attributes) if sayable(name))
        new = names - self._tenant.known.worded
        if new:
            sql = "INSERT INTO @worded SELECT unnest($1::text[]) EXCEPT SELECT attribute FROM @worded"
            await connection.execute(self._tenant.sql(sql), list(new))
            self._tenant.known.worded |= new
            # Readers heed it from here on: sooner than need be does no harm.
            self._tenant.worded |= new


async def batch(connection: Connection, tenant: Tenant, ids: Sequence[str]) -> Batch:
    """What is stored under these ids, to be edited."""
    bodies = await read(connection, tenant, ids)
    return Batch(tenant, {id: entity(body) for id, body in bodies.items()})


def _row(one: Entity, body: str) -> _Row:
    expires = ends(one)
    box = _box(one.attributes.get("location", ()))
    return _Row(
        one.id,
        " ".join(one.types),
        NUL in body,
        None if box is None else corners(*box),
        None if one.expires_at is None else time.microseconds(one.expires_at),
        None if expires is None else time.microseconds(expires),
        body,
    )


def _box(instances: tuple[Attribute, ...]) -> geometry.Box | None:
    boxes = [box for box in (geometry.box(one.value) for one in instances) if box]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _worded(attributes: Mapping[str, tuple[Attribute, ...]]) -> Iterator[str]:
    """Names of language maps and terms of vocabularies, at any depth."""
    for name, instances in attributes.items():
        for one in instances:
            if one.kind in (Kind.LANGUAGE, Kind.VOCAB):
                yield name
            yield from _worded(one.attributes)
