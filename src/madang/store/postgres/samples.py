"""The past, read: rows to samples (see schema), and the one sample that is revised.

What SQL decides: ranges and limits, of rows that hold a bare value. A row that holds a whole attribute (it has
attributes of its own, or was revised) knows its times better than its columns; where the query is not about
observedAt, ``store/past`` decides.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec

from madang.model import time
from madang.model.document import NULL
from madang.model.entity import Attribute, Entity
from madang.model.query import TemporalQuery
from madang.store.past import chosen, named, revised, sample_name, sample_times, series_name, span, within
from madang.store.postgres.connection import Connection, Row
from madang.store.postgres.tenant import Tenant

_encode = msgspec.json.Encoder().encode
_attribute = msgspec.json.Decoder(Attribute).decode
_value = msgspec.json.Decoder().decode
_forms: dict[str, Attribute] = {}

GONE = _encode(NULL).decode()
"""The value of a sample that is a deletion."""


class Series(NamedTuple):
    """One instance of an attribute of an entity."""

    number: int
    id: str
    name: str
    dataset: str | None


class Condition(NamedTuple):
    """What rows are wanted: the condition after ``series = …``, its values as ``$2`` and so on, and the time that it is
    about, in SQL."""

    text: str
    values: tuple[int | str, ...]
    stamp: str


async def read(
    connection: Connection, tenant: Tenant, ids: Sequence[str], names: Sequence[str], past: TemporalQuery
) -> list[Entity]:
    """See `ports.Store.history`."""
    sql = tenant.sql("SELECT entity, types FROM @past WHERE entity = ANY($1::text[])")
    types = {id: tuple(has) for id, has in await connection.fetch(sql, ids)}
    wanted = await series_of(connection, tenant, list(types), names)
    found: dict[str, dict[str, list[Attribute]]] = {id: {} for id in types}
    for series, one in await samples(connection, tenant, wanted, past):
        found[series.id].setdefault(series.name, []).append(one)
    entities: list[Entity] = []
    for id in dict.fromkeys(ids):
        if id in types:
            attributes = {name: chosen(several, past) for name, several in sorted(found[id].items())}
            entities.append(Entity(id=id, types=types[id], attributes=attributes))
    return entities


async def series_of(connection: Connection, tenant: Tenant, ids: Sequence[str], names: Sequence[str]) -> list[Series]:
    """The instances of these attributes (none named: of all) of these entities."""
    rows = await connection.fetch(
        tenant.sql(
            "SELECT number, entity, attribute, dataset FROM @series WHERE entity = ANY($1::text[])"
            " AND (cardinality($2::text[]) = 0 OR attribute = ANY($2::text[]))"
        ),
        ids,
        names,
    )
    return [Series(number, id, name, dataset or None) for number, id, name, dataset in rows]


async def samples(
    connection: Connection, tenant: Tenant, wanted: Sequence[Series], past: TemporalQuery
) -> list[tuple[Series, Attribute]]:
    """The samples of these instances in the range; of each no more than `past.last` or `past.first`, those that
    count."""
    where = condition(past)
    limit, values = "", where.values
    if past.last is not None or past.first is not None:
        # Equal times are told apart in `chosen`; within one instance there are none.
        limit = f" ORDER BY {where.stamp} {'ASC' if past.last is None else 'DESC'} LIMIT ${len(values) + 2}"
        values = (*values, (past.first if past.last is None else past.last) or 0)
    found = list(_instances(wanted, await _rows(connection, tenant, wanted, where.text + limit, values)))
    if past.property != "observedAt":
        whole = _instances(wanted, await _rows(connection, tenant, wanted, " AND form = 0", ()))
        found += [(series, one) for series, one in whole if within(one, past)]
    return found


def condition(past: TemporalQuery) -> Condition:
    """The rows in the range whose columns say so."""
    observed = past.property == "observedAt"
    stamp = "at" if observed else "(at + coalesce(lag, 0))"
    text, values = "", list[int | str]()
    if not observed:
        text += " AND form <> 0"
    if past.property == "deletedAt":
        values.append(GONE)
        text += " AND value = $2::text"
    low, high = span(past)
    if observed and (low is not None or high is not None):
        text += " AND lag IS NOT NULL"
    for bound, sign in ((low, ">="), (high, "<")):
        if bound is not None:
            values.append(bound)
            text += f" AND {stamp} {sign} ${len(values) + 1}::bigint"
    return Condition(text, tuple(values), stamp)


async def revise(
    connection: Connection,
    tenant: Tenant,
    wanted: str,
    *,
    id: str,
    name: str,
    revision: Callable[[Attribute], Attribute | None],
) -> bool:
    """See `ports.Store.revise`; `wanted` is the sample's instance_id."""
    for series in await series_of(connection, tenant, (id,), (name,)):
        found = await _find(connection, tenant, series, wanted)
        if found is not None:
            at, old = found
            new = revision(old)
            sql = tenant.sql("DELETE FROM @sample WHERE series = $1 AND at = $2")
            await connection.execute(sql, series.number, at)
            if new is not None:
                await _put(connection, tenant, series, at, revised(old, new))
            return True
    return False


