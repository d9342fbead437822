"""Conventions of those who lend and approve, as data (``presets/*.toml``): rates by their place in the parameter book,
timing, numeraire and the rule of decision, each with its source and mark."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from madang.appraise.book import Mark
from madang.appraise.discount import Timing
from madang.errors import AppraisalInvalid


class Preset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`economic` and `financial` are parameters of the book; the mark is that of the conventions, the rates have their
    own."""

    id: str
    title: str
    economic: str
    timing: Timing
    decision: str
    numeraire: str
    source: str
    mark: Mark
    financial: str | None = None


def read(tables: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Preset]:
    """The presets of these files (name and table) by id. Raises AppraisalInvalid with every mistake."""
    found: dict[str, Preset] = {}
    mistakes: list[str] = []
    for name, table in tables:
        try:
            one = msgspec.convert(table, Preset)
        except msgspec.ValidationError as error:
            mistakes.append(f"{name}:1: {error} (a preset has {', '.join(Preset.__struct_fields__)})")
            continue
        found[one.id] = one
    if mistakes:
        raise AppraisalInvalid("\n".join(mistakes))
    return found
