"""Proposals: what they rest on, support once a person, an answer that is due, an end measured or reasoned."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from msgspec.structs import replace
from tests.unit.web.civic import AT, HTML, Civic, civic

from madang.govern import SYSTEM
from madang.model.city import City
from madang.model.entity import observed
from madang.model.proposal import Participation, ProposalRules
from madang.participate.proposals import MOST_TURNS, Proposals

GIVEN: dict[str, Any] = {
    "title": "Green for the school",
    "text": "Children wait <b>long</b> at eight.",
    "evidence": [{"path": "/data/air-quality.csv", "says": "how the air is"}],
}
ENTITY = "urn:ngsi-ld:AirQualityObserved:school"


def two_are_enough(city: City) -> City:
    rules = ProposalRules(support=2, open="P30D", answer_within="P10D", committee="board")
    return replace(city, participation=Participation(proposals=rules))


@pytest.fixture
async def here() -> AsyncIterator[Civic]:
    async with civic(two_are_enough) as found:
        yield found


def as_(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}


async def proposed(here: Civic, **changes: Any) -> str:
    answer = await here.site.post("/proposals", json={**GIVEN, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def support(here: Civic, id: str, by: str = "", ticket: str = "") -> httpx.Response:
    body = {"ticket": ticket} if ticket else {}
    return await here.site.post(f"/proposals/{id}/support", json=body, headers=as_(by) if by else {})


async def reached(here: Civic) -> str:
    id = await proposed(here)
    for name in ("ada", "ben"):
        assert (await support(here, id, name)).status_code == 201
    return id


async def air(here: Civic, no2: float, days: int) -> None:
    seen = observed(ENTITY, "AirQualityObserved", AT + timedelta(days=days), {"no2": no2})
    await here.hub.batch.observe(SYSTEM, [seen])


async def test_a_proposal_from_the_first_word_to_the_measured_effect(here: Civic) -> None:
    id = await reached(here)
    one = (await here.site.get(f"/proposals/{id}")).json()
    assert (one["state"], one["supporters"], one["due"]) == ("reached", 2, "2026-12-03T18:00:00Z")
    assert one["support"] == {"identity": 2, "link": 0}
    answer = {"accept": True, "text": "From Monday on."}
    for name, status in (("", 403), ("ada", 403), ("chair", 201), ("chair", 409)):
        told = await here.site.post(f"/proposals/{id}/answer", json=answer, headers=as_(name) if name else {})
        assert told.status_code == status, name
    for day, no2 in ((-10, 40.0), (-9, 42.0), (5, 30.0), (6, 32.0)):
        await air(here, no2, day)
    spans = {
        "before": ["2026-11-10T00:00:00Z", "2026-11-20T00:00:00Z"],
        "after": ["2026-11-25T00:00:00Z", "2026-12-05T00:00:00Z"],
    }
    ending = {"text": "The air is better.", "measure": {"entity": ENTITY, "attribute": "no2", **spans}}
    without = {**ending, "measure": {**ending["measure"], "attribute": "so2"}}
    assert (await here.site.post(f"/proposals/{id}/close", json=without, headers=as_("chair"))).status_code == 400
    closed = (await here.site.post(f"/proposals/{id}/close", json=ending, headers=as_("chair"))).json()
    measured = closed["steps"][-1]["measured"]
    assert (closed["state"], measured["mean_before"], measured["mean_after"]) == ("measured", 41.0, 31.0)
    assert measured["samples"] == [2, 2] and len(measured["sha256"]) == 64 and "what else changed" in measured["note"]
    assert [step["state"] for step in closed["steps"]] == ["reached", "accepted", "measured"]
    again = await here.site.post(f"/proposals/{id}/close", json={"text": "no"}, headers=as_("chair"))
    assert again.status_code == 409
    entity = (await here.site.get(f"/ngsi-ld/v1/entities/urn:ngsi-ld:Proposal:{id}?options=keyValues")).json()
    assert (entity["state"], entity["supporters"]) == ("measured", 2)
    assert await here.account.verify() > 0


async def test_a_person_supports_once_and_nobody_can_be_read_from_it(here: Civic) -> None:
    id, other = await proposed(here), await proposed(here)
    tickets = (await here.site.post("/proposals/links", json={"count": 2}, headers=as_("clerk"))).json()["tickets"]
    assert (await here.site.post("/proposals/links", json={"count": 1}, headers=as_("ada"))).status_code == 403
    assert (await support(here, id)).status_code == 403
    assert (await support(here, id, ticket="invented")).status_code == 403
    assert (await support(here, id, ticket=tickets[0])).status_code == 201
    assert (await support(here, id, ticket=tickets[0])).status_code == 409
    assert (await support(here, other, "ben")).status_code == 201
    assert (await support(here, other, "ben")).status_code == 409
    one = (await here.site.get(f"/proposals/{id}")).json()
    assert (one["supporters"], one["support"]) == (1, {"identity": 0, "link": 1})
    entries = await here.account.entries(1, 99)
    kept = "".join(f"{entry.id} {entry.body.decode()}" for entry in entries if entry.kind in ("support", "ticket"))
    assert "ben" not in kept and "Person" not in kept and not any(ticket in kept for ticket in tickets)
    assert (await support(here, id, "ada")).json()["state"] == "reached"
    assert (await support(here, id, "ben")).status_code == 409, "what has enough gathers no more"


async def test_support_is_taken_back_while_it_is_gathered(here: Civic) -> None:
    id = await proposed(here)
    (ticket,) = (await here.site.post("/proposals/links", json={"count": 1}, headers=as_("clerk"))).json()["tickets"]

    async def withdraw(by: str = "", ticket: str = "") -> httpx.Response:
        body = {"ticket": ticket} if ticket else {}
        return await here.site.post(f"/proposals/{id}/support/withdrawal", json=body, headers=as_(by) if by else {})

    assert [(await withdraw()).status_code, (await withdraw("ada")).status_code] == [403, 409]
    await support(here, id, ticket=ticket)
    assert (await withdraw("ada")).status_code == 409, "it is another's"
    assert (await withdraw(ticket=ticket)).json()["supporters"] == 0
    one = (await here.site.get(f"/proposals/{id}")).json()
    assert (one["supporters"], one["support"]) == (0, {"identity": 0, "link": 0})
    assert (await withdraw(ticket=ticket)).status_code == 409
    assert (await support(here, id, ticket=ticket)).json()["supporters"] == 1, "a mind may change twice"
    entity = (await here.site.get(f"/ngsi-ld/v1/entities/urn:ngsi-ld:Proposal:{id}?options=keyValues")).json()
    assert entity["supporters"] == 1
    assert (await withdraw(ticket=ticket)).status_code == 201
    for turn in range(MOST_TURNS):
        turned = await (withdraw("ada") if turn % 2 else support(here, id, "ada"))
        assert turned.status_code == 201, turned.text
    assert "changed your mind" in (await support(here, id, "ada")).json()["detail"]
    assert (await support(here, id, "chair")).json()["supporters"] == 1
    assert (await support(here, id, "ben")).json()["state"] == "reached"
    assert (await withdraw("ben")).status_code == 409, "what was reached stays"
    assert await here.account.verify() > 0


async def test_evidence_is_what_everybody_reads(here: Civic) -> None:
    await air(here, 40.0, 0)
    id = await proposed(here)
    (item,) = (await here.site.get(f"/proposals/{id}")).json()["evidence"]
    table = await here.site.get("/data/air-quality.csv")
    assert item["bytes"] == len(table.content)
    assert (await here.site.get(f"/proposals/{id}/evidence")).json()["evidence"][0]["same"] is True
    await air(here, 50.0, 1)
    assert (await here.site.get(f"/proposals/{id}/evidence")).json()["evidence"][0]["same"] is False
    for path in ("https://example.org/x", "/data/report-contacts.csv", "/data/../health", "/metrics"):
        refused = await here.site.post("/proposals", json={**GIVEN, "evidence": [{"path": path}]})
        assert refused.status_code == 400, path


async def test_its_own_clock_ends_it(here: Civic) -> None:
    id = await proposed(here)
    await support(here, id, "ada")
    here.clock.at = AT + timedelta(days=31)
    assert (await support(here, id, "ben")).status_code == 409
    proposals = Proposals(here.account, here.hub, here.city)
    assert [one.id for one in await proposals.end(here.clock.now())] == [id]
    assert await proposals.end(here.clock.now()) == []
    one = (await here.site.get(f"/proposals/{id}")).json()
    assert one["state"] == "lapsed" and one["steps"][-1]["text"].startswith("1 people supported it")


async def test_who_reads_the_feed_hears_of_each_step(here: Civic) -> None:
    id = await reached(here)
    other = await proposed(here, title="Shade & <i>trees</i> \ufffe", language="de")
    answer = await here.site.get("/proposals.atom")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)
    entries = feed.findall("{*}entry")
    heard = {one.findtext("{*}id", "").rpartition("/")[2]: one.findtext("{*}title") for one in entries}
    school, reached_it = GIVEN["title"], "Green for the school: reached"
    assert heard == {id: school, f"{id}#reached": reached_it, other: "Shade & <i>trees</i> "}
    times = [one.findtext("{*}updated", "") for one in entries]
    assert times == sorted(times, reverse=True) and feed.findtext("{*}updated") == times[0]
    again = await here.site.get("/proposals.atom", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    await here.site.delete(f"/proposals/{id}", headers=as_("clerk"))
    assert GIVEN["title"] not in (await here.site.get("/proposals.atom")).text


async def test_a_late_answer_is_shown_as_late(here: Civic) -> None:
    id = await reached(here)
    here.clock.at = AT + timedelta(days=11)
    (one,) = (await here.site.get("/proposals")).json()["proposals"]
    assert (one["id"], one["overdue"], one["remaining_s"]) == (id, True, -86400)


@pytest.mark.parametrize(
    "changes", [{"title": ""}, {"title": "x" * 121}, {"text": "a\u202eb"}, {"who": "me"}, {"language": "no language"}]
)
async def test_what_is_no_proposal_is_refused(here: Civic, changes: dict[str, str]) -> None:
    assert (await here.site.post("/proposals", json={**GIVEN, **changes})).status_code == 400


async def test_a_city_may_take_none() -> None:
    async with civic(lambda city: replace(city, participation=None)) as none:
        refused = await none.site.post("/proposals", json=GIVEN)
        assert refused.status_code == 403 and "participation.toml" in refused.json()["detail"]
        assert "takes no proposals" in (await none.site.get("/proposals", headers=HTML)).text


async def test_words_are_erased(here: Civic) -> None:
    id = await proposed(here)
    assert (await here.site.delete(f"/proposals/{id}")).status_code == 403
    assert (await here.site.delete(f"/proposals/{id}", headers=as_("clerk"))).status_code == 204
    assert (await here.site.get(f"/proposals/{id}")).json()["title"] is None
    assert (await here.site.get(f"/ngsi-ld/v1/entities/urn:ngsi-ld:Proposal:{id}")).status_code == 404
    assert (await here.site.get(f"/proposals/{id}", headers=HTML)).status_code == 200


async def test_the_pages_propose_support_and_end(here: Civic) -> None:
    form = {"title": "Shade", "text": "Trees <i>now</i>", "path": "/data/air-quality.csv", "says": "heat", "by": "Ada"}
    refused = await here.site.post("/proposals/new", data={**form, "path": "/metrics"})
    assert refused.status_code == 400 and "Trees &lt;i&gt;now&lt;/i&gt;" in refused.text, "what was written stays"
    made = await here.site.post("/proposals/new", data=form)
    assert made.status_code == 303
    path = made.headers["location"].partition("?")[0]
    (ticket, other) = (await here.site.post("/proposals/links", json={"count": 2}, headers=as_("clerk"))).json()[
        "tickets"
    ]
    assert f'value="{ticket}"' in (await here.site.get(path, params={"code": ticket}, headers=HTML)).text
    for code, status in (("wrong", 400), (ticket, 303), (ticket, 400), (other, 303)):
        assert (await here.site.post(f"{path}/sign", data={"ticket": code})).status_code == status
    assert "gather support any more" in (await here.site.post(f"{path}/unsign", data={"ticket": other})).text
    reply = {"accept": "no", "text": "There is no room.", "key": "residents"}
    assert (await here.site.post(f"{path}/reply", data=reply)).status_code == 303
    page = (await here.site.get(path, headers=HTML)).text
    assert "Declined" in page and "There is no room." in page and "board: residents" in page
    assert "Shade" in (await here.site.get("/proposals", headers=HTML)).text


async def test_a_budget_is_counted_by_two_rules(here: Civic) -> None:
    given = {"money": 20, "costs": {"a": 10, "b": 10, "c": 10}, "ballots": [["a", "b"]] * 3 + [["c"]] * 3}
    found = (await here.site.post("/participation/outcomes", json=given)).json()
    assert (found["greedy"]["funded"], found["equal_shares"]["without"]) == (["a", "b"], 0.0)
    for wrong in ({**given, "money": "much"}, {**given, "ballots": [["x"]]}, {}):
        assert (await here.site.post("/participation/outcomes", json=wrong)).status_code == 400
