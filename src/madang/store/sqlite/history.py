"""The past: samples to rows and back (see schema)."""

from collections.abc import Container, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from madang.errors import BadRequestData
from madang.model import time
from madang.model.change import Sample
from madang.model.entity import Attribute, Entity
from madang.model.query import TemporalQuery, Timerel
from madang.store.past import newest
from madang.store.sqlite import many
from madang.store.sqlite.connection import Connection

_encode = msgspec.json.Encoder().encode
_attribute = msgspec.json.Decoder(Attribute).decode
_forms: dict[str, Attribute] = {}


KNOWN = 200_000
"""Series that the writer remembers the numbers of."""


class Known:
    """What the writer knows to be in the tables, so that it need not ask: each statement costs a change of threads.

    Only the writer's thread uses it. It is forgotten when a transaction is undone.
    """

    def __init__(self) -> None:
        self.series: dict[tuple[str, str, str], int] = {}
        self.forms: dict[str, int] = {}
        self.types: dict[str, tuple[str, ...]] = {}
        self.number: int = -1
        """The highest number of an entity; -1: ask."""

    def forget(self) -> None:
        """Ask again."""
        self.series.clear()
        self.forms.clear()
        self.types.clear()
        self.number = -1


class Row(NamedTuple):
    """A sample on its way to the tables; `form` "" where `value` is the whole attribute."""

    name: str
    dataset: str
    at: int
    lag: int | None
    form: str
    value: Any


