"""The controllers at a city's junctions as its folder names them (``field.toml``): where each is and what it speaks."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

Port = Annotated[int, Meta(ge=1, le=65535)]

Phase = Annotated[int, Meta(ge=1, le=16)]
"""A phase of a controller by its number (NTCIP 1202, 2.2)."""


class Act(StrEnum):
    """What becomes of orders: ``field`` sends them, ``dry`` keeps and refuses them (the controllers are still read)."""

    FIELD = "field"
    DRY = "dry"


class Speaks(StrEnum):
    """What a controller speaks: Madang's own messages over MQTT, or NTCIP 1202 over SNMP."""

    MQTT = "mqtt"
    NTCIP = "ntcip"


class Version(StrEnum):
    """Of SNMP. Neither hides the community, nor anything else: a network of its own has to."""

    V1 = "v1"
    V2C = "v2c"


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """The MQTT broker. `secret` names the password in the installation's file of secrets; `prefix` is what the topics
    of all controllers begin with."""

    host: str
    port: Port = 1883
    tls: bool = False
    user: str = ""
    secret: str = ""
    prefix: str = "madang/field"


class Junction(msgspec.Struct, frozen=True, kw_only=True):
    """One controller. All but `speaks` is for NTCIP.

    `stages` has for each stage the phases that are green in it; `rings` the phases of each ring in their sequence, and
    `barriers` the groups of phases on one side of a barrier: phases may be green together that are in one group and in
    different rings. `links` has for each link of the junction its phase (0: none), for a reading of the lamps.
    `secret` names the community in the installation's file of secrets, instead of `community`. With `omit` the phases
    that a stage does not have are omitted too while the city holds it; without, the controller serves their calls
    before it comes to the stage.
    """

    speaks: Speaks
    host: str = ""
    port: Port = 161
    version: Version = Version.V1
    community: str = "public"
    secret: str = ""
    stages: Mapping[str, tuple[Phase, ...]] = {}
    rings: tuple[tuple[Phase, ...], ...] = ((1, 2, 3, 4), (5, 6, 7, 8))
    barriers: tuple[tuple[Phase, ...], ...] = ((1, 2, 5, 6), (3, 4, 7, 8))
    links: tuple[Annotated[int, Meta(ge=0, le=16)], ...] = ()
    omit: bool = False


class FieldSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All controllers, by the id of their signal: the last part of ``urn:ngsi-ld:TrafficSignal:ID``.

    `lease_s` is how long a controller keeps what the city ordered when it hears nothing more.
    """

    act: Act = Act.FIELD
    lease_s: Annotated[int, Meta(ge=2, le=5)] = 5
    mqtt: Broker | None = None
    junctions: Mapping[str, Junction]
