"""Reads values out of the API's JSON. Anyone may write most of it: what a page cannot use is missing."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, cast

Json = dict[str, Any]


def mapping(value: Any) -> Json:
    """A JSON object, or an empty one."""
    return cast(Json, value) if isinstance(value, dict) else {}


def array(value: Any) -> list[Any]:
    """A JSON array, or an empty one."""
    return cast(list[Any], value) if isinstance(value, list) else []


def amount(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def total(values: Iterable[Any]) -> float:
    """The sum of those that are numbers."""
    return sum(amount(value) or 0.0 for value in values)


def moment(value: Any) -> datetime | None:
    """A time in ISO 8601, or None; one without a zone is taken as UTC."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class Told(str):
    """A text of the city's, and in which of its languages it is ("": it does not say)."""

    language: str = ""


def text(value: Any, language: str) -> Told:
    """A text that may be in several languages, in the best one for the reader; empty where there is none."""
    said = mapping(value)
    tags = (tag for tag in (language, "en", *said) if said.get(tag))
    tag = next(tags, "")
    told = Told(said[tag] if tag else "" if said else value or "")
    told.language = tag
    return told


def short(id: str) -> str:
    """The last part of an entity's id."""
    return id.rsplit(":", 1)[-1]


def of(entities: Iterable[Json], type: str) -> list[Json]:
    """Those of the type, by id."""
    return sorted((entity for entity in entities if _is(entity, type)), key=lambda entity: str(entity["id"]))


def _is(entity: Json, type: str) -> bool:
    types = entity.get("type")
    return type in array(types) if isinstance(types, list) else types == type
