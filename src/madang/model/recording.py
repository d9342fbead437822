"""What a world writes down of a run besides its sums, when it is asked to: for the plots of an evaluation."""

from collections.abc import Mapping

import msgspec


class Delayed(msgspec.Struct, frozen=True, array_like=True):
    """Those who came to a signal by one of its approaches: how many, what they lost on the way to it in all, the value
    that one in twenty exceeds, and the largest (s). Vehicles that met no signal are under the signal and edge ""."""

    signal: str
    edge: str
    name: str
    vehicles: int
    total_s: float
    p95_s: float
    longest_s: float


class Emitted(msgspec.Struct, frozen=True, array_like=True):
    """What the vehicles on an edge let out during the run, the insides of junctions left out."""

    edge: str
    co2_kg: float
    nox_g: float


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """A signal on an arterial: where its stop line is, and when (s after the demand's begin) it let the arterial go."""

    signal: str
    name: str
    at_m: float
    greens: tuple[tuple[float, float], ...] = ()


class Diagram(msgspec.Struct, frozen=True, kw_only=True):
    """An arterial in one direction for some minutes: from `from_s` to `until_s` after the demand's begin. A path is one
    vehicle's (second, metres from the arterial's start), thinned to where it bends."""

    name: str
    length_m: float
    from_s: float
    until_s: float
    stops: tuple[Stop, ...]
    paths: tuple[tuple[tuple[float, float], ...], ...]


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """`journeys` says for each vehicle where it set out and where it was bound, by the quarters of the network.
    `streets` are the edges' lines in metres of the network's plane, `names` what their street or quarter is called."""

    approaches: tuple[Delayed, ...]
    journeys: Mapping[str, tuple[str, str]]
    emissions: tuple[Emitted, ...]
    streets: Mapping[str, tuple[tuple[float, float], ...]]
    names: Mapping[str, str]
    diagram: Diagram | None
