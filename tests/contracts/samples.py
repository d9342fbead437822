"""Samples to try stores with, and what they tell of them."""

from typing import Any

from madang.model.change import Sample
from madang.model.query import TemporalQuery
from madang.ports import Store

from .stores import attribute, entity, put

ID, TYPE = "urn:x:1", "Thing"
ALL = TemporalQuery()


def sample(value: Any, minutes: float, name: str = "a", **members: Any) -> Sample:
    """One that was observed so many minutes after noon, and reported a second later."""
    one = attribute(value, minutes, **members)
    return Sample(name, one.observed_at or one.modified_at, one)


async def fill(store: Store, *samples: Sample, id: str = ID, type: str = TYPE) -> None:
    await store.write([put(entity(id, type), *samples)])


async def told(store: Store, past: TemporalQuery = ALL, *names: str, id: str = ID) -> dict[str, list[Any]]:
    found = await store.history((id,), names, past)
    return {name: [one.value for one in each] for name, each in found[0].attributes.items()} if found else {}
