"""What each kind of attribute may carry (ETSI GS CIM 009 v1.8.1, 4.5.2 to 4.5.5, 4.5.18 to 4.5.24, 4.6)."""

from collections.abc import Callable
from typing import Any, cast

import msgspec

from madang.errors import BadRequestData
from madang.model import geometry
from madang.model.context import Context, is_name, is_uri, shorten
from madang.model.document import NULL
from madang.model.entity import Kind

MAX_DEPTH = 32
"""Levels of nesting that a value may have: more is an accident or an attack."""

_INT64 = 2**63
_ANY_JSON = (Kind.PROPERTY, Kind.JSON)


def read_value(kind: Kind, given: Any, context: Context, *, where: str, fragment: bool, merge: bool = False) -> Any:
    """The value as it is stored: names of vocabularies expanded, lists of objects as lists of URIs.

    Raises BadRequestData that begins with `where`. In a `fragment` the NGSI-LD Null passes as it is, in a
    `merge` inside a value too.
    """
    if given is None:
        raise BadRequestData(f"{where}: null is no value; leave it out, or write {NULL!r} in a PATCH to delete it")
    if given == NULL or given == [NULL] or given == {"@none": NULL}:
        if not fragment:
            raise BadRequestData(f"{where}: {NULL!r} deletes, and is allowed in PATCH only")
        return NULL
    if merge and kind in _ANY_JSON and isinstance(given, dict):
        return check_json(cast(Any, given), where, null=True)
    return _READERS[kind](given, context, where)


def check_json(given: Any, where: str, *, depth: int = MAX_DEPTH, null: bool = False) -> Any:
    """Any JSON value, as it is. Refuses nesting beyond `depth`, integers that 64 bits do not hold, and the NGSI-LD
    Null unless `null`."""
    if isinstance(given, int) and not -_INT64 <= given < _INT64:
        raise BadRequestData(
            f"{where}: {str(given)[:24]}… does not fit in 64 bits; write it as a text or with a decimal"
        )
    if not isinstance(given, dict | list):
        return given
    if depth == 0:
        raise BadRequestData(f"{where}: nested more than {MAX_DEPTH} levels deep")
    items = cast(dict[str, Any], given).values() if isinstance(given, dict) else cast(list[Any], given)
    for item in items:
        if item.__class__ is not str:
            check_json(item, where, depth=depth - 1, null=null)
        elif item == NULL and not null:
            raise BadRequestData(f"{where}: {NULL!r} is not allowed inside a value")
    return cast(Any, given)


def _property(given: Any, _: Context, where: str) -> Any:
    return given if given.__class__ is str or given.__class__ is float else check_json(given, where)


def _json(given: Any, _: Context, where: str) -> Any:
    if not isinstance(given, dict | list):
        raise BadRequestData(f"{where}: json has to be an object or an array, found {_short(given)} (4.5.24)")
    return check_json(cast(Any, given), where)


def _relationship(given: Any, _: Context, where: str) -> Any:
    if isinstance(given, list):
        items = cast(list[Any], given)
        if items and all(is_uri(item) for item in items):
            return items
    elif is_uri(given):
        return given
    raise BadRequestData(f"{where}: object has to be a URI or a list of URIs, found {_short(given)}")


def _geo(given: Any, _: Context, where: str) -> Any:
    if isinstance(given, str):
        # 4.7.2: a geometry may be written as the text of a JSON object.
        try:
            given = msgspec.json.decode(given)
        except (msgspec.DecodeError, RecursionError):
            raise BadRequestData(f"{where}: {_short(given)} is no GeoJSON geometry") from None
    if not isinstance(given, dict):
        raise BadRequestData(f"{where}: a GeoProperty's value is a GeoJSON geometry, found {_short(given)}")
    problem = geometry.wrong(cast(dict[str, Any], given))
    if problem:
        raise BadRequestData(f"{where}: {problem}")
    return cast(Any, given)


def _language(given: Any, _: Context, where: str) -> Any:
    if not isinstance(given, dict) or not given:
        raise BadRequestData(f"{where}: languageMap has to be an object of language tags, found {_short(given)}")
    for tag, text in cast(dict[str, Any], given).items():
        texts = cast(list[Any], text) if isinstance(text, list) else [text]
        if not tag or not texts or not all(isinstance(one, str) for one in texts):
            raise BadRequestData(f"{where}: languageMap[{tag!r}] has to be a text or a list of texts")
    return cast(Any, given)


def _vocab(given: Any, context: Context, where: str) -> Any:
    if isinstance(given, str) and given:
        return _term(given, context)
    if isinstance(given, list) and given:
        items = cast(list[Any], given)
        if all(isinstance(item, str) and item for item in items):
            return [_term(item, context) for item in items]
    raise BadRequestData(f"{where}: vocab has to be a term or a list of terms, found {_short(given)}")


def _term(given: str, context: Context) -> str:
    """A term as a value, expanded (4.5.20). Any text may be one, as ``non-commercial``: clause 4.6.2 speaks of the
    names of types and attributes only."""
    return context.expand(given) if is_name(given) else shorten(context.terms.get(given, given))


def _list(given: Any, _: Context, where: str) -> Any:
    if not isinstance(given, list):
        raise BadRequestData(f"{where}: valueList has to be an array, found {_short(given)}")
    return check_json(given, where)


def _list_relationship(given: Any, _: Context, where: str) -> Any:
    if not isinstance(given, list):
        raise BadRequestData(f"{where}: objectList has to be an array, found {_short(given)}")
    uris: list[str] = []
    for item in cast(list[Any], given):
        uri: Any = cast(dict[str, Any], item).get("object") if isinstance(item, dict) else item
        if not is_uri(uri):
            raise BadRequestData(f'{where}: objectList holds {{"object": URI}}, found {_short(item)}')
        uris.append(uri)
    return uris


def _short(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 40 else text[:40] + "…"


_READERS: dict[Kind, Callable[[Any, Context, str], Any]] = {
    Kind.PROPERTY: _property,
    Kind.RELATIONSHIP: _relationship,
    Kind.GEO: _geo,
    Kind.LANGUAGE: _language,
    Kind.JSON: _json,
    Kind.VOCAB: _vocab,
    Kind.LIST: _list,
    Kind.LIST_RELATIONSHIP: _list_relationship,
}
