"""A dual-ring controller as NEMA TS 2 and NTCIP 1202 mean it, by its own rules: no request shows a conflict.

Phases run in the sequence of their ring; a barrier is crossed by all rings at once. A green lasts its minimum, then it
may end: by force-off, or because its split is over (its own plan) or its maximum is (with a call elsewhere), unless it
is held. Yellow and red clearance follow, always. Without the city's word for `backup_s` it runs its own plan.
"""

MIN_GREEN_S, YELLOW_S, RED_S, SPLIT_S, MAX_S = 7.0, 3.0, 2.0, 12.0, 40.0

RINGS = ((1, 2, 3, 4), (5, 6, 7, 8))
GROUPS = (frozenset((1, 2, 5, 6)), frozenset((3, 4, 7, 8)))
ENTRY = {(0, 0): 2, (0, 1): 4, (1, 0): 6, (1, 1): 8}
"""The phase that a ring shows on a side (ring, side) where nobody calls for one: dual entry."""
ALL = frozenset(range(1, 9))
NOBODY: frozenset[int] = frozenset()


class Ring:
    """One ring: `phase` and its `interval` (green, yellow, red, or waiting at a barrier), for `since_s` seconds."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.phase = ENTRY[number, 0]
        self.interval = "green"
        self.since_s = MIN_GREEN_S

    def become(self, interval: str) -> None:
        self.interval, self.since_s = interval, 0.0


class Controller:
    """Give it `hold`, `force_off`, `call` and `omit`; `step` lets time pass. `backup_left_s` counts wall seconds."""

    def __init__(self) -> None:
        self.rings = (Ring(0), Ring(1))
        self.hold = self.force_off = self.call = self.omit = NOBODY
        self.backup_s = 0
        self.backup_left_s: float | None = None
        self.controlled = False
        self._served: frozenset[int] = NOBODY
        self._side = 0
        self._to: int | None = None

    def heard(self) -> None:
        """A control object was set."""
        self.controlled = True
        self.backup_left_s = float(self.backup_s) if self.backup_s else None

    def showing(self, interval: str) -> frozenset[int]:
        """The phases in that interval."""
        return frozenset(ring.phase for ring in self.rings if ring.interval == interval)

    def step(self, passed_s: float, *, wall_s: float | None = None) -> None:
        """Let time pass: for the signals, and for the back-up timer where that has another clock."""
        if self.backup_left_s is not None:
            self.backup_left_s -= passed_s if wall_s is None else wall_s
            if self.backup_left_s <= 0:
                self.hold = self.force_off = self.call = self.omit = NOBODY
                self.controlled, self.backup_left_s = False, None
        for ring in self.rings:
            ring.since_s += passed_s
            self._clear(ring)
        if self._to is None:
            for ring in self.rings:
                self._end_within(ring)
            self._leave()
        if self._to is not None and all(ring.interval == "waiting" for ring in self.rings):
            self._enter(self._to)

    def _calls(self) -> frozenset[int]:
        """Its own plan serves every phase; under the city only what is called."""
        return (self.call - self.omit) if self.controlled else ALL

    def _clear(self, ring: Ring) -> None:
        if ring.interval == "yellow" and ring.since_s >= YELLOW_S:
            ring.become("red")
        if ring.interval == "red" and ring.since_s >= RED_S:
            if self._to is not None:
                ring.become("waiting")
            else:
                ring.phase = self._next(ring) or ENTRY[ring.number, self._side]
                ring.become("green")

    def _next(self, ring: Ring) -> int | None:
        """The phase that follows in the ring on this side of the barrier."""
        order = RINGS[ring.number]
        after = order[order.index(ring.phase) + 1 :]
        return next((phase for phase in after if phase in GROUPS[self._side] & self._calls()), None)

    def _may_end(self, ring: Ring) -> bool:
        if ring.interval != "green" or ring.since_s < MIN_GREEN_S or ring.phase in self.hold:
            return False
        if ring.phase in self.force_off:
            return True
        return ring.since_s >= (MAX_S if self.controlled else SPLIT_S)

    def _end_within(self, ring: Ring) -> None:
        if self._may_end(ring) and self._next(ring) is not None:
            self._end(ring)

    def _end(self, ring: Ring) -> None:
        self.force_off -= {ring.phase}
        self._served |= {ring.phase}
        ring.become("yellow")

    def _leave(self) -> None:
        """Cross the barrier, or come back to the same side, when all rings may end and somebody calls from there."""
        waiting = self._calls() - self.showing("green")
        ready = [self._may_end(ring) and self._next(ring) is None for ring in self.rings]
        # A ring that nobody ends goes along where the other has to cross, unless it is held or below its minimum.
        follows = [
            ring.interval == "green" and ring.since_s >= MIN_GREEN_S and ring.phase not in self.hold
            for ring in self.rings
        ]
        if not waiting or not any(ready) or not all(follows):
            return
        other = 1 - self._side
        self._to = other if waiting & GROUPS[other] else self._side
        for ring in self.rings:
            self._end(ring)

    def _enter(self, side: int) -> None:
        self._side, self._to = side, None
        for ring in self.rings:
            called = [p for p in RINGS[ring.number] if p in GROUPS[side] & self._calls()]
            ring.phase = called[0] if called else ENTRY[ring.number, side]
            ring.become("green")
