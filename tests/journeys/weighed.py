"""A decision that a service computed, with its inputs as the ledger has them: for pages that compute it again."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from msgspec.structs import replace
from tests.unit.services.air.conftest import AT, layouts, school, station, view

from madang.decide.record import draft
from madang.model.decision import DecisionRecord, Permission
from madang.services.air import SERVICE

_MAY = Permission(committee="board", resolution="2026-8", until=AT + timedelta(days=30))
_NO2 = 300.0
"""µg/m³, far over the limit: within some hours the service has to do something."""


def aired(name: str) -> DecisionRecord:
    """What `air` did first for a school of that name where the air is bad. It needs no compiler, unlike `signals`."""
    memory: Mapping[str, Any] = {}
    for minute in range(600):
        at = AT + timedelta(minutes=minute)
        reports = [station(one, at, no2=_NO2) for one in ("a", "b")]
        seen = view(school(name=name), *layouts(), *reports, at=at)
        decision = SERVICE.decide(seen, memory)
        if decision.commands:
            record = draft(SERVICE, seen, decision.commands[0], permission=_MAY, refused=None, memory=memory)
            return replace(record, settings=dict(seen.settings))
        memory = decision.memory
    raise AssertionError("ten hours of bad air, and air did nothing")
