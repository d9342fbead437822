"""An entity as its values alone, still in the JSON that they are stored in."""

from collections.abc import Mapping

import msgspec


class Values(msgspec.Struct, frozen=True, gc=False):
    """An entity of which only id, types and values are wanted: for each attribute that it has of the wanted ones, the
    value as JSON. All of it is alive and seen, and nothing else of the entity belongs into a simplified answer
    (4.5.4): it has no scope, one instance of each, and none whose value is written in another way than it is stored."""

    id: str
    types: tuple[str, ...]
    values: Mapping[str, msgspec.Raw]
