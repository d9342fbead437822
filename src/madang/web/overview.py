"""What the city's page shows to every reader: is it well, does it help, what does each junction do, buses, air."""

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any, TypeVar

from madang.errors import MadangError
from madang.web.client import Client, Json, mapping
from madang.web.words import Words

SIGNAL = "urn:ngsi-ld:TrafficSignal:"
Answer = TypeVar("Answer")


async def see(client: Client, words: Words) -> Json:
    """The values of ``city.html``. A part that the API cannot give is None, and the page says so."""
    entities = (
        await tried(client.entities("TrafficSignal,ApproachObserved,Vehicle,AirQualityObserved,TrafficKpi")) or []
    )
    decisions: list[Json] = await tried(client.decisions(limit=500)) or []
    return {
        "city": await city(client, words),
        "status": await status(client),
        "effect": _effect(entities),
        "junctions": _junctions(entities, decisions, titles(_of(entities, "TrafficSignal"), words)),
        "buses": sorted(_of(entities, "Vehicle"), key=lambda bus: bus["id"]),
        "stations": sorted(_of(entities, "AirQualityObserved"), key=lambda air: air["id"]),
    }


async def zone(client: Client) -> str:
    """The city's time zone; UTC when the API does not say."""
    found = await tried(client.get("/city"))
    return str(found.get("time_zone") or "UTC") if found else "UTC"


async def city(client: Client, words: Words) -> Json:
    """The city's name in the visitor's language and what its data asks to be said of it."""
    found = mapping(await tried(client.get("/city")))
    return {"name": text(found.get("name"), words.language) or "Madang", "attribution": found.get("attribution") or ""}


async def status(client: Client) -> Json:
    """What does not run, for the banner: ``{"world": "running", "service": {"status", "reason", "since"} | None}``."""
    health = mapping(await tried(client.get("/health")))
    service = await tried(client.entity("urn:ngsi-ld:CityService:signals"))
    world = mapping(mapping(health.get("parts")).get("world"))
    return {"world": world.get("status", "gone"), "service": service}


def short(id: str) -> str:
    """The last part of an entity's id."""
    return id.rsplit(":", 1)[-1]


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time in a value, or None; a time without a zone is taken as UTC."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def text(value: Any, language: str) -> str:
    """A text that may be in several languages, in the best one for the reader."""
    if said := mapping(value):
        value = said.get(language) or said.get("en") or next(iter(said.values()), "")
    return str(value or "")


async def tried(asked: Awaitable[Answer]) -> Answer | None:
    """The answer, or None when the API refuses: one missing part must not take the page away."""
    try:
        return await asked
    except MadangError:
        return None


def _of(entities: list[Json], type: str) -> list[Json]:
    return [entity for entity in entities if entity["type"] == type]


def _effect(entities: list[Json]) -> Json | None:
    by_name = {short(entity["id"]): entity for entity in _of(entities, "TrafficKpi")}
    ours, fixed = by_name.get("signals"), by_name.get("fixed")
    if ours is None or fixed is None or not fixed.get("meanDelay"):
        return None
    return {
        "delay": ours["meanDelay"],
        "fixed": fixed["meanDelay"],
        "change": ours["meanDelay"] / fixed["meanDelay"] - 1,
        "ours": ours,
        "twin": fixed,
    }


def titles(signals: list[Json], words: Words) -> dict[str, str]:
    """What people call each junction, by its entity's id: the city's name for it, else a number that rises from west to
    east (the same as on the map)."""
    ordered = sorted(signals, key=lambda signal: (_longitude(signal), short(signal["id"])))
    named: dict[str, str] = {}
    for number, signal in enumerate(ordered, 1):
        given = text(signal.get("name"), words.language)
        unnamed = given in ("", short(signal["id"]))
        named[signal["id"]] = words.say("Junction {number}", number=number) if unnamed else given
    return named


def _longitude(signal: Json) -> float:
    return float((mapping(signal.get("location")).get("coordinates") or [0.0])[0])


def _junctions(entities: list[Json], decisions: list[Json], named: dict[str, str]) -> list[Json]:
    """One row a junction, the longest queue first."""
    queues = {
        short(entity["id"]): sum(mapping(entity.get("queues")).values()) for entity in _of(entities, "ApproachObserved")
    }
    newest: dict[str, Json] = {}
    for record in decisions:
        newest.setdefault(record["target"], record)
    rows = [
        {
            "name": short(signal["id"]),
            "title": named[signal["id"]],
            "stage": signal.get("stage") or "",
            "since": moment(signal.get("since")),
            "control": signal.get("control") or "",
            "waiting": queues.get(short(signal["id"]), 0),
            "reason": newest.get(signal["id"], {}).get("reason") or signal.get("controlReason") or "",
        }
        for signal in _of(entities, "TrafficSignal")
    ]
    return sorted(rows, key=lambda row: (-row["waiting"], row["title"]))
