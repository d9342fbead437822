"""What is sensed here: ``/sensed``, a list of what senses and acts in the city, and ``/sensed/{id}``, each with DTPR's
questions. In a browser both are pages."""

from functools import partial
from typing import Any, Final
from urllib.parse import quote

from litestar import Response, get
from litestar.params import FromPath

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.resolutions import mandate_of
from madang.api.rooms import Rooms, rooms
from madang.decide import registry
from madang.errors import BadRequestData, ResourceNotFound
from madang.govern import PUBLIC
from madang.hub.gate import check_id
from madang.model.entity import Entity
from madang.model.geometry import distance_m
from madang.model.query import EntityQuery
from madang.model.service import Service
from madang.participate.sensed import KINDS, MOST, PLACE, declared, device, questions

_documented = partial(documented, "Registers", named=False)
_PAGE: Final = 1000
_HERE_M, _AROUND_M = 60.0, 300.0
"""What is so near is at the same place; is around a place that has a name."""
_DEVICE: Final = {"id": "urn:ngsi-ld:TrafficSignal:gneJ207", "kind": "signal", "name": "gneJ207"}


@get("/sensed", operation_class=_documented(example={"devices": [_DEVICE]}))
async def list_sensed(request: Call) -> Response[bytes]:
    """List what senses and acts in the city: cameras, signals, air stations, bus lines; and the places that services
    look after; as far as the public may know of them."""
    Arguments(request, ())
    here = rooms(request)
    devices = [device(one) for one in await _devices(here)]
    others = [one for one in here.city.datasets if one.type not in KINDS]
    kept = [
        {
            "id": one.id,
            "title": dict(one.title),
            "description": dict(one.description),
            "technology": dict(one.technology) or None,
        }
        for one in others
    ]
    return plain(
        {"city": here.city.id, "devices": sorted(devices, key=lambda one: (one["kind"], one["id"])), "kept": kept}
    )


@get(
    "/sensed/{id:str}",
    operation_class=_documented(example={**_DEVICE, "questions": {"accountable": ["traffic-bureau"]}}),
)
async def one_sensed(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Tell of one device what it is for, which data it makes, who uses them and decides with them, where they are kept
    and for how long, who may see them, and who answers for it."""
    Arguments(request, ())
    here, id = rooms(request), id.replace("%2F", "/")
    check_id(id)
    found = await here.hub.entities.read(PUBLIC, [id])
    entity = found.get(id)
    if entity is None or not set(entity.types) & set(KINDS):
        raise ResourceNotFound(f"nothing that senses has the id '{id[:200]}'; GET /sensed lists what there is")
    services = [service for name in here.city.services if (service := _load(name)) is not None]
    datasets = declared(here.city, entity.types)
    own = device(entity)
    reach_m = _AROUND_M if own["kind"] == PLACE else _HERE_M
    return plain(
        {
            **own,
            "page": f"{here.outside.at(request)}/sensed/{quote(id, safe=':')}",
            "questions": questions(here.city, datasets, services, entity.types),
            "mandates": {name: mandate_of(here, name, spec)["allowed"] for name, spec in here.city.services.items()},
            "now": _now(entity),
            "decision": await _decision(here, id),
            "here_m": reach_m,
            "here": [one for one in map(device, await _devices(here)) if one["id"] != id and _near(one, own, reach_m)],
        }
    )


async def _devices(here: Rooms) -> list[Entity]:
    found: list[Entity] = []
    while len(found) < MOST:
        query = EntityQuery(types=tuple((type,) for type in KINDS), limit=_PAGE, offset=len(found))
        page = (await here.hub.entities.query(PUBLIC, query)).entities
        found += page
        if len(page) < _PAGE:
            break
    return found


def _near(one: dict[str, Any], own: dict[str, Any], reach_m: float) -> bool:
    if one["lat"] is None or own["lat"] is None:
        return False
    return distance_m((one["long"], one["lat"]), (own["long"], own["lat"])) <= reach_m


def _now(entity: Entity) -> list[dict[str, Any]]:
    """What is known of it at this moment, as the public sees it; the names, and when each was observed."""
    return [
        {"attribute": name, "observed_at": instances[0].observed_at, "unit": instances[0].unit_code or ""}
        for name, instances in entity.attributes.items()
        if instances and name not in ("name", "location")
    ]


async def _decision(here: Rooms, id: str) -> dict[str, Any] | None:
    """The newest decision about it, from the ledger."""
    (entry, *_) = await here.account.find("decision", target=id, limit=1) or (None,)
    return None if entry is None else {"id": entry.id, "at": entry.at, "service": entry.service}


def _load(name: str) -> Service | None:
    try:
        return registry.load(name)
    except BadRequestData:
        return None


HANDLERS = (list_sensed, one_sensed)
