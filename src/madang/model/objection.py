"""What somebody objects to in a decision, and what is answered."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Finding(StrEnum):
    """What an answer says of an objection: it is right, it is right in part, it is not, or it was misunderstood."""

    UPHELD = "upheld"
    PARTLY = "partly-upheld"
    REJECTED = "rejected"
    EXPLAINED = "explained"


class Objection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`text` is anybody's: plain words, shown as such. `due` is when it has to be answered, and `rule` which setting
    says so. `contact` is for the answer alone, and shown to nobody else. `mark` is a keyed hash of who made it while
    signed in, another for each decision: they find it again, and nobody reads who it is, nor what else they said."""

    decision: str
    service: str
    text: str
    at: datetime
    due: datetime
    rule: str
    language: str = ""
    contact: str = ""
    mark: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to an objection, by whom."""

    objection: str
    decision: str
    finding: Finding
    text: str
    by: str
    at: datetime
