"""Aggregates in the database (``store/aggregates`` says what they are): one statement an instance.

Where rows of an instance are more than bare values (whole attributes, kinds that changed), or periods follow the
calendar over a time that no index is by, the samples are read and ``store/aggregates`` adds them up.
"""

import math
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from madang.model.document import NULL
from madang.model.entity import Attribute, Kind
from madang.model.query import Aggregate, Aggregation, Method, TemporalQuery
from madang.store import aggregates
from madang.store.aggregates import MAX_PERIODS, MEASURED, Grid, Periods
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.samples import Condition, Series, condition, samples, series_of

_form = msgspec.json.Decoder(Attribute).decode

_NUMBER: Final = """CASE typeof(value) WHEN 'integer' THEN value WHEN 'real' THEN value WHEN 'blob' THEN
 CASE value WHEN x'74727565' THEN 1 WHEN x'66616c7365' THEN 0
 ELSE CASE substr(value, 1, 1) WHEN x'5b' THEN json_array_length(CAST(value AS TEXT)) END END END"""
"""The number that a value counts as: true and false are JSON in a blob, like arrays."""

_TEXT: Final = """CASE typeof(value) WHEN 'text' THEN value WHEN 'blob' THEN
 CASE substr(value, 1, 1) WHEN x'7b' THEN
 CASE json_type(CAST(value AS TEXT), '$."@value"') WHEN 'text' THEN json_extract(CAST(value AS TEXT), '$."@value"')
 END END END"""

_COLUMNS: Final[dict[Method, str]] = {
    Method.TOTAL_COUNT: "count(*)",
    Method.DISTINCT_COUNT: "count(DISTINCT value)",
    Method.SUM: "sum(n + 0.0)",
    Method.AVG: "avg(n)",
    Method.MIN: "coalesce(min(n), min(t))",
    Method.MAX: "coalesce(max(n), max(t))",
    # The squares of what differs from the least: small where the values are near each other, however large they are.
    Method.STDDEV: "count(n), sum(n - m + 0.0), sum((n - m + 0.0) * (n - m + 0.0))",
    Method.SUMSQ: "sum((n + 0.0) * (n + 0.0))",
}
_COUNTS: Final = frozenset({Method.TOTAL_COUNT, Method.DISTINCT_COUNT})


def aggregate(
    connection: Connection, ids: Sequence[str], names: Sequence[str], past: TemporalQuery, aggregation: Aggregation
) -> list[Aggregate]:
    """See `ports.Store.aggregate`."""
    place = {id: number for number, id in enumerate(ids)}
    wanted = series_of(connection, ids, names)
    wanted.sort(key=lambda series: (place[series.id], series.name, series.dataset or ""))
    found = (_aggregate(connection, series, past, aggregation) for series in wanted)
    return [one for one in found if one is not None]


def _aggregate(
    connection: Connection, series: Series, past: TemporalQuery, aggregation: Aggregation
) -> Aggregate | None:
    told = aggregates.Series(series.id, series.name, series.dataset)
    if past.property != "observedAt" and _has_whole(connection, series):
        return _read(connection, series, past, aggregation)
    where = condition(past)
    where = Condition(f"{where.text} AND value IS NOT ?", (*where.values, NULL), where.stamp)
    ends = f"min({where.stamp}), max({where.stamp}), min(form), max(form)"
    sql = f"SELECT {ends} FROM sample WHERE series = ?{where.text}"
    first, last, *forms = next(connection.execute(sql, (series.number, *where.values)))
    if first is None:
        return None
    kind = _kind(connection, forms)
    start, end = aggregates.whole(past, first, last)
    grid = None if aggregation.period is None else Grid(start, aggregation.period)
    if kind is None or (grid is not None and not grid.length):
        return _read(connection, series, past, aggregation)
    methods = aggregation.methods if kind in MEASURED else tuple(one for one in aggregation.methods if one in _COUNTS)
    periods = _periods(connection, series, where, methods, grid=grid, last=past.last)
    return aggregates.tell(told, kind, periods, past, grid=grid, ends=(start, end))


def _read(connection: Connection, series: Series, past: TemporalQuery, aggregation: Aggregation) -> Aggregate | None:
    told = aggregates.Series(series.id, series.name, series.dataset)
    everything = msgspec.structs.replace(past, last=None, first=None)
    return aggregates.aggregate(told, list(samples(connection, series, everything)), past, aggregation)


def _has_whole(connection: Connection, series: Series) -> bool:
    sql = "SELECT 1 FROM sample WHERE series = ? AND form = 0 LIMIT 1"
    return bool(connection.execute(sql, (series.number,)).fetchall())


def _kind(connection: Connection, forms: Sequence[int]) -> Kind | None:
    """The one kind of the samples, whose forms have numbers from the first to the second of these; None where they may
    have several, or are whole attributes (0)."""
    if forms[0] != forms[1] or not forms[0]:
        return None
    ((text,),) = connection.execute("SELECT text FROM form WHERE number = ?", (forms[0],))
    return _form(text).kind


def _periods(
    connection: Connection,
    series: Series,
    where: Condition,
    methods: Sequence[Method],
    *,
    grid: Grid | None,
    last: int | None,
) -> Periods:
    """Each period that has samples, and what the methods make of them."""
    rows = f"sample WHERE series = ?{where.text}"
    bound: tuple[Any, ...] = (series.number, *where.values)
    number = "0" if grid is None else f"({where.stamp} - {grid.start}) / {grid.length}"
    inner = [f"{number} AS k", "value"]
    if not _COUNTS.issuperset(methods):
        inner += [f"{_NUMBER} AS n"]
    if Method.MIN in methods or Method.MAX in methods:
        inner += [f"{_TEXT} AS t"]
    if Method.STDDEV in methods:
        inner += [f"(SELECT min({_NUMBER}) FROM {rows}) AS m"]
        bound = (*bound, *bound)
    limit = min(MAX_PERIODS + 1, MAX_PERIODS + 1 if last is None else last)
    order = "k" if last is None else "k DESC"
    sql = (
        f"SELECT k, {', '.join(_COLUMNS[method] for method in methods) or '0'} FROM (SELECT {', '.join(inner)}"
        f" FROM {rows}) GROUP BY k ORDER BY {order} LIMIT {limit}"
    )
    return sorted(((row[0], _values(methods, row[1:])) for row in connection.execute(sql, bound)), key=_place)


def _place(period: tuple[int, Any]) -> int:
    return period[0]


def _values(methods: Sequence[Method], columns: Sequence[Any]) -> dict[Method, Any]:
    found: dict[Method, Any] = {}
    given = iter(columns)
    for method in methods:
        value = next(given)
        if method is Method.STDDEV:
            value = _deviation(value, next(given), next(given))
        if value is not None and not (isinstance(value, float) and not math.isfinite(value)):
            found[method] = value
    return found


def _deviation(count: int, shifted: float | None, squares: float | None) -> float | None:
    if not count or shifted is None or squares is None:
        return None
    variance = (squares - shifted * shifted / count) / count
    return math.sqrt(max(0.0, variance)) if math.isfinite(variance) else None
