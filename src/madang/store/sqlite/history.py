"""The past, written: samples to rows (see schema). ``samples`` reads them, ``pasts`` finds and forgets them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from madang.errors import BadRequestData
from madang.model import time
from madang.model.change import Sample
from madang.model.entity import Attribute, Kind
from madang.store.sqlite import many
from madang.store.sqlite.connection import Connection, value
from madang.store.sqlite.known import Known

_encode = msgspec.json.Encoder().encode
_LONG = 1 << 63


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


def append_all(connection: Connection, known: Known, items: Sequence[tuple[int, Sequence[Row]]]) -> None:
    """Keep the rows of many entities (number, rows); one with the time of another of its instance replaces it."""
    if not items:
        return
    known.bound()
    _number_streams(connection, known, {(row.name, row.dataset) for _, rows in items for row in rows})
    # Of two rows with the same key the last one counts: REPLACE would do it too, but not within one statement's order.
    found: dict[tuple[int, int, int], tuple[int, int, int, int | None, int, Any]] = {}
    for entity, rows in items:
        for row in rows:
            stream = known.streams[row.name, row.dataset]
            form = _form(connection, known, row.form)
            found[entity, stream, row.at] = (entity, stream, row.at, row.lag, form, row.value)
    many.replace(connection, "sample (entity, stream, at, lag, form, value)", list(found.values()))


def go(connection: Connection, number: int, id: str, types: Sequence[str]) -> None:
    """The entity with that number is no more, its past stays."""
    connection.execute(
        "INSERT OR REPLACE INTO gone (number, id, types) VALUES (?, ?, ?)", (number, id, " ".join(types))
    )
    many.insert(connection, "INSERT INTO gone_kind (type, id)", [(type, id) for type in dict.fromkeys(types)])


def come_back(connection: Connection, number: int) -> bool:
    """The entity with that number is no longer gone; whether it was."""
    for id, types in connection.execute("SELECT id, types FROM gone WHERE number = ?", (number,)).fetchall():
        for type in types.split(" "):
            connection.execute("DELETE FROM gone_kind WHERE type = ? AND id = ?", (type, id))
        connection.execute("DELETE FROM gone WHERE number = ?", (number,))
        return True
    return False


def _number_streams(connection: Connection, known: Known, keys: set[tuple[str, str]]) -> None:
    """Know the numbers of the streams, the new ones made."""
    for key in sorted(keys.difference(known.streams)):
        connection.execute("INSERT OR IGNORE INTO stream (attribute, dataset) VALUES (?, ?)", key)
        sql = "SELECT number FROM stream WHERE attribute = ? AND dataset = ?"
        known.streams[key] = value(connection, sql, key)


def _row(sample: Sample) -> Row:
    one = sample.instance
    at = time.microseconds(sample.at)
    lag = None if one.observed_at is None else time.microseconds(one.modified_at or sample.at) - at
    if one.attributes or one.expires_at is not None:
        return Row(sample.name, one.dataset_id or "", at, lag, "", _encode(one))
    bare = one.value if type(one.value) in (float, str) or _fits(one.value) else _encode(one.value)
    form = _form_text(one.kind, one.unit_code, one.value_type, one.object_type)
    return Row(sample.name, one.dataset_id or "", at, lag, form, bare)


def _fits(value: Any) -> bool:
    """It is a whole number of 64 bits: SQLite has no longer ones."""
    return type(value) is int and -_LONG <= value < _LONG


@lru_cache(maxsize=10_000)
def _form_text(kind: Kind, unit: str | None, value_type: str | None, object_type: str | None) -> str:
    return _encode(Attribute(kind=kind, unit_code=unit, value_type=value_type, object_type=object_type)).decode()


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
