"""The projection language: ``a,b{c,d}`` (ETSI GS CIM 009 v1.9.1, 4.21), for `pick` and `omit`."""

import re
from collections.abc import Callable

from madang.errors import BadRequestData, TooComplexQuery
from madang.model.query.select import Projection

NOT_ATTRIBUTES = frozenset({"id", "type", "scope"})
"""Members that may be named beside attributes."""

_SIGNS = re.compile(r"([|,{}])")
_MAX_TERMS, _MAX_DEPTH = 500, 20

Tree = dict[str, "Tree | None"]
"""Names, and where braces follow a name what is in them."""


def parse_projection(text: str, *, what: str) -> Tree:
    """The names of a text. Raises BadRequestData with `what`, TooComplexQuery beyond 500 names or 20 levels."""
    pieces = _SIGNS.split(text)
    if len(pieces) > 2 * _MAX_TERMS:
        raise TooComplexQuery(f"{what}: more than {_MAX_TERMS} names")
    tree, at = _names([piece.strip() for piece in pieces], 0, what, 0)
    if at < len(pieces):
        raise _wrong(what, text)
    return tree


def projection(picked: Tree, omitted: Tree, expand: Callable[[str], str]) -> Projection:
    """What the trees of `pick` and `omit` say, names expanded. Raises BadRequestData where both name a member.

    A relationship that is omitted with braces stays; what is in the braces is omitted from the linked entities.
    """
    pick = {_member(name, expand): inner for name, inner in picked.items()}
    omit = {_member(name, expand): inner for name, inner in omitted.items()}
    both = [name for name in pick if name in omit and pick[name] is None and omit[name] is None]
    if both:
        raise BadRequestData(f"pick and omit name the same member {both[0]!r}")
    deeper = [name for name in dict.fromkeys((*pick, *omit)) if pick.get(name) or omit.get(name)]
    return Projection(
        pick=tuple(pick),
        omit=tuple(name for name, inner in omit.items() if inner is None),
        linked=tuple((name, projection(pick.get(name) or {}, omit.get(name) or {}, expand)) for name in deeper),
    )


def _names(pieces: list[str], at: int, what: str, depth: int) -> tuple[Tree, int]:
    if depth > _MAX_DEPTH:
        raise TooComplexQuery(f"{what}: more than {_MAX_DEPTH} relationships deep")
    tree: Tree = {}
    while True:
        name = pieces[at]
        if not name or _SIGNS.fullmatch(name):
            raise _wrong(what, "".join(pieces))
        tree[name], at = None, at + 1
        if at < len(pieces) and pieces[at] == "{":
            tree[name], at = _names(pieces, at + 1, what, depth + 1)
            if at >= len(pieces) or pieces[at] != "}":
                raise _wrong(what, "".join(pieces))
            # After a brace the text goes on with a separator, or ends: between the signs there is nothing.
            at += 1
            if at < len(pieces) and not pieces[at]:
                at += 1
        if at >= len(pieces) or pieces[at] not in ("|", ","):
            return tree, at
        at += 1


def _member(name: str, expand: Callable[[str], str]) -> str:
    return name if name in NOT_ATTRIBUTES else expand(name)


def _wrong(what: str, text: str) -> BadRequestData:
    return BadRequestData(f"{what}: cannot read {text[:80]!r}: it has an empty item or an open brace; write a,b{{c,d}}")
