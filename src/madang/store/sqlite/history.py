"""The past, written: samples to rows (see schema). ``samples`` reads them, ``pasts`` finds and forgets them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from madang.errors import BadRequestData
from madang.model import time
from madang.model.change import Sample
from madang.model.entity import Attribute
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
    if connection.changes():
        connection.execute("DELETE FROM kindred WHERE entity = ?", (id,))
        for type in dict.fromkeys(types):
            connection.execute("INSERT INTO kindred (type, entity) VALUES (?, ?)", (type, id))


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
