"""Aggregates in the database (``store/aggregates`` says what they are): two statements, however many instances.

Where the samples of an instance are more than numbers and truth values (texts, arrays, whole attributes, kinds that
changed), or periods follow the calendar, the samples are read and ``store/aggregates`` adds them up.
"""

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from madang.model.entity import Attribute, Kind
from madang.model.query import Aggregate, Aggregation, Method, TemporalQuery
from madang.store import aggregates
from madang.store.aggregates import MAX_PERIODS, MEASURED, Grid, Periods
from madang.store.postgres.connection import Connection, Row
from madang.store.postgres.samples import GONE, Series, condition, samples, series_of
from madang.store.postgres.tenant import Tenant

_form = msgspec.json.Decoder(Attribute).decode

_COLUMNS: Final[dict[Method, str]] = {
    Method.TOTAL_COUNT: "count(*)",
    # 1 and 1.0 are the same, 1 and true are not.
    Method.DISTINCT_COUNT: "count(DISTINCT n) FILTER (WHERE NOT b) + count(DISTINCT n) FILTER (WHERE b)",
    Method.SUM: "sum(n)",
    Method.AVG: "avg(n)",
    Method.MIN: "min(n)",
    Method.MAX: "max(n)",
    Method.STDDEV: "stddev_pop(n)",
    Method.SUMSQ: "sum(n * n)",
}
_COUNTS: Final = frozenset({Method.TOTAL_COUNT, Method.DISTINCT_COUNT})
_WHOLE: Final = frozenset({Method.MIN, Method.MAX})


class _Extent(NamedTuple):
    """What the samples of an instance are: the first and the last time, how many forms, whether they are all plain
    numbers or truth values."""

    first: int
    last: int
    forms: tuple[int, int]
    text: str | None
    plain: bool


async def aggregate(
    connection: Connection,
    tenant: Tenant,
    ids: Sequence[str],
    names: Sequence[str],
    *,
    past: TemporalQuery,
    aggregation: Aggregation,
) -> list[Aggregate]:
    """See `ports.Store.aggregate`."""
    place = {id: number for number, id in enumerate(ids)}
    wanted = await series_of(connection, tenant, ids, names)
    wanted.sort(key=lambda series: (place[series.id], series.name, series.dataset or ""))
    whole = await _whole(connection, tenant, wanted) if past.property != "observedAt" else set[int]()
    extents = await _extents(connection, tenant, [one for one in wanted if one.number not in whole], past)
    grids = {number: _grid(one, past, aggregation) for number, one in extents.items()}
    quick = [one for one in wanted if one.number in grids and _quick(extents[one.number], grids[one.number])]
    rows = await _periods(connection, tenant, {one.number: grids[one.number] for one in quick}, past, aggregation)
    found: dict[int, Aggregate] = {}
    for one in quick:
        extent, told = extents[one.number], aggregates.Series(one.id, one.name, one.dataset)
        ends = aggregates.whole(past, extent.first, extent.last)
        periods = rows.get(one.number, [])
        grid = grids[one.number]
        found[one.number] = aggregates.tell(told, _kind(extent), periods, past, grid=grid, ends=ends)
    slow = [one for one in wanted if one.number not in found and (one.number in extents or one.number in whole)]
    found |= await _read(connection, tenant, slow, past, aggregation)
    return [found[one.number] for one in wanted if one.number in found]


async def _whole(connection: Connection, tenant: Tenant, wanted: Sequence[Series]) -> set[int]:
    """Series that have whole attributes: those know their times better than their columns."""
    sql = tenant.sql("SELECT DISTINCT series FROM @sample WHERE series = ANY($1::integer[]) AND form = 0")
    return {number for (number,) in await connection.fetch(sql, [one.number for one in wanted])}


def _grid(extent: _Extent, past: TemporalQuery, aggregation: Aggregation) -> Grid | None:
    start, _ = aggregates.whole(past, extent.first, extent.last)
    return None if aggregation.period is None else Grid(start, aggregation.period)


