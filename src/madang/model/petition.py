"""What a person asks of whoever holds data about them, and by when it has to be answered."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Wish(StrEnum):
    """The rights that are asked for (GDPR art. 15 to 21; PIPA art. 35 to 37)."""

    ACCESS = "access"
    PORTABILITY = "portability"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    OBJECTION = "objection"


class Petition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`subject` (a URI) asks for `wish`, in `words` of its own. `due_at` is the end of the law's time (`article`).
    `granted` None: nobody has answered yet. Of an erasure: `erased` counts the entities that went, `told` the
    subscriptions that were told of it, `letters` the notifications, waiting or dead, that told of them and do no more.
    """

    id: str
    subject: str
    wish: Wish
    words: str
    by: str
    asked_at: datetime
    due_at: datetime
    article: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""
    granted: bool | None = None
    answer: str = ""
    erased: int = 0
    told: int = 0
    letters: int = 0
