"""Which types and attributes there are (ETSI GS CIM 009 v1.9.1, 5.7.5 to 5.7.10), as far as the caller may see.

What has expired counts until it is swept (see ``hub/expiry``): a moment.
"""

from collections.abc import Iterable

from madang.errors import ResourceNotFound
from madang.govern import Caller
from madang.hub.gate import Gate
from madang.model.access import Access
from madang.model.query import EntityQuery
from madang.ports import Census


class Types:
    """The entity types and attributes in use."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def available(self, caller: Caller) -> dict[str, int]:
        """Retrieve Available Entity Types (5.7.5): those that the caller may see, with how many entities each has."""
        access = self._gate.access(caller)
        counts = await self._gate.reading(caller).types()
        seen = {type: count for type, count in counts.items() if access.sees((type,))}
        asked = {type: await self._count(caller, type) for type in seen if access.asks(type)}
        return {type: count for type, count in {**seen, **asked}.items() if count}

    async def attributes(self, caller: Caller) -> list[Census]:
        """How many entities of each combination of types have each attribute (5.7.6, 5.7.8, 5.7.9)."""
        access = self._gate.access(caller)
        found = await self._gate.reading(caller).census()
        seen = [one for one in found if access.sees(one.types) and access.shows(one.types, one.name)]
        if not access.selective:
            return seen
        counted = [await self._counted(caller, access, one) for one in seen]
        return [one for one in counted if one.entities]

    async def type(self, caller: Caller, type: str) -> tuple[int, list[Census]]:
        """Retrieve Available Entity Type Information (5.7.7): how many entities of the type there are, and their
        attributes. Raises ResourceNotFound."""
        count = await self._count(caller, type)
        if not count:
            raise ResourceNotFound(f"there is no entity of the type '{type[:200]}'")
        return count, [one for one in await self.attributes(caller) if type in one.types]

    async def _count(self, caller: Caller, *types: str, attribute: str = "") -> int:
        """How many entities of all these types (with that attribute) the caller may see."""
        named = (attribute,) if attribute else ()
        query = EntityQuery(types=(types,), attributes=named, limit=0, count=True, alive_at=self._gate.now())
        _, count = await self._gate.reading(caller).find(query, self._gate.access(caller))
        return count or 0

    async def _counted(self, caller: Caller, access: Access, one: Census) -> Census:
        """Where some entities are seen and others not, only those count that are (of any kind of the attribute)."""
        if not any(map(access.asks, one.types)):
            return one
        found = await self._count(caller, *one.types, attribute=one.name)
        return one._replace(entities=min(one.entities, found))

    async def attribute(self, caller: Caller, name: str) -> list[Census]:
        """Retrieve Available Attribute Information (5.7.10). Raises ResourceNotFound."""
        found = [one for one in await self.attributes(caller) if one.name == name]
        if not found:
            raise ResourceNotFound(f"no entity has the attribute '{name[:200]}'")
        return found


def by_name(census: Iterable[Census]) -> dict[str, list[Census]]:
    """What the census says of each attribute, by name."""
    found: dict[str, list[Census]] = {}
    for one in census:
        found.setdefault(one.name, []).append(one)
    return found
