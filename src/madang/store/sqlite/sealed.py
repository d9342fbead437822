"""What a copied file has of people, taken out of it and put back: rows as they are, so that nothing of them is lost.

The copy is a file that no hub writes. What stays in it of a person is the leaves of the ledger, which say nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec

from madang.model.entity import Entity
from madang.model.query import TemporalQuery
from madang.store.sqlite import samples
from madang.store.sqlite.connection import Connection, connect
from madang.store.sqlite.entities import entity, type_names
from madang.store.sqlite.files import explained

Rows = Mapping[str, Sequence[tuple[Any, ...]]]
"""Rows by table; those of ``entry`` are body, salt, target and number."""

Whose = Callable[[Entity], str]
"""The one person that an entity is about; "" where it is about nobody, or about several."""

_EVER: Final = TemporalQuery()
_PAGE: Final = 500
_OF_PEOPLE: Final = ("consent", "petition")
_INTO: Final = {
    "entity": "INSERT INTO entity VALUES (?, ?, ?, ?, ?, ?, ?)",
    "kind": "INSERT INTO kind VALUES (?, ?, ?)",
    "place": "INSERT INTO place VALUES (?, ?, ?, ?, ?)",
    "sample": "INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?)",
    "gone": "INSERT INTO gone VALUES (?, ?, ?)",
    "gone_kind": "INSERT INTO gone_kind VALUES (?, ?)",
    "record": "INSERT INTO record VALUES (?, ?, ?)",
    "entry": "UPDATE entry SET body = ?, salt = ?, target = ? WHERE sequence = ?",
}


def take_out(file: Path, whose: Whose) -> Iterator[tuple[str, Rows]]:
    """Each person of the file with their rows, which are not in it any more when this has ended. Notifications on their
    way that are about people are dropped: a restored city does not tell them again."""
    with explained(file), closing(connect(file, write=True)) as connection:
        connection.execute("PRAGMA journal_mode = OFF; PRAGMA secure_delete = ON").fetchall()
        connection.execute("BEGIN")
        people = _people(connection, whose)
        # These indexes are made on demand, and have values.
        connection.execute("DELETE FROM mark; DELETE FROM indexed")
        _drop_notices(connection)
        for person, (numbers, gone) in people.items():
            found = _rows(connection, person, numbers, gone)
            _delete(connection, found, [*numbers, *gone])
            yield person, found
        connection.execute("COMMIT")
        connection.execute("VACUUM")


def put_back(file: Path, rows: Rows) -> None:
    """Put a person's rows back in their places."""
    with explained(file), closing(connect(file, write=True)) as connection:
        connection.execute("BEGIN")
        for table, found in rows.items():
            connection.executemany(_INTO[table], found)
        connection.execute("COMMIT")


def _people(connection: Connection, whose: Whose) -> dict[str, tuple[list[int], list[int]]]:
    """The numbers of each person's entities: those that are there, and those of which a past is left."""
    found: dict[str, tuple[list[int], list[int]]] = {}

    def add(person: str, place: int, number: int) -> None:
        if person:
            found.setdefault(person, ([], []))[place].append(number)

    for number, id, types, body in connection.execute("SELECT number, id, types, body FROM entity"):
        add(whose(entity(id, types, body)), 0, number)
    gone = {id: number for number, id in connection.execute("SELECT number, id FROM gone")}
    ids = sorted(gone)
    for start in range(0, len(ids), _PAGE):
        for one in samples.read(connection, ids[start : start + _PAGE], (), _EVER):
            add(whose(one), 1, gone[one.id])
    for body, person in _records(connection):
        found.setdefault(person, ([], [])) if person and body else None
    return found


def _records(connection: Connection) -> Iterator[tuple[tuple[Any, ...], str]]:
    """The rows of consents and requests, with their person."""
    for row in connection.execute("SELECT kind, id, body FROM record WHERE kind IN (?, ?)", _OF_PEOPLE).fetchall():
        yield row, str(msgspec.json.decode(row[2]).get("subject", ""))


def _rows(connection: Connection, person: str, numbers: Sequence[int], gone: Sequence[int]) -> Rows:
    def of(sql: str, values: Sequence[int]) -> list[tuple[Any, ...]]:
        return [row for value in values for row in connection.execute(sql, (value,)).fetchall()]

    there = of("SELECT * FROM entity WHERE number = ?", numbers)
    past = of("SELECT * FROM gone WHERE number = ?", gone)
    return {
        "entity": there,
        "kind": [(type, row[1], row[0]) for row in there for type in type_names(row[2])],
        "place": of("SELECT number, west, east, south, north FROM place WHERE number = ?", numbers),
        "sample": of("SELECT * FROM sample WHERE entity = ?", [*numbers, *gone]),
        "gone": past,
        "gone_kind": [(type, row[1]) for row in past for type in type_names(row[2])],
        "record": [row for row, whose in _records(connection) if whose == person],
        "entry": _entries(connection, person),
    }


def _entries(connection: Connection, person: str) -> list[tuple[Any, ...]]:
    """The ledger's entries that name the person."""
    sql = (
        "SELECT body, salt, target, sequence FROM entry WHERE body <> x'' AND (target = ?1 OR"
        " (kind IN ('consent', 'request', 'access') AND instr(body, ?2) > 0))"
    )
    return connection.execute(sql, (person, msgspec.json.encode(person))).fetchall()


def _delete(connection: Connection, rows: Rows, numbers: Sequence[int]) -> None:
    for table in ("entity", "place", "gone"):
        connection.executemany(f"DELETE FROM {table} WHERE number = ?", [(number,) for number in numbers])
    connection.executemany("DELETE FROM sample WHERE entity = ?", [(number,) for number in numbers])
    connection.executemany("DELETE FROM kind WHERE type = ? AND id = ?", [row[:2] for row in rows["kind"]])
    connection.executemany("DELETE FROM gone_kind WHERE type = ? AND id = ?", rows["gone_kind"])
    connection.executemany("DELETE FROM record WHERE kind = ? AND id = ?", [row[:2] for row in rows["record"]])
    emptied = "UPDATE entry SET body = x'', salt = x'', target = '' WHERE sequence = ?"
    connection.executemany(emptied, [(row[3],) for row in rows["entry"]])


def _drop_notices(connection: Connection) -> None:
    about = "instr(body, CAST(',\"about\":[[' AS BLOB)) > 0"
    connection.execute(
        "UPDATE tally SET due = due - (SELECT count(*) FROM notice WHERE notice.subscription = tally.subscription"
        f" AND {about})"
    )
    connection.execute(f"DELETE FROM notice WHERE {about}")
