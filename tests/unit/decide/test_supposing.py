"""What if: only settings that the service has, each of its kind."""

from datetime import UTC, datetime

import msgspec
import pytest

from madang.decide.acts import OVERRIDE
from madang.decide.supposing import Supposing, checked
from madang.errors import BadRequestData
from madang.model.decision import DecisionRecord
from madang.model.service import Service


def service(lamps: Service) -> Service:
    return msgspec.structs.replace(lamps, settings={"weight": 2.0, "open": True, "method": "plan"})


def test_settings_are_taken_as_the_kind_that_the_service_has(lamps: Service) -> None:
    assert checked(service(lamps), {"weight": "3", "open": "false", "method": "other"}) == {
        "weight": 3.0,
        "open": False,
        "method": "other",
    }


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"wait": 1}, "has no setting 'wait' .it has: weight, open, method"), ({"weight": "much"}, "weight: .*now 2.0")],
)
def test_what_the_service_has_not_is_refused(lamps: Service, settings: dict[str, object], said: str) -> None:
    with pytest.raises(BadRequestData, match=said):
        checked(service(lamps), settings)


async def test_an_override_was_weighed_by_nobody() -> None:
    record = DecisionRecord(
        id="signals-1",
        service="signals",
        version="1",
        at=datetime(2026, 7, 1, tzinfo=UTC),
        target="urn:ngsi-ld:TrafficSignal:a",
        action="stage",
        parameters={},
        rule=OVERRIDE,
        reason="a burst pipe",
        previous={},
        inputs=(),
        alternatives=(),
        score_unit="",
        expected={},
        permission=None,
        memory={},
        settings={},
    )
    with pytest.raises(BadRequestData, match="an operator's override"):
        await Supposing().ask(record, {})
