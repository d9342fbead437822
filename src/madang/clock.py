"""The only place that knows what time it is: the wall's, or a simulated city's."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time of the city."""

    def now(self) -> datetime:
        """The city's time, in UTC."""
        ...


class WallClock:
    """The time on the wall."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class WorldClock:
    """A simulated world's time: what the world said last, carried on at its speed until it speaks again.

    `speed` is simulated seconds per wall second; 0 stands still between the world's words (as fast as it goes).
    """

    def __init__(self, start: datetime, *, speed: float = 1.0) -> None:
        self._told = start
        self._told_at_s = time.monotonic()
        self._speed = speed

    def tell(self, at: datetime, *, speed: float | None = None) -> None:
        """Take the world's word for it. Never goes back."""
        if speed is not None:
            self._speed = speed
        self._told = max(at, self._told)
        self._told_at_s = time.monotonic()

    def now(self) -> datetime:
        # At most one simulated second ahead: a world that stands still does not age.
        ahead_s = min(1.0, (time.monotonic() - self._told_at_s) * self._speed)
        return self._told + timedelta(seconds=ahead_s)


def core_s() -> float:
    """Seconds of one core's time that this process has used, all its threads together; for intervals only."""
    return time.process_time()


def monotonic_s() -> float:
    """Seconds of a clock that never jumps; for intervals only."""
    return time.monotonic()
