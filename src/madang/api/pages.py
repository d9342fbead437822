"""A page of a list that is at hand, and the links to the pages beside it (ETSI GS CIM 009 v1.9.1, 5.5.9, 6.3.10)."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from madang.api.arguments import Arguments
from madang.api.selection import DEFAULT_LIMIT, check_page

_T = TypeVar("_T")


class Leaf(msgspec.Struct, frozen=True):
    """Which page is asked for; `count`: and how many there are in all."""

    limit: int
    offset: int
    count: bool


def read_leaf(given: Arguments) -> Leaf:
    """The page that `limit`, `offset` and `count` (also an item of `options`) ask for. Raises TooManyResults,
    BadRequestData."""
    limit = given.number("limit", DEFAULT_LIMIT) or 0
    count = given.flag("count") or "count" in given.names("options")
    check_page(limit, count=count)
    return Leaf(limit, given.number("offset", 0) or 0, count)


def cut(items: Sequence[_T], leaf: Leaf) -> Sequence[_T]:
    """The items of the page."""
    return items[leaf.offset : leaf.offset + leaf.limit]


def beside(given: Arguments, path: str, *, leaf: Leaf, total: int, media: str) -> list[str]:
    """The Link header's items: the next page and the one before, where there are any."""
    links: list[str] = []
    for rel, wanted, offset in (
        ("next", leaf.limit > 0 and leaf.offset + leaf.limit < total, leaf.offset + leaf.limit),
        ("prev", leaf.limit > 0 and leaf.offset > 0, max(0, leaf.offset - leaf.limit)),
    ):
        if wanted:
            address = given.address(path, offset=str(offset), limit=str(leaf.limit))
            links.append(f'<{address}>; rel="{rel}"; type="{media}"')
    return links


def counted(leaf: Leaf, total: int) -> dict[str, str]:
    """The header that says how many there are in all (6.3.13), where it was asked for."""
    return {"NGSILD-Results-Count": str(total)} if leaf.count else {}
