"""One signing-in of somebody, from then until it ends."""

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from madang.govern.caller import Somebody

IDLE: Final = timedelta(hours=1)
"""Nobody asked for so long: the session has ended."""

LONGEST: Final = timedelta(hours=12)
"""A shift; NIST SP 800-63B-4, 2.2.3 allows a day."""

Of = Literal["person", "house", "provider"]
"""Whose: a person's whom the city knows, the house's (by the operator's link), or of somebody whom another provider
vouches for."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is the hash of the cookie's text, which is kept nowhere. `who` is as known at the signing-in; of a person
    the city's own entry counts."""

    id: str
    of: Of
    who: Somebody
    started_at: datetime
    ends_at: datetime
