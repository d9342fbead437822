"""Type and scope expressions: ``A|(B;C)`` is A, or both B and C (ETSI GS CIM 009 v1.9.1, 4.17 and 4.19).

The grammar groups conjunctions only; parentheses may nest here, and be left out, since ``;`` binds tighter.
"""

import re
from collections.abc import Callable

from madang.errors import BadRequestData, TooComplexQuery
from madang.model.query.select import AnyOfAll

_MAX_TERMS = 200
_MAX_DEPTH = 16
_SIGNS = re.compile(r"([|,;()])")
_LEVEL = r"[^\W\d_]\w*"
_PLAIN = re.compile(rf"/?{_LEVEL}(?:/{_LEVEL})*")
_SCOPE = re.compile(rf"/?(?:{_LEVEL}|\+)(?:/(?:{_LEVEL}|\+))*(?:/#)?|/?#")


def parse_types(text: str, expand: Callable[[str], str]) -> AnyOfAll:
    """The type expression in disjunctive form, names expanded. ``*`` is every type (an empty tuple)."""
    if text.strip() == "*":
        return ()
    return _parse(text, "type", expand)


def parse_scopes(text: str) -> AnyOfAll:
    """The scope query in disjunctive form, every pattern with its leading slash."""
    return _parse(text, "scopeQ", _scope)


def print_expression(terms: AnyOfAll, compact: Callable[[str], str] = str) -> str:
    """The text of an expression; parsing it gives the same terms."""
    parts = [";".join(map(compact, each)) for each in terms]
    return "|".join(f"({part})" if len(each) > 1 else part for part, each in zip(parts, terms, strict=True))


def is_scope(text: str) -> bool:
    """Whether the text is a scope (4.18), without wildcards."""
    return bool(_PLAIN.fullmatch(text))


def _scope(text: str) -> str:
    if not _SCOPE.fullmatch(text):
        raise BadRequestData(
            f"scopeQ: {text!r} is not a scope: write levels like /campus/building, + for any, # at the end"
        )
    return text if text.startswith("/") else "/" + text


def _parse(text: str, what: str, name: Callable[[str], str]) -> AnyOfAll:
    pieces = [piece for piece in (part.strip() for part in _SIGNS.split(text)) if piece]
    if len(pieces) > 2 * _MAX_TERMS:
        raise TooComplexQuery(f"{what}: more than {_MAX_TERMS} terms")
    reader = _Expression(pieces, text, what, name)
    found = reader.alternatives(0)
    if reader.at < len(pieces):
        raise reader.wrong()
    return tuple(found)


class _Expression:
    """A recursive descent over the pieces; each part in disjunctive form."""

    def __init__(self, pieces: list[str], text: str, what: str, name: Callable[[str], str]) -> None:
        self.at = 0
        self._pieces = pieces
        self._text = text
        self._what = what
        self._name = name

    def wrong(self) -> BadRequestData:
        return BadRequestData(f"{self._what}: cannot read {self._text[:80]!r}: write A,B or A|(B;C)")

    def alternatives(self, depth: int) -> list[tuple[str, ...]]:
        found = self._conjunction(depth)
        while self._take("|") or self._take(","):
            found += self._conjunction(depth)
        return found

    def _conjunction(self, depth: int) -> list[tuple[str, ...]]:
        found = self._factor(depth)
        while self._take(";"):
            more = self._factor(depth)
            if len(found) * len(more) > _MAX_TERMS:
                raise TooComplexQuery(f"{self._what}: more than {_MAX_TERMS} alternatives")
            found = [(*one, *other) for one in found for other in more]
        return found

    def _factor(self, depth: int) -> list[tuple[str, ...]]:
        if depth > _MAX_DEPTH:
            raise TooComplexQuery(f"{self._what}: more than {_MAX_DEPTH} nested groups")
        if self._take("("):
            found = self.alternatives(depth + 1)
            if not self._take(")"):
                raise self.wrong()
            return found
        if self.at == len(self._pieces) or _SIGNS.fullmatch(self._pieces[self.at]):
            raise self.wrong()
        self.at += 1
        return [(self._name(self._pieces[self.at - 1]),)]

    def _take(self, sign: str) -> bool:
        if self.at < len(self._pieces) and self._pieces[self.at] == sign:
            self.at += 1
            return True
        return False
