"""A notification that waits is made to tell less: of whoever does not agree any more, or was erased."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from madang.hub.joins import data_of
from madang.model.parcel import Parcel

_NULL = msgspec.Raw(b"null")


def thinned(parcel: Parcel, keep: Sequence[bool]) -> Parcel | None:
    """The parcel without the entities that are not to be kept; None where none is left."""
    if not any(keep):
        return None
    body: dict[str, Any] = msgspec.json.decode(parcel.body)
    data = data_of(body)
    data[:] = _kept(data, keep)
    about = tuple(_kept(parcel.about, keep))
    return Parcel(parcel.headers, _raw(body), _without(parcel.more, keep), about)


def erased(parcel: Parcel, ids: frozenset[str], person: str, now: datetime, *, told: bool) -> Parcel | None:
    """The parcel with nothing of the entities `ids`, nor of any that is about the person alone: in their place it tells
    that they are gone (`told`), or nothing. None where it had nothing of them."""
    body: dict[str, Any] = msgspec.json.decode(parcel.body)
    data = data_of(body)
    about = parcel.about or ((),) * len(data)
    keep = [
        one.get("id") not in ids and not (whom and all(each == person for _, each in whom))
        for one, whom in zip(data, about, strict=False)
    ]
    if all(keep):
        return None
    left = [one if kept else _gone(one, now) for one, kept in zip(data, keep, strict=False)]
    data[:] = [one for one in left if one is not None] if told else _kept(data, keep)
    more = _without(parcel.more, keep)
    return Parcel(parcel.headers, _raw(body), more, () if told else tuple(_kept(about, keep)))


def _gone(one: dict[str, Any], now: datetime) -> dict[str, Any] | None:
    """What is told of a deleted entity (see `telling`); None where not even its id was to be told."""
    if one.get("id") is None:
        return None
    context = {"@context": one["@context"]} if "@context" in one else {}
    if one.get("type") == "Feature":
        properties = {"type": one.get("properties", {}).get("type"), "deletedAt": now}
        return {"id": one["id"], "type": "Feature", "geometry": None, "properties": properties, **context}
    return {"id": one["id"], "type": one.get("type"), "deletedAt": now, **context}


def _without(more: msgspec.Raw, keep: Sequence[bool]) -> msgspec.Raw:
    """The entities as they are kept, which go with those of the body."""
    roots: list[msgspec.Raw] | None = msgspec.json.decode(more, type=list[msgspec.Raw] | None)
    return _NULL if not roots else _raw(_kept(roots, keep))


def _kept(items: Sequence[Any], keep: Sequence[bool]) -> list[Any]:
    return [one for one, kept in zip(items, keep, strict=False) if kept]


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
