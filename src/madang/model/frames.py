"""How messages between a world and a city cross a stream: four bytes of length (big-endian), then MessagePack.

Whoever reads does not trust the writer: a frame is bounded, and one that is no message is an error that names why.
"""

from datetime import datetime

import msgspec

from madang.errors import BadRequestData, PayloadTooLarge
from madang.model.entity import Entity
from madang.model.world import Hello, Message, Orders, Tick

LARGEST_FRAME = 16 * 2**20
"""Bytes; a Hello of a city of a hundred junctions with its map is about a quarter of it."""

_LENGTH = 4
_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Hello | Tick | Orders)


def encode(message: Message) -> bytes:
    """The frame of a message. Raises PayloadTooLarge where the reader would refuse it."""
    body = _encoder.encode(message)
    if len(body) > LARGEST_FRAME:
        raise PayloadTooLarge(f"a message of {len(body)} bytes; the largest frame is {LARGEST_FRAME}")
    return len(body).to_bytes(_LENGTH) + body


class Frames:
    """Cuts a stream of bytes into messages. After an error the stream has no sense any more: close it."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are complete with these bytes. Raises PayloadTooLarge for a frame that announces too much,
        BadRequestData for one that holds no message or a time without a zone."""
        self._held += data
        messages: list[Message] = []
        while len(self._held) >= _LENGTH:
            size = int.from_bytes(self._held[:_LENGTH])
            if size > LARGEST_FRAME:
                raise PayloadTooLarge(f"a frame announces {size} bytes; the largest is {LARGEST_FRAME}")
            if len(self._held) < _LENGTH + size:
                break
            messages.append(_decode(bytes(self._held[_LENGTH : _LENGTH + size])))
            del self._held[: _LENGTH + size]
        return messages


def _decode(body: bytes) -> Message:
    try:
        message = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequestData(f"a frame that is no message: {error}") from error
    if not _aware(message.at) or not all(map(_dated, getattr(message, "entities", ()))):
        raise BadRequestData("a message with a time that has no zone: times are UTC")
    return message


def _aware(at: datetime) -> bool:
    return at.tzinfo is not None


def _dated(entity: Entity) -> bool:
    return all(
        attribute.observed_at is None or _aware(attribute.observed_at)
        for instances in entity.attributes.values()
        for attribute in instances
    )
