"""Aggregates in the database (``store/aggregates`` says what they are): one statement an instance.

Where rows of an instance are more than bare values (whole attributes, kinds that changed), or periods follow the
calendar over a time that no index is by, the samples are read and ``store/aggregates`` adds them up.
"""

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from madang.model import time
from madang.model.document import NULL
from madang.model.entity import Attribute, Kind
from madang.model.query import Aggregate, Aggregation, Method, TemporalQuery
from madang.store import aggregates
from madang.store.aggregates import MAX_PERIODS, MEASURED, Grid, Periods
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.samples import OBSERVED, SERIES, Series, condition, samples, series_of

_form = msgspec.json.Decoder(Attribute).decode

_NUMBER: Final = """CASE typeof(value) WHEN 'integer' THEN value WHEN 'real' THEN value WHEN 'blob' THEN
 CASE value WHEN x'74727565' THEN 1 WHEN x'66616c7365' THEN 0
 ELSE CASE WHEN substr(value, 1, 1) = x'5b' THEN json_array_length(CAST(value AS TEXT))
 WHEN CAST(value AS TEXT) GLOB '[-0-9]*' THEN CAST(CAST(value AS TEXT) AS REAL) END END END"""
"""The number that a value counts as: true, false, arrays and numbers of more than 64 bits are JSON in a blob."""

_TEXT: Final = """CASE typeof(value) WHEN 'text' THEN value WHEN 'blob' THEN
 CASE substr(value, 1, 1) WHEN x'7b' THEN
 CASE json_type(CAST(value AS TEXT), '$."@value"') WHEN 'text' THEN json_extract(CAST(value AS TEXT), '$."@value"')
 END END END"""

_COLUMNS: Final[dict[Method, str]] = {
    Method.TOTAL_COUNT: "count(*)",
    Method.DISTINCT_COUNT: "count(DISTINCT value)",
    Method.SUM: "sum({n} + 0.0)",
    Method.AVG: "avg({n})",
    Method.MIN: "coalesce(min({n}), min({t}))",
    Method.MAX: "coalesce(max({n}), max({t}))",
    # The squares of what differs from the least: small where the values are near each other, however large they are.
    Method.STDDEV: "count({n}), sum({n} - ? + 0.0), sum(({n} - ? + 0.0) * ({n} - ? + 0.0))",
    Method.SUMSQ: "sum(({n} + 0.0) * ({n} + 0.0))",
}
_COUNTS: Final = frozenset({Method.TOTAL_COUNT, Method.DISTINCT_COUNT})
_FEW: Final = 500
"""Periods that are summed up one by one."""

_NUMERIC: Final = frozenset({"integer", "real"})


