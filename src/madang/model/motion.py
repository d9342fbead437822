"""What is put to a committee's vote, how its members vote by themselves, and how it ended."""

from datetime import datetime
from enum import StrEnum

import msgspec

from madang.model.resolution import Act, Condition


class Choice(StrEnum):
    """How a member votes; who recuses itself takes no part."""

    AYE = "aye"
    NO = "no"
    ABSTAIN = "abstain"
    RECUSE = "recuse"


class Result(StrEnum):
    """How a vote ended."""

    CARRIED = "carried"
    LOST = "lost"


class Tabled(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A motion on a committee's docket. `reference` is the committee's own, such as ``2026-11/3``, and becomes the
    resolution's. Without `since` it holds from when it is carried. The vote ends at `closes`, or as soon as the votes
    that are still out cannot change it. `by` is who put it there."""

    id: str
    committee: str
    reference: str
    service: str
    act: Act
    reason: str
    by: str
    at: datetime
    closes: datetime
    since: datetime | None = None
    until: datetime | None = None
    conditions: tuple[Condition, ...] = ()


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """The vote of a `member`, given by who holds its seat (`by`, a name of the city's identities)."""

    motion: str
    member: str
    choice: Choice
    by: str
    at: datetime


class Close(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The end of a vote: `why` in words; `entry` is the resolution's entry in the ledger where it was carried."""

    motion: str
    result: Result
    why: str
    at: datetime
    entry: str = ""
