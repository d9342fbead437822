"""A notification packed for its way: what is told, and where it goes (ETSI GS CIM 009 v1.9.1, 5.2.15, 6.3.9, 7.2)."""

from collections.abc import Mapping

import msgspec

Whom = tuple[tuple[str, str], ...]
"""Datasets and people."""


class Parcel(msgspec.Struct, frozen=True):
    """The body, JSON, and what goes with it: headers over HTTP, `metadata` over MQTT.

    `more` is what its maker needs to complete the body at the last moment (linked entities); a courier ignores it.
    `about` has for each entity of the body, in their order, the datasets and people that it is about ("": nobody is
    named); empty where none of them is about people.
    """

    headers: dict[str, str]
    body: msgspec.Raw
    more: msgspec.Raw = msgspec.Raw(b"null")
    about: tuple[Whom, ...] = ()


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a notification goes: `uri` (http, https, mqtt, mqtts), `headers` that its receiver asked for
    (receiverInfo), `options` of the way there (notifierInfo)."""

    uri: str
    headers: Mapping[str, str] = {}
    options: Mapping[str, str] = {}


def pack(parcel: Parcel) -> bytes:
    """As the outbox keeps it."""
    return _encode(parcel)


def unpack(body: bytes) -> Parcel:
    """What `pack` made. Raises msgspec.DecodeError for anything else."""
    return _decode(body)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Parcel).decode
