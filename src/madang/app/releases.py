"""The releases of a running city: made when they are due, let go when their time is over."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import httpx
import msgspec

from madang.account import Account
from madang.account.budgets import Budgets
from madang.account.key import open_key
from madang.app.keys import pseudonym_secret
from madang.app.regimes import matrix
from madang.app.store import open_store
from madang.bus.local import LocalBus
from madang.clock import Clock, WallClock
from madang.errors import MadangError, Unavailable
from madang.govern import Policy
from madang.govern.consents import Consents
from madang.govern.opening import Terms
from madang.hub import Hub
from madang.model.city import City
from madang.publish.archive import Archive
from madang.publish.releases import Releases
from madang.settings import Settings

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 10.0

FIRST_S: Final = 60.0
"""After the start a city's devices have to report first: a release of an empty table helps nobody."""


PATIENCE_S: Final = 600.0
"""How long a running hub may take for a release that somebody waits for."""


class Refused(MadangError):
    """The hub refused; the detail has its words."""

    status = 409
    type = "about:blank"
    title = "Not released"


def releases(city: City, settings: Settings, hub: Hub, account: Account, clock: Clock, budgets: Budgets) -> Releases:
    """The city's releases, beside its data. They are dated by the wall's clock, whatever the city's says."""
    archive = Archive(settings.data / city.id / "releases")
    return Releases(hub, account, budgets, archive, city, clock=clock, now=WallClock().now)


async def publish(made: Releases) -> None:
    """Make what is due, for ever. What fails is logged and tried again in its time: the hub goes on."""
    made.archive.sweep()
    await asyncio.sleep(FIRST_S)
    while True:
        try:
            for id in made.due():
                await _make(made, id)
            for id, version in await made.retire():
                log.info("the files of release %d of %s are not kept any more", version, id)
        except (MadangError, OSError) as error:
            log.warning("releases could not be looked after, it is tried again: %s", error)
        await asyncio.sleep(LOOK_EVERY_S)


async def _make(made: Releases, id: str) -> None:
    try:
        kept = await made.make(id, by="schedule")
    except (MadangError, OSError) as error:
        log.warning("%s was not released: %s", id, error)
    else:
        log.info("%s is released as %d", id, kept.manifest.version)


async def release_once(city: City, settings: Settings, id: str) -> Mapping[str, Any]:
    """Make a release of a city whose hub does not run; as `told` tells it. Raises Unavailable where one runs."""
    store, ledger = open_store(city, settings)
    try:
        clock = WallClock()
        account = Account(ledger, key=open_key(settings.data / city.id / "ledger.key"))
        await account.start()
        consents = Consents(clock.now)
        secret = pseudonym_secret(settings.data / city.id)
        hub = Hub(store, Policy(city.datasets, Terms(city.jurisdiction, matrix(), secret, consents)), clock, LocalBus())
        await hub.consents.start()
        try:
            made = releases(city, settings, hub, account, clock, Budgets(account))
            kept = await made.make(id, by="operator")
        finally:
            hub.close()
        return {**msgspec.to_builtins(kept.manifest), "entry": kept.entry, "folder": str(made.archive.place(kept))}
    finally:
        store.close()


async def ask(hub: str, id: str, key: str) -> Mapping[str, Any]:
    """Have a running hub make a release. Raises Unavailable, or what it refused with."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with httpx.AsyncClient(timeout=PATIENCE_S, headers=headers, trust_env=False) as client:
            answer = await client.post(f"{hub.rstrip('/')}/datasets/{quote(id, safe='')}/releases")
            body: dict[str, Any] = msgspec.json.decode(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError) as error:
        raise Unavailable(f"no answer from {hub}: {error}") from error
    if answer.status_code != 201:
        raise Refused(str(body.get("detail", answer.status_code)))
    return body
