"""One run: a world from its first second to its last, under a service or under its own fixed plan."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from madang.clock import core_s, monotonic_s
from madang.evaluate.city import City
from madang.evaluate.disturbance import Disturbance
from madang.ports import World


class Sensing(msgspec.Struct, frozen=True, kw_only=True):
    """What the cameras see: vehicles within `range_m` of the stop line, but for the share `missed` (0 to 1)."""

    range_m: float
    missed: float = 0.0


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One way to control the city, under its `name`: a service with settings of its own, or none (the fixed plan, or
    `actuated`, the simulator's control); with cameras other than the city's where `sensing` says so; with a
    `disturbance` that befalls it under way."""

    name: str
    service: str = ""
    settings: Mapping[str, Any] = {}
    actuated: bool = False
    sensing: Sensing | None = None
    disturbance: Disturbance | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to run: a city's folder, the variant, the seed, the hours of demand, the longest drain; whether to
    write down what a report draws (`detail`), with the arterial through these signals (empty: the longest)."""

    city: str
    variant: Variant
    seed: int
    hours: float = 1.0
    drain_s: float = 1800.0
    detail: bool = False
    arterial: tuple[str, ...] = ()


FIXED = Variant(name="fixed")
"""The variant without a service: the built-in plan."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a job.

    `results` are the world's measures, `decisions` the commands on record, `refused` those that a guard refused,
    `fallbacks` those of the fallback. `wall_s` and `core_s` (time of one core that the process used) are of the running
    city, without its start: `simulated_s` / `core_s` is the real-time factor on one core.
    """

    job: Job
    scenario: str
    scenario_hash: str
    results: Mapping[str, Any]
    simulated_s: float
    wall_s: float
    core_s: float
    decisions: int = 0
    refused: int = 0
    fallbacks: int = 0


async def run(job: Job, *, world: World, city: City | None, heard: Callable[[float], None]) -> Run:
    """Run the world to its end; `heard` is told the simulated seconds so far, now and then."""
    hello = world.hello()
    at = hello.at
    if city is not None:
        await city.take(hello)
    # The factor is that of the running city: reading the network is done once, whatever the length of the run.
    start_s, start_core_s, steps = monotonic_s(), core_s(), 0
    while not world.finished():
        tick = world.step()
        at = tick.at
        if city is not None:
            world.order(await city.take(tick))
        steps += 1
        if steps % 60 == 0:
            heard((at - hello.at).total_seconds())
    return Run(
        job=job,
        scenario=hello.scenario,
        scenario_hash=hello.scenario_hash,
        results=world.results(),
        simulated_s=(at - hello.at).total_seconds(),
        wall_s=monotonic_s() - start_s,
        core_s=core_s() - start_core_s,
    )
