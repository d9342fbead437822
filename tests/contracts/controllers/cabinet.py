"""A reference controller on MQTT: the rules of the simulated streets' cabinet, at the other end of a broker.

    python cabinet.py PORT PREFIX SIGNAL [--deaf] [--slow 3]

It takes orders and leases, answers, says its state once a second, and runs its own plan when it hears nothing for 5 s.
Its junction has two streets that cross. `--slow` lets it think so long about each order; `--deaf` lets it say its state
and hear nothing. Each change of its lamps or of who controls it is a line on standard output.
"""

import argparse
import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import aiomqtt

from madang.sim.streets.cabinet import LEASE_S, Cabinet
from madang.sim.streets.layout import Layout
from madang.sim.streets.network import Program
from madang.sim.streets.stages import Stage

FOES = (frozenset({1}), frozenset({0}))
PHASES = (("Gr", 10.0), ("yr", 3.0), ("rr", 2.0), ("rG", 10.0), ("ry", 3.0), ("rr", 2.0))
PLAN = Program(signal="crossing", id="0", offset_s=0.0, phases=PHASES)
LAYOUT = Layout(
    id="crossing",
    name="crossing",
    links=(),
    size=2,
    foes=FOES,
    yields=(frozenset(), frozenset()),
    stages=(Stage(id="s1", green="Gr"), Stage(id="s2", green="rG")),
    plan=PLAN,
    nodes=(),
)


class Reference:
    """The cabinet behind topics. Its seconds are those of this process."""

    def __init__(self, client: aiomqtt.Client, topic: str, *, deaf: bool, slow_s: float) -> None:
        self._client = client
        self._topic = topic
        self._deaf = deaf
        self._slow_s = slow_s
        self._epoch = datetime.now(UTC) - timedelta(seconds=time.monotonic())
        self._cabinet = Cabinet(LAYOUT, now_s=time.monotonic())
        self._told = ""

    async def run(self) -> None:
        for word in ("order", "lease"):
            await self._client.subscribe(f"{self._topic}/{word}", qos=1)
        print("ready", flush=True)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._live())
            group.create_task(self._hear())

    async def _live(self) -> None:
        """Work the lamps ten times a second, say the state once."""
        for turn in range(10**9):
            self._cabinet.tick(time.monotonic())
            line = f"{self._cabinet.control} {self._cabinet.lamps.shown}"
            if line != self._told:
                self._told = line
                print(f"{time.monotonic():.2f} {line}", flush=True)
            if turn % 10 == 0:
                await self._say("state", self._state())
            await asyncio.sleep(0.1)

    async def _hear(self) -> None:
        async for message in self._client.messages:
            if self._deaf:
                continue
            word = message.topic.value.rpartition("/")[2]
            body = json.loads(bytes(message.payload))
            # What was said longer ago than it was to hold for is not to be done any more.
            if (datetime.now(UTC) - datetime.fromisoformat(body["at"])).total_seconds() > body["lease_s"]:
                continue
            if word == "lease":
                self._renew(body)
                continue
            await asyncio.sleep(self._slow_s)
            refused = self._cabinet.order(body["action"], body["parameters"], time.monotonic())
            if refused is None:
                self._renew(body)
            await self._say("answer", {"decision": body["decision"], "refused": refused})

    def _renew(self, body: dict[str, Any]) -> None:
        """The city's lease, or the cabinet's own where that is shorter."""
        self._cabinet.renew(time.monotonic() + min(body["lease_s"], LEASE_S) - LEASE_S)

    def _state(self) -> dict[str, Any]:
        lamps = self._cabinet.lamps
        return {
            "control": self._cabinet.control,
            "reason": self._cabinet.reason,
            "stage": self._cabinet.stage,
            "since": self._time(self._cabinet.since_s),
            "lamps": lamps.shown,
            "green_since": [None if since is None else self._time(since) for since in lamps.green_since_s],
            "red_since": [None if since is None else self._time(since) for since in lamps.red_since_s],
        }

    def _time(self, second: float) -> str:
        return (self._epoch + timedelta(seconds=second)).isoformat()

    async def _say(self, word: str, body: dict[str, Any]) -> None:
        await self._client.publish(f"{self._topic}/{word}", json.dumps(body), qos=1)


async def run(port: int, prefix: str, signal: str, *, deaf: bool, slow_s: float) -> None:
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await Reference(client, f"{prefix}/{signal}", deaf=deaf, slow_s=slow_s).run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("prefix")
    parser.add_argument("signal")
    parser.add_argument("--deaf", action="store_true")
    parser.add_argument("--slow", type=float, default=0.0)
    given = parser.parse_args()
    asyncio.run(run(given.port, given.prefix, given.signal, deaf=given.deaf, slow_s=given.slow))
