"""The stages of a junction: sets of links that may be green together, taken from its programs and repaired, and more
that follow from what crosses what.

A program's stages leave movements at red that cross nobody who is green, and never show one approach alone. The added
stages fill that gap: each is as full as the foes allow, and none is contained in another. Some of them may not be legal
in a city (a right turn beside a crossing that the network does not know), so they are marked as added and a service can
be told to leave them out.

Lamps are SUMO's, one letter a link: G protected green, g permissive green (yields), y yellow, u red and yellow, r red,
s red with a right-turn arrow.
"""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from madang.sim.streets.network import Program

GREEN = frozenset("Gg")

Foes = Sequence[frozenset[int]]
"""By link: the links whose ways cross or merge with its own."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """`green` is the stage's lamps, one letter a link; `added` says that no program has it."""

    id: str
    green: str
    added: bool = False


def stages(programs: Iterable[Program], foes: Foes, yields: Foes) -> tuple[Stage, ...]:
    """The green stages of all programs of a junction, conflict-free, each once, in the programs' order.

    A phase with yellow, or without any green, is no stage. Two protected foes are repaired (`repair`). Whom that leaves
    at red in every stage, though a program has green for them, gets a stage where those who cross them are red instead.
    """
    shown = [lamps for program in programs for lamps, _ in program.phases if is_stage(lamps)]
    found = dict.fromkeys(repair(lamps, foes, yields) for lamps in shown)
    while without := _greens(shown) - _greens(found):
        # Each turn gives at least one of them green: the first in the first of these phases.
        lamps = next(lamps for lamps in shown if without & _greens([lamps]))
        found.setdefault(repair(lamps, foes, yields, first=without))
    return tuple(Stage(id=f"s{number}", green=green) for number, green in enumerate(found, start=1))


def _greens(shown: Iterable[str]) -> set[int]:
    return {link for lamps in shown for link, lamp in enumerate(lamps) if lamp in GREEN}


def with_added(known: Sequence[Stage], approaches: Iterable[Sequence[frozenset[int]]], foes: Foes) -> tuple[Stage, ...]:
    """The stages, and behind them those that are added, numbered on.

    `approaches` has for each approach the links of each of its lanes. Added are each known stage filled up, and each
    approach alone (where its movements do not cross each other) filled up with whole lanes first; not those that show
    no more than another stage does.
    """
    greens = [fill(stage.green, foes) for stage in known]
    lanes = [list(approach) for approach in approaches]
    every_lane = [lane for approach in lanes for lane in approach]
    for approach in lanes:
        own = frozenset[int]().union(*approach)
        if not any(foes[link] & own for link in own):
            greens.append(fill(_with_lanes(own, every_lane, foes), foes))
    found = dict.fromkeys(stage.green for stage in known)
    for green in dict.fromkeys(greens):
        if not any(shows_no_more(green, other) for other in (*found, *greens) if other != green) and green not in found:
            found[green] = None
    more = list(found)[len({stage.green for stage in known}) :]
    added = (Stage(id=f"s{n}", green=green, added=True) for n, green in enumerate(more, start=len(known) + 1))
    return (*known, *added)


def fill(lamps: str, foes: Foes) -> str:
    """The lamps with every link at red made green that crosses nobody green, and every permissive green that crosses
    nobody green made protected."""
    filled = list(lamps)
    for link in range(len(filled)):
        if filled[link] not in GREEN and not any(filled[foe] in GREEN for foe in foes[link]):
            filled[link] = "G"
    for link in range(len(filled)):
        if filled[link] == "g" and not any(filled[foe] in GREEN for foe in foes[link]):
            filled[link] = "G"
    return "".join(filled)


def shows_no_more(one: str, other: str) -> bool:
    """Whether every link has in `other` at least the right of way that it has in `one`."""
    rank = {"G": 2, "g": 1}
    return all(rank.get(a, 0) <= rank.get(b, 0) for a, b in zip(one, other, strict=True))


def _with_lanes(links: frozenset[int], lanes: Iterable[frozenset[int]], foes: Foes) -> str:
    """Lamps that show these links, and each whole lane that crosses nobody green."""
    green = set(links)
    for lane in lanes:
        if not any(foes[link] & (green | lane) for link in lane):
            green |= lane
    return "".join("G" if link in green else "r" for link in range(len(foes)))


def is_stage(lamps: str) -> bool:
    """Whether the lamps show a stage: some green, and nothing on its way (no yellow)."""
    return not set(lamps) & set("yu") and bool(GREEN & set(lamps))


def repair(lamps: str, foes: Foes, yields: Foes, *, first: Collection[int] = ()) -> str:
    """The same lamps without two protected foes: of such a pair the one that has to yield becomes permissive; where the
    right of way names none, the later one becomes red. And without permissive movements that wait for each other in a
    circle, as where all sides have green and right comes before left: of those the one who crosses most of the others
    becomes red, until there is no circle. Those who are to be `first` stay, as long as anybody else can go."""
    repaired = list(lamps)
    for one in range(len(repaired)):
        for other in sorted(foes[one]):
            if one < other and repaired[one] == repaired[other] == "G":
                if other in yields[one] and one not in yields[other]:
                    repaired[one] = "g"
                elif one in yields[other] and other not in yields[one]:
                    repaired[other] = "g"
                else:
                    repaired[one if other in first and one not in first else other] = "r"
    while circle := _in_circles(repaired, yields):
        spared = circle.difference(first) or circle
        repaired[max(spared, key=lambda link: (len(foes[link] & circle), link))] = "r"
    return "".join(repaired)


def _in_circles(lamps: Sequence[str], yields: Foes) -> set[int]:
    """The permissive movements that wait for each other in a circle, and those that wait for these."""
    left = {link for link, lamp in enumerate(lamps) if lamp == "g"}
    while free := {link for link in left if not yields[link] & left}:
        left -= free
    return left
