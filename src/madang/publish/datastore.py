"""A published table as CKAN's datastore answers it: filtered, sorted, a page at a time."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

import msgspec

from madang.errors import BadRequestData, TooManyResults
from madang.hub.shown import Form
from madang.model.dataset import Dataset
from madang.model.entity import Entity
from madang.model.query import EntityQuery
from madang.publish.reading import PAGE, Shelf
from madang.publish.table import Column, Shape, line, row, written_cell

MOST: Final = 32_000
"""Records in an answer, as in CKAN."""

_EVERYTHING: Final = EntityQuery()

LOOKED: Final = 200_000
"""Entities that a filter, an order or a word looks at."""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What `datastore_search` is asked. Fields of the table by name; `order` has those to sort by, True: descending."""

    filters: Mapping[str, Sequence[Any]] = {}
    words: str = ""
    fields: Sequence[str] = ()
    order: Sequence[tuple[str, bool]] = ()
    limit: int = 100
    offset: int = 0
    distinct: bool = False


class Found(msgspec.Struct, frozen=True):
    """The columns of the answer, its rows, and how many there are in all."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    total: int


async def shape(shelf: Shelf, dataset: Dataset) -> list[Column]:
    """The columns of the dataset's table, learnt from its first entities."""
    found, known, count = Shape(dataset), set[bytes](), 0
    async with aclosing(shelf.texts(dataset, Form("shape", found.facts))) as told:
        async for facts in told:
            if facts not in known:
                known.add(facts)
                found.learn(facts)
            count += 1
            if count == PAGE:
                break
    return found.columns()


async def written(
    shelf: Shelf, dataset: Dataset, wanted: Sequence[Column], *, delimiter: str = ","
) -> AsyncIterator[bytes]:
    """The table as CSV (RFC 4180; UTF-8), a head and then a thousand rows at a time."""

    def write(entity: Entity) -> bytes:
        return line(row(entity, wanted), delimiter)

    form = Form(("lines", delimiter, *wanted), write)
    found = [line([column.name for column in wanted], delimiter)]
    async for text in shelf.texts(dataset, form):
        found.append(text)
        if len(found) > PAGE:
            yield b"".join(found)
            found.clear()
    yield b"".join(found)


async def search(shelf: Shelf, dataset: Dataset, asked: Search) -> Found:
    """Raises BadRequestData for a field that there is not, TooManyResults for a search over more than `LOOKED`."""
    table = await shape(shelf, dataset)
    places = {column.name: place for place, column in enumerate(table)}
    wanted = [places[_known(name, places)] for name in asked.fields or places]
    chosen = [table[place] for place in wanted]
    if not (asked.filters or asked.words or asked.order or asked.distinct):
        total = await shelf.count(dataset)
        page = await _page(shelf, dataset, asked.limit, asked.offset)
        return Found(chosen, [row(entity, chosen) for entity in page], total)
    rows = await _all(shelf, dataset, table)
    tests = [(places[_known(name, places)], values) for name, values in asked.filters.items()]
    word = asked.words.casefold()
    rows = [
        one
        for one in rows
        if all(any(_same(one[place], value) for value in values) for place, values in tests)
        and (not word or any(word in str(written_cell(cell)).casefold() for cell in one))
    ]
    for name, descending in reversed(asked.order):
        place = places[_known(name, places)]
        rows.sort(key=lambda one: _rank(one[place]), reverse=descending)
    cut = [[one[place] for place in wanted] for one in rows]
    if asked.distinct:
        cut = list({msgspec.json.encode(one): one for one in cut}.values())
    return Found(chosen, cut[asked.offset : asked.offset + asked.limit], len(cut))


async def _page(shelf: Shelf, dataset: Dataset, limit: int, offset: int) -> list[Any]:
    found: list[Any] = []
    while len(found) < limit:
        step = min(PAGE, limit - len(found))
        page, _ = await shelf.page(dataset, _EVERYTHING, limit=step, offset=offset + len(found))
        found += page
        if len(page) < step:
            break
    return found


async def _all(shelf: Shelf, dataset: Dataset, table: Sequence[Column]) -> list[list[Any]]:
    rows: list[list[Any]] = []
    async for entity in shelf.entities(dataset):
        rows.append(row(entity, table))
        if len(rows) > LOOKED:
            raise TooManyResults(f"a filter looks at {LOOKED} records at most; take the whole file instead")
    return rows


def _known(name: str, places: Mapping[str, int]) -> str:
    if name not in places:
        raise BadRequestData(f"no field '{name[:40]}'; there are {', '.join(places)}")
    return name


def _same(cell: Any, value: Any) -> bool:
    return cell == value or (cell is not None and str(written_cell(cell)) == str(value))


def _rank(cell: Any) -> tuple[int, float, str]:
    """Numbers before texts before what is not there."""
    if cell is None:
        return 2, 0.0, ""
    if isinstance(cell, int | float):
        return 0, float(cell), ""
    return 1, 0.0, str(written_cell(cell))
