"""The service: tells which lamps are out, so that somebody is sent. It commands nothing."""

from collections.abc import Sequence

from madang.model.entity import observed
from madang.model.service import Command, Decision, Kpi, Memory, Read, Service, View

OUTAGE = "StreetlightOutage"


def decide(view: View, memory: Memory) -> Decision:
    """One outage for each lamp that is off."""
    outages = [
        observed(
            lamp.id.replace("Streetlight", OUTAGE),
            OUTAGE,
            view.at,
            {"reason": f"the lamp is {lamp.value('powerState')}", "location": lamp.value("location")},
        )
        for lamp in view.of("Streetlight")
        if lamp.value("powerState") == "off"
    ]
    return Decision(commands=(), memory=memory, published=tuple(outages))


def fallback(view: View, targets: Sequence[str]) -> tuple[Command, ...]:
    """It commands nothing, so there is nothing to undo."""
    return ()


SERVICE = Service(
    name="lamps",
    title="Tells which street lamps are out",
    version="0.1.0",
    reads=(Read(type="Streetlight", attributes=("powerState", "location")),),
    writes=(),
    every_s=1.0,
    decide=decide,
    guards=(),
    fallback=fallback,
    kpis=(Kpi(name="outages", title="Lamps that are out", unit="1"),),
    publishes=(OUTAGE,),
)
