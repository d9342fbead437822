"""The stages of a junction: sets of links that may be green together, taken from its programs and repaired.

Lamps are SUMO's, one letter a link: G protected green, g permissive green (yields), y yellow, u red and yellow, r red,
s red with a right-turn arrow.
"""

from collections.abc import Iterable, Sequence

import msgspec

from madang.sim.streets.network import Program

GREEN = frozenset("Gg")

Foes = Sequence[frozenset[int]]
"""By link: the links whose ways cross or merge with its own."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """`green` is the stage's lamps, one letter a link."""

    id: str
    green: str


def stages(programs: Iterable[Program], foes: Foes, yields: Foes) -> tuple[Stage, ...]:
    """The green stages of all programs of a junction, conflict-free, each once, in the programs' order.

    A phase with yellow, or without any green, is no stage. Two protected foes are repaired (`repair`).
    """
    found: dict[str, None] = {}
    for program in programs:
        for lamps, _ in program.phases:
            if is_stage(lamps):
                found.setdefault(repair(lamps, foes, yields))
    return tuple(Stage(id=f"s{number}", green=green) for number, green in enumerate(found, start=1))


def is_stage(lamps: str) -> bool:
    """Whether the lamps show a stage: some green, and nothing on its way (no yellow)."""
    return not set(lamps) & set("yu") and bool(GREEN & set(lamps))


def repair(lamps: str, foes: Foes, yields: Foes) -> str:
    """The same lamps without two protected foes: of such a pair the one that has to yield becomes permissive; where the
    right of way names none, the later one becomes red."""
    repaired = list(lamps)
    for one in range(len(repaired)):
        for other in sorted(foes[one]):
            if one < other and repaired[one] == repaired[other] == "G":
                if other in yields[one] and one not in yields[other]:
                    repaired[one] = "g"
                elif one in yields[other] and other not in yields[one]:
                    repaired[other] = "g"
                else:
                    repaired[other] = "r"
    return "".join(repaired)
