"""The languages that somebody reads, as a browser or a program says them (``Accept-Language``, RFC 9110, 12.5.4)."""

import re
from collections.abc import Collection
from typing import Final

_MOST: Final = 20
_PRIMARY: Final = re.compile(r"[a-z]{2,3}")
_FORMER: Final = {"in": "id"}
"""Tags that old browsers send for a language which has another one now (BCP 47)."""


def primary(tag: str) -> str:
    """The language of a BCP 47 tag (``de`` of ``de-AT``); "" where it names none."""
    found = tag.strip().lower().partition("-")[0]
    return _FORMER.get(found, found) if _PRIMARY.fullmatch(found) else ""


def wishes(accept: str) -> list[str]:
    """The languages that are wished for, the dearest first; without those that are refused (``q=0``)."""
    weighed: list[tuple[float, str]] = []
    for item in accept.split(",")[:_MOST]:
        tag, _, weight = item.partition(";")
        if (language := primary(tag)) and (quality := _quality(weight)) > 0:
            weighed.append((quality, language))
    return [language for _, language in sorted(weighed, key=lambda one: -one[0])]


def best(accept: str, spoken: Collection[str], default: str = "en") -> str:
    """The dearest of the languages that are spoken, else the default."""
    return next((one for one in wishes(accept) if one in spoken), default)


def _quality(weight: str) -> float:
    if not weight.strip():
        return 1.0
    try:
        return float(weight.strip().removeprefix("q="))
    except ValueError:
        return 0.0
