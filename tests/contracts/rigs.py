"""Every actuator with real parts at its other end: a simulated world, controllers on MQTT, agents on SNMP; and none."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from madang import city as cities
from madang.act.dry import DryRun
from madang.act.reading import target
from madang.act.world import WorldActuator
from madang.app.field import actuator as field_actuator
from madang.model.field import Broker, FieldSpec, Junction, Speaks
from madang.model.world import Answer, Hello, Order, Orders
from madang.ports import Actuator
from madang.sense.world import WorldSource

from .controllers import starting


class Rig:
    """An actuator and what it acts on. `dead` is a target whose device is known and not there ("" where none can be);
    `control` asks the device itself who controls it; `kill` ends the device."""

    def __init__(self, name: str, sends: Actuator, *, alive: str, stages: Sequence[str], dead: str = "") -> None:
        self.name = name
        self.alive = alive
        self.dead = dead
        self.stages = stages
        self.control: Callable[[], str] = lambda: "plan"
        self.kill: Callable[[], Awaitable[None]] | None = None
        self.answers: list[Answer] = []
        self._actuator = sends
        self._orders = 0

    async def send(self, *orders: Order, leased: bool = True) -> None:
        """Send as the pump does, and keep what is answered."""
        held = tuple({order.target for order in orders} | ({self.alive} if leased else set()))
        self.answers += await self._actuator.send(Orders(at=datetime.now(UTC), orders=orders, leased=held))

    def order(self, action: str, parameters: Any, to: str = "") -> Order:
        self._orders += 1
        return Order(decision=f"d{self._orders}", target=to or self.alive, action=action, parameters=parameters)

    async def answer(self, decision: str, *, within_s: float = 10) -> Answer:
        """The answer, asked for as the pump does: with the next orders."""
        until_s = monotonic() + within_s
        while monotonic() < until_s:
            for answer in self.answers:
                if answer.decision == decision:
                    return answer
            await asyncio.sleep(0.1)
            await self.send()
        raise AssertionError(f"no answer to {decision} within {within_s} s")

    async def hold(self, seconds: float) -> None:
        """Renew the lease for so long."""
        until_s = monotonic() + seconds
        while monotonic() < until_s:
            await self.send()
            await asyncio.sleep(0.5)

    async def taken(self) -> None:
        """A stage was asked for until the device took it."""
        for _ in range(60):
            order = self.order("stage", {"stage": self.stages[0]})
            await self.send(order)
            if (await self.answer(order.decision)).refused is None:
                return
            await asyncio.sleep(0.5)
        raise AssertionError("the device never takes an order")


@asynccontextmanager
async def dry(_: Path) -> AsyncIterator[Rig]:
    yield Rig("dry", DryRun(), alive=target("a"), stages=("s1", "s2"))


@asynccontextmanager
async def gone_world(folder: Path) -> AsyncIterator[Rig]:
    yield Rig("no world", WorldActuator(WorldSource(folder / "s").send), alive=target("a"), stages=("s1", "s2"))


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[Rig]:
    """The simulated junction of a new city, in its own process."""
    cities.init(folder / "city")
    source = WorldSource(folder / "s")
    made = Rig("world", WorldActuator(source.send), alive="", stages=())
    told = {"control": ""}
    hearing = asyncio.create_task(_hear(source, made, told))
    arguments = ("-m", "madang", "world", "run", str(folder / "city"), "--socket", str(folder / "s"))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments)

    async def kill() -> None:
        if process.returncode is None:
            process.kill()
        await process.wait()

    made.control, made.kill = (lambda: told["control"]), kill
    try:
        async with asyncio.timeout(40):
            while not told["control"]:  # noqa: ASYNC110 another process tells
                await asyncio.sleep(0.05)
        yield made
    finally:
        await kill()
        hearing.cancel()


async def _hear(source: WorldSource, rig: Rig, told: dict[str, str]) -> None:
    async for message in source.observations():
        for entity in message.entities:
            if isinstance(message, Hello) and "SignalLayout" in entity.types:
                layout = entity.value("layout")
                rig.stages = [stage["id"] for stage in layout["stages"]]
            if "TrafficSignal" in entity.types:
                rig.alive = entity.id
                told["control"] = str(entity.value("control"))
        rig.answers += () if isinstance(message, Hello) else message.answers


@asynccontextmanager
async def mqtt(_: Path) -> AsyncIterator[Rig]:
    """One controller that lives and one that does not, at the broker of this machine."""
    starting.broker()
    prefix = starting.prefix()
    spec = FieldSpec(
        mqtt=Broker(host="127.0.0.1", prefix=prefix),
        junctions={"here": Junction(speaks=Speaks.MQTT), "dead": Junction(speaks=Speaks.MQTT)},
    )
    async with _field(spec) as sends, starting.start("cabinet.py", "1883", prefix, "here") as process:
        rig = Rig("mqtt", sends, alive=target("here"), dead=target("dead"), stages=("s1", "s2"))
        rig.control = lambda: next(line.split()[1] for line in reversed(process.lines) if " " in line)
        rig.kill = process.kill
        yield rig


@asynccontextmanager
async def ntcip(_: Path) -> AsyncIterator[Rig]:
    """An agent with a dual-ring controller, and an address with nobody."""
    port = starting.port()
    stages = {"s1": (2, 6), "s2": (4, 8), "s3": (1, 5)}
    here = Junction(speaks=Speaks.NTCIP, host="127.0.0.1", port=port, community="city", stages=stages)
    mute = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # takes whatever comes and never answers
    mute.bind(("127.0.0.1", 0))
    dead = Junction(speaks=Speaks.NTCIP, host="127.0.0.1", port=mute.getsockname()[1], stages=stages)
    spec = FieldSpec(junctions={"here": here, "dead": dead})
    arguments = (str(port), "--speed", "10")
    with closing(mute):
        async with _field(spec) as sends, starting.start("agent.py", *arguments) as process:
            rig = Rig("ntcip", sends, alive=target("here"), dead=target("dead"), stages=tuple(stages))
            rig.control = lambda: "service" if json.loads(process.lines[-1])[3] else "plan"
            rig.kill = process.kill
            yield rig


@asynccontextmanager
async def _field(spec: FieldSpec) -> AsyncIterator[Actuator]:
    async with AsyncExitStack() as stack:
        sends = field_actuator(spec, {})
        running = asyncio.create_task(sends.run())
        stack.callback(running.cancel)
        await asyncio.sleep(0.5)
        yield sends
        assert not running.done(), "the field ended by itself"


RIGS = {"dry": dry, "no world": gone_world, "world": world, "mqtt": mqtt, "ntcip": ntcip}
