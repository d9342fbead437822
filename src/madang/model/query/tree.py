"""The query language as a small tree (ETSI GS CIM 009 v1.8.1, 4.9): parsed once, compiled by each backend.

Names are in the canonical short form. The last name of a path may be a member instead of an attribute: `observedAt`,
`createdAt`, `modifiedAt`, `expiresAt`, `unitCode`, `datasetId`; then the comparison is with that member.
"""

from datetime import date, datetime, time
from enum import StrEnum

import msgspec

Literal = str | int | float | bool | datetime | date | time
"""A value to compare with: a string or URI, a number (finite; an integer fits in 64 bits), a boolean, an aware UTC
date-time, a date, a time of the day."""

TEMPORAL = frozenset({"createdAt", "modifiedAt", "expiresAt"})
"""Temporal members that an entity has, and an attribute too."""

MEMBERS = TEMPORAL | {"observedAt", "unitCode", "datasetId"}
"""Names that end a path and mean a member of the attribute (or of the entity: see `TEMPORAL`)."""


class Operator(StrEnum):
    """How a stored value is compared with a literal."""

    EQUAL = "=="
    UNEQUAL = "!="
    GREATER_EQUAL = ">="
    GREATER = ">"
    LESS_EQUAL = "<="
    LESS = "<"


class Path(msgspec.Struct, frozen=True):
    """Where the value is.

    ``names`` is the attribute, then its attribute, and so on (``a.b``); ``trail`` leads further into a compound value
    (``a[c.d]``: the member `d` of the member `c` of the value of `a`).
    """

    names: tuple[str, ...]
    trail: tuple[str, ...] = ()


class Exists(msgspec.Struct, frozen=True):
    """The path leads to something; with `negated` (``!a``) it leads nowhere."""

    path: Path
    negated: bool = False


class Compare(msgspec.Struct, frozen=True):
    """The value compares so with the literal. A value of another kind never matches, except for ``!=``: then it does.

    Where the stored value is an array, ``==`` matches when the literal is one of its items, ``!=`` when it is none; the
    texts of a language map are such an array where no language is named. A path that leads nowhere matches nothing, not
    even ``!=`` (4.9: the target element has to exist). Of several instances (datasetId) one that matches is enough. A
    relationship's object only equals or not.
    """

    path: Path
    operator: Operator
    value: Literal


class Between(msgspec.Struct, frozen=True):
    """The value is in the closed range `low` to `high`; with `negated` it is outside."""

    path: Path
    low: Literal
    high: Literal
    negated: bool = False


class OneOf(msgspec.Struct, frozen=True):
    """The value equals one of the values; with `negated` it equals none."""

    path: Path
    values: tuple[Literal, ...]
    negated: bool = False


class Matches(msgspec.Struct, frozen=True):
    """The value is a string in which the regular expression is found (not anchored); with `negated` it is not."""

    path: Path
    pattern: str
    negated: bool = False


class Every(msgspec.Struct, frozen=True):
    """All terms hold (``;``). Two terms or more."""

    terms: tuple["Condition", ...]


class Some(msgspec.Struct, frozen=True):
    """At least one term holds (``|``). Two terms or more."""

    terms: tuple["Condition", ...]


class Linked(msgspec.Struct, frozen=True):
    """The relationship leads to an entity that meets the condition (``sensor{humidity}==40``).

    `types` are hints: only entities of one of them are considered; empty: of any. `where` is one leaf, or another
    relationship's. No store understands this: ``hub/links`` replaces it by the objects that it found.
    """

    relation: str
    types: tuple[str, ...]
    where: "Condition"


Condition = Exists | Compare | Between | OneOf | Matches | Every | Some | Linked
