"""A small client for programs that read a city: entities, their history, live changes, decisions, open data.

    from madang.client import City

    with City("http://127.0.0.1:8080") as city:
        for station in city.entities("AirQualityObserved"):
            print(station.id, station.values.get("no2"))

`City` waits for its answers, `AsyncCity` is the same for asyncio. It stands on httpx and msgspec alone: nothing else of
Madang is loaded.
"""

from madang.client.city import City
from madang.client.following import AsyncCity
from madang.client.values import Change, Dataset, Decision, Entity, Refused, Sample

__all__ = ["AsyncCity", "Change", "City", "Dataset", "Decision", "Entity", "Refused", "Sample"]
