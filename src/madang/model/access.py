"""What a reader may see: the filter that governance joins to every read, and the reason for it.

It is a value, so that a store compiles it into its query: what may not be seen is not read, counted or compared.
"""

from collections.abc import Mapping

import msgspec

from madang.model.entity import Entity


class Sight(msgspec.Struct, frozen=True):
    """What is seen of a type's entities: `attributes` (None: all) except `hidden`."""

    attributes: frozenset[str] | None = None
    hidden: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Everything is seen."""
        return self.attributes is None and not self.hidden

    def shows(self, name: str) -> bool:
        """The attribute is seen."""
        return name not in self.hidden and (self.attributes is None or name in self.attributes)


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """Which entities a reader sees, by type.

    `types` has a Sight for each declared type that is seen and None for each that is not; `others` is the Sight of
    types that no dataset declares (None: not seen). An entity of several types is seen when all of them are; an
    attribute when a type shows it and no type hides it. `everything`: no restriction at all.
    """

    reason: str
    types: Mapping[str, Sight | None] = msgspec.field(default_factory=dict[str, Sight | None])
    others: Sight | None = None
    everything: bool = False

    def sight(self, type: str) -> Sight | None:
        """What is seen of entities of that type."""
        return self.types.get(type, self.others)

    def sees(self, types: tuple[str, ...]) -> bool:
        """An entity of these types is seen, at least in part."""
        return self.everything or all(self.sight(type) is not None for type in types)

    def partial(self) -> bool:
        """Of some type a part is seen: then attributes have to be weighed one by one."""
        sights = (self.others, *self.types.values())
        return not self.everything and any(sight is not None and not sight.whole for sight in sights)

    def shows(self, types: tuple[str, ...], name: str) -> bool:
        """The attribute of an entity of these types is seen."""
        if self.everything:
            return True
        sights = [self.sight(type) for type in types]
        return (
            all(sight is not None and name not in sight.hidden for sight in sights)
            and any(sight is not None and sight.shows(name) for sight in sights)
        )  # fmt: skip

    def mask(self, entity: Entity) -> Entity | None:
        """The entity as this reader sees it, or None."""
        if self.everything:
            return entity
        types = entity.types
        if len(types) == 1:
            sight = self.sight(types[0])
            if sight is None or sight.whole:
                return entity if sight else None
        elif not self.sees(types):
            return None
        seen = {name: instances for name, instances in entity.attributes.items() if self.shows(types, name)}
        return entity if len(seen) == len(entity.attributes) else msgspec.structs.replace(entity, attributes=seen)


EVERYTHING = Access(reason="unrestricted", everything=True)
"""Of the house itself: no restriction."""
