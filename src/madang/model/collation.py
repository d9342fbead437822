"""Collations: how texts are ordered for people (ETSI GS CIM 009 v1.9.1, 4.23; RFC 6067; Unicode TR 10).

The root collation of Unicode (``und``) is offered, whole (``identic``, ``level3``), or without regard to case
(``level2``) or to case and accents (``level1``). Tailorings of single languages (``de-u-co-phonebk``) are refused in
clear words rather than ignored: an order that looks right and is not would not be noticed.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from pyuca import Collator  # pyright: ignore[reportMissingTypeStubs]

from madang.errors import BadRequestData

Collation = Callable[[str], Any]
"""The key by which a text is compared."""

_TAG = re.compile(r"(?:und|root)(?:-x-icu)?(?:-u-ks-(level[1-4]|identic))?", re.IGNORECASE)
_LEVELS = {"level1": 1, "level2": 2, "level3": 3, "level4": 3, "identic": 3}


def collation(tag: str) -> Collation:
    """The collation of a tag such as ``und`` or ``und-u-ks-level2``. Raises BadRequestData."""
    found = _TAG.fullmatch(tag)
    if not found:
        raise BadRequestData(
            f"collation: {tag[:40]!r} is not to be had; there is the root collation: und, und-u-ks-level1 (neither "
            "case nor accents), und-u-ks-level2 (no case), und-u-ks-identic"
        )
    strength = (found[1] or "level3").lower()
    levels, exact = _LEVELS[strength], strength in ("level4", "identic")
    elements = _elements()

    def key(text: str) -> Any:
        weights: list[list[int]] = [[] for _ in range(levels)]
        for element in elements(text):
            for level in range(min(levels, len(element))):
                if element[level]:
                    weights[level].append(element[level])
        return weights, text if exact else ""

    return key


@cache
def _elements() -> Callable[[str], list[list[int]]]:
    """The collation elements of a text; the table (35,000 lines) is read when it is first needed."""
    collator = cast(Any, Collator())

    def elements(text: str) -> list[list[int]]:
        return collator.collation_elements(unicodedata.normalize("NFD", text))

    return elements
