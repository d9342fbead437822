"""SNMP as a manager speaks it, against datagrams that are none of its answers."""

import asyncio
import secrets
from collections.abc import Callable
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.act.snmp import Agent
from madang.errors import Unavailable
from madang.model.field import Version

OID = (1, 3, 6, 1, 4, 1, 1206, 4, 2, 1, 3, 3, 0)


class Peer(asyncio.DatagramProtocol):
    """Answers each datagram with what the test makes of it."""

    def __init__(self, answers: Callable[[bytes], list[bytes]]) -> None:
        self._answers = answers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for answer in self._answers(data):
            self._transport.sendto(answer, addr)  # type: ignore[attr-defined]


async def peer(answers: Callable[[bytes], list[bytes]]) -> tuple[asyncio.DatagramTransport, int]:
    loop = asyncio.get_running_loop()
    made, _ = await loop.create_datagram_endpoint(lambda: Peer(answers), local_addr=("127.0.0.1", 0))
    return made, made.get_extra_info("sockname")[1]


async def test_what_is_no_answer_is_silence() -> None:
    def answers(asked: bytes) -> list[bytes]:
        # Noise, the question itself, and half of it.
        return [secrets.token_bytes(80), asked, asked[:20], b""]

    transport, port = await peer(answers)
    agent = Agent("127.0.0.1", port, community="c", version=Version.V1)
    began_s = monotonic()
    with pytest.raises(Unavailable, match="does not answer SNMP"):
        await agent.get([OID])
    assert 1.0 < monotonic() - began_s < 2.0
    agent.close()
    transport.close()


async def test_a_closed_port_is_told_at_once() -> None:
    transport, port = await peer(lambda _: [])
    transport.close()
    await asyncio.sleep(0.05)
    agent = Agent("127.0.0.1", port, community="c", version=Version.V2C)
    began_s = monotonic()
    with pytest.raises(Unavailable, match="refused"):
        await agent.get([OID])
    assert monotonic() - began_s < 0.4
    agent.close()


@given(packet=st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_datagram_raises(packet: bytes) -> None:
    async def hear() -> None:
        agent = Agent("127.0.0.1", 9, community="c", version=Version.V1)
        agent._answer = asyncio.get_running_loop().create_future()
        agent.heard(packet)
        agent.heard(b"0" + bytes([len(packet) % 128]) + packet)

    asyncio.run(hear())
