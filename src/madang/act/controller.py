"""What the field actuator needs of a controller, whatever it speaks."""

from typing import Protocol

from madang.act.reading import Reading
from madang.model.world import Order


class Controller(Protocol):
    """One junction's controller. Every method may raise Unavailable that says what is wrong, and may take as long as it
    likes: the lane that calls it sets the time. No two are called at once."""

    async def order(self, order: Order) -> str | None:
        """Ask for what is ordered, under a lease. Returns why it is refused, or None once the controller took it."""
        ...

    async def renew(self) -> None:
        """Keep the lease of what was ordered last."""
        ...

    async def read(self) -> Reading | None:
        """What the controller says of itself now; None where it has not said anything yet."""
        ...

    async def close(self) -> None:
        """Hang up. What it was ordered ends with its lease."""
        ...
