"""Type and scope expressions: ``A|(B;C)`` is A, or both B and C (ETSI GS CIM 009 v1.8.1, 4.17 and 4.19)."""

import re
from collections.abc import Callable

from madang.errors import BadRequestData, TooComplexQuery
from madang.model.query.select import AnyOfAll

_MAX_TERMS = 200
_LEVEL = r"[^\W_][\w-]*"
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
    if text.count("|") + text.count(",") + text.count(";") > _MAX_TERMS:
        raise TooComplexQuery(f"{what}: more than {_MAX_TERMS} terms")
    # An IRI may hold commas and parentheses nowhere in this grammar, so the separators can be taken as they come.
    return tuple(_conjunction(part.strip(), what, name) for part in re.split(r"[|,]", text))


def _conjunction(text: str, what: str, name: Callable[[str], str]) -> tuple[str, ...]:
    grouped = text.startswith("(") and text.endswith(")")
    names = [part.strip() for part in (text[1:-1] if grouped else text).split(";")]
    if not all(names) or any("(" in part or ")" in part for part in names):
        raise BadRequestData(f"{what}: cannot read {text!r}: write A,B or A|(B;C)")
    return tuple(name(part) for part in names)