def _quick(extent: _Extent, grid: Grid | None) -> bool:
    one_form = extent.forms[0] == extent.forms[1] and extent.forms[0] != 0
    return extent.plain and one_form and (grid is None or grid.length > 0) and _kind(extent) in MEASURED


def _kind(extent: _Extent) -> Kind:
    return _form(extent.text).kind if extent.text else Kind.GEO


async def _extents(
    connection: Connection, tenant: Tenant, wanted: Sequence[Series], past: TemporalQuery
) -> dict[int, _Extent]:
    """What there is in the range, by number of the series."""
    where = condition(past)
    gone = len(where.values) + 2
    stamp = where.stamp
    sql = (
        "SELECT u.number, x.*, f.text FROM unnest($1::integer[]) AS u (number) CROSS JOIN LATERAL (SELECT"
        f" min({stamp}), max({stamp}), min(form) AS low, max(form), bool_and(value ~ '^[-0-9tf]') FROM @sample"
        f" WHERE series = u.number{where.text} AND value <> ${gone}::text) x LEFT JOIN @form f ON f.number = x.low"
        " WHERE x.low IS NOT NULL"
    )
    rows = await connection.fetch(tenant.sql(sql), [one.number for one in wanted], *where.values, GONE)
    return {row[0]: _Extent(row[1], row[2], (row[3], row[4]), row[6], row[5]) for row in rows}


async def _periods(
    connection: Connection,
    tenant: Tenant,
    grids: dict[int, Grid | None],
    past: TemporalQuery,
    aggregation: Aggregation,
) -> dict[int, Periods]:
    """For each series its periods that have samples, and what the methods make of them."""
    if not grids:
        return {}
    where, methods = condition(past), aggregation.methods
    first = len(where.values) + 2
    number = f"({where.stamp} - u.start) / u.length"
    sql = (
        f"SELECT u.number, y.* FROM unnest($1::integer[], ${first}::bigint[], ${first + 1}::bigint[])"
        f" AS u (number, start, length) CROSS JOIN LATERAL (SELECT k, {', '.join(_COLUMNS[one] for one in methods)}"
        f" FROM (SELECT CASE WHEN u.length = 0 THEN 0 ELSE {number} END AS k, value IN ('true', 'false') AS b,"
        " CASE value WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE value::numeric END AS n FROM @sample"
        f" WHERE series = u.number{where.text} AND value <> ${first + 2}::text OFFSET 0) x"
        f" GROUP BY k ORDER BY k DESC LIMIT {MAX_PERIODS + 1}) y"
    )
    bounds = [(number, grid.start if grid else 0, grid.length if grid else 0) for number, grid in grids.items()]
    numbers, starts, lengths = map(list, zip(*bounds, strict=True))
    found: dict[int, Periods] = {}
    for row in await connection.fetch(tenant.sql(sql), numbers, *where.values, starts, lengths, GONE):
        found.setdefault(row[0], []).append((row[1], dict(_values(methods, row))))
    return {number: sorted(periods, key=lambda period: period[0]) for number, periods in found.items()}


def _values(methods: Sequence[Method], row: Row) -> Iterable[tuple[Method, Any]]:
    for method, value in zip(methods, row[2:], strict=True):
        if method in _COUNTS:
            yield method, value
        elif value is not None and math.isfinite(real := float(value)):
            yield method, int(value) if method in _WHOLE and _integer(value) else real


def _integer(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= 0


async def _read(
    connection: Connection, tenant: Tenant, wanted: Sequence[Series], past: TemporalQuery, aggregation: Aggregation
) -> dict[int, Aggregate]:
    everything = msgspec.structs.replace(past, last=None, first=None)
    found: dict[int, Aggregate] = {}
    for one in wanted:
        instances = [sample for _, sample in await samples(connection, tenant, [one], everything)]
        told = aggregates.Series(one.id, one.name, one.dataset)
        made = aggregates.aggregate(told, instances, past, aggregation)
        if made is not None:
            found[one.number] = made
    return found
