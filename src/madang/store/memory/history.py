"""The past of a tenant's attributes: for each instance (attribute and datasetId) its samples, oldest first."""

from bisect import bisect_left
from collections.abc import Container, Sequence
from datetime import datetime

import msgspec

from madang.model.change import Sample
from madang.model.entity import Attribute, Entity
from madang.model.query import TemporalQuery
from madang.store.past import newest, within


class _Series:
    """The samples of one instance by time. A second sample with the same time replaces the first."""

    __slots__ = ("instances", "times")

    def __init__(self) -> None:
        self.times: list[datetime] = []
        self.instances: list[Attribute] = []

    def add(self, at: datetime, instance: Attribute) -> None:
        if not self.times or at > self.times[-1]:
            self.times.append(at)
            self.instances.append(instance)
            return
        place = bisect_left(self.times, at)
        if self.times[place] == at:
            self.instances[place] = instance
        else:
            self.times.insert(place, at)
            self.instances.insert(place, instance)

    def drop(self, before: datetime) -> int:
        place = bisect_left(self.times, before)
        del self.times[:place], self.instances[:place]
        return place


class _Past:
    """The history of one entity, and the types it had last."""

    __slots__ = ("series", "types")

    def __init__(self, types: tuple[str, ...]) -> None:
        self.types = types
        self.series: dict[tuple[str, str | None], _Series] = {}


class History:
    """Histories by entity id."""

    def __init__(self) -> None:
        self._by_id: dict[str, _Past] = {}

    def append(self, id: str, types: tuple[str, ...], samples: Sequence[Sample]) -> None:
        """Keep the samples."""
        past = self._by_id.get(id)
        if past is None:
            past = self._by_id[id] = _Past(types)
        past.types = types
        for sample in samples:
            key = (sample.name, sample.instance.dataset_id)
            series = past.series.get(key)
            if series is None:
                series = past.series[key] = _Series()
            series.add(sample.at, sample.instance)

    def read(self, ids: Sequence[str], names: Sequence[str], past: TemporalQuery) -> list[Entity]:
        """See `ports.Store.history`."""
        found = ((id, self._by_id.get(id)) for id in ids)
        return [self._entity(id, one, names, past) for id, one in found if one is not None]

    def forget(self, type: str | None, names: Container[str], before: datetime, apart: Sequence[str]) -> int:
        """See `ports.Store.forget`."""
        count = 0
        for past in list(self._by_id.values()):
            if (type in past.types) if type else not any(one in past.types for one in apart):
                count += sum(series.drop(before) for (name, _), series in past.series.items() if name in names)
        return count

    def erase(self, id: str, name: str | None) -> bool:
        """See `ports.Store.erase`."""
        if name is None:
            return self._by_id.pop(id, None) is not None
        past = self._by_id.get(id)
        keys = [key for key in past.series if key[0] == name] if past else []
        for key in keys:
            del self._by_id[id].series[key]
        return bool(keys)

    def _entity(self, id: str, past: _Past, names: Sequence[str], query: TemporalQuery) -> Entity:
        instances: dict[str, list[Attribute]] = {}
        for (name, _), series in past.series.items():
            if not names or name in names:
                samples = [_sample(instance) for instance in series.instances if within(instance, query)]
                instances.setdefault(name, []).extend(samples)
        kept = ((name, newest(found, query)) for name, found in sorted(instances.items()))
        return Entity(id=id, types=past.types, attributes={name: found for name, found in kept if found})


def _sample(instance: Attribute) -> Attribute:
    # A sample came to be when it was reported: that is its createdAt as well.
    return msgspec.structs.replace(instance, created_at=instance.modified_at)
