"""What one junction's page shows: what it senses, what it decided and why, the alternatives, who permitted it."""

from typing import Any

from madang.web.client import Client, Json, mapping
from madang.web.overview import SIGNAL, city, moment, status, titles, tried
from madang.web.words import Words


async def see(client: Client, words: Words, name: str) -> Json:
    """The values of ``junction.html`` for the junction called `name`. Errors: ResourceNotFound."""
    signal = await client.entity(SIGNAL + name)
    layout = mapping(await tried(client.entity(f"urn:ngsi-ld:SignalLayout:{name}")))
    seen = mapping(await tried(client.entity(f"urn:ngsi-ld:ApproachObserved:{name}")))
    records: list[Json] = await tried(client.decisions(entity=SIGNAL + name, limit=20)) or []
    return {
        "city": await city(client, words),
        "status": await status(client),
        "name": name,
        "title": titles(await tried(client.entities("TrafficSignal")) or [signal], words).get(signal["id"], name),
        "signal": signal,
        "since": moment(signal.get("since")),
        "lanes": _lanes(signal, mapping(layout.get("layout")), seen),
        "last": _decision(records[0]) if records else None,
        "history": [_decision(record) for record in records[1:]],
    }


def _lanes(signal: Json, layout: Json, seen: Json) -> list[Json]:
    """One row a lane that leads to the stop line: its lamps, and what the camera sees on it."""
    lamps = str(signal.get("lamps") or "")
    queues, vehicles = mapping(seen.get("queues")), mapping(seen.get("vehicles"))
    rows: dict[str, Json] = {}
    for link in layout.get("links") or ():
        lane = link["from_lane"]
        row = rows.setdefault(
            lane, {"lane": lane, "lamps": "", "waiting": queues.get(lane, 0), "seen": 0, "longest": 0}
        )
        row["lamps"] += lamps[link["index"] : link["index"] + 1]
        row["seen"] = len(vehicles.get(lane, ()))
        row["longest"] = max((vehicle[4] for vehicle in vehicles.get(lane, ())), default=0)
    return list(rows.values())


def _decision(record: Json) -> Json:
    """A record as the page lists it, its alternatives with the best score first and their share of the best."""
    alternatives: list[Json] = sorted(record.get("alternatives") or (), key=lambda other: -other["score"])
    top = max((abs(other["score"]) for other in alternatives), default=0) or 1
    chosen: Any = mapping(record.get("parameters")).get("stage")
    return record | {
        "time": moment(record.get("at")),
        "stage": chosen or record.get("action"),
        "alternatives": [
            other | {"share": max(0.0, other["score"]) / top, "chosen": _is_stage(other, chosen)}
            for other in alternatives
        ],
        "unit": record.get("score_unit") or "",
    }


def _is_stage(alternative: Json, stage: Any) -> bool:
    return stage is not None and mapping(alternative.get("parameters")).get("stage") == stage