class _Rows(NamedTuple):
    """The rows of one instance in the range: their condition and its values, the time that it is about,
    the first and the last of these times, the least and the greatest form; whether all are numbers, and the least."""

    text: str
    values: tuple[Any, ...]
    stamp: str
    first: int
    last: int
    forms: tuple[int, int]
    plain: bool
    least: int | float | None


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
    if past.property != "observedAt" and _has_whole(connection, series):
        return _read(connection, series, past, aggregation)
    found = _numbers(connection, series, past, aggregation)
    if found is not None:
        return found
    rows = _rows(connection, series, past)
    if rows is None:
        return None
    kind = _kind(connection, rows.forms)
    start, end = aggregates.whole(past, rows.first, rows.last)
    grid = None if aggregation.period is None else Grid(start, aggregation.period)
    # By observedAt the index leads to each period; by another time they are told apart by sorting.
    indexed = past.property == "observedAt"
    if kind is None or (grid is not None and not grid.length and not indexed):
        return _read(connection, series, past, aggregation)
    methods = aggregation.methods if kind in MEASURED else tuple(one for one in aggregation.methods if one in _COUNTS)
    if grid is not None and indexed and (not grid.length or (rows.last - rows.first) // grid.length < _FEW):
        periods = _each(connection, rows, methods, grid)
    else:
        periods = _periods(connection, rows, methods, grid=grid, last=past.last)
    told = aggregates.Series(series.id, series.name, series.dataset)
    return aggregates.tell(told, kind, periods, past, grid=grid, ends=(start, end))


def _numbers(connection: Connection, series: Series, past: TemporalQuery, aggregation: Aggregation) -> Aggregate | None:
    """The usual case in one statement: numbers alone, of one form, in periods of a fixed length over their observedAt.
    None where it is another, or there are no samples: what says so is asked for beside the aggregates."""
    methods, period = aggregation.methods, aggregation.period
    if past.property != "observedAt" or period is None or period.months or Method.STDDEV in methods:
        return None
    where = condition(past)
    text, values = f"{SERIES}{where.text} AND value IS NOT ?", (series.entity, series.stream, *where.values, NULL)
    ends = [f"(SELECT at FROM sample WHERE {text} ORDER BY at {order} LIMIT 1)" for order in ("ASC", "DESC")]
    first, last = next(connection.execute(f"SELECT {', '.join(ends)}", values * 2))
    if first is None:
        return None
    start, end = aggregates.whole(past, first, last)
    grid = Grid(start, period)
    columns = ", ".join(_COLUMNS[method].format(n="value", t="NULL") for method in methods) or "0"
    limit, order = MAX_PERIODS + 1, "ASC"
    if past.last is not None:
        limit, order = min(past.last, limit), "DESC"
    sql = (
        f"SELECT (at - {grid.start}) / {grid.length}, min(form), max(form), max(value), {columns} FROM sample"
        f" WHERE {text} GROUP BY 1 ORDER BY 1 {order} LIMIT {limit}"
    )
    rows = connection.execute(sql, values).fetchall()
    forms = {row[1] for row in rows} | {row[2] for row in rows}
    # Numbers come before all else: where the greatest value is one, all are.
    if len(forms) != 1 or 0 in forms or not all(isinstance(row[3], int | float) for row in rows):
        return None
    kind = _kind(connection, (rows[0][1], rows[0][1]))
    if kind is None or kind not in MEASURED:
        return None
    periods: Periods = [(row[0], _values(methods, row[4:])) for row in rows]
    told = aggregates.Series(series.id, series.name, series.dataset)
    ordered = periods if past.last is None else periods[::-1]
    return aggregates.tell(told, kind, ordered, past, grid=grid, ends=(start, end))


def _rows(connection: Connection, series: Series, past: TemporalQuery) -> _Rows | None:
    """Which rows, and what is known of them after one look; None where there is none."""
    where = condition(past)
    text, values = f"{SERIES}{where.text} AND value IS NOT ?", (series.entity, series.stream, *where.values, NULL)
    known = (
        f"min({where.stamp}), max({where.stamp}), min(form), max(form),"
        " min(typeof(value)), max(typeof(value)), min(value)"
    )
    row = next(connection.execute(f"SELECT {known} FROM sample WHERE {text}", values))
    if row[0] is None:
        return None
    plain = {row[4], row[5]} <= _NUMERIC
    return _Rows(text, values, where.stamp, row[0], row[1], (row[2], row[3]), plain, row[6] if plain else None)


def _read(connection: Connection, series: Series, past: TemporalQuery, aggregation: Aggregation) -> Aggregate | None:
    told = aggregates.Series(series.id, series.name, series.dataset)
    everything = msgspec.structs.replace(past, last=None, first=None)
    return aggregates.aggregate(told, list(samples(connection, series, everything)), past, aggregation)


def _has_whole(connection: Connection, series: Series) -> bool:
    sql = f"SELECT 1 FROM sample WHERE {SERIES} AND form = 0 LIMIT 1"
    return bool(connection.execute(sql, (series.entity, series.stream)).fetchall())


def _kind(connection: Connection, forms: Sequence[int]) -> Kind | None:
    """The one kind of the samples, whose forms have numbers from the first to the second of these; None where they may
    have several, or are whole attributes (0)."""
    if forms[0] != forms[1] or not forms[0]:
        return None
    ((text,),) = connection.execute("SELECT text FROM form WHERE number = ?", (forms[0],))
    return _form(text).kind


def _columns(rows: _Rows, methods: Sequence[Method]) -> str:
    """What the statement asks for: in rows of numbers alone the value is the number, which is four times as quick."""
    number, text = ("value", "NULL") if rows.plain else (f"({_NUMBER})", f"({_TEXT})")
    return ", ".join(_COLUMNS[method].format(n=number, t=text) for method in methods) or "0"


def _least(connection: Connection, rows: _Rows, methods: Sequence[Method]) -> tuple[Any, ...]:
    """What the columns take: the least number, as often as the deviation names it."""
    if Method.STDDEV not in methods:
        return ()
    sql = f"SELECT min({_NUMBER}) FROM sample WHERE {rows.text}"
    return (rows.least if rows.plain else next(connection.execute(sql, rows.values))[0],) * 3


def _periods(
    connection: Connection, rows: _Rows, methods: Sequence[Method], *, grid: Grid | None, last: int | None
) -> Periods:
    """Each period that has samples, and what the methods make of them; the whole range where there is no grid."""
    sql = f"SELECT 0, {_columns(rows, methods)} FROM sample WHERE {rows.text}"
    if grid is not None:
        limit = MAX_PERIODS + 1 if last is None else min(last, MAX_PERIODS + 1)
        number = f"({rows.stamp} - {grid.start}) / {grid.length}"
        order = "1" if last is None else "1 DESC"
        sql = f"SELECT {number}{sql.removeprefix('SELECT 0')} GROUP BY 1 ORDER BY {order} LIMIT {limit}"
    bound = (*_least(connection, rows, methods), *rows.values)
    found: Periods = [(row[0], _values(methods, row[1:])) for row in connection.execute(sql, bound).fetchall()]
    return found if last is None else found[::-1]


def _each(connection: Connection, rows: _Rows, methods: Sequence[Method], grid: Grid) -> Periods:
    """The same with a statement for each period that has samples: months have no fixed length, and where periods are
    few, this is three times as quick as sorting. The range's own bounds are in `rows.first` and `rows.last`."""
    least, base = _least(connection, rows, methods), (*rows.values[:2], rows.values[-1])
    text = f"{SERIES} AND value IS NOT ?{OBSERVED if OBSERVED in rows.text else ''} AND at >= ? AND at <= ?"
    after = f"SELECT at FROM sample WHERE {text} ORDER BY at LIMIT 1"
    one = f"SELECT {_columns(rows, methods)} FROM sample WHERE {text}"
    found: Periods = []
    at: int | None = rows.first
    while at is not None:
        number = grid.number(at)
        end = min(time.microseconds(grid.bounds(number)[1]) - 1, rows.last)
        found.append((number, _values(methods, next(connection.execute(one, (*least, *base, at, end))))))
        at = next((at for (at,) in connection.execute(after, (*base, end + 1, rows.last))), None)
    return found


def _values(methods: Sequence[Method], columns: Sequence[Any]) -> dict[Method, Any]:
    if Method.STDDEV in methods:
        place = methods.index(Method.STDDEV)
        columns = (*columns[:place], _deviation(*columns[place : place + 3]), *columns[place + 3 :])
    if len(methods) == 1 and type(columns[0]) is float and math.isfinite(columns[0]):
        return {methods[0]: columns[0]}
    return {
        method: value
        for method, value in zip(methods, columns, strict=True)
        if value is not None and not (isinstance(value, float) and not math.isfinite(value))
    }


def _deviation(count: int, shifted: float | None, squares: float | None) -> float | None:
    if not count or shifted is None or squares is None:
        return None
    variance = (squares - shifted * shifted / count) / count
    return math.sqrt(max(0.0, variance)) if math.isfinite(variance) else None
