"""Follows a project after it has opened: the history of its figures, over HTTP from a hub that runs or from the data of
a city, beside what was planned."""

import asyncio
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import httpx
import msgspec

from madang.app.case import Kept, case_of, spoken, write
from madang.app.paper import advice, paper
from madang.app.store import kept_store
from madang.appraise.case.follow import Followed, History, follow, wanted
from madang.appraise.case.report import followed as told
from madang.appraise.case.report import html
from madang.appraise.case.report.language import Language
from madang.city import read
from madang.errors import AppraisalInvalid, InvalidRequest
from madang.model.context import CORE
from madang.model.document.output import Form
from madang.model.document.past import write_past
from madang.settings import Settings

END = "2500-01-01T00:00:00Z"
PAGE = 10_000
"""Samples of each attribute that a hub gives at once."""
WAIT_S = 30.0
MOST_PAGES = 10_000
Reading = Callable[[str, set[str]], dict[str, list[tuple[float, float]]]]
"""The history of these attributes of an entity."""


def followed(file: Path, reading: Reading, *, year: int | None) -> Followed:
    """Planned against actual. Raises AppraisalInvalid."""
    case = case_of(file)
    if not case.form.follow and not case.form.actual:
        raise AppraisalInvalid(
            f"{file}:0: nothing is followed (add [[follow]] for what the hub remembers, [[actual]] for the books)"
        )
    history: History = {entity: reading(entity, names) for entity, names in wanted(case.form).items()}
    return follow(case, history, year=year)


def kept(found: Followed, file: Path, folder: Path, *, language: str | None) -> Kept:
    """Write the report as HTML, PDF and JSON into the folder. Raises AppraisalInvalid where it cannot."""
    document = told.followed(found, Language(language or spoken(file)))
    made, stem = paper(document), f"{file.stem}-followed"
    parts = {
        f"{stem}.html": html.page(document).encode(),
        f"{stem}.pdf": made.pdf,
        f"{stem}.json": msgspec.json.format(msgspec.json.encode(found)) + b"\n",
    }
    write(folder, parts)
    warnings = (f"{stem}.pdf: {advice(made.lacking)}",) if made.lacking else ()
    return Kept(files=tuple(folder / name for name in parts), warnings=warnings)


def over_http(address: str) -> Reading:
    """Reads from a hub that runs, page by page. The reading raises AppraisalInvalid."""

    def reading(entity: str, names: set[str]) -> dict[str, list[tuple[float, float]]]:
        found: dict[str, dict[float, float]] = {}
        try:
            with httpx.Client(base_url=address, timeout=WAIT_S) as http:
                for body in _pages(http, entity, names):
                    for name, values in _values(body, names).items():
                        found.setdefault(name, {}).update(values)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise AppraisalInvalid(f"{address}: {error or type(error).__name__} (is a hub running there?)") from None
        return {name: sorted(values.items()) for name, values in found.items()}

    return reading


def _pages(http: httpx.Client, entity: str, names: set[str]) -> Iterator[dict[str, Any]]:
    """The answers, the newest first, each of the time before the one before."""
    until = END
    for _ in range(MOST_PAGES):
        query = {"attrs": ",".join(sorted(names)), "options": "temporalValues", "timerel": "before", "timeAt": until}
        path = f"/ngsi-ld/v1/temporal/entities/{quote(entity, safe='')}"
        answer = http.get(path, params={**query, "lastN": str(PAGE)})
        if answer.status_code == 404:
            return
        answer.raise_for_status()
        body = answer.json()
        yield body
        full = [values[0][0] for values in _values(body, names).values() if len(values) >= PAGE]
        if not full:
            return
        until = datetime.fromtimestamp(max(full), UTC).isoformat().replace("+00:00", "Z")


def from_data(city: Path, settings: Settings) -> Reading:
    """Reads from a city's data, while a hub runs or not. The reading raises Unavailable."""
    described = read(city)

    def reading(entity: str, names: set[str]) -> dict[str, list[tuple[float, float]]]:
        return asyncio.run(_kept(described, settings, entity, names))

    return reading


async def _kept(city: Any, settings: Settings, entity: str, names: set[str]) -> dict[str, list[tuple[float, float]]]:
    store = kept_store(city, settings)
    try:
        after = entity[:-1]  # the walk begins behind an id: a shorter one stands right before
        while page := await store.past(after, 20):
            for one in page:
                if one.id == entity:
                    body = msgspec.json.encode(write_past(one, Form(), CORE, values=True))
                    return _values(msgspec.json.decode(body), names)
            if page[-1].id > entity:
                break
            after = page[-1].id
        return {}
    finally:
        store.close()


def _values(body: Any, names: set[str]) -> dict[str, list[tuple[float, float]]]:
    """By attribute the times and numbers of a simplified temporal representation; what is no number at a time is left
    out. Raises ValueError where it is no entity."""
    if not isinstance(body, dict):
        raise ValueError("the answer is no entity")
    found: dict[str, list[tuple[float, float]]] = {}
    for name, given in cast(dict[str, Any], body).items():
        if name not in names or not isinstance(given, dict):
            continue
        listed: Any = cast(dict[str, Any], given).get("values")
        pairs = [sample for one in cast(list[Any], listed if isinstance(listed, list) else []) if (sample := _one(one))]
        found[name] = sorted(pairs)
    return found


def _one(given: Any) -> tuple[float, float] | None:
    match given:
        case [int() | float() as value, str() as at, *_] if not isinstance(value, bool) and math.isfinite(value):
            return datetime.fromisoformat(at).timestamp(), float(value)
        case _:
            return None


def check_one(hub: str | None, city: Path | None) -> None:
    """Raises InvalidRequest where the history is to come from nowhere or from two places."""
    if (hub is None) == (city is None):
        raise InvalidRequest("name one: --hub http://127.0.0.1:8080 of a hub that runs, or --city FOLDER with its data")
