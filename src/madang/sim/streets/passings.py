"""When buses left their stops, and when they should have: what schedule and headway are measured by."""

import math


class Passings:
    """Departures by line and place. A trip's end counts as a place: a demand without stops has no other."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], list[tuple[float, float]]] = {}

    def passed(self, line: str, place: str, *, planned_s: float, actual_s: float) -> None:
        """A bus of the line left the place."""
        self._seen.setdefault((line, place), []).append((planned_s, actual_s))

    @property
    def lateness_s(self) -> float | None:
        """Mean of actual minus planned departure; None where no bus has left anything."""
        late = [actual_s - planned_s for seen in self._seen.values() for planned_s, actual_s in seen]
        return sum(late) / len(late) if late else None

    @property
    def headway_cv(self) -> float | None:
        """How uneven the headways are: the root of the mean squared deviation from the planned headway, over the mean
        planned headway (0: as planned; after TCQSM, 3rd edition, chapter 5, headway adherence). None where no two buses
        of a line left one place."""
        pairs = [
            (two[0] - one[0], two[1] - one[1])
            for seen in self._seen.values()
            for one, two in zip(sorted(seen), sorted(seen)[1:], strict=False)
            if two[0] > one[0]
        ]
        if not pairs:
            return None
        mean_s = sum(plan_s for plan_s, _ in pairs) / len(pairs)
        return math.sqrt(sum((real_s - plan_s) ** 2 for plan_s, real_s in pairs) / len(pairs)) / mean_s
