"""Who this hub is to others (ETSI GS CIM 009 v1.9.1, 5.15, 5.2.40, 4.3.6.4).

The alias tells a federation of hubs apart, so that no request goes round in circles: it is drawn once for each
installation, kept in the city's store, and is another one for each tenant.
"""

import uuid
from datetime import datetime

import msgspec

from madang.clock import monotonic_s
from madang.errors import AlreadyExists
from madang.govern import SYSTEM, Caller
from madang.hub.gate import Gate
from madang.model.record import Record, RecordKind


class Self(msgspec.Struct, frozen=True):
    """The identity of a tenant's data: URI, pseudonym (RFC 7230, 5.7.1), seconds since the start, the city's time."""

    id: str
    alias: str
    uptime_s: float
    at: datetime


class Identity:
    """The hub's own identity; `since` is the city's time at the start."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._began = monotonic_s()
        self.since = gate.now()

    async def retrieve(self, caller: Caller) -> Self:
        """Retrieve Context Source Identity Information (5.15.1)."""
        alias = await self._alias()
        if caller.tenant:
            alias = f"{alias}-{caller.tenant}"
        return Self(
            id=f"urn:ngsi-ld:ContextSourceIdentity:{alias}",
            alias=alias,
            uptime_s=monotonic_s() - self._began,
            at=self._gate.now(),
        )

    async def _alias(self) -> str:
        records = self._gate.reading(SYSTEM).records
        known = await records.get(RecordKind.IDENTITY, "alias")
        if known is not None:
            return known.body.decode()
        drawn = Record(RecordKind.IDENTITY, "alias", f"madang-{uuid.uuid4().hex[:16]}".encode())
        try:
            await records.put(drawn, new=True)
        except AlreadyExists:
            return await self._alias()
        return drawn.body.decode()
