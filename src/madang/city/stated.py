"""What a city has not stated for its registers: named, so that somebody states it; it stops nothing."""

from collections.abc import Iterator
from typing import Final

from madang.city.finding import Finding
from madang.decide import registry
from madang.errors import BadRequestData
from madang.model.city import City, ServiceSpec
from madang.model.service import Service

_NEEDED: Final = ("website", "owner", "third_parties", "impact_assessments", "non_discrimination")


def unstated(city: City) -> Iterator[Finding]:
    """A note for each service and dataset of which the registers would say that something is not stated."""
    for name, spec in city.services.items():
        try:
            service = registry.load(name)
        except (ImportError, AttributeError, BadRequestData):
            # That it cannot be loaded is a finding of its own.
            continue
        if missing := _of(city, spec, service):
            yield Finding(
                file=str(city.folder / "services.toml"),
                line=0,
                message=f"the register of services does not state of {name}: {', '.join(missing)}",
                hint=f"[{name}.disclosure] does",
                severity="note",
            )
    for dataset in city.datasets:
        if not dataset.technology:
            yield Finding(
                file=str(city.folder / "datasets" / f"{dataset.id}.toml"),
                line=0,
                message="the register of datasets does not state how it is sensed or made",
                hint='technology = { en = "…" } does',
                severity="note",
            )


def _of(city: City, spec: ServiceSpec, service: Service) -> list[str]:
    said, committee = spec.disclosure, city.committees.get(spec.mandate.committee) if spec.mandate else None
    missing = [name for name in _NEEDED if not getattr(said, name)]
    if not said.contact and not (committee and committee.contact):
        missing.append("contact")
    own = {"benefits": service.kpis, "alternatives": service.baselines, "risks": service.guards}
    return missing + [name for name, declared in own.items() if not declared and not getattr(said, name)]
