"""What the lamps of a junction show and have shown: the memory on which a cabinet's safety rules stand."""

from madang.sim.streets.intergreen import ALL_RED_S, YELLOW_S, Clear, Transition
from madang.sim.streets.stages import GREEN, Foes

_RIGHT_OF_WAY = frozenset("Ggy")
_PROTECTED = frozenset("Gy")


class Lamps:
    """`shown` is SUMO's letters, one a link. By link, in the world's seconds: `green_since_s` and `red_since_s` (None
    where it is not so)."""

    def __init__(self, shown: str, now_s: float) -> None:
        """Lamps that have shown what they show for long when `now_s` comes."""
        long_ago_s = now_s - 60.0
        self.shown = shown
        self.green_since_s = [long_ago_s if lamp in GREEN else None for lamp in shown]
        self.red_since_s = [now_s if lamp in "rsu" else None for lamp in shown]
        self._open_until_s = [long_ago_s] * len(shown)
        self._protected_until_s = [long_ago_s] * len(shown)

    def show(self, lamps: str, now_s: float) -> None:
        """Other lamps from now on."""
        if lamps == self.shown:
            return
        for link, (before, after) in enumerate(zip(self.shown, lamps, strict=True)):
            if before != after:
                self._change(link, before, after, now_s)
        self.shown = lamps

    def _change(self, link: int, before: str, after: str, now_s: float) -> None:
        if before in _RIGHT_OF_WAY and after not in _RIGHT_OF_WAY:
            self._open_until_s[link] = now_s
        if before in _PROTECTED and after not in _PROTECTED:
            self._protected_until_s[link] = now_s
        if after not in GREEN:
            self.green_since_s[link] = None
        elif self.green_since_s[link] is None:
            self.green_since_s[link] = now_s
        if after not in "rsu":
            self.red_since_s[link] = None
        elif self.red_since_s[link] is None:
            self.red_since_s[link] = now_s

    def green_left_s(self, way: Transition, now_s: float, min_green_s: float) -> float:
        """Seconds until every link that the transition ends has had its minimum green; 0 where all have."""
        shown_s = [now_s - since for link in way.ending if (since := self.green_since_s[link]) is not None]
        return max(0.0, min_green_s - min(shown_s, default=min_green_s))

    def all_red_left_s(self, way: Transition, foes: Foes, now_s: float, clear_s: Clear = ()) -> float:
        """Seconds until the transition may begin, so that what starts with it comes late enough after foes that an
        earlier change has cleared, and after people who walk; 0 where it may begin now."""
        left_s = 0.0
        for after_s, lamps in (way.steps[0], way.steps[-1]):
            for link, lamp in enumerate(lamps):
                if lamp in GREEN and lamp != self.shown[link] and self.shown[link] != "G":
                    for foe in foes[link] - way.ending:
                        need_s = max(ALL_RED_S, clear_s[foe] - YELLOW_S) if clear_s else ALL_RED_S
                        left_s = max(left_s, need_s - (now_s + after_s - self._cleared_s(foe, lamps[foe])))
        return left_s

    def _cleared_s(self, foe: int, lamp: str) -> float:
        return self._protected_until_s[foe] if lamp == "g" else self._open_until_s[foe]
