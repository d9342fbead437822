"""A regime: a law's requirements, each a cell with its article and its certainty, and the ways across the border."""

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, cast

import msgspec

from madang.errors import BadRequestData

Certainty = Literal["S", "H", "M", "U"]
"""S the statute's text was read, H settled, M from memory, U unsure."""

SURE: frozenset[Certainty] = frozenset(("S", "H"))
"""What an answer that allows something may stand on."""

_UNION = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)
"""Members of the European Economic Area (ISO 3166): one regime, Regulation (EU) 2016/679, by the Joint Committee's
Decision 154/2018 also in Iceland, Liechtenstein and Norway."""

_HEAD = ("law", "as_of", "outside", "mechanism")


class Cell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a law says to one requirement. `value` None: it says nothing, or nothing is known."""

    certainty: Certainty
    value: Any = None
    article: str = ""
    note: str = ""


class Mechanism(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way across the border that the law's transfer cell names."""

    name: str
    to: tuple[str, ...] | None = None
    """Where it leads; None is anywhere, () is nowhere that is known."""
    to_cbpr: bool = False
    """It leads to members of the Global CBPR Forum only."""
    controllers: tuple[str, ...] = ("public", "private")
    never: tuple[str, ...] = ()
    """Categories of data that it does not cover."""
    needs: str = ""
    """What must be done besides."""
    why: str = ""
    """Why it cannot be relied on, where it cannot."""
    certainty: Certainty | None = None
    """Where it differs from the cell's."""
    article: str = ""


class Regime(msgspec.Struct, frozen=True):
    """One jurisdiction's law."""

    code: str
    law: str
    as_of: date
    """The day on which the sources were looked at."""
    cells: Mapping[str, Cell]
    mechanisms: tuple[Mechanism, ...]
    outside: Mapping[str, str]
    """Kinds of controller that the law does not bind, and what binds them instead."""

    @property
    def in_cbpr(self) -> bool:
        """Whether it is a member of the Global CBPR Forum, for sure."""
        cell = self.cells["cbpr"]
        return cell.value == "member" and cell.certainty in SURE


def kinds(cell: Cell) -> frozenset[str]:
    """The categories that a cell of sensitive data lists, those that a decree adds among them."""
    value: object = cell.value
    listed = cast(list[object], value) if isinstance(value, list) else []
    return frozenset(word.strip() for one in listed for word in str(one).rpartition(":")[2].split(","))


def regime_of(jurisdiction: str) -> str:
    """The code of the regime of a country or a part of one (ISO 3166: DE-BY is of the EU's), known or not."""
    country = jurisdiction.partition("-")[0].upper()
    return "EU" if country in _UNION else country


def read(code: str, text: str) -> Regime:
    """A file of the matrix. Raises BadRequestData that says where its form is broken."""
    try:
        given = tomllib.loads(text)
        cells = {name: msgspec.convert(body, Cell) for name, body in given.items() if name not in _HEAD}
        mechanisms = msgspec.convert(given.get("mechanism", []), tuple[Mechanism, ...])
        regime = Regime(code, given["law"], given["as_of"], cells, mechanisms, given.get("outside", {}))
        named = [mechanism.name for mechanism in mechanisms]
        if sorted(named) != sorted(cells["transfer"].value):
            raise BadRequestData(f"{code}: the mechanisms are not those of the transfer cell")
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadRequestData(f"{code}: {error}") from error
    except KeyError as error:
        raise BadRequestData(f"{code}: {error} is missing") from error
    return regime
