"""The @contexts that the hub itself keeps and serves (ETSI GS CIM 009 v1.9.1, 5.13): added by users, or made for them.

They are kept in the city's own store, whatever the tenant, and survive a restart; counts of their use do not (see
`api/contexts`, which also remembers those of other servers). Choices where the standard leaves it open:
- One that was added belongs to its tenant: only there it is listed, served and deleted (5.5.10). Who knows its address
  may use it anywhere, as with one on any other server.
- One that was made implicitly is named in notifications, whose receivers know of no tenant: it is served to all.
"""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import msgspec

from madang.errors import BadRequestData, ResourceNotFound
from madang.govern import SYSTEM, Caller
from madang.hub.gate import Gate
from madang.model.context import context_of
from madang.model.record import Record, RecordKind
from madang.ports import Store

_KIND = RecordKind.CONTEXT
_DEEPEST = 8


class ContextKind(StrEnum):
    """How an @context came to be here (5.13.1)."""

    CACHED = "Cached"
    HOSTED = "Hosted"
    IMPLICIT = "ImplicitlyCreated"


class KeptContext(msgspec.Struct, frozen=True):
    """An @context of our own: `document` is the value of its @context member."""

    id: str
    kind: ContextKind
    tenant: str
    created_at: datetime
    document: Any


class Contexts:
    """Add, list, read, delete."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def add(self, caller: Caller, document: Any) -> str:
        """Add @context (5.13.2); answers its local id. Raises BadRequestData for what is none, Forbidden."""
        check(document)
        return await self._keep(caller, ContextKind.HOSTED, str(uuid.uuid4()), document)

    async def imply(self, caller: Caller, document: Any) -> str:
        """The local id of an @context that has to have an address and has none of its own (5.13.1): the same one for
        the same document. Raises BadRequestData, Forbidden."""
        check(document)
        body = msgspec.json.encode(document, order="sorted").decode()
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{caller.tenant}\n{body}"))
        known = await self.find(id)
        return known.id if known is not None else await self._keep(caller, ContextKind.IMPLICIT, id, document)

    async def all(self, tenant: str) -> list[KeptContext]:
        """Those that belong to the tenant, by id."""
        records = await self._store().records.all(_KIND)
        return [one for one in map(_read, records) if one.tenant == tenant]

    async def find(self, id: str) -> KeptContext | None:
        """The one with that local id, of whatever tenant."""
        record = await self._store().records.get(_KIND, id)
        return None if record is None else _read(record)

    async def remove(self, caller: Caller, id: str) -> None:
        """Delete @context (5.13.5). Raises ResourceNotFound, Forbidden."""
        self.check_caller(caller)
        found = await self.find(id)
        if found is None or found.tenant != caller.tenant:
            raise ResourceNotFound(f"there is no @context '{id[:200]}'")
        await self._store().records.remove(_KIND, id)

    def check_caller(self, caller: Caller) -> None:
        """The caller may change what is stored. Raises Forbidden."""
        self._gate.policy.check_caller(caller)

    async def _keep(self, caller: Caller, kind: ContextKind, id: str, document: Any) -> str:
        self.check_caller(caller)
        kept = KeptContext(id, kind, caller.tenant, self._gate.now(), document)
        await self._store().records.put(Record(_KIND, id, msgspec.json.encode(kept)))
        return id

    def _store(self) -> Store:
        return self._gate.reading(SYSTEM)


def check(document: Any, *, depth: int = 0) -> None:
    """The value may stand as an @context: an address, an object of terms, or a list of these (JSON-LD 1.1, 9.15).

    What is behind an address is not looked at. Raises BadRequestData.
    """
    if isinstance(document, list) and depth < _DEEPEST:
        for item in cast(list[Any], document):
            check(item, depth=depth + 1)
    elif isinstance(document, dict):
        context_of([cast(dict[str, Any], document)], source=None)
    elif not isinstance(document, str):
        raise BadRequestData("an @context is an address, an object of terms, or a list of these")


def _read(record: Record) -> KeptContext:
    return msgspec.json.decode(record.body, type=KeptContext)
