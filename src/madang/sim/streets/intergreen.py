"""From one set of lamps to another without two conflicting streams in the junction: yellow, then all red.

Source of the rule: RiLSA (FGSV 321), intergreen times, simplified to fixed times: 3 s of yellow for a link that ends,
2 s more before a conflicting link starts. Who has just begun to walk when a crossing ends gets the time to reach the
other side at 1.2 m/s before anybody who crosses it starts: `clear_s`, by link, counted from the end of the walk (MUTCD
4I.06 and RiLSA have 1.0 to 1.2 m/s).
"""

import math
from collections.abc import Iterable, Sequence

import msgspec

from madang.sim.streets.stages import GREEN, Foes

YELLOW_S = 3.0
ALL_RED_S = 2.0
WALK_MPS = 1.2

Clear = Sequence[float]
"""By link, seconds from the end of its green until a foe may start; 0, or nothing, where yellow and all-red do."""


def clearance_s(crossing_m: float) -> float:
    """Whole seconds to walk so far; 0 where nobody walks."""
    return float(math.ceil(crossing_m / WALK_MPS))


def needed_s(ending: Iterable[int], clear_s: Clear, usual_s: float) -> float:
    """Seconds from the end of these links until their foes may start: what the usual intergreen and all clearances
    need."""
    return max([usual_s, *(clear_s[link] for link in ending if clear_s)])


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """`steps` are (seconds after the start, lamps), the last one being the wanted lamps; `ending` the links that lose
    their (protected) green."""

    steps: tuple[tuple[float, str], ...]
    ending: frozenset[int]

    @property
    def length_s(self) -> float:
        """Seconds until the wanted lamps show: 0, the yellow, or yellow, all-red and what people need to cross."""
        return self.steps[-1][0]


def transition(
    shown: str,
    wanted: str,
    foes: Foes,
    clear_s: Clear = (),
    *,
    yellow_s: float = YELLOW_S,
    all_red_s: float = ALL_RED_S,
) -> Transition:
    """The way from the lamps shown to the lamps wanted; neither has yellow in it.

    A link that ends (green to red, or protected to permissive while a foe becomes protected) shows yellow, then red. A
    link that starts (or becomes protected) waits for the all-red behind it if one of its foes ends, else it starts at
    once. Links green in both stay green.
    """
    ending = frozenset(link for link in range(len(shown)) if _ends(link, shown, wanted, foes))
    late = frozenset(link for link in range(len(shown)) if _starts(link, shown, wanted) and foes[link] & ending)
    steps: list[tuple[float, str]] = []
    if ending:
        steps.append((0.0, _mixed(shown, wanted, ending=ending, late=late, lamp="y")))
        if late and all_red_s > 0:
            steps.append((yellow_s, _mixed(shown, wanted, ending=ending, late=late, lamp="r")))
    crossed = [link for link in ending if foes[link] & late]
    length_s = needed_s(crossed, clear_s, yellow_s + all_red_s) if late else yellow_s if ending else 0.0
    steps.append((length_s, wanted))
    return Transition(steps=tuple(steps), ending=ending)


def _mixed(shown: str, wanted: str, *, ending: frozenset[int], late: frozenset[int], lamp: str) -> str:
    return "".join(
        lamp if link in ending else shown[link] if link in late or _waits(shown[link], lamps) else lamps
        for link, lamps in enumerate(wanted)
    )


def _waits(shown: str, wanted: str) -> bool:
    # A right-turn arrow on red comes with the stage that has it, not before.
    return wanted == "s" and shown not in GREEN


def _ends(link: int, shown: str, wanted: str, foes: Foes) -> bool:
    if shown[link] not in GREEN:
        return False
    if wanted[link] not in GREEN:
        return True
    if shown[link] == "G" and wanted[link] == "g":
        return any(wanted[foe] == "G" != shown[foe] for foe in foes[link])
    return False


def _starts(link: int, shown: str, wanted: str) -> bool:
    if wanted[link] not in GREEN:
        return False
    return shown[link] not in GREEN or (wanted[link] == "G" and shown[link] == "g")
