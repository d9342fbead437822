"""The past, written: samples to rows (see schema). ``samples`` reads them, ``pasts`` finds and forgets them."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

import msgspec

from madang.errors import BadRequestData
from madang.model import time
from madang.model.change import Sample
from madang.model.entity import Attribute
from madang.store.postgres.connection import Connection, indexed
from madang.store.postgres.tenant import Known, Tenant

_encode = msgspec.json.Encoder().encode

_KEEP_TYPES = """
INSERT INTO @past AS p (entity, types) SELECT u.entity, string_to_array(u.types, ' ')
FROM unnest($1::text[], $2::text[]) AS u (entity, types)
ON CONFLICT (entity) DO UPDATE SET types = excluded.types WHERE p.types <> excluded.types RETURNING entity
"""

_RETYPE = """
UPDATE @past p SET types = string_to_array(u.types, ' ') FROM unnest($1::text[], $2::text[]) AS u (entity, types)
WHERE p.entity = u.entity AND p.types <> string_to_array(u.types, ' ') RETURNING p.entity
"""

_KEEP_KIN = """
INSERT INTO @kindred (type, entity)
SELECT DISTINCT unnest(types), entity FROM @past WHERE entity = ANY($1::text[])
"""

_FIND_SERIES = """
SELECT s.number, s.entity, s.attribute, s.dataset FROM @series s
JOIN unnest($1::text[], $2::text[], $3::text[]) AS u (entity, attribute, dataset) USING (entity, attribute, dataset)
"""

_MAKE_SERIES = """
INSERT INTO @series (entity, attribute, dataset) SELECT u.entity, u.attribute, u.dataset
FROM unnest($1::text[], $2::text[], $3::text[]) AS u (entity, attribute, dataset)
RETURNING number, entity, attribute, dataset
"""

_MAKE_FORM = """
INSERT INTO @form AS f (digest, text) VALUES ($1, $2)
ON CONFLICT (digest) DO UPDATE SET text = f.text RETURNING number
"""

_KEEP = """
INSERT INTO @sample (series, form, at, lag, value)
SELECT * FROM unnest($1::integer[], $2::integer[], $3::bigint[], $4::bigint[], $5::text[])
ON CONFLICT (series, at) DO UPDATE SET form = excluded.form, lag = excluded.lag, value = excluded.value
"""


class Row(NamedTuple):
    """A sample on its way to the tables; `form` "" where `value` is the whole attribute."""

    name: str
    dataset: str
    at: int
    lag: int | None
    form: str
    value: str


class Kept(NamedTuple):
    """What one edit gives to the past of an entity of these types."""

    id: str
    types: tuple[str, ...]
    rows: Sequence[Row]


def rows(id: str, samples: Sequence[Sample]) -> list[Row]:
    """The samples as rows. Raises BadRequestData for what PostgreSQL cannot store."""
    try:
        found = [_row(sample) for sample in samples]
    except (TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise BadRequestData(f"a value cannot be kept as JSON: {problem}") from None
    for row in found:
        indexed(id, row.name, row.dataset, what="the entity")
    return found


async def append(connection: Connection, tenant: Tenant, kept: Sequence[Kept]) -> None:
    """Keep the rows; one with the time of another of its instance replaces it."""
    known = tenant.known
    known.trim()
    await _keep_types(connection, tenant, {one.id: one.types for one in kept})
    await _know_series(connection, tenant, {(one.id, row.name, row.dataset) for one in kept for row in one.rows})
    await _know_forms(connection, tenant, {row.form for one in kept for row in one.rows})
    samples = {
        (number := known.series[one.id, row.name, row.dataset], row.at): (
            number,
            known.forms.get(row.form, 0),
            row.at,
            row.lag,
            row.value,
        )
        for one in kept
        for row in one.rows
    }
    await connection.execute(tenant.sql(_KEEP), *map(list, zip(*samples.values(), strict=True)))


async def retype(connection: Connection, tenant: Tenant, types: Mapping[str, tuple[str, ...]]) -> None:
    """These entities have these types now: where they have a past, that has them too."""
    if types:
        for id in await _put_types(connection, tenant, _RETYPE, types):
            tenant.known.types[id] = types[id]


async def _keep_types(connection: Connection, tenant: Tenant, types: Mapping[str, tuple[str, ...]]) -> None:
    new = {id: has for id, has in types.items() if tenant.known.types.get(id) != has}
    if new:
        await _put_types(connection, tenant, _KEEP_TYPES, new)
        tenant.known.types.update(new)


async def _put_types(
    connection: Connection, tenant: Tenant, sql: str, types: Mapping[str, tuple[str, ...]]
) -> list[str]:
    joined = [" ".join(has) for has in types.values()]
    changed = [id for (id,) in await connection.fetch(tenant.sql(sql), list(types), joined)]
    if changed:
        await connection.execute(tenant.sql("DELETE FROM @kindred WHERE entity = ANY($1::text[])"), changed)
        await connection.execute(tenant.sql(_KEEP_KIN), changed)
    return changed


async def _know_series(connection: Connection, tenant: Tenant, keys: set[tuple[str, str, str]]) -> None:
    known = tenant.known.series
    for statement in (_FIND_SERIES, _MAKE_SERIES):
        unknown = [key for key in keys if key not in known]
        if not unknown:
            return
        found = await connection.fetch(tenant.sql(statement), *map(list, zip(*unknown, strict=True)))
        known.update(((entity, attribute, dataset), number) for number, entity, attribute, dataset in found)


async def _know_forms(connection: Connection, tenant: Tenant, forms: set[str]) -> None:
    known: Known = tenant.known
    for form in forms:
        if form and form not in known.forms:
            digest = sha256(form.encode()).digest()
            known.forms[form] = await connection.fetchval(tenant.sql(_MAKE_FORM), digest, form)


def _row(sample: Sample) -> Row:
    one = sample.instance
    at = time.microseconds(sample.at)
    lag = None if one.observed_at is None else time.microseconds(one.modified_at or sample.at) - at
    dataset = one.dataset_id or ""
    if one.attributes or one.expires_at is not None:
        return Row(sample.name, dataset, at, lag, "", _encode(one).decode())
    form = Attribute(kind=one.kind, unit_code=one.unit_code, value_type=one.value_type, object_type=one.object_type)
    return Row(sample.name, dataset, at, lag, _encode(form).decode(), _encode(one.value).decode())
