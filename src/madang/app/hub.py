"""``madang serve``: the hub of a city with its services, API and page, in this process."""

import asyncio
import logging
from functools import partial
from pathlib import Path
from typing import Any, cast

from madang.account import Account
from madang.account.budgets import Budgets
from madang.account.key import open_key
from madang.account.mandates import Mandates
from madang.api import build
from madang.api.caller import is_loopback
from madang.api.contexts import Contexts
from madang.api.outside import Outside
from madang.api.rooms import Rooms
from madang.app.feeding import feed
from madang.app.field import Acting, acting
from madang.app.garbage import look_seldom
from madang.app.identity import check_exposure, developers, door, entrance, known, open_id, tls
from madang.app.keys import pseudonym_secret
from madang.app.projects import ProjectFiles
from madang.app.regimes import matrix
from madang.app.releases import publish, releases
from madang.app.scenarios import attribution
from madang.app.sealing import PeopleKeys
from madang.app.standing import standing
from madang.app.store import open_store
from madang.app.tending import tend
from madang.app.transit import follow
from madang.bus.local import LocalBus
from madang.clock import Clock, WallClock, WorldClock
from madang.decide import registry
from madang.decide.loop import Loop
from madang.decide.runner import Runner
from madang.decide.thinking import Worker
from madang.errors import MadangError
from madang.govern import Policy
from madang.govern.consents import Consents
from madang.govern.opening import Terms
from madang.govern.retention import enforce
from madang.hub import Hub
from madang.listen import listen
from madang.model.city import City
from madang.notify import EveryCourier, Mail
from madang.participate.written import photographed
from madang.ports import Store
from madang.publish.releases import Releases
from madang.settings import Settings
from madang.web import routes

log = logging.getLogger(__name__)

RETENTION_EVERY_S = 3600.0

SWEEP_EVERY_S = 5.0


async def serve(city: City, settings: Settings, *, socket: Path | None) -> None:
    """Run the hub of a city until a signal; `socket` is where its world is awaited.

    Raises Unavailable where the data is another process's or the port is taken; InvalidRequest where it would listen
    beyond this machine although it knows nobody.
    """
    check_exposure(settings)
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
        courier = _courier(settings)
        hub = _hub(city, settings, store, clock, account, courier)
        loop = _loop(city, settings, hub, mandates, world_clock)
        acts = acting(city, settings, loop, socket=socket, clock=clock)
        budgets = Budgets(account)
        made = releases(city, settings, hub, account, clock, budgets)
        api = build(
            hub=hub,
            account=account,
            mandates=mandates,
            clock=clock,
            city=city,
            contexts=_contexts(settings, hub),
            status=lambda: status(loop, acts),
            world=lambda: loop.hello,
            releases=made,
            budgets=budgets,
            **_as_set(city, settings),
        )
        try:
            await hub.start()
            here: Rooms = api.state["rooms"]
            beside = partial(_beside, city, store, hub, clock, acts, made, here)
            ends = hub.changes.close
            await listen(api, settings.host, settings.port, beside=beside, tls=tls(settings), leaving=ends)
        finally:
            await hub.stop()
            await courier.close()
            await loop.close()
    finally:
        store.close()


def _courier(settings: Settings) -> EveryCourier:
    mail = Mail(address=settings.mail, sender=settings.mail_from)
    return EveryCourier(loopback=is_loopback(settings.host), private=settings.private_endpoints, mail=mail)


def _hub(city: City, settings: Settings, store: Store, clock: Clock, account: Account, courier: EveryCourier) -> Hub:
    return Hub(
        store,
        Policy(city.datasets, _terms(city, settings, clock)),
        clock,
        LocalBus(),
        courier=courier,
        attempts=settings.notify_attempts,
        account=account,
        stands=standing(city, settings),
        forget=PeopleKeys(settings.data / city.id).destroy,
    )


def _contexts(settings: Settings, hub: Hub) -> Contexts:
    own = is_loopback(settings.host)
    return Contexts(private=settings.private_contexts, loopback=own, kept=lambda: hub.contexts)


def _as_set(city: City, settings: Settings) -> dict[str, Any]:
    """What `build` takes that follows from the city's folder and the settings alone."""
    provider = open_id(settings)
    return {
        "attribution": attribution(city),
        "outside": Outside(address=settings.address.rstrip("/"), mail=bool(settings.mail)),
        "page": routes(),
        "body_limit": settings.body_limit,
        "known": known(city, settings, provider),
        "home": settings.identity == "home",
        "entrance": entrance(city, settings, provider),
        "door": door(settings, provider),
        "developers": developers(city, settings),
        "projects": ProjectFiles(city.folder / "projects"),
    }


def _terms(city: City, settings: Settings, clock: Clock) -> Terms:
    secret = pseudonym_secret(settings.data / city.id)
    return Terms(city.jurisdiction, matrix(), secret, Consents(clock.now))


async def _beside(
    city: City, store: Store, hub: Hub, clock: Clock, acts: Acting | None, made: Releases, here: Rooms
) -> None:
    """What runs beside the server: the world's messages, every hour the datasets' retention, every few seconds the
    end of what has expired, and the releases that are due."""
    try:
        async with asyncio.TaskGroup() as group:
            if acts is not None:
                group.create_task(acts.run())
            group.create_task(_retain(city, store, clock))
            group.create_task(_sweep(hub))
            group.create_task(_forget_photos(hub))
            group.create_task(tend(here))
            group.create_task(follow(city, hub, clock))
            group.create_task(feed(city, hub))
            group.create_task(publish(made))
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


async def _forget_photos(hub: Hub) -> None:
    """Photos go with their report, whoever deleted it."""
    while True:
        try:
            count = await hub.photos.sweep(photographed)
        except MadangError as error:
            log.warning("photos of deleted reports could not be forgotten, it is tried again: %s", error.detail)
        else:
            if count:
                log.info("photos of deleted reports, forgotten: %d", count)
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
