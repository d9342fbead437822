"""A person's opt-in (ISO/IEC TS 27560:2023, 5.3): to what, on which notice, since when and until when."""

from datetime import datetime

import msgspec


class Consent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`subject` (a URI) agrees that the datasets are used for the purposes. `notice` is the hash of the text that was
    shown, in `language`; `by` gave it (the subject, a guardian, or who took it down); `guardian` is who agreed for a
    child."""

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

    def holds(self, now: datetime) -> bool:
        """It has been given, and neither ended nor been withdrawn."""
        return self.withdrawn_at is None and (self.expires_at is None or now < self.expires_at)
