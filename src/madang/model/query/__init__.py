"""Queries as values: `EntityQuery`, `TemporalQuery`, the tree of conditions; parsers and printers beside."""

from madang.model.query.select import AnyOfAll, EntityQuery, GeoFilter, Georel, TemporalQuery, Timerel
from madang.model.query.tree import (
    MEMBERS,
    Between,
    Compare,
    Condition,
    Every,
    Exists,
    Literal,
    Matches,
    OneOf,
    Operator,
    Path,
    Some,
)

__all__ = [
    "MEMBERS",
    "AnyOfAll",
    "Between",
    "Compare",
    "Condition",
    "EntityQuery",
    "Every",
    "Exists",
    "GeoFilter",
    "Georel",
    "Literal",
    "Matches",
    "OneOf",
    "Operator",
    "Path",
    "Some",
    "TemporalQuery",
    "Timerel",
]
