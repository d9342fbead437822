"""Which types there are (ETSI GS CIM 009 v1.8.1, 5.7.5)."""

from madang.govern import Caller
from madang.hub.gate import Gate


class Types:
    """The entity types in use."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def available(self, caller: Caller) -> dict[str, int]:
        """Retrieve Available Entity Types (5.7.5): those that the caller may see, with how many entities each has."""
        access = self._gate.access(caller)
        counts = await self._gate.reading(caller).types()
        return {type: count for type, count in counts.items() if access.sees((type,))}
