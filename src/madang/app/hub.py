"""``madang serve``: the hub of a city with its services, API and page, in this process."""

import asyncio
import gc
import ipaddress
import logging
import sys
from pathlib import Path
from typing import Any, cast

import msgspec

from madang.account import Account
from madang.act.world import WorldActuator
from madang.api import build
from madang.app.scenarios import attribution
from madang.app.store import open_store
from madang.bus.local import LocalBus
from madang.clock import Clock, WallClock, WorldClock
from madang.decide import registry
from madang.decide.loop import Loop
from madang.decide.pump import Pump
from madang.decide.runner import Runner
from madang.decide.thinking import Worker
from madang.errors import MadangError
from madang.govern import Policy
from madang.govern.retention import enforce
from madang.hub import Hub
from madang.listen import listen
from madang.model.city import City
from madang.notify import EveryCourier
from madang.ports import Store
from madang.sense.world import WorldSource
from madang.settings import Settings
from madang.web import routes

log = logging.getLogger(__name__)

RETENTION_EVERY_S = 3600.0

GARBAGE = (50_000, 20, 20)
"""How much garbage may gather before the collector looks for circles, by its generations."""
SWEEP_EVERY_S = 5.0


async def serve(city: City, settings: Settings, *, socket: Path | None) -> None:
    """Run the hub of a city until a signal; `socket` is where its world is awaited.

    Raises Unavailable where the data is another process's or the port is taken.
    """
    # The event loop and the store's writer hand work to each other. Switching more often costs updates a third of their
    # rate, less often lets a reader wait for a batch.
    sys.setswitchinterval(0.002)
    # What is loaded by now stays, and entities hold no circles: looking through them all took a quarter of each write.
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    world_clock = WorldClock(WallClock().now(), speed=1.0)
    # Without a world nobody tells the time: then it is the wall's. A world's clock would stand still.
    clock = world_clock if socket is not None else WallClock()
    store, ledger = open_store(city, settings)
    try:
        account = Account(ledger)
        courier = EveryCourier(loopback=_is_loopback(settings.host), private=settings.private_endpoints)
        hub = Hub(store, Policy(city.datasets), clock, LocalBus(), courier=courier, attempts=settings.notify_attempts)
        loop = _loop(city, settings, hub, account, world_clock)
        pump = _pump(loop, socket, clock) if socket is not None else None
        api = build(
            hub=hub,
            account=account,
            city=city,
            status=lambda: status(loop, pump),
            world=lambda: loop.hello,
            attribution=attribution(city),
            page=routes(),
            body_limit=settings.body_limit,
            private_contexts=settings.private_contexts,
            loopback_contexts=_is_loopback(settings.host),
        )
        try:
            await hub.start()
            await listen(api, settings.host, settings.port, beside=lambda: _beside(city, store, hub, clock, pump))
        finally:
            await hub.stop()
            await courier.close()
            await loop.close()
    finally:
        store.close()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _beside(city: City, store: Store, hub: Hub, clock: Clock, pump: Pump | None) -> None:
    """What runs beside the server: the world's messages, every hour the datasets' retention, and every few seconds the
    end of what has expired."""
    try:
        async with asyncio.TaskGroup() as group:
            if pump is not None:
                group.create_task(pump.run())
            group.create_task(_retain(city, store, clock))
            group.create_task(_sweep(hub))
    except ExceptionGroup as failed:
        # One of ours says what to do; as one of a group nobody would read it.
        raise _first(cast(Exception, failed)) from None


def _first(failed: Exception) -> Exception:
    while isinstance(failed, ExceptionGroup):
        failed = cast(ExceptionGroup[Exception], failed).exceptions[0]
    return failed


async def _retain(city: City, store: Store, clock: Clock) -> None:
    while True:
        try:
            forgotten = await enforce(city.datasets, store, clock.now())
        except MadangError as error:
            log.warning("the retention could not be applied, it is tried again in an hour: %s", error.detail)
        else:
            log.info("retention applied; samples deleted by dataset: %s", {k: n for k, n in forgotten.items() if n})
        await asyncio.sleep(RETENTION_EVERY_S)


async def _sweep(hub: Hub) -> None:
    while True:
        try:
            count = await hub.sweep.run()
        except MadangError as error:
            log.warning("what has expired could not be deleted, it is tried again: %s", error.detail)
        else:
            if count:
                log.info("expired and deleted, whole or in part: %d entities", count)
        await asyncio.sleep(SWEEP_EVERY_S)


def status(loop: Loop, pump: Pump | None) -> dict[str, Any]:
    """How the parts are, as ``GET /health`` tells it. Ready: the world, if there is to be one, is running."""
    parts: dict[str, Any] = {"store": {"status": "running"}}
    if pump is not None:
        parts["world"] = {**msgspec.to_builtins(pump.pulse), "failures": pump.failures}
    for name, found in loop.statuses().items():
        parts[f"service:{name}"] = found
    return {"ready": pump is None or pump.pulse.status == "running", "parts": parts}


def _loop(city: City, settings: Settings, hub: Hub, account: Account, clock: WorldClock) -> Loop:
    runners = [
        Runner(registry.load(name), city=city, account=account, mind=Worker(name, timeout_s=settings.decide_timeout_s))
        for name in city.services
    ]
    return Loop(hub, runners, told=clock.tell)


def _pump(loop: Loop, socket: Path, clock: Clock) -> Pump:
    source = WorldSource(socket)
    return Pump(loop, source=source, actuator=WorldActuator(source.send), clock=clock)
