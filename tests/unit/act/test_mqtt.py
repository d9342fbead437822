"""The line to a broker: it comes back by itself, and nothing that is said on it does harm."""

import asyncio
import getpass
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from madang.act.mqtt import MqttLine
from madang.errors import Unavailable
from madang.listen import free_port
from madang.model.field import Broker
from madang.model.world import Order
from madang.settings import service_required

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
STATE = {"control": "plan", "reason": "its own plan"}


class OwnBroker:
    """A broker of this test alone, to be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port("127.0.0.1")
        self._conf = folder / "broker.conf"
        self._conf.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nuser {getpass.getuser()}\n")
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        assert MOSQUITTO is not None
        quiet = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(
            MOSQUITTO, "-c", str(self._conf), stdout=quiet, stderr=quiet
        )

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[OwnBroker]:
    if MOSQUITTO is None:
        if service_required():
            pytest.fail("mosquitto is missing")
        pytest.skip("mosquitto is missing")
    made = OwnBroker(tmp_path)
    yield made
    await made.stop()


@pytest.fixture
async def line(broker: OwnBroker) -> AsyncIterator[MqttLine]:
    made = MqttLine(Broker(host="127.0.0.1", port=broker.port, prefix="f"))
    running = asyncio.create_task(made.run())
    yield made
    assert not running.done()
    running.cancel()


async def connected(line: MqttLine, there: bool = True) -> None:
    async with asyncio.timeout(10):
        while line.connected is not there:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def order(decision: str, action: str = "stage") -> Order:
    return Order(decision=decision, target="t", action=action, parameters={"stage": "s1"})


async def test_a_broker_that_is_away_is_told_and_comes_back(broker: OwnBroker, line: MqttLine) -> None:
    here = line.controller("a", lease_s=5)
    with pytest.raises(Unavailable, match="cannot be reached"):
        await here.order(order("d1"))
    with pytest.raises(Unavailable, match="cannot be reached"):
        await here.read()
    for _ in range(2):
        await broker.start()
        await connected(line)
        assert await here.read() is None
        await broker.stop()
        await connected(line, there=False)


async def test_rubbish_is_counted_and_the_line_goes_on(broker: OwnBroker, line: MqttLine) -> None:
    here = line.controller("a", lease_s=5)
    await broker.start()
    await connected(line)
    rubbish: list[Any] = [
        b"",
        b"{",
        b"[]",
        b'{"control": 1}',
        b"\xff\xfe",
        b"[" * 5000,
        b'{"decision": null}',
        b"x" * 70_000,
        msgspec.json.encode({**STATE, "control": "<b>mine</b>"}),
        msgspec.json.encode({**STATE, "since": "2026-11-23T12:00:00"}),
        msgspec.json.encode({**STATE, "lamps": "GGxr"}),
        msgspec.json.encode({**STATE, "stage": "s\0"}),
        msgspec.json.encode({**STATE, "reason": "long" * 1000}),
    ]
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        for payload in rubbish:
            for topic in ("f/a/state", "f/a/answer", "f/unknown/state"):
                await client.publish(topic, payload, qos=1)
        await client.publish("f/a/answer", b'{"decision": "never asked"}', qos=1)
        await client.publish("f/a/state", msgspec.json.encode(STATE), qos=1)
        async with asyncio.timeout(5):
            while (reading := await here.read()) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    assert reading.control == "plan"
    assert line.refused == 2 * len(rubbish)


async def test_what_the_broker_has_kept_says_nothing_about_now(broker: OwnBroker, line: MqttLine) -> None:
    await broker.start()
    await connected(line)
    line = MqttLine(Broker(host="127.0.0.1", port=broker.port, prefix="f"))
    here = line.controller("a", lease_s=5)
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.publish("f/a/state", msgspec.json.encode(STATE), qos=1, retain=True)
        running = asyncio.create_task(line.run())
        await connected(line)
        # What comes behind the kept one has come.
        await client.publish("f/a/state", b"rubbish", qos=1)
        async with asyncio.timeout(5):
            while not line.refused:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert await here.read() is None, "it may be long dead"
        await client.publish("f/a/state", msgspec.json.encode(STATE), qos=1, retain=True)
        async with asyncio.timeout(5):
            while await here.read() is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    running.cancel()


async def test_what_was_not_answered_or_given_back_is_not_renewed(broker: OwnBroker, line: MqttLine) -> None:
    here = line.controller("a", lease_s=5)
    await broker.start()
    await connected(line)
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.subscribe("f/a/#", qos=1)
        heard: list[tuple[str, dict[str, Any]]] = []

        async def answer() -> None:
            async for message in client.messages:
                word, body = message.topic.value.rpartition("/")[2], msgspec.json.decode(bytes(message.payload))
                heard.append((word, body))
                if word == "order" and body["decision"] != "lost":
                    refused = "an intergreen is in progress" if body["decision"] == "no" else None
                    said = {"decision": body["decision"], "refused": refused}
                    await client.publish("f/a/answer", msgspec.json.encode(said), qos=1)

        answering = asyncio.create_task(answer())
        await here.renew()
        assert await here.order(order("yes")) is None
        await here.renew()
        assert await here.order(order("no")) == "an intergreen is in progress"
        await here.renew()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(here.order(order("lost")), 0.3)
        await here.renew()
        assert await here.order(order("again")) is None
        await here.renew()
        assert await here.order(order("back", "release")) is None
        await here.renew()
        await asyncio.sleep(0.2)
        answering.cancel()
    words = [body.get("decision", word) for word, body in heard if word != "answer"]
    # A refusal leaves what was taken before as it was; silence and a release end it.
    assert words == ["yes", "lease", "no", "lease", "lost", "again", "lease", "back"]
    assert all(body["lease_s"] == 5 for word, body in heard if word in ("order", "lease"))


async def test_an_order_does_not_wait_for_a_controller_that_comes_back_late(broker: OwnBroker, line: MqttLine) -> None:
    here = line.controller("a", lease_s=2)
    await broker.start()
    await connected(line)
    keep = {"protocol": aiomqtt.ProtocolVersion.V5, "identifier": "a", "clean_start": False}
    properties = _kept(60)
    async with aiomqtt.Client("127.0.0.1", broker.port, properties=properties, **keep) as client:
        await client.subscribe("f/a/#", qos=1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(here.order(order("late")), 0.3)
    async with aiomqtt.Client("127.0.0.1", broker.port) as other:
        await other.publish("f/a/other", b"kept", qos=1)
    await asyncio.sleep(3)
    async with aiomqtt.Client("127.0.0.1", broker.port, properties=properties, **keep) as client:
        # The broker has kept for it what does not expire, and nothing else.
        assert bytes((await anext(aiter(client.messages))).payload) == b"kept"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await anext(aiter(client.messages))


def _kept(seconds: int) -> Any:
    """A session that the broker keeps for so long after the controller has gone."""
    found = Properties(PacketTypes.CONNECT)
    found.SessionExpiryInterval = seconds
    return found
