"""The past, read: rows to samples (see schema), and the one sample that is revised.

What SQL decides: ranges and limits, of rows that hold a bare value. A row that holds a whole attribute (it has
attributes of its own, or was revised) knows its times better than its columns; where the query is not about
observedAt, ``store/past`` decides.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

import msgspec

from madang.model import time
from madang.model.document import NULL
from madang.model.entity import Attribute, Entity
from madang.model.query import TemporalQuery
from madang.store.past import chosen, named, revised, sample_name, sample_times, series_name, span, within
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.entities import type_names

_encode = msgspec.json.Encoder().encode
_attribute = msgspec.json.Decoder(Attribute).decode
_value = msgspec.json.Decoder().decode
_forms: dict[str, Attribute] = {}

OBSERVED: Final = " AND lag IS NOT NULL"
"""The rows that have an observedAt."""

SERIES: Final = "entity = ? AND stream = ?"
"""The rows of one instance."""

_STREAMS: Final = """(WITH RECURSIVE one (stream) AS (
 SELECT min(stream) FROM sample WHERE entity = {entity}
 UNION ALL SELECT (SELECT min(stream) FROM sample WHERE entity = {entity} AND stream > one.stream) FROM one
 WHERE one.stream IS NOT NULL
) SELECT json_group_array(stream) FROM one WHERE stream IS NOT NULL)"""
"""The streams of an entity: a look for each, whatever number of samples it has."""

_PAST: Final = """SELECT number, id, types FROM entity WHERE past AND id IN (SELECT value FROM json_each(?1))
 UNION ALL SELECT number, id, types FROM gone WHERE id IN (SELECT value FROM json_each(?1))"""

_COLUMNS = "at, lag, (SELECT text FROM form WHERE number = form), value"


class Series(NamedTuple):
    """One instance of an attribute of an entity: the numbers of entity and stream, and what they stand for."""

    entity: int
    stream: int
    id: str
    name: str
    dataset: str | None


class Condition(NamedTuple):
    """What rows are wanted: the condition after `SERIES`, its values, and the time that it is about, in SQL."""

    text: str
    values: tuple[int | str, ...]
    stamp: str


def read(connection: Connection, ids: Sequence[str], names: Sequence[str], past: TemporalQuery) -> list[Entity]:
    """See `ports.Store.history`."""
    known = _past(connection, ids)
    types = {id: types for _, id, types in known}
    found: dict[str, dict[str, list[Attribute]]] = {id: {} for id in types}
    if past.last == 1 and past.property == "observedAt":
        told = _newest(connection, known, names, past)
    else:
        told = _each(connection, _series_of(connection, known, names), past)
    for series, one in told:
        found[series.id].setdefault(series.name, []).append(one)
    entities: list[Entity] = []
    for id in dict.fromkeys(ids):
        if id in types:
            attributes = {name: chosen(several, past) for name, several in sorted(found[id].items())}
            entities.append(Entity(id=id, types=type_names(types[id]), attributes=attributes))
    return entities


def series_of(connection: Connection, ids: Sequence[str], names: Sequence[str]) -> list[Series]:
    """The instances of these attributes (none named: of all) of these entities."""
    return _series_of(connection, _past(connection, ids), names)


def number_of(connection: Connection, id: str) -> int | None:
    """The number of an entity that has a past."""
    known = _past(connection, (id,))
    return known[0][0] if known else None


def _past(connection: Connection, ids: Sequence[str]) -> list[tuple[int, str, str]]:
    """Number, id and types of those of the entities that have a past, present or gone."""
    return [(number, id, types) for number, id, types in connection.execute(_PAST, (_encode(ids).decode(),))]


def _series_of(connection: Connection, known: Sequence[tuple[int, str, str]], names: Sequence[str]) -> list[Series]:
    ids = {number: id for number, id, _ in known}
    sql = (
        "SELECT e.value, s.number, s.attribute, s.dataset FROM json_each(?) e"
        f" CROSS JOIN json_each({_STREAMS.format(entity='e.value')}) x CROSS JOIN stream s ON s.number = x.value"
    )
    rows = connection.execute(sql, (_encode(list(ids)).decode(),))
    return [
        Series(entity, number, ids[entity], name, dataset or None)
        for entity, number, name, dataset in rows
        if _named(name, names)
    ]


def samples(connection: Connection, series: Series, past: TemporalQuery) -> Iterator[Attribute]:
    """The samples of one instance in the range; no more than `past.last` or `past.first`, those that count."""
    name = series_name(series.id, series.name, series.dataset)
    where = condition(past)
    limit, values = "", (series.entity, series.stream, *where.values)
    if past.last is not None or past.first is not None:
        # Equal times are told apart in `chosen`; within one instance there are none.
        limit = f" ORDER BY {where.stamp} {'ASC' if past.last is None else 'DESC'} LIMIT ?"
        values = (*values, past.first if past.last is None else past.last)
    sql = f"SELECT {_COLUMNS} FROM sample WHERE {SERIES}{where.text}{limit}"
    for at, lag, form, value in connection.execute(sql, values):
        yield instance(at, lag, form, value, series, name)
    if past.property != "observedAt":
        sql = f"SELECT {_COLUMNS} FROM sample WHERE {SERIES} AND form = 0"
        for at, lag, form, value in connection.execute(sql, (series.entity, series.stream)):
            one = instance(at, lag, form, value, series, name)
            if within(one, past):
                yield one


def condition(past: TemporalQuery) -> Condition:
    """The rows in the range whose columns say so."""
    observed = past.property == "observedAt"
    stamp = "at" if observed else "(at + coalesce(lag, 0))"
    text, values = "", list[int | str]()
    if not observed:
        text += " AND form <> 0"
    if past.property == "deletedAt":
        text += " AND value = ?"
        values.append(NULL)
    low, high = span(past)
    if observed and (low is not None or high is not None):
        text += OBSERVED
    for bound, sign in ((low, ">="), (high, "<")):
        if bound is not None:
            text += f" AND {stamp} {sign} ?"
            values.append(bound)
    return Condition(text, tuple(values), stamp)


def instance(at: int, lag: int | None, form: str | None, value: Any, series: Series, name: str) -> Attribute:
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
        value=_value(value) if isinstance(value, bytes) else value,
        observed_at=None if lag is None else observed,
        unit_code=one.unit_code,
        dataset_id=series.dataset,
        created_at=reported,
        modified_at=reported,
        value_type=one.value_type,
        object_type=one.object_type,
        instance_id=sample_name(name, at, at + (lag or 0)),
    )


def revise(
    connection: Connection, id: str, name: str, wanted: str, revision: Callable[[Attribute], Attribute | None]
) -> bool:
    """See `ports.Store.revise`."""
    for series in series_of(connection, (id,), (name,)):
        found = _find(connection, series, wanted)
        if found is not None:
            at, old = found
            new = revision(old)
            connection.execute(f"DELETE FROM sample WHERE {SERIES} AND at = ?", (series.entity, series.stream, at))
            if new is not None:
                _put(connection, series, at, revised(old, new))
            return True
    return False


def _put(connection: Connection, series: Series, at: int, one: Attribute) -> None:
    if one.observed_at is not None:
        at = time.microseconds(one.observed_at)
    # Another sample may have the time that a revised one wants: then it is put right after that.
    taken = f"SELECT 1 FROM sample WHERE {SERIES} AND at = ?"
    while connection.execute(taken, (series.entity, series.stream, at)).fetchall():
        at += 1
    reported = at if one.modified_at is None else time.microseconds(one.modified_at)
    connection.execute(
        "INSERT INTO sample (entity, stream, at, lag, form, value) VALUES (?, ?, ?, ?, 0, ?)",
        (series.entity, series.stream, at, None if one.observed_at is None else reported - at, _encode(one)),
    )


def _find(connection: Connection, series: Series, wanted: str) -> tuple[int, Attribute] | None:
    """The sample with that instance_id and the time that it stands at."""
    name, times = series_name(series.id, series.name, series.dataset), sample_times(wanted)
    if times is None or not wanted.startswith(name):
        return None
    sql, mine = f"SELECT {_COLUMNS} FROM sample WHERE {SERIES}", (series.entity, series.stream)
    # Where it was reported, unless it was revised since then and stands somewhere else.
    here = connection.execute(f"{sql} AND at = ?", (*mine, times[0]))
    moved = "json_extract(CAST(value AS TEXT), '$.instance_id') = ?"
    there = connection.execute(f"{sql} AND form = 0 AND {moved}", (*mine, wanted))
    for at, lag, form, value in [*here.fetchall(), *there.fetchall()]:
        one = instance(at, lag, form, value, series, name)
        if one.instance_id == wanted:
            return at, one
    return None


def _each(connection: Connection, wanted: Iterable[Series], past: TemporalQuery) -> Iterator[tuple[Series, Attribute]]:
    for series in wanted:
        for one in samples(connection, series, past):
            yield series, one


def _newest(
    connection: Connection, known: Sequence[tuple[int, str, str]], names: Sequence[str], past: TemporalQuery
) -> Iterator[tuple[Series, Attribute]]:
    """The newest sample of each instance, of many entities in one statement."""
    where, ids = condition(past), {number: id for number, id, _ in known}
    sql = (
        "SELECT e.value, s.number, s.attribute, s.dataset, x.at, x.lag, f.text, x.value FROM json_each(?) e"
        f" CROSS JOIN json_each({_STREAMS.format(entity='e.value')}) w CROSS JOIN stream s ON s.number = w.value"
        " CROSS JOIN sample x ON x.entity = e.value AND x.stream = s.number"
        f" AND x.at = (SELECT max(at) FROM sample WHERE entity = e.value AND stream = s.number{where.text})"
        " LEFT JOIN form f ON f.number = x.form"
    )
    values = (_encode(list(ids)).decode(), *where.values)
    for entity, stream, name, dataset, at, lag, form, value in connection.execute(sql, values):
        if _named(name, names):
            series = Series(entity, stream, ids[entity], name, dataset or None)
            yield series, instance(at, lag, form, value, series, series_name(series.id, name, series.dataset))


def _named(name: str, names: Sequence[str]) -> bool:
    return not names or name in names
