"""Frames: what goes in comes out, however it is cut; what is no message is an error and not a crash."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.errors import BadRequestData, MadangError, PayloadTooLarge
from madang.model.entity import observed, point
from madang.model.frames import LARGEST_FRAME, Frames, encode
from madang.model.world import Answer, Hello, Message, Order, Orders, Tick

AT = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
BUS = observed(
    "urn:ngsi-ld:Vehicle:1", "Vehicle", AT, {"location": point(11.4, 48.7), "speed": 3.5}, units={"speed": "MTS"}
)
MESSAGES: list[Message] = [
    Hello(scenario="x", scenario_hash="0", seed=1, at=AT, speed=1.0, entities=(BUS,), streets={"type": "x"}),
    Tick(at=AT, entities=(BUS,), answers=(Answer(decision="d", target="t", refused="no"),), gone=("a",)),
    Orders(at=AT, orders=(Order(decision="d", target="t", action="stage", parameters={"stage": "s1"}),), leased=("t",)),
]


@given(st.lists(st.integers(1, 300), min_size=1))
def test_messages_survive_any_cut(cuts: list[int]) -> None:
    stream, frames, heard = b"".join(map(encode, MESSAGES)), Frames(), list[Message]()
    for size in cuts:
        heard += frames.feed(stream[:size])
        stream = stream[size:]
    heard += frames.feed(stream)
    assert heard == MESSAGES


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_an_error_of_ours(data: bytes) -> None:
    frames = Frames()
    try:
        frames.feed(len(data).to_bytes(4) + data)
    except MadangError as error:
        assert error.detail


def test_a_frame_that_announces_too_much_is_refused_before_it_comes() -> None:
    with pytest.raises(PayloadTooLarge):
        Frames().feed((LARGEST_FRAME + 1).to_bytes(4))


@pytest.mark.parametrize(
    "body",
    [
        msgspec.msgpack.encode({"type": "hello"}),
        msgspec.msgpack.encode({"type": "tick", "at": "2026-05-04T07:00:00", "entities": []}),
        msgspec.msgpack.encode({"type": "tick", "at": "yesterday", "entities": []}),
        b"\x91" * 100_000,
        b"",
    ],
    ids=["incomplete", "naive time", "no time", "too deep", "empty"],
)
def test_what_is_no_message_is_named(body: bytes) -> None:
    with pytest.raises(BadRequestData, match="message"):
        Frames().feed(len(body).to_bytes(4) + body)


def test_an_observation_without_a_zone_is_refused() -> None:
    naive = observed("urn:x", "X", datetime(2026, 5, 4), {"speed": 1})  # noqa: DTZ001 — what this test is about
    text = msgspec.msgpack.encode(Tick(at=AT, entities=(naive,)))
    with pytest.raises(BadRequestData, match="zone"):
        Frames().feed(len(text).to_bytes(4) + text)


def test_too_large_a_message_is_not_sent() -> None:
    with pytest.raises(PayloadTooLarge):
        encode(Tick(at=AT, entities=(), gone=("x" * LARGEST_FRAME,)))
