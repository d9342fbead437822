"""One SNMP agent as a manager sees it: numbers read and set by object identifier, versions 1 and 2c (RFC 1157, 3416).

Messages are made and read by pysnmp (the extra `field`), which is untyped and loaded when it is needed. Each agent has
a socket of its own and one request at a time; an answer is known by its request's number.
"""

import asyncio
import importlib
import secrets
from collections.abc import Sequence
from typing import Any

from madang.errors import MadangError, MissingExtra, Unavailable
from madang.model.field import Version

Oid = tuple[int, ...]

_LIBRARY, _CODEC = "pysnmp", "pyasn1"

TRIES, TRY_S = 3, 0.5
"""Times that a request is sent, and the wall seconds that each is given."""
_LARGEST_ID = 2**31 - 1
_ERRORS = {
    1: "tooBig",
    2: "noSuchName (it has no such object, or not for this community)",
    3: "badValue",
    4: "readOnly",
    5: "genErr",
    6: "noAccess",
    7: "wrongType",
    10: "wrongValue",
    13: "resourceUnavailable",
    16: "authorizationError",
    17: "notWritable",
}
"""RFC 3416, 3 (error-status)."""


class AgentRefused(MadangError):
    """The agent answered with an error: the detail names it and the object (RFC 3416, 3)."""

    status = 502
    type = "about:blank"
    title = "Refused by the controller"


class Agent:
    """The agent at an address. Raises MissingExtra where pysnmp is not installed."""

    def __init__(self, host: str, port: int, *, community: str, version: Version) -> None:
        self._address = (host, port)
        self._community = community
        try:
            api = importlib.import_module(f"{_LIBRARY}.proto.api")
            self._decoder: Any = importlib.import_module(f"{_CODEC}.codec.ber.decoder")
            self._encoder: Any = importlib.import_module(f"{_CODEC}.codec.ber.encoder")
            # Whatever comes in by the socket, this is how it fails to be read.
            self._malformed: Any = importlib.import_module(f"{_CODEC}.error").PyAsn1Error
        except ImportError as missing:
            raise MissingExtra("field", "NTCIP over SNMP") from missing
        self._protocol: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_1 if version is Version.V1 else api.SNMP_VERSION_2C]
        self._id = secrets.randbelow(_LARGEST_ID)
        self._socket: asyncio.DatagramTransport | None = None
        self._answer: asyncio.Future[tuple[int, int, list[Any]]] | None = None

    async def get(self, oids: Sequence[Oid]) -> list[int]:
        """The whole numbers at these objects, in order. Raises Unavailable (silence), AgentRefused."""
        found = await self._ask(self._protocol.GetRequestPDU(), [(oid, self._protocol.Null("")) for oid in oids])
        if [tuple(oid) for oid, _ in found] != list(oids):
            raise AgentRefused("the answer is about other objects than the question")
        try:
            return [int(value) for _, value in found]
        except (TypeError, ValueError, self._malformed):
            values = ", ".join(value.prettyPrint() for _, value in found)
            raise AgentRefused(f"no whole number where one is standardised: {values}") from None

    async def set(self, values: Sequence[tuple[Oid, int]]) -> None:
        """Set the objects, all or none. Raises Unavailable, AgentRefused."""
        await self._ask(
            self._protocol.SetRequestPDU(), [(oid, self._protocol.Integer(number)) for oid, number in values]
        )

    def close(self) -> None:
        """Close the socket; it is opened again when it is needed."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    async def _ask(self, pdu: Any, objects: Sequence[tuple[Oid, Any]]) -> list[Any]:
        self._id = self._id % _LARGEST_ID + 1
        packet = self._packet(pdu, objects)
        self._answer = asyncio.get_running_loop().create_future()
        error, index, found = await self._exchange(packet)
        if error:
            name = _ERRORS.get(error, f"error {error}")
            which = ".".join(map(str, objects[index - 1][0])) if 0 < index <= len(objects) else "the request"
            raise AgentRefused(f"the controller refuses {which}: {name}")
        return found

    async def _exchange(self, packet: bytes) -> tuple[int, int, list[Any]]:
        answer = self._answer
        assert answer is not None
        try:
            line = await self._open()
            for _ in range(TRIES):
                line.sendto(packet)
                try:
                    async with asyncio.timeout(TRY_S):
                        return await asyncio.shield(answer)
                except TimeoutError:
                    continue
        except OSError as error:
            self.close()
            raise Unavailable(f"{self._place}: {error.strerror or error}") from None
        raise Unavailable(f"{self._place} does not answer SNMP: wrong address, community or version, or it is off")

    @property
    def _place(self) -> str:
        return f"the controller at {self._address[0]}:{self._address[1]}"

    def _packet(self, pdu: Any, objects: Sequence[tuple[Oid, Any]]) -> bytes:
        parts = self._protocol
        parts.apiPDU.set_defaults(pdu)
        parts.apiPDU.set_request_id(pdu, self._id)
        parts.apiPDU.set_varbinds(pdu, objects)
        message = parts.Message()
        parts.apiMessage.set_defaults(message)
        parts.apiMessage.set_community(message, self._community)
        parts.apiMessage.set_pdu(message, pdu)
        return self._encoder.encode(message)

    async def _open(self) -> asyncio.DatagramTransport:
        if self._socket is None or self._socket.is_closing():
            loop = asyncio.get_running_loop()
            self._socket, _ = await loop.create_datagram_endpoint(lambda: _Ear(self), remote_addr=self._address)
        return self._socket

    def heard(self, packet: bytes) -> None:
        """A datagram has come. What is no answer to the request is nothing: anybody can send one."""
        if self._answer is None or self._answer.done():
            return
        parts = self._protocol
        try:
            message, _ = self._decoder.decode(packet, asn1Spec=parts.Message())
            pdu = parts.apiMessage.get_pdu(message)
            if int(parts.apiPDU.get_request_id(pdu)) != self._id or not pdu.isSameTypeWith(parts.GetResponsePDU()):
                return
            error, index = int(parts.apiPDU.get_error_status(pdu)), int(parts.apiPDU.get_error_index(pdu))
            self._answer.set_result((error, index, list(parts.apiPDU.get_varbinds(pdu))))
        except (self._malformed, TypeError, ValueError, LookupError):
            return

    def lost(self, error: OSError) -> None:
        """The network says that nobody is there."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._agent.heard(data)

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError):
            self._agent.lost(exc)
