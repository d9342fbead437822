"""A site with pages over a hub in memory, a board whose members have keys, and one decision: for tests of pages."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import httpx
import msgspec
from litestar import Litestar
from msgspec.structs import replace

from madang import city as cities
from madang.account import Account
from madang.account.mandates import Mandates
from madang.api import build
from madang.api.contexts import Contexts
from madang.api.limits import Limits
from madang.bus.local import LocalBus
from madang.errors import Unauthorized
from madang.govern import Caller, Policy
from madang.hub import Hub
from madang.model.city import City, Committee, Mandate, ServiceSpec
from madang.model.decision import DecisionRecord, Input, Permission
from madang.model.service import Alternative
from madang.store.memory import MemoryLedger, MemoryStore
from madang.web import routes

AT = datetime(2026, 11, 23, 18, tzinfo=UTC)
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
BOARD = Committee(title={"en": "Board of streets"}, members=("chair", "residents"), quorum=2, answer_within="P14D")


class Moment:
    """The city's clock, where a test puts it."""

    at = AT

    def now(self) -> datetime:
        return self.at


class Civic(msgspec.Struct):
    """The client of the site, and what stands behind it."""

    site: httpx.AsyncClient
    clock: Moment
    account: Account
    mandates: Mandates
    city: City
    hub: Hub
    decision: str


def known(text: str, purpose: str, tenant: str) -> Caller:
    """A key's text is the name of who has it: a member of the board, or ``clerk``."""
    if text not in ("chair", "residents", "clerk", "ada", "ben"):
        raise Unauthorized("the key is not one of this city's")
    role = "operator" if text == "clerk" else "member"
    return Caller(text, role, "public-information", tenant, (f"board-{text}",), "", f"urn:ngsi-ld:Person:{text}")


def record() -> DecisionRecord:
    """One that can be objected to."""
    return DecisionRecord(
        id="",
        service="signals",
        version="1",
        at=AT - timedelta(minutes=1),
        target="urn:ngsi-ld:TrafficSignal:a",
        action="stage",
        parameters={"stage": "s1"},
        rule="pressure",
        reason="Four vehicles wait <b>long</b>.",
        previous={},
        inputs=(
            Input(entity="urn:ngsi-ld:ApproachObserved:a", attribute="queues", value=4, observed_at=AT),
            Input(entity="urn:ngsi-ld:TrafficSignal:a", attribute="stage", value="s2"),
        ),
        alternatives=(Alternative(label="stage s2", score=0.4, parameters={"stage": "s2"}),),
        score_unit="vehicles per second",
        expected={"delay": -12.0},
        permission=Permission(committee="board", resolution="2026-7", until=AT + timedelta(days=30)),
        memory={},
        settings={},
    )


@cache
def _ingolstadt() -> City:
    return cities.read(Path(__file__).parents[3] / "cities" / "ingolstadt")


@cache
def _application() -> Litestar:
    """Built once: its routes are the same in every test, only the rooms behind them are new."""
    clock, city = Moment(), _ingolstadt()
    return build(
        hub=Hub(MemoryStore(), Policy(city.datasets), clock, LocalBus()),
        account=Account(MemoryLedger()),
        city=city,
        clock=clock,
        status=lambda: {"ready": True, "parts": {}},
        page=routes(dist=Path("nowhere")),
        known=known,
        home=False,
    )


@asynccontextmanager
async def civic(change: Callable[[City], City] = lambda city: city) -> AsyncIterator[Civic]:
    """The site; `change` may change its city."""
    city = _ingolstadt()
    spec = ServiceSpec(
        mandate=Mandate(committee="board", resolution="2026-7", since=date(2026, 1, 1), until=date(2027, 1, 1))
    )
    city = change(replace(city, services={"signals": spec}, committees={"board": BOARD}))
    clock, account = Moment(), Account(MemoryLedger())
    mandates = Mandates(account)
    store = MemoryStore()
    hub = Hub(store, Policy(city.datasets), clock, LocalBus())
    (made,) = await account.write([record()])
    app = _application()
    app.state["rooms"] = dataclasses.replace(
        app.state["rooms"],
        hub=hub,
        account=account,
        mandates=mandates,
        city=city,
        clock=clock,
        limits=Limits(),
        contexts=Contexts(kept=lambda: hub.contexts),
        voting=asyncio.Lock(),
        known=known,
        developers=None,
    )
    transport = httpx.ASGITransport(app=app, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as site:
        yield Civic(site, clock, account, mandates, city, hub, made.id)
    hub.close()
    store.close()
