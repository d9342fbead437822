"""The past of a tenant's attributes: for each instance (attribute and datasetId) its samples, oldest first."""

from bisect import bisect_left
from collections.abc import Callable, Container, Iterator, Sequence
from datetime import datetime

from madang.model import time
from madang.model.change import Sample
from madang.model.entity import Attribute, Entity
from madang.model.match import of_types
from madang.model.query import Aggregate, Aggregation, AnyOfAll, TemporalQuery
from madang.store import aggregates
from madang.store.past import chosen, named, revised, series_name, within


class _Series:
    """The samples of one instance by time. A second sample with the same time replaces the first."""

    __slots__ = ("instances", "name", "times")

    def __init__(self, name: str) -> None:
        self.name = name
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

    def told(self) -> Iterator[Attribute]:
        """The samples as they are told."""
        for at, one in zip(self.times, self.instances, strict=True):
            yield named(one, self.name, time.microseconds(at))

    def revise(self, instance: str, revision: Callable[[Attribute], Attribute | None]) -> bool:
        for place, old in enumerate(self.told()):
            if old.instance_id == instance:
                new = revision(old)
                at = self.times.pop(place)
                self.instances.pop(place)
                if new is not None:
                    self._put(new.observed_at or at, revised(old, new))
                return True
        return False

    def _put(self, at: datetime, instance: Attribute) -> None:
        # Another sample may have the time that a revised one wants: then it is put right after that.
        taken = set(self.times)
        while at in taken:
            at += time.MICROSECOND
        self.add(at, instance)


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
                series = past.series[key] = _Series(series_name(id, *key))
            series.add(sample.at, sample.instance)

    def retype(self, id: str, types: tuple[str, ...]) -> None:
        """The entity has these types now: where it has a past, that has them too."""
        past = self._by_id.get(id)
        if past is not None:
            past.types = types

    def read(self, ids: Sequence[str], names: Sequence[str], past: TemporalQuery) -> list[Entity]:
        """See `ports.Store.history`."""
        found = ((id, self._by_id.get(id)) for id in ids)
        return [_entity(id, one, names, past) for id, one in found if one is not None]

    def pasts(self, types: AnyOfAll, after: str, limit: int) -> list[tuple[str, tuple[str, ...]]]:
        """See `ports.Store.pasts`."""
        ids = sorted(id for id, one in self._by_id.items() if id > after and (not types or of_types(one.types, types)))
        return [(id, self._by_id[id].types) for id in ids[:limit]]

    def aggregate(
        self, ids: Sequence[str], names: Sequence[str], past: TemporalQuery, aggregation: Aggregation
    ) -> list[Aggregate]:
        """See `ports.Store.aggregate`."""
        found: list[Aggregate] = []
        for id in ids:
            one = self._by_id.get(id)
            for name, dataset in sorted(one.series, key=lambda key: (key[0], key[1] or "")) if one else ():
                if one is not None and (not names or name in names):
                    told = tuple(one.series[name, dataset].told())
                    made = aggregates.aggregate(aggregates.Series(id, name, dataset), told, past, aggregation)
                    if made is not None:
                        found.append(made)
        return found

    def revise(self, id: str, name: str, instance: str, revision: Callable[[Attribute], Attribute | None]) -> bool:
        """See `ports.Store.revise`."""
        past = self._by_id.get(id)
        series = [one for key, one in past.series.items() if key[0] == name] if past else []
        return any(one.revise(instance, revision) for one in series)

    def forget(self, type: str | None, names: Container[str], before: datetime, apart: Sequence[str]) -> int:
        """See `ports.Store.forget`."""
        count = 0
        for past in list(self._by_id.values()):
            if (type in past.types) if type else not any(one in past.types for one in apart):
                count += sum(series.drop(before) for (name, _), series in past.series.items() if name in names)
        return count

    def erase(self, id: str, name: str | None, *, dataset: str | None, every: bool) -> bool:
        """See `ports.Store.erase`."""
        if name is None:
            return self._by_id.pop(id, None) is not None
        past = self._by_id.get(id)
        keys = [key for key in past.series if key[0] == name and (every or key[1] == dataset)] if past else []
        for key in keys:
            del self._by_id[id].series[key]
        return bool(keys)


def _entity(id: str, past: _Past, names: Sequence[str], query: TemporalQuery) -> Entity:
    instances: dict[str, list[Attribute]] = {}
    for (name, _), series in past.series.items():
        if not names or name in names:
            instances.setdefault(name, []).extend(one for one in series.told() if within(one, query))
    kept = ((name, chosen(found, query)) for name, found in sorted(instances.items()))
    return Entity(id=id, types=past.types, attributes={name: found for name, found in kept if found})
