"""What one junction's page shows: what it senses, what it decided and why, the alternatives, who permitted it."""

from typing import Any

from madang.web.client import Client
from madang.web.overview import SIGNAL, city, status, titles, tried
from madang.web.values import Json, amount, array, mapping, moment
from madang.web.words import Words


async def see(client: Client, words: Words, name: str) -> Json:
    """The values of ``junction.html`` for the junction called `name`. Errors: ResourceNotFound."""
    signal = await client.entity(SIGNAL + name)
    layout = mapping(await tried(client.entity(f"urn:ngsi-ld:SignalLayout:{name}")))
    seen = mapping(await tried(client.entity(f"urn:ngsi-ld:ApproachObserved:{name}")))
    records: list[Json] = await tried(client.decisions(entity=SIGNAL + name, limit=20)) or []
    decisions = [decision(record) for record in records]
    return {
        "city": await city(client, words),
        "status": await status(client),
        "name": name,
        "title": (await titles(client, words)).get(name, name),
        "stage": signal.get("stage") or "",
        "since": moment(signal.get("since")),
        "control": signal.get("control") or "",
        "control_reason": signal.get("controlReason") or "",
        "lanes": _lanes(signal, mapping(layout.get("layout")), seen),
        "last": decisions[0] if decisions else None,
        "history": decisions[1:],
    }


def _lanes(signal: Json, layout: Json, seen: Json) -> list[Json]:
    """One row a lane that leads to the stop line: its lamps, and what the camera sees on it."""
    lamps = str(signal.get("lamps") or "")
    queues, vehicles = mapping(seen.get("queues")), mapping(seen.get("vehicles"))
    rows: dict[str, Json] = {}
    for link in map(mapping, array(layout.get("links"))):
        lane, index = str(link.get("from_lane")), int(amount(link.get("index")) or 0)
        here = [array(vehicle) for vehicle in array(vehicles.get(lane))]
        row = rows.setdefault(lane, {"lane": lane, "lamps": "", "waiting": amount(queues.get(lane)) or 0})
        row["lamps"] += lamps[index : index + 1]
        row["seen"] = len(here)
        row["longest"] = max((amount(vehicle[4]) or 0 for vehicle in here if len(vehicle) > 4), default=0)
    return list(rows.values())


def decision(record: Json) -> Json:
    """A record as the page lists it, its alternatives with the best score first and their share of the best."""
    alternatives = [mapping(other) for other in array(record.get("alternatives"))]
    # A score in seconds is a cost: less is better.
    sign = 1 if str(record.get("score_unit") or "").endswith("-seconds") else -1
    alternatives.sort(key=lambda other: sign * other["score"])
    top = max((abs(other["score"]) for other in alternatives), default=0) or 1
    stage: Any = mapping(record.get("parameters")).get("stage")
    return {
        "id": record["id"],
        "time": moment(record.get("at")),
        "stage": stage or record.get("action"),
        "reason": record.get("reason") or "",
        "rule": record.get("rule") or "",
        "refused": record.get("refused"),
        "permission": mapping(record.get("permission")) or None,
        "unit": record.get("score_unit") or "",
        # As many decimals as it takes to tell the scores apart.
        "digits": 0 if top >= 100 else 1 if top >= 10 else 2 if top >= 1 else 3,
        "alternatives": [
            other | {"share": max(0.0, other["score"]) / top, "chosen": _is_stage(other, stage)}
            for other in alternatives
        ],
    }


def _is_stage(alternative: Json, stage: Any) -> bool:
    return stage is not None and mapping(alternative.get("parameters")).get("stage") == stage