async def _put(connection: Connection, tenant: Tenant, series: Series, at: int, one: Attribute) -> None:
    if one.observed_at is not None:
        at = time.microseconds(one.observed_at)
    # Another sample may have the time that a revised one wants: then it is put right after that.
    taken = tenant.sql("SELECT EXISTS (SELECT 1 FROM @sample WHERE series = $1 AND at = $2)")
    while await connection.fetchval(taken, series.number, at):
        at += 1
    reported = at if one.modified_at is None else time.microseconds(one.modified_at)
    await connection.execute(
        tenant.sql("INSERT INTO @sample (series, at, lag, form, value) VALUES ($1, $2, $3, 0, $4)"),
        series.number,
        at,
        None if one.observed_at is None else reported - at,
        _encode(one).decode(),
    )


async def _find(connection: Connection, tenant: Tenant, series: Series, wanted: str) -> tuple[int, Attribute] | None:
    """The sample with that instance_id and the time that it stands at."""
    times = sample_times(wanted)
    if times is None or not wanted.startswith(series_name(series.id, series.name, series.dataset)):
        return None
    # Where it was reported, unless it was revised since then and stands somewhere else: then it is a whole attribute
    # that has its instance_id as a member.
    part = " AND (at = $2 OR form = 0 AND strpos(value, $3) > 0)"
    rows = await _rows(connection, tenant, [series], part, (times[0], wanted))
    found = ((row[1], one) for row, (_, one) in zip(rows, _instances([series], rows), strict=True))
    return next(((at, one) for at, one in found if one.instance_id == wanted), None)


async def _rows(
    connection: Connection, tenant: Tenant, wanted: Sequence[Series], part: str, values: Sequence[int | str]
) -> list[Row]:
    """Rows of samples (series, at, lag, form, value) of these instances, of each those that `part` says."""
    sql = (
        "SELECT u.number, x.at, x.lag, f.text, x.value FROM unnest($1::integer[]) AS u (number) CROSS JOIN LATERAL"
        f" (SELECT at, lag, form, value FROM @sample WHERE series = u.number{part}) x"
        " LEFT JOIN @form f ON f.number = x.form"
    )
    return await connection.fetch(tenant.sql(sql), [series.number for series in wanted], *values)


def _instances(wanted: Sequence[Series], rows: Sequence[Row]) -> Iterator[tuple[Series, Attribute]]:
    told = {one.number: (one, series_name(one.id, one.name, one.dataset)) for one in wanted}
    for number, at, lag, form, value in rows:
        series, name = told[number]
        yield series, _instance(at, lag, form, value, series.dataset, name=name)


def _instance(at: int, lag: int | None, form: str | None, value: Any, dataset: str | None, *, name: str) -> Attribute:
    """The sample of a row; `name` is `series_name`."""
    if form is None:
        return named(_attribute(value), name, at)
    one = _forms.get(form)
    if one is None:
        if len(_forms) >= 10_000:
            _forms.clear()
        one = _forms[form] = _attribute(form)
    observed = time.from_microseconds(at)
    reported = observed if not lag else observed + timedelta(microseconds=lag)
    return Attribute(
        kind=one.kind,
        value=_value(value),
        observed_at=None if lag is None else observed,
        unit_code=one.unit_code,
        dataset_id=dataset,
        created_at=reported,
        modified_at=reported,
        value_type=one.value_type,
        object_type=one.object_type,
        instance_id=sample_name(name, at, at + (lag or 0)),
    )
