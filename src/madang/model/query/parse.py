"""From the text of `q` to the tree of conditions (ETSI GS CIM 009 v1.9.1, 4.9).

``;`` binds tighter than ``|``. Parentheses may nest. A regular expression after ``~=`` ends at the first ``;``, ``|``
or ``)`` that is neither escaped nor inside its own brackets; in quotes it may hold anything. A word without quotes is
taken as a text where it can be nothing else: the grammar has texts in quotes only, its own example 12 has one without.
"""

import json
import re
from collections.abc import Callable, Collection
from json.decoder import JSONDecodeError

from madang.errors import BadRequestData, TooComplexQuery
from madang.model.query.literal import parse_literal
from madang.model.query.tree import (
    MEMBERS,
    Between,
    Compare,
    Condition,
    Every,
    Exists,
    Linked,
    Literal,
    Matches,
    OneOf,
    Operator,
    Path,
    Some,
)

_MAX_LENGTH = 8192
_MAX_DEPTH = 32
_MAX_TERMS = 256
_NAME = re.compile(r"[^\W\d_][\w]*(?::[^\W\d_]\w*)*")
_IRI_NAME = re.compile(r"[A-Za-z][A-Za-z0-9+-]*://[^\s=<>!~;|()\[\]{},\"]+")
"""A name written in full. Its dots are its own: no path leads on from it to a sub-attribute."""
_MEMBER = re.compile(r"[^\s.\[\](){}=<>!~;|,\"]+")
_OPERATOR = re.compile(r"!~=|~=|==|!=|>=|<=|>|<")
_BARE = re.compile(r"[^;|(),\"\s]+")
_HINTS = re.compile(r"([^\W\d_]\w*(?:,[^\W\d_]\w*)*):(?=[^\W\d_])")
_WORD = re.compile(r"[^\W_]\w*")
_Hop = tuple[str, tuple[str, ...]]
_decoder = json.JSONDecoder()


def parse_query(text: str, expand: Callable[[str], str], *, terms: Collection[str] = (), hops: int = 0) -> Condition:
    """The tree of `text`, its names expanded with `expand`. Paths may lead over `hops` relationships (``a{b}``).

    `terms` are attributes whose values are terms of a vocabulary (`expandValues`): there an unquoted word is a value.
    Raises BadRequestData with the place of the mistake, TooComplexQuery beyond 8 KiB, 256 terms or 32 nested groups.
    """
    if len(text) > _MAX_LENGTH:
        raise TooComplexQuery(f"q is {len(text)} characters long; the limit is {_MAX_LENGTH}")
    reader = _Reader(text, expand, frozenset(terms), hops)
    tree = reader.alternatives(0)
    if reader.at < len(text):
        raise reader.wrong("expected ; | or the end")
    return tree


