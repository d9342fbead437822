"""A mistake in a city's folder: where it is, what is wrong and what to do about it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Literal, get_args

import msgspec

Severity = Literal["error", "warning", "note"]
"""What stops a city; what it should look into; what nobody has stated yet."""

Path = tuple[str | int, ...]
"""Where in a TOML document: keys and list indices from the top."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding. `line` and `column` count from 1; line 0 means the file or folder as a whole."""

    file: str
    line: int
    message: str
    hint: str = ""
    column: int | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line or None, self.column) if part is not None)
        severity = "" if self.severity == "error" else f"{self.severity}: "
        return f"{place}: {severity}{self.message}" + (f" ({self.hint})" if self.hint else "")


def render(findings: Iterable[Finding]) -> str:
    """One line a finding, ``file:line: message (hint)``, in the order of the files, and how many there are."""
    ordered = sorted(findings, key=lambda f: (f.file, f.line, f.column or 0))
    found = Counter(finding.severity for finding in ordered)
    counts = [_count(found[severity], severity) for severity in get_args(Severity)]
    return "\n".join([*map(str, ordered), ", ".join(filter(None, counts)) or "no mistakes"])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}" if number else ""


def suggestion(word: str, known: Sequence[str]) -> str:
    """A hint for a word that is not known: the one that was probably meant, else all there are."""
    close = get_close_matches(word, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(sorted(known))}" if known else ""
