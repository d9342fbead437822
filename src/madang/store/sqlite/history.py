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
from madang.store.sqlite.connection import Connection

_encode = msgspec.json.Encoder().encode


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
    _put_types(connection, known, {id: types for id, types, _ in items if known.types.get(id) != types})
    _number_series(connection, known, {(id, row.name, row.dataset) for id, _, rows in items for row in rows})
    # Of two rows with the same key the last one counts: REPLACE would do it too, but not within one statement's order.
    found: dict[tuple[int, int], tuple[int, int, int | None, int, Any]] = {}
    for id, _, rows in items:
        for row in rows:
            series = known.series[id, row.name, row.dataset]
            found[series, row.at] = (series, row.at, row.lag, _form(connection, known, row.form), row.value)
    many.replace(connection, "sample (series, at, lag, form, value)", list(found.values()))


def _put_types(connection: Connection, known: Known, wanted: dict[str, tuple[str, ...]]) -> None:
    """Note which types the entities with a past have."""
    if not wanted:
        return
    stored = dict(many.among(connection, "SELECT entity, types FROM past WHERE entity IN", list(wanted)))
    new = {id: types for id, types in wanted.items() if stored.get(id) != " ".join(types)}
    for id in new:
        if id in stored:
            connection.execute("DELETE FROM kindred WHERE entity = ?", (id,))
    many.replace(connection, "past (entity, types)", [(id, " ".join(new[id])) for id in new])
    kindred = [(type, id) for id, types in new.items() for type in dict.fromkeys(types)]
    many.insert(connection, "INSERT INTO kindred (type, entity)", kindred)
    known.types.update(wanted)


def _number_series(connection: Connection, known: Known, keys: set[tuple[str, str, str]]) -> None:
    """Know the numbers of the series, the new ones made."""
    unknown = sorted(keys.difference(known.series))
    if not unknown:
        return
    many.insert(connection, "INSERT OR IGNORE INTO series (entity, attribute, dataset)", unknown)
    ids = sorted({id for id, _, _ in unknown})
    sql = "SELECT entity, attribute, dataset, number FROM series WHERE entity IN"
    for entity, attribute, dataset, number in many.among(connection, sql, ids):
        known.series[entity, attribute, dataset] = number


def _row(sample: Sample) -> Row:
    one = sample.instance
    at = time.microseconds(sample.at)
    lag = None if one.observed_at is None else time.microseconds(one.modified_at or sample.at) - at
    if one.attributes or one.expires_at is not None:
        return Row(sample.name, one.dataset_id or "", at, lag, "", _encode(one))
    value = one.value if type(one.value) in (int, float, str) else _encode(one.value)
    form = _form_text(one.kind, one.unit_code, one.value_type, one.object_type)
    return Row(sample.name, one.dataset_id or "", at, lag, form, value)


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
