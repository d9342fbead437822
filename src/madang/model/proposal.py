"""What a city's residents propose, as its ``participation.toml`` lets them; how a proposal stands, and how it ends."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

TYPE: Final = "Proposal"
"""The type of the entities that proposals are seen as: who wants notices subscribes to them."""

SEEN: Final = ("name", "state", "supporters", "needed", "proposedAt", "closesAt", "dueAt", "note")
"""Their attributes."""


class ProposalRules(msgspec.Struct, frozen=True, kw_only=True):
    """What obliges whom: `support` people oblige the `committee` ("": an operator) to answer `answer_within` (ISO 8601)
    from then. Support is gathered for `open`."""

    support: Annotated[int, Meta(ge=1, le=10_000_000)]
    open: str = "P90D"
    answer_within: str = "P60D"
    committee: str = ""


class Participation(msgspec.Struct, frozen=True, kw_only=True):
    """The file ``participation.toml``."""

    proposals: ProposalRules


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Data of this hub that a proposal rests on: an address on it that anybody may read, and what was there then: its
    SHA-256 (hex), its bytes, when. `says` is what it is to show, in the proposer's words."""

    path: str
    sha256: str
    bytes: int
    at: datetime
    says: str = ""


class State(StrEnum):
    """How a proposal stands: it gathers support; it has enough and waits for an answer; it is accepted and waits for
    its measured effect; or it is over."""

    OPEN = "open"
    REACHED = "reached"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    MEASURED = "measured"
    ENDED = "ended"


OVER: Final = frozenset({State.DECLINED, State.LAPSED, State.MEASURED, State.ENDED})
"""A proposal ends with a measured before and after, or with a stated reason, and in no other way."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`needed` people until `closes` oblige an answer. `by` is who proposes, as they want to be named."""

    id: str
    title: str
    text: str
    at: datetime
    closes: datetime
    needed: int
    language: str = ""
    by: str = ""
    evidence: tuple[Evidence, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A change of its state: why, in words, by whom ("": its own clock or count); `due` is until when somebody has to
    act; `measured` is the before and after that closed it."""

    proposal: str
    state: State
    text: str
    at: datetime
    by: str = ""
    due: datetime | None = None
    measured: Mapping[str, Any] | None = None

    @property
    def late(self) -> bool:
        """It says that nobody answered until then."""
        return self.state is State.REACHED and self.due is not None and self.at >= self.due


class Support(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's support. Whose is not kept: `how` it is known that it is one person's, ``identity`` (who signed in or
    has a key) or ``link`` (who has one of the city's one-time links)."""

    proposal: str
    how: str
    at: datetime
