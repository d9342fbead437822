"""Where delay grows and where it shrinks: by approach to a signal, and by where people come from and go to.

The means over the network hide who pays for a gain. Each row is paired by seed, and where vehicles are compared, by
vehicle: the same one under both controls.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean

import msgspec

from madang.evaluate.shift import FELT_S, Delays
from madang.evaluate.statistics import Estimate, effect, estimate
from madang.model.recording import Delayed, Recording

Ways = Mapping[str, tuple[str, str]]
"""By vehicle, where it comes from and where it goes to."""


class Approach(msgspec.Struct, frozen=True, kw_only=True):
    """Mean delay (s) on the way to a signal by one of its approaches, without the service and with it, over seeds.
    `vehicles` come by in a run. `longest_before_s` and `longest_s` are the worst of all runs."""

    signal: str
    edge: str
    name: str
    vehicles: float
    before: Estimate
    after: Estimate
    change: Estimate
    longest_before_s: float
    longest_s: float


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """All trips from one quarter of the network to another: mean delay (s) without and with the service, over seeds; of
    the `vehicles` of all seeds, how many lose at least 10 s more (`losers`), how much on average, and at most (s)."""

    start: str
    end: str
    vehicles: int
    before: Estimate
    after: Estimate
    change: Estimate
    losers: int
    mean_loss_s: float
    longest_loss_s: float


def approaches(pairs: Sequence[tuple[Recording, Recording]]) -> tuple[Approach, ...]:
    """Those that somebody came by in every run, the most delayed with the service first; a pair is a seed's recording
    without the service and with it."""
    sides = [tuple({(each.signal, each.edge): each for each in side.approaches} for side in pair) for pair in pairs]
    keys = [key for key in sides[0][0] if all(key in side for pair in sides for side in pair)] if sides else []
    found = [_approach([(pair[0][key], pair[1][key]) for pair in sides]) for key in keys if key[0]]
    return tuple(sorted(found, key=lambda each: -each.after.mean))


def _approach(pairs: Sequence[tuple[Delayed, Delayed]]) -> Approach:
    before = [one.total_s / one.vehicles for one, _ in pairs]
    after = [other.total_s / other.vehicles for _, other in pairs]
    first = pairs[0][0]
    return Approach(
        signal=first.signal,
        edge=first.edge,
        name=first.name,
        vehicles=fmean(other.vehicles for _, other in pairs),
        before=estimate(before),
        after=estimate(after),
        change=effect(before, after),
        longest_before_s=max(one.longest_s for one, _ in pairs),
        longest_s=max(other.longest_s for _, other in pairs),
    )


def journeys(pairs: Sequence[tuple[Delays, Delays]], ways: Sequence[Ways]) -> tuple[Journey, ...]:
    """Those made in every seed, the one with the most added delay in all first. A pair is a seed's delays by vehicle,
    before and after; `ways` has by seed where each vehicle comes from and goes to."""
    by_way = [_by_way(before, after, way) for (before, after), way in zip(pairs, ways, strict=True)]
    keys = [key for key in by_way[0] if all(key in each for each in by_way)] if by_way else []
    found = [_journey(key, [each[key] for each in by_way]) for key in keys]
    return tuple(sorted(found, key=lambda each: -each.change.mean * each.vehicles))


def _by_way(before: Delays, after: Delays, way: Ways) -> dict[tuple[str, str], list[tuple[float, float]]]:
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for id, delay_s in before.items():
        if id in after and all(way.get(id, ("", ""))):
            found.setdefault(way[id], []).append((delay_s, after[id]))
    return found


def _journey(key: tuple[str, str], seeds: Sequence[Sequence[tuple[float, float]]]) -> Journey:
    before = [fmean(one for one, _ in seed) for seed in seeds]
    after = [fmean(other for _, other in seed) for seed in seeds]
    losses = [other - one for seed in seeds for one, other in seed if other - one >= FELT_S]
    return Journey(
        start=key[0],
        end=key[1],
        vehicles=sum(map(len, seeds)),
        before=estimate(before),
        after=estimate(after),
        change=effect(before, after),
        losers=len(losses),
        mean_loss_s=fmean(losses) if losses else 0.0,
        longest_loss_s=max(losses, default=0.0),
    )
