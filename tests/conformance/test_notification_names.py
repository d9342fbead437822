"""Names and texts of a subscription, as they were written and as they are told: ETSI GS CIM 009 v1.9.1, 5.8.6, 4.9."""

import pytest

from madang.hub import Hub

from .receiving import AT, CAR, ID, Town, prop


@pytest.fixture
def hub(telling_hub: Hub) -> Hub:
    return telling_hub


@pytest.mark.parametrize("q", ['name=="City Hall"', 'name=="City%20Hall"', 'share~="5%$"'])
async def test_conditions_may_be_written_as_in_an_address(town: Town, q: str) -> None:
    await town.subscribe(q=q)
    await town.create(name=prop("City Hall"), share=prop("5%"))
    assert (await town.receiver.next()).data[0]["id"] == CAR
    assert (await town.api.get(AT)).json()["q"] == q


async def test_only_what_is_a_prefix_shortens_names(town: Town) -> None:
    """A term defined by an object is no prefix (JSON-LD 1.1 API, 4.2.2)."""
    await town.api.post(
        "/subscriptions",
        json={
            "id": ID,
            "type": "Subscription",
            "entities": [{"type": "Vehicle"}],
            "notification": {"endpoint": {"uri": town.receiver.url}},
            "@context": {"sea": "https://voc.example/sea/", "air": {"@id": "https://voc.example/air/"}},
        },
        headers={"Content-Type": "application/ld+json"},
    )
    await town.create(**{"https://voc.example/sea/depth": prop(3), "https://voc.example/air/height": prop(4)})
    told = (await town.receiver.next()).data[0]
    assert told["sea:depth"] == prop(3)
    assert told["https://voc.example/air/height"] == prop(4)
