"""What people write, as it can be shown to others: nothing in it makes the text look like something else.

What word processors and messengers slip in unseen is taken out rather than refused: who pasted it cannot see it.
"""

import re
import unicodedata
from typing import Final

from madang.errors import BadRequestData

LONGEST: Final = 4000
"""Characters of a description or a remark."""

_SILENT: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff\u2066\u2067\u2068\u2069"))
"""Soft hyphens, joints without width, marks of byte order, and isolates of direction: nothing is lost without them."""
_KEPT: Final = frozenset("\n\t\u200c\u200d\u200e\u200f\u061c")
"""Ends of lines; joiners, which are part of some scripts and of emoji; marks of direction, which turn no letter."""
_FLAG: Final = "\U0001f3f4"
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}")
_TAGS: Final = range(0xE0020, 0xE0080)
"""What follows the black flag in the flags of regions."""


def readable(text: str, *, what: str) -> str:
    """The text as it is kept. Raises BadRequestData for control characters, and for those that turn what follows."""
    found = text.replace("\r\n", "\n").replace("\r", "\n").translate(_SILENT)
    for mark in found:
        if mark in _KEPT or (ord(mark) in _TAGS and _FLAG in found):
            continue
        if unicodedata.category(mark) in ("Cc", "Cf", "Co", "Cs"):
            raise BadRequestData(f"{what}: the character U+{ord(mark):04X} cannot be shown; leave it out")
    return found


def language(tag: str, *, what: str = "language") -> str:
    """The tag of a language (BCP 47), or "". Raises BadRequestData: a page says it to voices that read aloud."""
    if tag and not _TAG.fullmatch(tag):
        raise BadRequestData(f"{what}: a tag such as en or ko")
    return tag


def words(text: str, *, what: str = "text", longest: int = LONGEST) -> str:
    """The words as they are kept: trimmed. Raises BadRequestData for none, too many, or what cannot be shown."""
    found = readable(text, what=what).strip()
    if not found:
        raise BadRequestData(f"{what}: it is empty; say it in plain words")
    if len(found) > longest:
        raise BadRequestData(f"{what}: {len(found)} characters; at most {longest}")
    return found
