"""Guards that no decision may cross, and the fallback that is always safe: nothing is asked of anybody.

What a signal shows and where a bus drives is their own services' to answer for, guards and all.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from madang.model.service import Command, View
from madang.services.air import sense
from madang.services.air.sense import PLACE
from madang.services.air.settings import LEAST_INFLOW, MOST_STOP_WEIGHT, Settings, settings_of

TERMS, RELEASE = "terms", "release"


def known_action(view: View, command: Command) -> str | None:
    """A place gets terms, or is released from them."""
    if command.action in (TERMS, RELEASE):
        return None
    return f"a place knows the actions {TERMS} and {RELEASE}, not {command.action}"


def sensitive_place(view: View, command: Command) -> str | None:
    """Terms are set for the places that the city protects, and for no other."""
    if command.action != TERMS:
        return None
    settings = _settings(view)
    if any(place.id == command.target for place in sense.places(view, settings)):
        return None
    return f"{command.target} is no {PLACE} of the categories {', '.join(settings.sensitive)} that says where it is"


def within_bounds(view: View, command: Command) -> str | None:
    """Nobody's green is cut to less than half of what the fixed plan gives, and no stop counts more than five."""
    if command.action != TERMS:
        return None
    names = [measure.name for measure in _settings(view).measures]
    if command.parameters.get("level") not in names:
        return f"there is no measure {command.parameters.get('level')!r}; there are {', '.join(names)}"
    inflow, weight = _number(command.parameters, "inflow"), _number(command.parameters, "stopWeight")
    if inflow is None or not LEAST_INFLOW <= inflow <= 1:
        return f"the inflow must be from {LEAST_INFLOW:g} to 1 of the usual green, not {inflow}"
    if weight is None or not 1 <= weight <= MOST_STOP_WEIGHT:
        return f"a stop counts from 1 to {MOST_STOP_WEIGHT:g} times, not {weight}"
    return None


def fallback(view: View, targets: Sequence[str]) -> tuple[Command, ...]:
    """Release every place; the terms that are out end by themselves."""
    return tuple(
        Command(
            target=target,
            action=RELEASE,
            parameters={},
            rule="fallback",
            reason="The terms end: the service does not run now.",
            inputs=((target, "name"),),
        )
        for target in targets
    )


def _number(parameters: Mapping[str, Any], name: str) -> float | None:
    value = parameters.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _settings(view: View) -> Settings:
    return settings_of(view.settings)


GUARDS = (known_action, sensitive_place, within_bounds)
