"""Committees in public: members vote under their own identity, what carries binds at once, everybody can read it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from msgspec.structs import replace as changed

from madang.account.ledger import Account
from madang.account.mandates import Mandates
from madang.api.limits import Limits
from madang.errors import Unauthorized
from madang.govern import Caller
from madang.model.city import Committee, Majority, Mandate, ServiceSpec, Term
from madang.participate.motions import Motions

from .conftest import a_city

pytestmark = pytest.mark.parametrize("hub", ["memory"], indirect=True)

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
MOTION = {
    "reference": "2026-11/3",
    "service": "signals",
    "act": "suspend",
    "reason": "the complaints of the eastern district",
    "until": "2026-12-31T23:00:00Z",
    "closes": "2026-11-30T20:00:00Z",
}
BOARD = Committee(
    title={"en": "Board"},
    members=("chair", "engineer", "residents", "transport", "former"),
    quorum=3,
    majority=Majority.SIMPLE,
    recusals={"signals": ("engineer",)},
    terms={"former": Term(until=date(2025, 12, 31))},
)


class Moment:
    at = NOW

    def now(self) -> datetime:
        return self.at


def known(text: str, purpose: str, tenant: str) -> Caller:
    """Whoever says a name has the seat of that name; ``two`` has two of them."""
    names = {"two": ("board-chair", "board-residents"), "clerk": ("operator",)}
    if text == "nobody":
        raise Unauthorized("unknown")
    roles = names.get(text, (f"board-{text}",))
    return Caller(text, "operator" if text == "clerk" else "member", "public-information", tenant, roles)


@pytest.fixture
def board(app: Litestar, account: Account) -> Iterator[Litestar]:
    spec = ServiceSpec(
        mandate=Mandate(committee="board", resolution="2026-7", since=date(2026, 1, 1), until=date(2027, 1, 1))
    )
    city = changed(a_city(), committees={"board": BOARD}, services={"signals": spec})
    before = app.state["rooms"]
    app.state["rooms"] = replace(
        before, city=city, clock=Moment(), limits=Limits(), known=known, home=False, mandates=Mandates(account)
    )
    yield app
    app.state["rooms"] = before


def as_(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}


async def tabled(site: httpx.AsyncClient, by: str = "chair", **changes: Any) -> dict[str, Any]:
    answer = await site.post("/committees/board/motions", json={**MOTION, **changes}, headers=as_(by))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def cast(site: httpx.AsyncClient, motion: str, by: str, choice: str = "aye", **more: str) -> httpx.Response:
    return await site.post(f"/motions/{motion}/votes", json={"choice": choice, **more}, headers=as_(by))


async def test_what_the_members_carry_binds_at_once(site: httpx.AsyncClient, board: Litestar, account: Account) -> None:
    motion = await tabled(site)
    assert (motion["state"], motion["by"], motion["remaining_s"]) == ("open", "chair", 7 * 86400 + 2 * 3600)
    assert motion["waiting"] == ["chair", "residents", "transport"], "the recused and the former are not waited for"
    assert (await cast(site, motion["id"], "chair")).json()["state"] == "open"
    assert (await cast(site, motion["id"], "residents", "no")).json()["state"] == "open"
    assert (await site.get("/mandates")).json()["signals"]["allowed"]
    last = (await cast(site, motion["id"], "transport")).json()
    assert (last["state"], last["waiting"]) == ("carried", [])
    mandate = (await site.get("/mandates")).json()["signals"]
    assert not mandate["allowed"]
    assert mandate["suspended"] == {
        "act": "suspend", "committee": "board", "resolution": "2026-11/3", "reason": MOTION["reason"],
        "at": "2026-11-23T18:00:00Z", "until": "2026-12-31T23:00:00Z",
    }  # fmt: skip
    (passed,) = (await site.get("/committees/board/resolutions")).json()["resolutions"]
    assert (passed["ayes"], passed["noes"], passed["recused"]) == (["chair", "transport"], ["residents"], ["engineer"])
    assert passed["motion"] == motion["id"] and passed["entry"] == last["closed"]["resolution"]
    kinds = [entry.kind for entry in await account.entries(1, 99)]
    assert kinds == ["motion", "vote", "vote", "vote", "resolution", "motion-close"]


async def test_only_who_holds_a_seat_votes_and_once(site: httpx.AsyncClient, board: Litestar) -> None:
    motion = (await tabled(site, by="clerk"))["id"]
    for name, status in (("stranger", 403), ("clerk", 403), ("engineer", 403), ("former", 403), ("nobody", 401)):
        assert (await cast(site, motion, name)).status_code == status, name
    assert (await site.post(f"/motions/{motion}/votes", json={"choice": "aye"})).status_code == 403
    assert (await cast(site, motion, "two")).status_code == 400
    assert (await cast(site, motion, "two", member="transport")).status_code == 403
    assert (await cast(site, motion, "two", member="residents")).status_code == 201
    again = await cast(site, motion, "residents", "no")
    assert again.status_code == 409 and "a vote stands" in again.json()["detail"]
    assert (await cast(site, motion, "chair", "perhaps")).status_code == 400
    assert (await cast(site, "motion-99", "chair")).status_code == 404
    assert (await site.get(f"/motions/{motion}")).json()["votes"] == [
        {"member": "residents", "choice": "aye", "at": "2026-11-23T18:00:00Z"}
    ]


async def test_a_vote_that_cannot_be_won_ends(site: httpx.AsyncClient, board: Litestar) -> None:
    motion = (await tabled(site))["id"]
    await cast(site, motion, "chair", "no")
    lost = (await cast(site, motion, "transport", "recuse")).json()
    assert lost["state"] == "lost" and "quorum" in lost["closed"]["why"]
    assert (await site.get("/committees/board/resolutions")).json()["resolutions"] == []
    assert (await cast(site, motion, "residents")).status_code == 409


async def test_the_clock_ends_a_vote(site: httpx.AsyncClient, board: Litestar) -> None:
    motion = (await tabled(site))["id"]
    rooms = board.state["rooms"]
    for name in ("chair", "residents"):
        await cast(site, motion, name)
    rooms.clock.at = NOW + timedelta(days=8)
    assert (await cast(site, motion, "transport")).status_code == 409
    motions = Motions(rooms.mandates, rooms.city)
    assert [one.motion.id for one in await motions.end(rooms.clock.now())] == [motion]
    assert await motions.end(rooms.clock.now()) == []
    assert (await site.get(f"/motions/{motion}")).json()["closed"]["why"].startswith("2 members took part")


@pytest.mark.parametrize(
    ("changes", "by", "status"),
    [
        ({}, "stranger", 403),
        ({}, "former", 403),
        ({"service": "buses"}, "chair", 400),
        ({"act": "approve", "until": None}, "chair", 400),
        ({"closes": "2026-11-22T00:00:00Z"}, "chair", 400),
        ({"closes": "2027-11-22T00:00:00Z"}, "chair", 400),
        ({"until": "2026-11-29T00:00:00Z"}, "chair", 400),
        ({"reason": " "}, "chair", 400),
        ({"who": "me"}, "chair", 400),
    ],
)
async def test_what_is_no_motion_is_refused(
    site: httpx.AsyncClient, board: Litestar, changes: dict[str, Any], by: str, status: int
) -> None:
    answer = await site.post("/committees/board/motions", json={**MOTION, **changes}, headers=as_(by))
    assert answer.status_code == status and answer.json()["detail"]


async def test_a_reference_is_used_once(site: httpx.AsyncClient, board: Litestar) -> None:
    await tabled(site)
    again = await site.post("/committees/board/motions", json=MOTION, headers=as_("residents"))
    assert again.status_code == 409


async def test_the_docket_and_the_minutes_are_open(site: httpx.AsyncClient, board: Litestar) -> None:
    motion = (await tabled(site))["id"]
    for name in ("chair", "residents", "transport"):
        await cast(site, motion, name)
    docket = (await site.get("/committees/board", headers=as_("residents"))).json()
    assert docket["seats"] == ["residents"]
    assert [one["name"] for one in docket["members"] if not one["sits"]] == ["former"]
    assert docket["services"]["signals"]["suspended"]["resolution"] == "2026-11/3"
    assert (docket["motions"][0]["state"], docket["objections"]) == ("carried", [])
    minutes = (await site.get("/committees/board/minutes")).json()["minutes"]
    assert [one["kind"] for one in minutes] == ["motion-close", "resolution", "vote", "vote", "vote", "motion"]
    table = list(csv.DictReader(io.StringIO((await site.get("/committees/board/minutes.csv")).text)))
    assert table == minutes
    entry = (await site.get("/ledger/proof", params={"entry": minutes[1]["entry"]})).json()
    assert entry["proof"]["leaf"]["kind"] == "resolution"
    assert (await site.get("/committees/nobody")).status_code == 404
