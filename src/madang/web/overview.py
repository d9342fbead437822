"""What the city's page shows to every reader: is it well, does it help, what does each junction do, buses, air."""

from collections.abc import Awaitable
from functools import partial
from typing import TypeVar

from madang.errors import MadangError
from madang.turns import sliced
from madang.web.client import Client
from madang.web.values import Json, amount, mapping, moment, of, short, text, total
from madang.web.words import Words

SIGNAL = "urn:ngsi-ld:TrafficSignal:"
ENOUGH = 30
"""As many vehicles have to have arrived in the city and in its twin before their delays are compared."""
ALIKE = 0.8
"""The share of the city's vehicles that the twin must have seen by then."""
Answer = TypeVar("Answer")


async def see(client: Client, words: Words) -> Json:
    """The values of ``city.html``. A part that the API cannot give is empty, and the page says so."""
    types = "TrafficSignal,ApproachObserved,Vehicle,AirQualityObserved,TrafficKpi"
    entities = await tried(client.entities(types)) or []
    decisions: list[Json] = await tried(client.decisions(limit=500)) or []
    return {
        "city": await city(client, words),
        "status": await status(client),
        "effect": _effect(entities),
        "junctions": _junctions(entities, decisions, await titles(client, words)),
        "buses": await sliced(partial(_bus, words), of(entities, "Vehicle")),
        "stations": await sliced(partial(_station, words), of(entities, "AirQualityObserved")),
    }


async def zone(client: Client) -> str:
    """The city's time zone; UTC when the API does not say."""
    return str(mapping(await tried(client.get("/city"))).get("time_zone") or "UTC")


async def who(client: Client) -> str:
    """The name of the visitor who signed in; "" for others."""
    found = mapping(await tried(client.get("/session")))
    return str(found["name"]) if "until" in found else ""


async def city(client: Client, words: Words) -> Json:
    """The city's name in the visitor's language and what its data asks to be said of it."""
    found = mapping(await tried(client.get("/city")))
    return {"name": text(found.get("name"), words.language) or "Madang", "attribution": found.get("attribution") or ""}


async def status(client: Client) -> Json:
    """What does not run, for the banner: the world's status, whether orders are sent at all, and the service's status
    with its reason (None: all is well); and which services people have suspended."""
    parts = mapping(mapping(await tried(client.get("/health"))).get("parts"))
    service = mapping(await tried(client.entity("urn:ngsi-ld:CityService:signals")))
    suspended = await _suspended(client)
    running = service.get("status", "running") == "running" or any(one["service"] == "signals" for one in suspended)
    return {
        "suspended": suspended,
        "world": _acted_on(parts),
        "simulated": "world" in parts,
        "field": "field" in parts,
        "dry": mapping(parts.get("act")).get("status") == "dry run",
        "service": None if running else str(service.get("reason") or service["status"]),
    }


async def _suspended(client: Client) -> list[Json]:
    """The services that a committee has suspended or whose mandate it revoked: who, by which resolution, why, until
    when."""
    found = mapping(await tried(client.get("/mandates")))
    acts = {name: mapping(mapping(one).get("suspended")) for name, one in found.items()}
    return [{**act, "service": name, "until_at": moment(act.get("until"))} for name, act in acts.items() if act]


def _acted_on(parts: Json) -> str:
    """How what the city acts on is: its world or its field. A hub alone, which says how it is, misses nothing."""
    found = mapping(parts.get("world") or parts.get("field"))
    return str(found.get("status") or ("running" if parts else "gone"))


async def tried(asked: Awaitable[Answer]) -> Answer | None:
    """The answer, or None when the API refuses: one missing part must not take the page away."""
    try:
        return await asked
    except MadangError:
        return None


async def titles(client: Client, words: Words) -> dict[str, str]:
    """What people call each junction, by the last part of its id: the city's name for it, else a number that rises from
    west to east (the same as on the map)."""
    layouts = await tried(client.entities("SignalLayout", pick="id,type,name,location")) or []
    named: dict[str, str] = {}
    for number, layout in enumerate(sorted(layouts, key=lambda each: (_longitude(each), short(each["id"]))), 1):
        name, given = short(layout["id"]), text(layout.get("name"), words.language)
        named[name] = words.say("Junction {number}", number=number) if given in ("", name) else given
    return named


def _longitude(layout: Json) -> float:
    coordinates = mapping(layout.get("location")).get("coordinates")
    return (amount(coordinates[0]) or 0.0) if isinstance(coordinates, list) and coordinates else 0.0


def _effect(entities: list[Json]) -> Json | None:
    by_name = {short(entity["id"]): entity for entity in of(entities, "TrafficKpi")}
    worlds = [by_name.get(name, {}) for name in ("signals", "fixed")]
    ours, fixed = (amount(world.get("meanDelay")) for world in worlds)
    if ours is None or not fixed:
        return None
    return {"delay": ours, "fixed": fixed, "change": ours / fixed - 1, "early": _early(*worlds)}


def _early(ours: Json, fixed: Json) -> bool:
    """Whether it is too early to compare: few have arrived, or the twin, which starts later, has seen fewer vehicles.
    The same rule as in the page's script (``frontend/src/page/header.tsx``)."""
    arrived = [amount(world.get("arrived")) for world in (ours, fixed)]
    running = [amount(world.get("running")) for world in (ours, fixed)]
    if any(count is not None and count < ENOUGH for count in arrived):
        return True
    if None in running:
        return False
    here, twin = (float(a or 0.0) + float(r or 0.0) for a, r in zip(arrived, running, strict=True))
    return twin < ALIKE * here


def _junctions(entities: list[Json], decisions: list[Json], named: dict[str, str]) -> list[Json]:
    """One row a junction, the longest queue first."""
    queues = {short(e["id"]): total(mapping(e.get("queues")).values()) for e in of(entities, "ApproachObserved")}
    newest: dict[str, Json] = {}
    for record in decisions:
        newest.setdefault(record["target"], record)
    rows = [
        {
            "name": short(signal["id"]),
            "title": named.get(short(signal["id"]), short(signal["id"])),
            "stage": signal.get("stage") or "",
            "since": moment(signal.get("since")),
            "control": signal.get("control") or "",
            "waiting": queues.get(short(signal["id"]), 0),
            "reason": newest.get(signal["id"], {}).get("reason") or signal.get("controlReason") or "",
        }
        for signal in of(entities, "TrafficSignal")
    ]
    return sorted(rows, key=lambda row: (-row["waiting"], row["title"]))


def _bus(words: Words, bus: Json) -> Json:
    title = text(bus.get("name"), words.language) or short(bus["id"])
    return {"title": title, "delay": amount(bus.get("delay")), "speed": amount(bus.get("speed"))}


def _station(words: Words, station: Json) -> Json:
    title = text(station.get("name"), words.language) or short(station["id"])
    return {"title": title, "no2": amount(station.get("no2")), "pm25": amount(station.get("pm25"))}
