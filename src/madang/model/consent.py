"""A person's opt-in (ISO/IEC TS 27560:2023, 5.3): to what, on which notice, since when and until when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec


class Consent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`subject` (a URI) agrees that the datasets are used for the purposes. `notice` is the hash of the text that was
    shown, `version` its number, in `language`; `by` gave it (the subject, or who took it down); `guardian` (a URI) is
    who agreed for a child."""

    id: str
    subject: str
    datasets: tuple[str, ...]
    purposes: tuple[str, ...]
    notice: str
    language: str
    by: str
    given_at: datetime
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None
    guardian: str = ""
    version: int = 1

    def holds(self, now: datetime) -> bool:
        """It has been given, and neither ended nor been withdrawn."""
        return self.withdrawn_at is None and (self.expires_at is None or now < self.expires_at)

    def state(self, now: datetime) -> str:
        """``given``, ``withdrawn`` or ``expired``."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "given" if self.holds(now) else "expired"


class KeptNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that somebody agreed to, as it was told: `body` with its `hash`, number `version` of its dataset's."""

    dataset: str
    hash: str
    version: int
    since: datetime
    body: Mapping[str, Any]
