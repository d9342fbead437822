"""The seconds of a city on real streets."""

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

from madang.clock import WallClock
from madang.model.entity import Entity, observed
from madang.model.world import Hello, Tick
from madang.sense.pace import Pace


async def test_a_tick_a_second_with_what_there_is_to_report() -> None:
    def report(at: datetime) -> list[Entity]:
        return [observed("urn:ngsi-ld:TrafficSignal:a", "TrafficSignal", at, {"stage": "s1"})]

    heard: list[Hello | Tick] = []
    began = datetime.now(UTC)
    async with asyncio.timeout(10):
        async for message in Pace(report, WallClock()).observations():
            heard.append(message)
            if len(heard) == 4:
                break
    assert isinstance(heard[0], Hello) and heard[0].entities == ()
    gaps = [(after.at - before.at).total_seconds() for before, after in pairwise(heard)]
    assert all(0.7 < gap < 1.5 for gap in gaps), gaps
    assert all(isinstance(message, Tick) and message.entities[0].value("stage") == "s1" for message in heard[1:])
    assert heard[0].at >= began
