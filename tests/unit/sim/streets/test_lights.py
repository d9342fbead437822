"""Signals report what they show, as the cabinets have it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from madang.model.entity import Entity
from madang.model.world import Tick
from madang.sim.streets.lights import AGAIN_S
from madang.sim.streets.world import StreetsWorld


def signal(tick: Tick) -> Entity | None:
    return next((entity for entity in tick.entities if "TrafficSignal" in entity.types), None)


def test_lamps_and_times_agree_with_what_was_shown(world: Callable[..., StreetsWorld]) -> None:
    streets = world()
    sumo = streets.traffic._sumo
    green_at: dict[int, datetime] = {}
    before = ""
    (id,) = streets.cabinets
    entity, silent_s = None, 0
    for _ in range(200):
        tick = streets.step()
        reported = signal(tick)
        silent_s = 0 if reported else silent_s + 1
        entity = reported or entity
        assert entity is not None and silent_s < AGAIN_S
        lamps = entity.value("lamps")
        assert lamps == sumo.trafficlight.getRedYellowGreenState(id), "what changes is reported at once"
        for link, lamp in enumerate(lamps):
            if before and lamp in "Gg" and before[link] not in "Gg":
                # The second that the tick reports has begun one second before it.
                green_at[link] = tick.at - timedelta(seconds=1)
            since = entity.value("greenSince")[link]
            assert (since is not None) == (lamp in "Gg")
            if since is not None and link in green_at:
                assert datetime.fromisoformat(since) == green_at[link]
        before = lamps
    assert green_at


def test_a_world_that_goes_on_from_another_time_says_so(world: Callable[..., StreetsWorld]) -> None:
    streets = world()
    first = signal(streets.step())
    assert first is not None and signal(streets.step()) is None, "nothing changed"
    streets.resume(streets.at + timedelta(hours=2))
    second = signal(streets.step())
    assert second is not None
    shift = datetime.fromisoformat(second.value("since")) - datetime.fromisoformat(first.value("since"))
    assert shift == timedelta(hours=2)
