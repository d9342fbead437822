"""The matrix of regimes, read from the package; two regimes side by side."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from madang.errors import ResourceNotFound
from madang.govern.regimes import Cell, Regime, read, regime_of

NOTHING = Cell("U")


@cache
def matrix() -> Mapping[str, Regime]:
    """Every regime, by its code."""
    folder = resources.files("madang.govern.regimes") / "matrix"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return {file.name[:-5]: read(file.name[:-5], file.read_text("utf-8")) for file in files}


def difference(one: str, other: str) -> list[dict[str, Any]]:
    """Each requirement with both regimes' cells, and whether their values differ. Raises ResourceNotFound."""
    known = matrix()
    one, other = regime_of(one), regime_of(other)
    for code in (one, other):
        if code not in known:
            raise ResourceNotFound(f"the matrix has no regime {code!r}; there are {', '.join(known)}")
    pair = (known[one], known[other])
    names = [*pair[0].cells, *(name for name in pair[1].cells if name not in pair[0].cells)]
    rows: list[dict[str, Any]] = []
    for name in names:
        cells = [regime.cells.get(name, NOTHING) for regime in pair]
        told = {regime.code: cell for regime, cell in zip(pair, cells, strict=True)}
        rows.append({"requirement": name, "differs": cells[0].value != cells[1].value, "cells": told})
    return rows


def shown(cell: Cell) -> str:
    """A cell in a few lines: the value, the article, the certainty."""
    value = cell.value if isinstance(cell.value, str) else json.dumps(cell.value, ensure_ascii=False)
    said = "not stated" if cell.value is None else value
    return "\n".join(filter(None, (said, cell.note, f"{cell.article or 'no article'} [{cell.certainty}]")))
