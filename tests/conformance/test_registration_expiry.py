"""Registrations whose time is over, told to who subscribed: ETSI GS CIM 009 v1.9.1, 5.2.9, 5.11.7."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madang.hub import Hub

from .receiving import Town

SOURCE = "urn:ngsi-ld:ContextSourceRegistration:water"
OTHER = SOURCE + "2"


@pytest.fixture
def hub(telling_hub: Hub) -> Hub:
    return telling_hub


async def register(town: Town, id: str, **more: Any) -> None:
    body = {"id": id, "type": "ContextSourceRegistration", "endpoint": "https://water.example.org", **more}
    answer = await town.api.post(
        "/csourceRegistrations", json={**body, "information": [{"entities": [{"type": "Pump"}]}]}
    )
    assert answer.status_code == 201, answer.text


async def told(town: Town) -> tuple[str, list[str]]:
    """The next notification: why, and of which registrations."""
    body = (await town.receiver.next()).body
    return body["triggerReason"], [one["id"] for one in body["data"]]


async def test_expired_is_told_as_no_longer_matching(town: Town, hub: Hub) -> None:
    wanted = {"entities": [{"type": "Pump"}], "notification": {"endpoint": {"uri": town.receiver.url}}}
    answer = await town.api.post("/csourceSubscriptions", json={"type": "Subscription", **wanted})
    assert answer.status_code == 201
    for id in (SOURCE, OTHER):
        soon = datetime.now(UTC) + timedelta(seconds=0.5)
        await register(town, id, expiresAt=soon.isoformat().replace("+00:00", "Z"))
        assert await told(town) == ("newlyMatching", [id])
    await hub.sweep.run()
    await town.receiver.nothing(0.6)
    # One is told of when its id is taken, the other when it is cleared away; neither twice.
    await register(town, SOURCE)
    assert [await told(town), await told(town)] == [("noLongerMatching", [SOURCE]), ("newlyMatching", [SOURCE])]
    await hub.sweep.run()
    await hub.sweep.run()
    assert await told(town) == ("noLongerMatching", [OTHER])
    await town.receiver.nothing()
    assert (await town.api.get(f"/csourceRegistrations/{SOURCE}")).status_code == 200
