"""Controllers that speak Madang's messages over MQTT: JSON, quality of service 1, nothing retained.

Topics, below a prefix and the signal's id (docs/how-to/field.md has the whole of it):

    order   city -> controller   {"decision", "action", "parameters", "lease_s", "at"}
    lease   city -> controller   {"lease_s", "at"}: what was ordered last holds for so long from now
    answer  controller -> city   {"decision", "refused": null or why}
    state   controller -> city   once a second: {"control", "reason", "stage", "since", "lamps", ...} (`Reading`)

An order and a renewal expire at the broker after the lease (MQTT 5.0, 3.3.2.3.3), and say when they were sent: a
controller that comes back late is not to do what was wanted long ago.
"""

import asyncio
import logging
import math
from datetime import datetime
from typing import Any

import aiomqtt
import msgspec
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from madang.act.reading import Reading
from madang.clock import WallClock, monotonic_s
from madang.errors import Unavailable
from madang.model.field import Broker
from madang.model.world import Order

log = logging.getLogger(__name__)

PAUSE_S = 1.0
"""Between two tries to reach the broker."""
HEARTBEAT_S = 5.0
"""A controller that has not said its state for so long is silent."""
RELEASE = "release"
MOST_WAITING = 10_000
"""Messages of controllers that have come and were not looked at; more are dropped."""
LARGEST = 64 * 1024
"""Bytes of a controller's message; a larger one is none."""


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """The message on ``order``. `lease_s` from when it is received; `at` when it was sent."""

    decision: str
    action: str
    parameters: dict[str, Any]
    lease_s: float
    at: datetime


class Renewed(msgspec.Struct, frozen=True, kw_only=True):
    """The message on ``lease``."""

    lease_s: float
    at: datetime


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """The message on ``answer``."""

    decision: str
    refused: str | None = None


class _Ear:
    """What was heard of one controller: its state and when, and who waits for an answer."""

    def __init__(self) -> None:
        self.reading: Reading | None = None
        self.heard_s = 0.0
        self.waiting: dict[str, asyncio.Future[Answered]] = {}


class MqttLine:
    """The connection to the broker that all controllers share; reconnects by itself. `refused` counts messages that
    made no sense."""

    def __init__(self, broker: Broker, *, password: str = "") -> None:
        self.refused = 0
        self.connected = False
        self._broker = broker
        self._password = password
        self._client: aiomqtt.Client | None = None
        self._ears: dict[str, _Ear] = {}

    def controller(self, id: str, *, lease_s: float) -> "MqttController":
        """The controller of that signal."""
        ear = self._ears.setdefault(id, _Ear())
        return MqttController(self, id, ear, lease_s=lease_s)

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            try:
                async with self._connect() as client:
                    await self._listen(client)
            except (aiomqtt.MqttError, OSError, ValueError) as error:
                log.warning("the broker %s is not there: %s", self._broker.host, error)
            finally:
                self._client, self.connected = None, False
            await asyncio.sleep(PAUSE_S)

    async def publish(self, id: str, word: str, message: msgspec.Struct, *, expires_s: float) -> None:
        """Say something to a controller; done when the broker has it. Raises Unavailable."""
        if self._client is None:
            raise Unavailable(f"the broker {self._broker.host}:{self._broker.port} cannot be reached")
        properties = Properties(PacketTypes.PUBLISH)
        properties.MessageExpiryInterval = math.ceil(expires_s)
        topic = f"{self._broker.prefix}/{id}/{word}"
        try:
            await self._client.publish(topic, msgspec.json.encode(message), qos=1, properties=properties)
        except aiomqtt.MqttError as error:
            raise Unavailable(f"the broker did not take the message: {error}") from None

    def _connect(self) -> aiomqtt.Client:
        broker = self._broker
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.user or None,
            password=self._password or None,
            protocol=aiomqtt.ProtocolVersion.V5,
            tls_params=aiomqtt.TLSParameters() if broker.tls else None,
            keepalive=10,
            max_queued_incoming_messages=MOST_WAITING,
        )

    async def _listen(self, client: aiomqtt.Client) -> None:
        for word in ("answer", "state"):
            await client.subscribe(f"{self._broker.prefix}/+/{word}", qos=1)
        self._client, self.connected = client, True
        async for message in client.messages:
            id, _, word = message.topic.value.removeprefix(f"{self._broker.prefix}/").rpartition("/")
            ear = self._ears.get(id)
            # What the broker has kept from some time ago says nothing about now.
            if ear is not None and not message.retain:
                self._hear(ear, id, word, message.payload)

    def _hear(self, ear: _Ear, id: str, word: str, payload: Any) -> None:
        try:
            body = payload if isinstance(payload, bytes) else b""
            if len(body) > LARGEST:
                raise msgspec.DecodeError("too large")
            if word == "state":
                ear.reading, ear.heard_s = msgspec.json.decode(body, type=Reading), monotonic_s()
                return
            answer = msgspec.json.decode(body, type=Answered)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.refused += 1
            if self.refused <= 100:
                log.warning("what the controller %s says on %s is refused: %s", id, word, error)
            return
        waiting = ear.waiting.pop(answer.decision, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


class MqttController:
    """One controller; made by `MqttLine.controller`."""

    def __init__(self, line: MqttLine, id: str, ear: _Ear, *, lease_s: float) -> None:
        self._line = line
        self._id = id
        self._ear = ear
        self._lease_s = lease_s
        self._taken = False
        self._clock = WallClock()

    async def order(self, order: Order) -> str | None:
        answer = asyncio.get_running_loop().create_future()
        self._ear.waiting[order.decision] = answer
        message = Ordered(
            decision=order.decision,
            action=order.action,
            parameters=dict(order.parameters),
            lease_s=self._lease_s,
            at=self._clock.now(),
        )
        try:
            await self._line.publish(self._id, "order", message, expires_s=self._lease_s)
            refused = (await answer).refused
        except BaseException:
            # Perhaps it took the order and its answer is late or lost: its lease then ends by itself.
            self._taken = False
            raise
        finally:
            self._ear.waiting.pop(order.decision, None)
        if refused is None:
            self._taken = order.action != RELEASE
        return refused

    async def renew(self) -> None:
        if not self._taken:
            return
        message = Renewed(lease_s=self._lease_s, at=self._clock.now())
        await self._line.publish(self._id, "lease", message, expires_s=self._lease_s)

    async def read(self) -> Reading | None:
        if self._ear.reading is None:
            if not self._line.connected:
                raise Unavailable("the broker cannot be reached")
            return None
        silent_s = monotonic_s() - self._ear.heard_s
        if silent_s > HEARTBEAT_S:
            raise Unavailable(f"the controller has not said its state for {silent_s:.0f} s")
        return self._ear.reading

    async def close(self) -> None:
        return None
