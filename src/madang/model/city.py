"""A city as its folder says it: who it is, its world, its datasets, services and committees (architecture, 3)."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from madang.model.dataset import Dataset, Text
from madang.model.district import Districts
from madang.model.field import FieldSpec
from madang.model.proposal import Participation
from madang.model.report import ReportKind
from madang.model.transit import Transit


class WorldSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Which world the city acts on.

    `kind` is ``streets`` (SUMO). `scenario` names a network of the wheel sumo-rl (``ingolstadt21``), or is empty and
    `net` and `routes` name files relative to the city's folder, with `begin_s` and `end_s` of the demand; `additional`
    are SUMO's additional files (vehicle types, stops) and `attribution` says whose data the city's own files are.
    `sensor_range_m` is how far a camera or radar sees along a lane; `missed` the share of vehicles that it does not
    see (0 to 1); `alarms_per_hour` is how many vehicles under blue light cross the network in an hour of the demand.
    `places` is a GeoJSON file with the schools and hospitals beside the streets (``sim/streets/places``). `speed` is
    simulated seconds a second, 0 as fast as it goes.
    """

    kind: str = "streets"
    scenario: str = ""
    net: str = ""
    routes: tuple[str, ...] = ()
    additional: tuple[str, ...] = ()
    places: str = ""
    attribution: str = ""
    begin_s: Annotated[float, Meta(ge=0)] | None = None
    end_s: Annotated[float, Meta(gt=0)] | None = None
    seed: Annotated[int, Meta(ge=0, lt=2**31)] = 1
    speed: Annotated[float, Meta(ge=0)] = 1.0
    sensor_range_m: Annotated[float, Meta(gt=0)] = 200.0
    missed: Annotated[float, Meta(ge=0, le=1)] = 0.0
    alarms_per_hour: Annotated[float, Meta(ge=0, le=120)] = 0.0


class Mandate(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from"}):
    """A committee's time-limited permission for a service to act."""

    committee: str
    resolution: str
    since: date
    until: date


class Disclosure(msgspec.Struct, frozen=True, kw_only=True):
    """What a city says of a service in its register that no declaration tells: fields of the UK's Algorithmic
    Transparency Recording Standard and of Eurocities'. What is empty is named there as not stated.

    `website` is an address, or a path on the hub; `contact` an e-mail address (empty: the committee's); `owner` who is
    responsible at the top. `benefits`, `alternatives` and `risks` are for services that declare no figures, baselines
    or guards of their own.
    """

    website: str = ""
    contact: str = ""
    owner: str = ""
    third_parties: Text = {}
    impact_assessments: Text = {}
    non_discrimination: Text = {}
    benefits: Text = {}
    alternatives: Text = {}
    risks: Text = {}


class ServiceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """How a city runs a service. Without a valid mandate its fallback runs. `answer_within` (ISO 8601) is for
    objections to its decisions; empty: the committee's. `disclosure` is for the register."""

    enabled: bool = True
    mandate: Mandate | None = None
    settings: Mapping[str, Any] = {}
    answer_within: str = ""
    disclosure: Disclosure = Disclosure()


class Term(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from"}):
    """When a member sits in a committee: first and last day; what is left out is open."""

    since: date | None = None
    until: date | None = None


class Majority(StrEnum):
    """What carries a motion: more ayes than noes, more than half of all who may vote, or two thirds of the votes."""

    SIMPLE = "simple"
    ABSOLUTE = "absolute"
    TWO_THIRDS = "two-thirds"


class Committee(msgspec.Struct, frozen=True, kw_only=True):
    """A body that may approve, condition, suspend or revoke a service.

    `services` are those it decides on (none named: all). `terms` says when a member sits, `recusals` which members take
    no part in what concerns a service. Objections to a service under its mandate are answered `answer_within` (ISO
    8601) unless the service says otherwise.
    """

    title: Text
    members: tuple[str, ...]
    quorum: Annotated[int, Meta(ge=1)]
    contact: str = ""
    majority: Majority = Majority.SIMPLE
    services: tuple[str, ...] = ()
    terms: Mapping[str, Term] = {}
    recusals: Mapping[str, tuple[str, ...]] = {}
    answer_within: str = "P28D"


class City(msgspec.Struct, frozen=True, kw_only=True):
    """The whole folder, checked. `id` is the folder's name; `centre` is (longitude, latitude) in degrees, WGS 84."""

    id: str
    folder: Path
    name: Text
    jurisdiction: str
    time_zone: str
    languages: tuple[str, ...]
    population: Annotated[int, Meta(gt=0)]
    centre: tuple[float, float]
    world: WorldSpec | None = None
    datasets: tuple[Dataset, ...]
    services: Mapping[str, ServiceSpec]
    committees: Mapping[str, Committee]
    field: FieldSpec | None = None
    reports: Mapping[str, ReportKind] = {}
    participation: Participation | None = None
    transit: Transit | None = None
    sources: Mapping[str, Mapping[str, Any]] = {}
    districts: Districts | None = None
