"""What is sensed here: the questions that DTPR (Digital Trust for Places and Routines) has a device answer, answered
from the city's declarations, from what its services say they read and do, and from the ledger. Nobody writes the
answers by hand; what is not declared is None, and is shown as not stated."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from madang.model.city import City
from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import Entity
from madang.model.service import Service

KINDS: Final[Mapping[str, str]] = {
    "ApproachObserved": "camera",
    "TrafficSignal": "signal",
    "AirQualityObserved": "air",
    "BusLine": "bus",
    "PointOfInterest": "place",
}
"""Types of entities that stand for a device, for what senses together (a bus line), or for a place that services look
after, and what it is called."""
PLACE: Final = "place"

QUESTIONS: Final = ("technology", "purpose", "data", "process", "storage", "access", "retention", "accountable")

MOST: Final = 10_000


def device(entity: Entity) -> dict[str, Any]:
    """A line of the list."""
    location = cast(dict[str, Any], entity.value("location") or {})
    spot: list[float | None] = location["coordinates"][:2] if location.get("type") == "Point" else [None, None]
    longitude, latitude = spot
    name = entity.value("name")
    return {
        "id": entity.id,
        "kind": KINDS[next(type for type in entity.types if type in KINDS)],
        "name": name if isinstance(name, str | dict) else "",
        "lat": latitude,
        "long": longitude,
    }


def declared(city: City, types: Sequence[str]) -> list[Dataset]:
    """The datasets that may hold something of an entity of these types."""
    return [one for one in city.datasets if one.type in types]


def questions(
    city: City, datasets: Sequence[Dataset], services: Sequence[Service], types: Sequence[str]
) -> dict[str, Any]:
    """The answers; None is not stated."""
    users = [one for one in services if any(read.type in types for read in one.reads)]
    actors = [one for one in services if not set(one.writes).isdisjoint(types)]
    purposes = dict.fromkeys(purpose for one in datasets for purpose in one.purposes)
    return {
        # Of one device some data may be measured and others worked out, in a simulated city as in a real one.
        "technology": {one.id: dict(one.technology) for one in datasets if one.technology} or None,
        "purpose": list(purposes),
        "data": [_data(one) for one in datasets],
        "process": [
            {"service": one.name, "title": one.title, "reads": one in users, "acts": one in actors}
            for one in services
            if one in users or one in actors
        ],
        "storage": {"where": city.jurisdiction, "history": sorted({name for one in datasets for name in one.history})},
        "access": [{"dataset": one.id, "sensitivity": str(one.sensitivity), "roles": _roles(one)} for one in datasets],
        "retention": {one.id: one.retention for one in datasets},
        "accountable": list(dict.fromkeys(one.owner for one in datasets)),
    }


def _data(dataset: Dataset) -> dict[str, Any]:
    return {
        "id": dataset.id,
        "title": dict(dataset.title),
        "description": dict(dataset.description),
        "attributes": {name: dataset.units.get(name, "") for name in dataset.attributes},
        "legal_basis": dataset.legal_basis,
        "licence": dataset.licence,
        "identifies_people": dataset.personal,
        "open": dataset.sensitivity is Sensitivity.PUBLIC,
    }


def _roles(dataset: Dataset) -> list[str]:
    return sorted({role for grant in dataset.grants for role in grant.roles})
