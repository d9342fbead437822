"""What a release is made of: what the public sees, or all of a dataset, made fit by its guarantee, which is worked out
again from what was made before it may leave."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from madang.errors import Forbidden
from madang.govern import anonymise
from madang.govern.narrow import narrow
from madang.govern.opening import releasing
from madang.hub import Hub
from madang.hub.rows import Row
from madang.model.access import Access
from madang.model.dataset import Dataset
from madang.model.entity import Entity
from madang.model.release import Anonymity, ReleaseSpec
from madang.publish import table as tables
from madang.publish.reading import Shelf
from madang.publish.sheet import Made, Sheet, Spool, spooled
from madang.publish.table import Column, written_cell

SPOOL = "spool"


Gate = Callable[[Path], Mapping[str, Any]]
"""Works out from a written file of features what it keeps. Raises BadRequestData where that is not what was asked."""


class Material(NamedTuple):
    """A sheet and how many rows it has. `guarantee` is what was asked for and done (None: it is what anybody sees), and
    `gate` holds the output against it."""

    sheet: Sheet
    rows: int
    read: str
    """Who read it, for which purpose."""
    guarantee: Mapping[str, Any] | None = None
    gate: Gate | None = None


async def plain(hub: Hub, dataset: Dataset, folder: Path) -> Material:
    """What the public sees of the dataset."""
    shelf = Shelf(hub)
    if all(one.id != dataset.id for one in shelf.all()):
        raise Forbidden(
            f"'{dataset.id}' is not open to the public: its release needs a guarantee ([release.anonymity], "
            "[release.privacy] or [release.mobility])"
        )
    sheet, count = await spooled(dataset, shelf.entities(dataset), folder / SPOOL)
    return Material(sheet, count, "the public, for public-information")


def access(hub: Hub, dataset: Dataset, spec: ReleaseSpec) -> Access:
    """What a release under a guarantee is made of."""
    terms = hub.policy.terms
    return narrow(dataset, releasing(dataset, terms, spec.purpose), hub.policy.datasets, terms)


async def anonymous(hub: Hub, dataset: Dataset, spec: ReleaseSpec, wish: Anonymity, folder: Path) -> Material:
    """A row a person, anonymised. Raises BadRequestData where no table would keep the guarantee."""
    rows = _one_each(hub.rows.of(dataset, access(hub, dataset, spec)))
    spool, _ = await spooled(dataset, rows, folder / SPOOL)
    chosen = [one for one in spool.columns if one.attribute in (*wish.quasi, *wish.sensitive, *wish.keep)]
    asked = anonymise.Wish(
        _of(chosen, wish.quasi),
        _of(chosen, wish.sensitive),
        _of(chosen, wish.keep),
        k=wish.k,
        l=wish.l,
        t=wish.t,
        suppressed=wish.suppress,
    )
    made = await asyncio.to_thread(lambda: anonymise.release(_texts(spool, chosen), asked))
    sheet = Made([Column(name, "text") for name in made.table], list(zip(*made.table.values(), strict=True)))
    told = {
        "kind": "anonymity",
        "asked": {"k": wish.k, "l": wish.l, "t": wish.t, "quasi": asked.quasi, "sensitive": asked.sensitive},
        "suppressed": made.suppressed,
        "loss": made.loss,
        "risk": {**made.risk._asdict(), "attack": made.risk.attack._asdict()},
    }
    rows_made = len(made.table[asked.quasi[0]])
    return Material(sheet, rows_made, _reader(spec), told, partial(_prove, asked=asked, made=made))


def _reader(spec: ReleaseSpec) -> str:
    return f"the release, for {spec.purpose}"


def _prove(file: Path, *, asked: anonymise.Wish, made: anonymise.Release) -> Mapping[str, Any]:
    """What the written rows keep, by the gate of `govern/anonymise`."""
    with file.open("rb") as stream:
        rows = [msgspec.json.decode(line)["properties"] for line in stream]
    quasi = [[row[name] for row in rows] for name in asked.quasi]
    sensitive = {name: [row[name] for row in rows] for name in asked.sensitive}
    proof = anonymise.prove(quasi, sensitive, made.ordered)
    anonymise.check(proof, made.terms)
    kept = {name: found._asdict() for name, found in proof.sensitive.items()}
    return {"k": proof.k, "classes": proof.classes, "rows": proof.rows, "sensitive": kept}


async def _one_each(rows: AsyncIterator[Row]) -> AsyncIterator[Entity]:
    """The first entity of each person; what is about several, or about nobody who is named, is left out."""
    met: set[str] = set()
    async for row in rows:
        if len(row.subjects) == 1 and row.subjects[0] not in met:
            met.add(row.subjects[0])
            yield row.seen


def _of(columns: Sequence[Column], attributes: Sequence[str]) -> list[str]:
    """The names of the columns of these attributes, without when they were observed."""
    return [one.name for one in columns if one.attribute in attributes and one.part != "observedAt"]


def _texts(spool: Spool, chosen: Sequence[Column]) -> dict[str, list[str]]:
    """The chosen columns as texts, as the anonymisation takes them."""
    cells = [[str(written_cell(cell)) for cell in tables.row(entity, chosen)] for entity in spool.entities()]
    return {one.name: [line[place] for line in cells] for place, one in enumerate(chosen)}
