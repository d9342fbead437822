"""Areas whose air is worse than its limit (`AirTerms`): roads that diesel buses are led around, where that is worth it.

The terms are an entity of another service, or of whoever may write it: what has expired or is malformed binds nobody.
"""

from datetime import timedelta

from madang.model import time
from madang.model.ahead import converted
from madang.model.service import Read, View

TERMS = "AirTerms"
KEPT = ("roads", "avoidDiesel", "validUntil")
READ = Read(type=TERMS, attributes=KEPT, optional=True)
WHY = "lies where the air is worse than its limit"
LONGEST_VALID_S = 600.0


def avoided(view: View) -> dict[str, tuple[str, str]]:
    """By edge the terms that ask diesel buses to keep away, and why."""
    found: dict[str, tuple[str, str]] = {}
    for entity in sorted(view.of(TERMS), key=lambda entity: entity.id):
        until = entity.value("validUntil")
        ends = time.read(until) if isinstance(until, str) else None
        if entity.value("avoidDiesel") is not True or ends is None:
            continue
        if timedelta(0) <= ends - view.at <= timedelta(seconds=LONGEST_VALID_S):
            found |= dict.fromkeys(converted(entity.value("roads"), list[str]) or [], (entity.id, WHY))
    return found