class _Reader:
    """A recursive descent over the text; `at` is the place that is read next."""

    def __init__(self, text: str, expand: Callable[[str], str], terms: frozenset[str], hops: int) -> None:
        self.text = text
        self.at = 0
        self._hops = hops
        self._expand = expand
        self._terms = terms
        self._count = 0

    def wrong(self, expected: str) -> BadRequestData:
        rest = self.text[self.at : self.at + 20]
        return BadRequestData(f"q: {expected} at character {self.at + 1}" + (f", before {rest!r}" if rest else ""))

    def alternatives(self, depth: int) -> Condition:
        terms = [self._conjunction(depth)]
        while self._take("|"):
            terms.append(self._conjunction(depth))
        return terms[0] if len(terms) == 1 else Some(tuple(terms))

    def _conjunction(self, depth: int) -> Condition:
        terms = [self._term(depth)]
        while self._take(";"):
            terms.append(self._term(depth))
        return terms[0] if len(terms) == 1 else Every(tuple(terms))

    def _term(self, depth: int) -> Condition:
        self._count += 1
        if depth > _MAX_DEPTH or self._count > _MAX_TERMS:
            raise TooComplexQuery(f"q: more than {_MAX_TERMS} terms or {_MAX_DEPTH} nested groups")
        if not self._take("("):
            return self._comparison()
        inner = self.alternatives(depth + 1)
        if not self._take(")"):
            raise self.wrong("expected )")
        return inner

    def _comparison(self) -> Condition:
        if self.text.startswith("!", self.at) and not _OPERATOR.match(self.text, self.at):
            self.at += 1
            links, path, _ = self._way()
            return _linked(links, Exists(path, negated=True))
        links, path, name = self._way()
        return _linked(links, self._rest(path, name))

    def _way(self) -> tuple[list[_Hop], Path, str]:
        """The relationships that lead to the path, the path, and its first name as it was written."""
        relations: list[str] = []
        hints: list[tuple[str, ...]] = []
        path, name = self._path()
        while self._take("{"):
            relation, *further = path.names
            if further or path.trail or len(relations) == self._hops:
                raise self._too_deep(len(relations))
            relations.append(relation)
            hints.append(self._hints())
            path, name = self._path()
        for _ in relations:
            if not self._take("}"):
                raise self.wrong("expected }")
        return list(zip(relations, hints, strict=True)), path, name

    def _too_deep(self, hops: int) -> BadRequestData:
        if self._hops == 0:
            return BadRequestData("q: a path into linked entities (a{b}) needs join (5.7.2.4)")
        return self.wrong(f"a path of one name, over at most {self._hops} relationships (joinLevel), not {hops + 1},")

    def _hints(self) -> tuple[str, ...]:
        """The entity types before a colon in a linked path (``{Device:humidity}``, example 14)."""
        found = _HINTS.match(self.text, self.at)
        if not found:
            return ()
        self.at = found.end()
        return tuple(self._expand(type) for type in found[1].split(","))

    def _rest(self, path: Path, name: str) -> Condition:
        """What follows a path."""
        found = _OPERATOR.match(self.text, self.at)
        if not found:
            return Exists(path)
        self.at = found.end()
        sign = found.group()
        if sign in ("~=", "!~="):
            return Matches(path, self._pattern(), negated=sign == "!~=")
        return self._right(path, Operator(sign), words=name in self._terms)

    def _path(self) -> tuple[Path, str]:
        """The path, and its first name as it was written."""
        written = [self._name()]
        while self._take("."):
            written.append(self._name())
        trail: list[str] = []
        if self._take("["):
            trail.append(self._match(_MEMBER, "expected a member's name"))
            while self._take("."):
                trail.append(self._match(_MEMBER, "expected a member's name"))
            if not self._take("]"):
                raise self.wrong("expected ]")
        last = len(written) - 1
        names = (n if n in MEMBERS and i == last else self._expand(n) for i, n in enumerate(written))
        return Path(tuple(names), tuple(trail)), written[0]

    def _name(self) -> str:
        full = _IRI_NAME.match(self.text, self.at)
        if full:
            self.at = full.end()
            return full[0]
        return self._match(_NAME, "expected an attribute's name")

    def _right(self, path: Path, operator: Operator, *, words: bool) -> Condition:
        value = self._value(words)
        equality = operator in (Operator.EQUAL, Operator.UNEQUAL)
        if not equality:
            if isinstance(value, bool):
                raise self.wrong(f"{operator} does not compare true or false,")
            return Compare(path, operator, value)
        negated = operator == Operator.UNEQUAL
        if self._take(".."):
            return self._range(path, value, negated=negated)
        if not self.text.startswith(",", self.at):
            return Compare(path, operator, value)
        values = [value]
        while self._take(","):
            values.append(self._value(words))
        return OneOf(path, tuple(values), negated=negated)

    def _range(self, path: Path, low: Literal, *, negated: bool) -> Condition:
        high = self._value(False)
        numbers = isinstance(low, int | float) and isinstance(high, int | float)
        if isinstance(low, bool) or isinstance(high, bool) or not (numbers or type(low) is type(high)):
            raise self.wrong("both ends of a range are numbers, texts, dates or times alike,")
        return Between(path, low, high, negated=negated)

    def _value(self, words: bool) -> Literal:
        if self.text.startswith('"', self.at):
            text = self._quoted()
            return self._expand(text) if words and _NAME.fullmatch(text) else text
        start = self.at
        bare = self._match(_BARE, "expected a value")
        if ".." in bare:
            bare = bare[: bare.index("..")]
            self.at = start + len(bare)
        if words and _NAME.fullmatch(bare) and bare not in ("true", "false"):
            return self._expand(bare)
        if _WORD.fullmatch(bare) and bare not in ("true", "false") and not bare[0].isdigit():
            return bare
        return parse_literal(bare, where=f"q, character {start + 1}")

    def _quoted(self) -> str:
        try:
            value, self.at = _decoder.raw_decode(self.text, self.at)
        except JSONDecodeError as error:
            raise self.wrong(f"the quoted text is not closed or not JSON ({error.msg})") from error
        if any("\ud800" <= sign <= "\udfff" for sign in value):
            raise self.wrong("the quoted text ends with half of a character (a lone surrogate)")
        return str(value)

    def _pattern(self) -> str:
        if self.text.startswith('"', self.at):
            return self._quoted()
        start, depth, in_class = self.at, 0, False
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign == "\\":
                self.at += 1
            elif in_class:
                in_class = sign != "]"
            elif sign == "[":
                in_class = True
            elif sign == "(":
                depth += 1
            elif depth == 0 and sign in ";|)":
                break
            elif sign == ")":
                depth -= 1
            self.at += 1
        self.at = min(self.at, len(self.text))
        if self.at == start:
            raise self.wrong("expected a regular expression")
        return self.text[start : self.at]

    def _take(self, sign: str) -> bool:
        if self.text.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False

    def _match(self, pattern: re.Pattern[str], expected: str) -> str:
        found = pattern.match(self.text, self.at)
        if not found:
            raise self.wrong(expected)
        self.at = found.end()
        return found.group()


def _linked(links: list[_Hop], where: Condition) -> Condition:
    for relation, types in reversed(links):
        where = Linked(relation, types, where)
    return where
