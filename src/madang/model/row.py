"""Entities as a store has them, before they are read: what is the same row is the same entity."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from madang.model.entity import Entity

Row = tuple[str, ...]
"""First the id, then all else that the entity is made of."""


class Rows(NamedTuple):
    """The rows of a page, in its order; `read` makes the entity of a row's members."""

    rows: Sequence[Row]
    read: Callable[..., Entity]
