"""The parameter book: values that others have set, each with its unit, year, country, source, and how sure we are of
it.

A country is added by a file of ``[[parameter]]`` tables in ``parameters/``. A result that rests on a value that is not
"verified" is a draft.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast

import msgspec

from madang.appraise.discount import Schedule, flat
from madang.appraise.discount import read as read_schedule
from madang.errors import AppraisalInvalid

Mark = Literal["verified", "secondary", "from memory"]
"""Read in its source; read where somebody quotes its source; neither."""


class Parameter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`value` is a number, or discount rates that decline (``0.035:30,0.03``); `country` an ISO 3166 code, "EU" or
    "*"."""

    id: str
    title: str
    value: float | str
    unit: str
    year: int
    country: str
    source: str
    mark: Mark
    note: str = ""

    @property
    def schedule(self) -> Schedule:
        """The value as discount rates. Raises AppraisalInvalid where it is none."""
        return read_schedule(self.value) if isinstance(self.value, str) else flat(self.value)


def read(tables: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Parameter]:
    """The parameters of these files (name and table), by id. Raises AppraisalInvalid with every mistake."""
    mistakes: list[str] = []
    found: dict[str, Parameter] = {}
    for name, table in tables:
        rows = table.get("parameter")
        if not isinstance(rows, list) or set(table) != {"parameter"}:
            mistakes.append(f"{name}:1: a parameter file has [[parameter]] tables and nothing else")
            continue
        for number, row in enumerate(cast(list[Any], rows), 1):
            try:
                one = msgspec.convert(row, Parameter)
            except msgspec.ValidationError as error:
                mistakes.append(
                    f"{name}: parameter {number}: {error} (each has id, title, value, unit, year, country, "
                    "source and mark)"
                )
                continue
            if not one.source.strip() or one.id in found:
                what = "is there already" if one.id in found else "has no source"
                mistakes.append(f"{name}: parameter {number}: {one.id!r} {what} (give it one of its own)")
            found[one.id] = one
    if mistakes:
        raise AppraisalInvalid("\n".join(mistakes))
    return sorted(found.values(), key=lambda parameter: parameter.id)


def unsure(parameters: Iterable[Parameter]) -> list[Parameter]:
    """Those that a report may not rest on before somebody has read their source."""
    return [parameter for parameter in parameters if parameter.mark != "verified"]
