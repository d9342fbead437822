"""Notifications over MQTT (ETSI GS CIM 009 v1.9.1, 7.2).

The message is a JSON object: `metadata` has what HTTP has in its headers, `body` the notification. One connection for
each broker, user and version of the protocol, kept while it is used. Over mqtts the broker's certificate is verified
against its name, so there the name is resolved once more when the connection is made.
"""

import asyncio
import ssl
from collections import OrderedDict
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import aiomqtt
import msgspec

from madang.errors import Undelivered
from madang.model.parcel import Address, Parcel
from madang.notify.reach import Reach

LINES = 64
"""Connections that are kept."""
_TIMEOUT_S = 10.0
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_VERSIONS = {"mqtt3.1.1": aiomqtt.ProtocolVersion.V311, "mqtt5.0": aiomqtt.ProtocolVersion.V5}


class _Broker(NamedTuple):
    """What tells one connection from another."""

    host: str
    port: int
    secure: bool
    user: str | None
    password: str | None
    version: str


class _Line:
    """A connection to a broker; opened and used by one at a time."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.client: aiomqtt.Client | None = None

    async def close(self) -> None:
        client, self.client = self.client, None
        if client is not None:
            try:
                await client.__aexit__(None, None, None)
            except aiomqtt.MqttError:
                # It is gone already.
                return


class MqttCourier:
    """Publishes to the brokers that addresses name."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._lines: OrderedDict[_Broker, _Line] = OrderedDict()

    async def send(self, address: Address, parcel: Parcel) -> None:
        """Publish; with a quality of service above 0, done when the broker has confirmed it. Raises Undelivered."""
        broker, topic, qos = _read(address)
        message = msgspec.json.encode({"metadata": {**parcel.headers, **address.headers}, "body": parcel.body})
        line = await self._line(broker)
        async with line.lock:
            try:
                fresh = line.client is None
                try:
                    await (await self._open(broker, line)).publish(topic, message, qos=qos, timeout=_TIMEOUT_S)
                except aiomqtt.MqttError:
                    await line.close()
                    if fresh:
                        raise
                    # A kept connection that the broker closed in the meantime: that is no failure of the broker.
                    await (await self._open(broker, line)).publish(topic, message, qos=qos, timeout=_TIMEOUT_S)
            except (aiomqtt.MqttError, OSError, ValueError) as problem:
                await line.close()
                raise Undelivered(f"{broker.host}: {problem}") from None

    async def close(self) -> None:
        """Close all connections."""
        lines = list(self._lines.values())
        self._lines.clear()
        for line in lines:
            await line.close()

    async def _line(self, broker: _Broker) -> _Line:
        line = self._lines.setdefault(broker, _Line())
        self._lines.move_to_end(broker)
        for old in [each for each in self._lines if not self._lines[each].lock.locked()][: -LINES or None]:
            if len(self._lines) > LINES:
                await self._lines.pop(old).close()
        return line

    async def _open(self, broker: _Broker, line: _Line) -> aiomqtt.Client:
        if line.client is None:
            (_, address), *_ = await self._reach.resolve(broker.host, broker.port)
            client = aiomqtt.Client(
                broker.host if broker.secure else address,
                broker.port,
                username=broker.user,
                password=broker.password,
                protocol=_VERSIONS[broker.version],
                tls_context=ssl.create_default_context() if broker.secure else None,
                timeout=_TIMEOUT_S,
            )
            await client.__aenter__()
            line.client = client
        return line.client


def _read(address: Address) -> tuple[_Broker, str, int]:
    """The broker, the topic and the quality of service. Raises Undelivered."""
    parts = urlsplit(address.uri)
    secure = parts.scheme == "mqtts"
    version = address.options.get("MQTT-Version", "mqtt5.0")
    qos = address.options.get("MQTT-QoS", "0")
    if version not in _VERSIONS or qos not in ("0", "1", "2"):
        raise Undelivered(f"MQTT-Version is one of {', '.join(_VERSIONS)}, MQTT-QoS one of 0, 1, 2")
    broker = _Broker(
        host=parts.hostname or "",
        port=parts.port or _PORTS[parts.scheme],
        secure=secure,
        user=unquote(parts.username) if parts.username is not None else None,
        password=unquote(parts.password) if parts.password is not None else None,
        version=version,
    )
    return broker, unquote(parts.path.lstrip("/")), int(qos)


def courier(reach: Reach) -> MqttCourier:
    """The courier of this way."""
    return MqttCourier(reach)
