"""Notifications over MQTT, to the broker of this machine: ETSI GS CIM 009 v1.9.1, 7.2."""

import asyncio
import os
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
import msgspec
import pytest

from madang.hub import Hub
from madang.model.context import CORE_URL

from .receiving import CAR, Town, prop

BROKER = ("127.0.0.1", 1883)


def _runs() -> bool:
    try:
        socket.create_connection(BROKER, timeout=1).close()
    except OSError:
        return False
    return True


pytestmark = pytest.mark.skipif(
    not _runs() and os.environ.get("MADANG_REQUIRE_SERVICES") != "1", reason="no MQTT broker at 127.0.0.1:1883"
)


@pytest.fixture
def hub(telling_hub: Hub) -> Hub:
    return telling_hub


@pytest.fixture
def topic() -> str:
    return f"madang-test/{uuid.uuid4().hex}/cars"


@asynccontextmanager
async def listening(topic: str) -> AsyncIterator[Any]:
    """The messages of the topic: their quality of service and their JSON."""

    async def messages(client: aiomqtt.Client) -> AsyncIterator[tuple[int, Any]]:
        async for message in client.messages:
            yield message.qos, msgspec.json.decode(bytes(message.payload))

    async with asyncio.timeout(15), aiomqtt.Client(*BROKER) as client:
        await client.subscribe(topic, qos=2)
        yield messages(client)


async def test_a_message_has_the_notification_and_what_http_has_in_headers(town: Town, topic: str) -> None:
    info = [{"key": "X-Key", "value": "abc"}]
    await town.subscribe(endpoint={"uri": f"mqtt://127.0.0.1/{topic}", "receiverInfo": info})
    async with listening(topic) as messages:
        await town.create(speed=prop(30))
        qos, message = await anext(messages)
    assert qos == 0
    assert set(message) == {"metadata", "body"}
    assert message["metadata"] == {
        "Content-Type": "application/json",
        "Link": f'<{CORE_URL}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"',
        "X-Key": "abc",
    }
    assert message["body"]["type"] == "Notification"
    assert message["body"]["data"] == [{"id": CAR, "type": "Vehicle", "speed": prop(30)}]
    await town.until(status="ok", timesSent=1)


@pytest.mark.parametrize("version", ["mqtt3.1.1", "mqtt5.0"])
@pytest.mark.parametrize("qos", ["0", "1", "2"])
async def test_version_and_quality_are_chosen(town: Town, topic: str, version: str, qos: str) -> None:
    info = [{"key": "MQTT-Version", "value": version}, {"key": "MQTT-QoS", "value": qos}]
    await town.subscribe(endpoint={"uri": f"mqtt://someone@127.0.0.1:1883/{topic}", "notifierInfo": info})
    async with listening(topic) as messages:
        await town.create(speed=prop(30))
        await town.update(speed=prop(31))
        got = [await anext(messages), await anext(messages)]
    assert [one[0] for one in got] == [int(qos)] * 2
    assert [one[1]["body"]["data"][0]["speed"]["value"] for one in got] == [30, 31]


async def test_json_ld_over_mqtt(town: Town, topic: str) -> None:
    await town.subscribe(endpoint={"uri": f"mqtt://localhost/{topic}", "accept": "application/ld+json"})
    async with listening(topic) as messages:
        await town.create(speed=prop(30))
        _, message = await anext(messages)
    assert message["metadata"] == {"Content-Type": "application/ld+json"}
    assert message["body"]["data"][0]["@context"] == CORE_URL


async def test_a_broker_that_is_not_there_is_a_failure(town: Town, topic: str) -> None:
    await town.subscribe(endpoint={"uri": f"mqtt://127.0.0.1:9/{topic}"})
    await town.create(speed=prop(30))
    await town.until(status="failed")
