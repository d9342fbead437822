"""``madang serve``: the hub of a city with its services, API and page, in this process."""

import asyncio
import ipaddress
import logging
from pathlib import Path
from typing import Any, cast

from madang.account import Account
from madang.account.key import open_key
from madang.account.mandates import Mandates
from madang.api import build
from madang.api.rooms import Known
from madang.app.field import Acting, acting
from madang.app.garbage import look_seldom
from madang.app.keys import KeyFile, pseudonym_secret
from madang.app.regimes import matrix
from madang.app.scenarios import attribution
from madang.app.store import open_store
from madang.bus.local import LocalBus
from madang.clock import Clock, WallClock, WorldClock
from madang.decide import registry
from madang.decide.loop import Loop
from madang.decide.runner import Runner
from madang.decide.thinking import Worker
from madang.errors import MadangError
from madang.govern import Policy
from madang.govern.consents import Consents
from madang.govern.key import caller
from madang.govern.opening import Terms
from madang.govern.retention import enforce
from madang.hub import Hub
from madang.listen import listen
from madang.model.city import City
from madang.notify import EveryCourier
from madang.ports import Store
from madang.settings import Settings
from madang.web import routes

log = logging.getLogger(__name__)

RETENTION_EVERY_S = 3600.0

SWEEP_EVERY_S = 5.0


async def serve(city: City, settings: Settings, *, socket: Path | None) -> None:
    """Run the hub of a city until a signal; `socket` is where its world is awaited.

    Raises Unavailable where the data is another process's or the port is taken.
    """
    look_seldom()
    world_clock = WorldClock(WallClock().now(), speed=1.0)
    # Without a world nobody tells the time: then it is the wall's. A world's clock would stand still.
    clock = world_clock if socket is not None else WallClock()
    store, ledger = open_store(city, settings)
    try:
        account = Account(ledger, key=open_key(settings.data / city.id / "ledger.key"))
        await account.start()
        mandates = Mandates(account)
        await mandates.start(clock.now())
        courier = EveryCourier(loopback=_is_loopback(settings.host), private=settings.private_endpoints)
        policy = Policy(city.datasets, _terms(city, settings, clock))
        hub = Hub(store, policy, clock, LocalBus(), courier=courier, attempts=settings.notify_attempts)
        loop = _loop(city, settings, hub, mandates, world_clock)
        acts = acting(city, settings, loop, socket=socket, clock=clock)
        api = build(
            hub=hub,
            account=account,
            mandates=mandates,
            clock=clock,
            city=city,
            status=lambda: status(loop, acts),
            world=lambda: loop.hello,
            attribution=attribution(city),
            page=routes(),
            body_limit=settings.body_limit,
            private_contexts=settings.private_contexts,
            loopback_contexts=_is_loopback(settings.host),
            known=_known(KeyFile(settings.data / city.id)),
            home=settings.identity == "home",
        )
        try:
            await hub.start()
            await listen(api, settings.host, settings.port, beside=lambda: _beside(city, store, hub, clock, acts))
        finally:
            await hub.stop()
            await courier.close()
            await loop.close()
    finally:
        store.close()


def _terms(city: City, settings: Settings, clock: Clock) -> Terms:
    secret = pseudonym_secret(settings.data / city.id)
    return Terms(city.jurisdiction, matrix(), secret, Consents(clock.now))


def _known(keys: KeyFile) -> Known:
    """Keys end by the wall's clock, whatever the city's says."""
    now = WallClock().now
    return lambda text, purpose, tenant: caller(text, keys.keys(), now, purpose=purpose, tenant=tenant)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _beside(city: City, store: Store, hub: Hub, clock: Clock, acts: Acting | None) -> None:
    """What runs beside the server: the world's messages, every hour the datasets' retention, and every few seconds the
    end of what has expired."""
    try:
        async with asyncio.TaskGroup() as group:
            if acts is not None:
                group.create_task(acts.run())
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


def status(loop: Loop, acts: Acting | None) -> dict[str, Any]:
    """How the parts are, as ``GET /health`` tells it. Ready: the world or the field, if there is to be one, is
    running."""
    parts: dict[str, Any] = {"store": {"status": "running"}}
    if acts is not None:
        parts |= acts.parts()
    for name, found in loop.statuses().items():
        parts[f"service:{name}"] = found
    return {"ready": acts is None or acts.ready, "parts": parts}


def _loop(city: City, settings: Settings, hub: Hub, mandates: Mandates, clock: WorldClock) -> Loop:
    runners = [
        Runner(
            registry.load(name),
            city=city,
            account=mandates.account,
            mind=Worker(name, timeout_s=settings.decide_timeout_s),
            mandates=mandates,
        )
        for name in city.services
    ]
    return Loop(hub, runners, told=clock.tell)
