"""The change from one stage to another as the cabinets make it: who ends, who starts late, and how long it takes."""

from collections.abc import Sequence

import msgspec

from madang.services.signals.settings import Settings

GREEN = frozenset("Gg")


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """The change from one stage to another as the cabinet makes it: the links that end, those that start only after the
    intergreen, and how long it takes."""

    ending: frozenset[int]
    late: frozenset[int]
    length_s: float


def way(shown: str, wanted: str, foes: Sequence[frozenset[int]], clear_s: Sequence[float], settings: Settings) -> Way:
    """The change from lamps to lamps, as the cabinets make it: who ends shows yellow, and who crosses somebody who ends
    waits for the all-red, too, and until people have crossed (`clear_s` by link). Who loses protection to a foe that
    gets it ends as well."""
    links = range(len(shown))
    ending = frozenset(link for link in links if _ends(link, shown, wanted, foes))
    late = frozenset(link for link in links if _starts(shown[link], wanted[link]) and foes[link] & ending)
    crossed_s = max((clear_s[link] for link in ending if foes[link] & late), default=0.0)
    length_s = max(settings.intergreen_s, crossed_s) if late else settings.yellow_s if ending else 0.0
    return Way(ending=ending, late=late, length_s=length_s)


def _ends(link: int, shown: str, wanted: str, foes: Sequence[frozenset[int]]) -> bool:
    if shown[link] not in GREEN:
        return False
    if wanted[link] not in GREEN:
        return True
    demoted = shown[link] == "G" and wanted[link] == "g"
    return demoted and any(wanted[foe] == "G" != shown[foe] for foe in foes[link])


def _starts(shown: str, wanted: str) -> bool:
    return wanted in GREEN and (shown not in GREEN or (wanted == "G" and shown == "g"))


def longest_s(ways: Sequence[Sequence[Way]], settings: Settings) -> float:
    """The longest of all changes of a junction, s; at least the usual intergreen."""
    return max([settings.intergreen_s, *(each.length_s for row in ways for each in row)])
