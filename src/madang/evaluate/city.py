"""The city's side of a run."""

from typing import Protocol

from madang.model.world import Hello, Orders, Tick


class City(Protocol):
    """Hears what the world reports and says what is to be done."""

    async def take(self, message: Hello | Tick) -> Orders:
        """What the city wants after this message."""
        ...
