"""Who asks the crossing of ``conftest`` to go first, as entities."""

from datetime import timedelta
from typing import Any

import msgspec

from madang.model.ahead import written
from madang.model.entity import Entity, observed
from madang.model.service import View

from .conftest import AT, TARGET


def request(bus: str = "7.1", **changes: Any) -> Entity:
    """A bus of line 7 that is 60 s late and comes over link 3 in 10 s; times are given in seconds from now."""
    values: dict[str, Any] = {
        "refVehicle": f"urn:ngsi-ld:Vehicle:{bus}",
        "line": "7",
        "refSignal": TARGET,
        "movement": 3,
        "fromLane": "west_0",
        "arrivalAt": 10.0,
        "distance": 120.0,
        "latenessS": 60.0,
        "weight": 8.0,
        "validUntil": 5.0,
        **changes,
    }
    return observed(f"urn:ngsi-ld:SignalPriorityRequest:{bus}:x", "SignalPriorityRequest", AT, _timed(values))


def corridor(id: str = "112", *junctions: Any, **changes: Any) -> Entity:
    """A vehicle under blue light that comes over link 3 in 15 s."""
    rows = list(junctions) or [stop()]
    values = {"refVehicle": f"urn:ngsi-ld:EmergencyVehicle:{id}", "junctions": rows, "validUntil": 5.0, **changes}
    return observed(f"urn:ngsi-ld:EmergencyCorridor:{id}", "EmergencyCorridor", AT, _timed(values), json=("junctions",))


def stop(**changes: Any) -> dict[str, Any]:
    """The crossing as a junction of a corridor."""
    return _timed({"refSignal": TARGET, "movement": 3, "distance": 180.0, "arrivalAt": 15.0, **changes})


def asked(view: View, *entities: Entity) -> View:
    """The view with these in it."""
    return msgspec.structs.replace(view, entities={**view.entities, **{entity.id: entity for entity in entities}})


def _timed(values: dict[str, Any]) -> dict[str, Any]:
    """Seconds from now written as times."""
    return {
        name: written(AT + timedelta(seconds=value)) if name.endswith(("At", "Until")) and _is_number(value) else value
        for name, value in values.items()
    }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)
