"""The members of an attribute beside its value: times, unit, dataset, types (ETSI GS CIM 009, 4.5.2 to 4.5.24)."""

from datetime import UTC, datetime
from typing import Any, Final

from madang.errors import BadRequestData
from madang.model import time as times
from madang.model.context import Context, is_uri
from madang.model.document import NULL
from madang.model.entity import Kind

MEMBERS: Final = {
    "observedAt": "observed_at",
    "expiresAt": "expires_at",
    "unitCode": "unit_code",
    "datasetId": "dataset_id",
    "valueType": "value_type",
    "objectType": "object_type",
}
"""Members that are kept, and the fields of `Attribute` that keep them."""

GENERATED: Final = frozenset({"createdAt", "modifiedAt", "deletedAt", "instanceId", "lang"})
"""Made by the hub: taken in silence, since a client that writes back what it read sends them."""

PROHIBITED: Final = frozenset(
    {"@context", "entity", "entityList", "previousValue", "previousObject", "previousLanguageMap", "previousJson"}
    | {"previousVocab", "previousValueList", "previousObjectList", "entityIdSealed", "entityTypeSealed"}
)
"""What no attribute that is written may have: made for answers and notifications only, or of a sealed entity."""

RESERVED: Final = (
    frozenset(MEMBERS) | PROHIBITED | {"instanceId", "lang", "value", "object", "languageMap", "json"}
) | {
    "vocab",
    "valueList",
    "objectList",
    "dataset",
}
"""Terms of the core @context that are no attributes (4.5.1)."""

REMOVED: Final = datetime.min.replace(tzinfo=UTC)
"""Stands in a fragment for a time that the NGSI-LD Null deletes."""

_LINKS = frozenset({Kind.RELATIONSHIP, Kind.LIST_RELATIONSHIP})
_UNITLESS = _LINKS | {Kind.JSON, Kind.LANGUAGE, Kind.VOCAB}


def check_member(name: str, kind: Kind, where: str) -> None:
    """An attribute of that kind may have the member. Raises BadRequestData."""
    if name == "unitCode" and kind in _UNITLESS:
        raise BadRequestData(f"{where}: a {kind} has no unitCode; it is unitless")
    if (name == "objectType" and kind not in _LINKS) or (name == "valueType" and kind in _LINKS):
        raise BadRequestData(f"{where}: a {kind} cannot have the member {name!r}")


def read_member(name: str, given: Any, context: Context, *, where: str, kind: Kind, fragment: bool) -> Any:
    """The member as it is stored; in a `fragment` the NGSI-LD Null deletes (`REMOVED` for times). Raises
    BadRequestData."""
    where = f"{where}.{name}"
    if given == NULL and (not fragment or name == "datasetId"):
        raise BadRequestData(f"{where}: {NULL!r} deletes, and stands for no member that could be deleted here")
    match name:
        case "observedAt" | "expiresAt":
            return REMOVED if given == NULL else read_time(given, where)
        case "datasetId":
            return None if given == "@none" else read_uri(given, where)
        case "unitCode":
            return _text(given, where)
        case _:
            named = context.expand(_text(given, where)) if given != NULL else NULL
            if kind is Kind.LANGUAGE and named not in ("langString", NULL):
                raise BadRequestData(f"{where} of a LanguageProperty is langString (5.2.32)")
            return named


def read_time(given: Any, where: str) -> datetime:
    """A DateTime in UTC: with ``Z``, not with an offset (4.6.3). Raises BadRequestData."""
    text = _text(given, where)
    if not text.endswith("Z"):
        raise BadRequestData(f"{where}: {text[:40]!r} has to be in UTC and end in Z (4.6.3)")
    return times.parse(text, what=where)


def read_uri(given: Any, where: str) -> str:
    """A URI. Raises BadRequestData."""
    if not is_uri(given):
        raise BadRequestData(f"{where} has to be a URI, found {str(given)[:60]!r}")
    return given


def _text(given: Any, where: str) -> str:
    if not isinstance(given, str) or not given:
        raise BadRequestData(f"{where} has to be a text")
    return given