def rows(samples: Sequence[Sample]) -> list[Row]:
    """The samples as rows. Raises BadRequestData for a value that JSON cannot carry."""
    try:
        return [_row(sample) for sample in samples]
    except (TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise BadRequestData(f"a value cannot be kept as JSON: {problem}") from None


def append_all(
    connection: Connection, known: Known, items: Sequence[tuple[str, tuple[str, ...], Sequence[Row]]]
) -> None:
    """Keep the rows of many entities (id, types, rows); one with the time of another of its instance replaces it."""
    if len(known.series) > KNOWN or len(known.forms) > KNOWN:
        known.forget()
    # Of two rows with the same key the last one counts: REPLACE would do it too, but not within one statement's order.
    found: dict[tuple[int, int], tuple[int, int, int | None, int, Any]] = {}
    for id, types, rows in items:
        if known.types.get(id) != types:
            _put_types(connection, id, types)
            known.types[id] = types
        for row in rows:
            series = _series(connection, known, id, row)
            found[series, row.at] = (series, row.at, row.lag, _form(connection, known, row.form), row.value)
    many.insert(connection, "INSERT OR REPLACE INTO sample (series, at, lag, form, value)", list(found.values()))


def _put_types(connection: Connection, id: str, types: tuple[str, ...]) -> None:
    connection.execute(
        "INSERT INTO past (entity, types) VALUES (?1, ?2)"
        " ON CONFLICT (entity) DO UPDATE SET types = ?2 WHERE types <> ?2",
        (id, " ".join(types)),
    )


def read(connection: Connection, ids: Sequence[str], names: Sequence[str], past: TemporalQuery) -> list[Entity]:
    """See `ports.Store.history`."""
    found: list[Entity] = []
    for id in ids:
        for (types,) in connection.execute("SELECT types FROM past WHERE entity = ?", (id,)):
            found.append(
                Entity(id=id, types=tuple(types.split(" ")), attributes=_instances(connection, id, names, past))
            )
    return found


def forget(
    connection: Connection, type: str | None, names: Container[str], before: datetime, apart: Sequence[str]
) -> int:
    """See `ports.Store.forget`."""
    start = connection.total_changes()
    for id, types in connection.execute("SELECT entity, types FROM past").fetchall():
        has = types.split(" ")
        if (type in has) if type else not any(one in has for one in apart):
            for number, name in _series_of(connection, id):
                if name in names:
                    connection.execute(
                        "DELETE FROM sample WHERE series = ? AND at < ?", (number, time.microseconds(before))
                    )
    return connection.total_changes() - start


def erase(connection: Connection, known: Known, id: str, name: str | None) -> bool:
    """See `ports.Store.erase`."""
    known.forget()
    numbers = [number for number, own in _series_of(connection, id) if name is None or own == name]
    for number in numbers:
        connection.execute("DELETE FROM sample WHERE series = ?", (number,))
        connection.execute("DELETE FROM series WHERE number = ?", (number,))
    if name is None:
        connection.execute("DELETE FROM past WHERE entity = ?", (id,))
        return connection.changes() > 0
    return bool(numbers)


def _row(sample: Sample) -> Row:
    one = sample.instance
    at = time.microseconds(sample.at)
    lag = None if one.observed_at is None else time.microseconds(one.modified_at or sample.at) - at
    if one.attributes:
        return Row(sample.name, one.dataset_id or "", at, lag, "", _encode(one))
    form = Attribute(kind=one.kind, unit_code=one.unit_code, value_type=one.value_type, object_type=one.object_type)
    value = one.value if type(one.value) in (int, float, str) else _encode(one.value)
    return Row(sample.name, one.dataset_id or "", at, lag, _encode(form).decode(), value)


def _series(connection: Connection, known: Known, id: str, row: Row) -> int:
    key = (id, row.name, row.dataset)
    number = known.series.get(key)
    if number is None:
        number = known.series[key] = _find_series(connection, key)
    return number


def _find_series(connection: Connection, key: tuple[str, str, str]) -> int:
    for (number,) in connection.execute(
        "SELECT number FROM series WHERE entity = ? AND attribute = ? AND dataset = ?", key
    ):
        return number
    connection.execute("INSERT INTO series (entity, attribute, dataset) VALUES (?, ?, ?)", key)
    return connection.last_insert_rowid()


def _form(connection: Connection, known: Known, form: str) -> int:
    if not form:
        return 0
    number = known.forms.get(form)
    if number is None:
        number = known.forms[form] = _find_form(connection, form)
    return number


def _find_form(connection: Connection, form: str) -> int:
    for (number,) in connection.execute("SELECT number FROM form WHERE text = ?", (form,)):
        return number
    connection.execute("INSERT INTO form (text) VALUES (?)", (form,))
    return connection.last_insert_rowid()


def _series_of(connection: Connection, id: str) -> list[tuple[int, str]]:
    rows = connection.execute("SELECT number, attribute FROM series WHERE entity = ?", (id,))
    return [(number, name) for number, name in rows]


def _instances(
    connection: Connection, id: str, names: Sequence[str], past: TemporalQuery
) -> dict[str, tuple[Attribute, ...]]:
    found: dict[str, list[Attribute]] = {}
    series = connection.execute("SELECT number, attribute, dataset FROM series WHERE entity = ?", (id,)).fetchall()
    for number, name, dataset in series:
        if not names or name in names:
            found.setdefault(name, []).extend(_samples(connection, number, dataset, past))
    return {name: newest(instances, past) for name, instances in sorted(found.items()) if instances}


def _samples(connection: Connection, series: int, dataset: str, past: TemporalQuery) -> Iterator[Attribute]:
    """The samples of one instance in the range; with `last` no more than that many, the newest."""
    observed = past.property == "observedAt"
    stamp = "at" if observed else "at + coalesce(lag, 0)"
    conditions, values = [" WHERE series = ?"], [series]
    if past.relation is not None and past.at is not None:
        if observed:
            conditions.append("lag IS NOT NULL")
        low, high = _range(past)
        if low is not None:
            conditions.append(f"{stamp} >= ?")
            values.append(low)
        if high is not None:
            conditions.append(f"{stamp} < ?")
            values.append(high)
    limit = ""
    if past.last is not None:
        # Equal times are told apart in `newest`; within one instance there are none.
        limit = f" ORDER BY {stamp} DESC LIMIT ?"
        values.append(past.last)
    sql = "SELECT at, lag, (SELECT text FROM form WHERE number = form), value FROM sample"
    for at, lag, form, value in connection.execute(sql + " AND ".join(conditions) + limit, values):
        yield _instance(at, lag, form, value, dataset or None)


def _range(past: TemporalQuery) -> tuple[int | None, int | None]:
    """From (inclusive) and to (exclusive), in microseconds."""
    at = time.microseconds(past.at) if past.at else None
    match past.relation:
        case Timerel.BEFORE:
            return None, at
        case Timerel.AFTER:
            return None if at is None else at + 1, None
        case _:
            return at, time.microseconds(past.end) if past.end else None


def _instance(at: int, lag: int | None, form: str | None, value: Any, dataset: str | None) -> Attribute:
    observed_at = None if lag is None else time.from_microseconds(at)
    reported = time.from_microseconds(at) if not lag else time.from_microseconds(at) + timedelta(microseconds=lag)
    if form is None:
        return msgspec.structs.replace(_attribute(value), created_at=reported)
    one = _forms.get(form)
    if one is None:
        if len(_forms) >= 10_000:
            _forms.clear()
        one = _forms[form] = _attribute(form)
    return Attribute(
        kind=one.kind,
        value=msgspec.json.decode(value) if isinstance(value, bytes) else value,
        observed_at=observed_at,
        unit_code=one.unit_code,
        dataset_id=dataset,
        created_at=reported,
        modified_at=reported,
        value_type=one.value_type,
        object_type=one.object_type,
    )
