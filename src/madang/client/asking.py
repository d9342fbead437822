"""What is asked of a city and how its answers are read: the same for both clients, without any network."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast
from urllib.parse import quote

import msgspec

from madang.client.values import Change, Dataset, Decision, Entity, Refused, Sample

T = TypeVar("T")
Query = Mapping[str, str | int]

PAGE: Final = 500
ENTITIES: Final = "/ngsi-ld/v1/entities"
_NOT_VALUES: Final = frozenset(("id", "type", "@context", "changed", "scope"))


class Ask(NamedTuple, Generic[T]):
    """A GET: its path, its query, and what reads the answer."""

    path: str
    query: Query
    read: "Reader[T]"


class Reader(Generic[T]):
    """Reads the JSON of an answer."""

    def __init__(self, read: Any) -> None:
        self._read = read

    def __call__(self, body: bytes) -> T:
        try:
            return self._read(msgspec.json.decode(body))
        except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
            raise Refused(502, f"the answer is not what a city answers: {error!r}") from error


def entities(type: str, *, q: str = "", attrs: str = "", offset: int = 0) -> Ask[list[Entity]]:
    """A page of entities."""
    given = {"type": type, "q": q, "attrs": attrs}
    query: dict[str, str | int] = {name: text for name, text in given.items() if text}
    return Ask(ENTITIES, {**query, "options": "keyValues", "limit": PAGE, "offset": offset}, Reader(_entities))


def entity(id: str) -> Ask[Entity]:
    """One entity."""
    return Ask(f"{ENTITIES}/{quote(id, safe=':')}", {"options": "keyValues"}, Reader(_entity))


def history(id: str, attribute: str, *, since: datetime, until: datetime | None = None) -> Ask[list[Sample]]:
    """The past of an attribute."""
    query: dict[str, str | int] = {
        "attrs": attribute,
        "timerel": "between" if until else "after",
        "timeAt": _time(since),
        "options": "temporalValues",
    }
    if until is not None:
        query["endTimeAt"] = _time(until)
    path = f"/ngsi-ld/v1/temporal/entities/{quote(id, safe=':')}"
    return Ask(path, query, Reader(partial(_samples, attribute)))


def decisions(*, service: str = "", entity: str = "", limit: int = 100) -> Ask[list[Decision]]:
    """The newest decisions."""
    given = {"service": service, "entity": entity}
    query: dict[str, str | int] = {name: text for name, text in given.items() if text}
    return Ask("/decisions", {**query, "limit": limit}, Reader(_decisions))


def decision(id: str) -> Ask[Decision]:
    """One decision, whole."""
    return Ask(f"/decisions/{quote(id)}", {}, Reader(_decision))


def collections() -> Ask[list[str]]:
    """The ids of what is published."""
    return Ask("/ogc/collections", {}, Reader(_collections))


def dataset(id: str) -> Ask[Dataset]:
    """One published dataset."""
    return Ask(f"/data/{quote(id)}", {}, Reader(_dataset))


def refusal(status: int, body: bytes) -> Refused:
    """What the city refused, in its own words."""
    try:
        detail = str(msgspec.json.decode(body, type=dict[str, Any]).get("detail") or "")
    except msgspec.DecodeError:
        detail = ""
    return Refused(status, detail or "the city says no more")


class Events:
    """Server-sent events, line by line (HTML standard, 9.2)."""

    def __init__(self) -> None:
        self._kind = ""
        self._data: list[str] = []

    def line(self, text: str) -> Iterator[Change]:
        """The change that this line ends, if it ends one."""
        if text:
            name, _, value = text.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                self._kind = value
            elif name == "data":
                self._data.append(value)
            return
        kind, data = self._kind, "\n".join(self._data)
        self._kind, self._data = "", []
        if data and kind in ("entity", "gone"):
            yield _change(kind, data)


def _change(kind: str, data: str) -> Change:
    body = cast(dict[str, Any], msgspec.json.decode(data))
    if kind == "gone":
        return Change(kind="gone", id=str(body["id"]))
    return Change(kind="entity", id=str(body["id"]), entity=_entity(body), changed=tuple(body.get("changed", ())))


def _entities(body: Any) -> list[Entity]:
    return [_entity(one) for one in body]


def _entity(body: Any) -> Entity:
    values = {name: _plain(value) for name, value in body.items() if name not in _NOT_VALUES}
    return Entity(id=body["id"], type=body["type"], values=values)


def _plain(value: Any) -> Any:
    """A JsonProperty's value bare: its simplified form is ``{"json": value}`` (ETSI GS CIM 009 v1.8.1, 4.5.24)."""
    if not isinstance(value, dict):
        return value
    found = cast(dict[str, Any], value)
    return found["json"] if list(found) == ["json"] else found


def _samples(attribute: str, body: Any) -> list[Sample]:
    found = body.get(attribute, {}).get("values", [])
    return [Sample(value=_plain(value), at=datetime.fromisoformat(at)) for value, at in found]


def _decisions(body: Any) -> list[Decision]:
    return [_decision(one) for one in body["decisions"]]


def _collections(body: Any) -> list[str]:
    return [str(one["id"]) for one in body["collections"]]


def _decision(body: Any) -> Decision:
    return Decision(
        id=body["id"],
        service=body["service"],
        at=datetime.fromisoformat(body["at"]),
        target=body["target"],
        action=body["action"],
        reason=body["reason"],
        refused=body.get("refused"),
        record=body,
    )


def _dataset(body: Any) -> Dataset:
    title = body["title"].get("en") or next(iter(body["title"].values()), body["id"])
    return Dataset(id=body["id"], title=title, licence=body["licence"], type=body["type"], files=body["files"])


def _time(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("a time needs its zone, such as datetime.now(UTC)")
    return at.isoformat()
