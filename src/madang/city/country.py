"""What a jurisdiction tells about itself: its time zones, its official languages, its side of the road."""

from typing import Any

from babel.core import get_global
from babel.languages import get_official_languages

_KEEP_LEFT = (
    "AG AI AU BB BD BM BN BS BT BW CC CK CX CY DM FJ FK GB GD GG GS GY HK ID IE IM IN JE JM JP KE KI KN KY LC LK LS MO "
    "MS MT MU MV MW MY MZ NA NF NP NR NU NZ PG PK PN SB SC SG SH SR SZ TC TH TK TL TO TT TV TZ UG VC VG VI WS ZA ZM "
    "ZW"
)
_LEFT_HAND = frozenset(_KEEP_LEFT.split())
"""ISO 3166-1 codes of the countries and territories where traffic keeps left."""


def keeps_left(jurisdiction: str) -> bool:
    """Whether traffic keeps left there; `jurisdiction` is an ISO 3166 code of a country or of a part of one."""
    return _country(jurisdiction) in _LEFT_HAND


def time_zones(jurisdiction: str) -> tuple[str, ...]:
    """The IANA time zones of the country (Unicode CLDR), none where it is not known."""
    zones: Any = get_global("territory_zones")
    return tuple(zones.get(_country(jurisdiction), ()))


def languages(jurisdiction: str) -> tuple[str, ...]:
    """The country's official languages by number of speakers (Unicode CLDR), none where it is not known."""
    country = _country(jurisdiction)
    # Where no law names one (the United States) the one in use stands for it.
    found = get_official_languages(country) or get_official_languages(country, de_facto=True)
    return tuple(tag.replace("_", "-") for tag in found)


def _country(jurisdiction: str) -> str:
    return jurisdiction.partition("-")[0].upper()
