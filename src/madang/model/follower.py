"""Who wants letters about a proposal: an address that its holder confirmed, an entity of a dataset of its own."""

from datetime import datetime
from typing import Final

import msgspec

TYPE: Final = "ProposalFollower"
"""The type of the entities that followers are."""


class Follower(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who asked for letters about a `proposal`. None go out before `confirmed_at`; `told` are the steps of the
    proposal that they know of (None: not confirmed, nobody is told anything). `subject` is the person's URI where one
    was signed in. That somebody follows a proposal does not say that they support it: of that only a keyed hash is
    kept."""

    id: str
    proposal: str
    email: str
    language: str
    asked_at: datetime
    subject: str = ""
    confirmed_at: datetime | None = None
    told: int | None = None


KEPT: Final = {
    "proposal": "followedProposal",
    "email": "followerEmail",
    "language": "followerLanguage",
    "asked_at": "followerAskedAt",
    "subject": "followerSubject",
    "confirmed_at": "followerConfirmedAt",
    "told": "followerTold",
}
"""The attribute that each member is."""
