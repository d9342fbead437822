"""What a reader may see: the filter that governance joins to every read, and the reason for it.

It is a value, so that a store compiles it into its query: what may not be seen is not read, counted or compared.
"""

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from madang.model.entity import Entity
from madang.model.mask import Mask
from madang.model.transform import Alter

Admit = Callable[[Entity], bool]
"""Whether an entity is seen at all: its subject has consented, as of now."""


class Sight(msgspec.Struct, frozen=True):
    """What is seen of a type's entities: `attributes` (None: all) except `hidden`, those in `altered` only as made
    coarser; and only entities that `admits` lets pass (None: all)."""

    attributes: frozenset[str] | None = None
    hidden: frozenset[str] = frozenset()
    altered: Mapping[str, Alter] = {}
    admits: Admit | None = None

    @property
    def whole(self) -> bool:
        """Everything is seen, as it is."""
        return self.attributes is None and not self.hidden and not self.altered and self.admits is None

    def shows(self, name: str) -> bool:
        """The attribute is seen."""
        return name not in self.hidden and (self.attributes is None or name in self.attributes)


class About(msgspec.Struct, frozen=True):
    """Whose data a dataset's entities are: `people` names them (URIs) for one entity, by its attribute `subject`; it
    has to have one of the attributes `names` (empty: any) to be of the dataset. Reads are accounted for (``hub/uses``).
    """

    dataset: str
    subject: str
    people: Callable[[Entity], list[str]]
    names: frozenset[str] = frozenset()

    def of(self, entity: Entity) -> bool:
        """The entity is of this dataset, at least in part."""
        return not self.names or not self.names.isdisjoint(entity.attributes)


class _Plan:
    """How entities of some types are seen: those that all of `asked` let pass, and of these what the mask leaves; none
    where a type is `closed`."""

    def __init__(self, access: "Access", types: tuple[str, ...]) -> None:
        sights = [sight for type in types if (sight := access.sight(type)) is not None]
        self.closed = len(sights) < len(types)
        self.asked = tuple(sight.admits for sight in sights if sight.admits is not None)
        altered: dict[str, list[Alter]] = {}
        for sight in sights:
            for name, step in sight.altered.items():
                altered.setdefault(name, []).append(step)
        self.about = tuple(one for type in types for one in access.about.get(type, access.strange))
        bare = not altered and all(sight.attributes is None and not sight.hidden for sight in sights)
        self._mask = None if bare else Mask(partial(access.shows, types), altered)

    def admits(self, entity: Entity) -> bool:
        """Whether it is seen at all, as of now."""
        return not self.asked or all(admits(entity) for admits in self.asked)

    def part(self, entity: Entity) -> Entity | None:
        """What is seen of it, where it is admitted."""
        if self.closed:
            return None
        return entity if self._mask is None else self._mask.part(entity)


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """Which entities a reader sees, by type.

    `types` has a Sight for each declared type that is seen and None for each that is not; `others` is the Sight of
    types that no dataset declares (None: not seen). An entity of several types is seen when all of them are; an
    attribute when a type shows it and no type hides it, as coarse as each of them asks. `everything`: no restriction at
    all.

    What is asked of an entity (q, order, places) is asked of what `mask` leaves of it. So a store may narrow a query by
    an index of the true values only where these are seen: not by those in `altered`.

    `about` has for each declared type the datasets of it that are about people, `strange` those of types that no
    dataset declares; both empty: nothing of what is seen is about people.
    """

    reason: str
    types: Mapping[str, Sight | None] = msgspec.field(default_factory=dict[str, Sight | None])
    others: Sight | None = None
    everything: bool = False
    about: Mapping[str, tuple[About, ...]] = {}
    strange: tuple[About, ...] = ()
    _plans: dict[tuple[str, ...], _Plan] = msgspec.field(default_factory=dict[tuple[str, ...], _Plan])

    def sight(self, type: str) -> Sight | None:
        """What is seen of entities of that type."""
        return self.types.get(type, self.others)

    @property
    def personal(self) -> bool:
        """Something of what is seen is about people."""
        return bool(self.about or self.strange)

    def whose(self, entity: Entity) -> list[About]:
        """The personal datasets that the entity is of."""
        return [one for one in self._plan(entity.types).about if one.of(entity)]

    def sees(self, types: tuple[str, ...]) -> bool:
        """An entity of these types is seen, at least in part."""
        return self.everything or all(self.sight(type) is not None for type in types)

    def partial(self) -> bool:
        """Of some type a part is seen: then entities have to be weighed one by one."""
        return not self.everything and any(not sight.whole for sight in self._sights())

    @property
    def altered(self) -> frozenset[str]:
        """The attributes that are seen only as made coarser, of any type."""
        return frozenset(name for sight in self._sights() for name in sight.altered)

    def asks(self, type: str) -> bool:
        """Of this type some entities are seen and others not."""
        sight = self.sight(type)
        return not self.everything and sight is not None and sight.admits is not None

    def asked(self, types: tuple[str, ...]) -> bool:
        """Of entities of these types `admits` has to be asked at each read."""
        return not self.everything and bool(self._plan(types).asked)

    @property
    def selective(self) -> bool:
        """Of some type some entities are seen and others not."""
        return not self.everything and any(sight.admits is not None for sight in self._sights())

    def shows(self, types: tuple[str, ...], name: str) -> bool:
        """The attribute of an entity of these types is seen, though perhaps not as it is."""
        if self.everything:
            return True
        sights = [self.sight(type) for type in types]
        return (
            all(sight is not None and name not in sight.hidden for sight in sights)
            and any(sight is not None and sight.shows(name) for sight in sights)
        )  # fmt: skip

    def tells(self, types: tuple[str, ...], name: str) -> bool:
        """The attribute is seen as it is: then its past is, too."""
        if not self.shows(types, name):
            return False
        return self.everything or all((sight := self.sight(type)) and name not in sight.altered for type in types)

    def mask(self, entity: Entity) -> Entity | None:
        """The entity as this reader sees it, or None. When it was changed is told of what is seen alone."""
        if self.everything:
            return entity
        plan = self._plan(entity.types)
        return plan.part(entity) if plan.admits(entity) else None

    def admits(self, entity: Entity) -> bool:
        """The entity is seen as of now, by what changes without it being written: who has agreed."""
        return self.everything or self._plan(entity.types).admits(entity)

    def part(self, entity: Entity) -> Entity | None:
        """What `mask` leaves of the entity whenever it is admitted: that depends on what is written of it alone."""
        return entity if self.everything else self._plan(entity.types).part(entity)

    def _plan(self, types: tuple[str, ...]) -> _Plan:
        plan = self._plans.get(types)
        if plan is None:
            # Bounded: a default dataset lets callers make up types.
            if len(self._plans) >= 1000:
                self._plans.clear()
            plan = self._plans[types] = _Plan(self, types)
        return plan

    def past(self, entity: Entity) -> Entity | None:
        """The past of an entity as this reader sees it: without what is only seen as made coarser, for many values over
        time tell what one does not (a way to and fro tells a home). Whether it is admitted the entity as it is now
        tells, not its past."""
        if not self.sees(entity.types):
            return None
        told = {name: found for name, found in entity.attributes.items() if self.tells(entity.types, name)}
        return entity if len(told) == len(entity.attributes) else msgspec.structs.replace(entity, attributes=told)

    def _sights(self) -> list[Sight]:
        return [sight for sight in (self.others, *self.types.values()) if sight is not None]


EVERYTHING = Access(reason="unrestricted", everything=True)
"""Of the house itself: no restriction."""
