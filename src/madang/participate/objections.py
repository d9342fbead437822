"""Objections to decisions: anybody may object, and somebody has to answer within a declared time. In the ledger, like
all acts of people; the words can be erased, the fact that there were some cannot."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import msgspec

from madang.account.ledger import Account, Note
from madang.errors import AlreadyExists, ResourceNotFound
from madang.model.city import Committee, ServiceSpec
from madang.model.decision import DecisionRecord
from madang.model.ledger import Entry
from madang.model.objection import Answer, Finding, Objection
from madang.model.time import duration
from madang.participate import letters

OBJECTION, ANSWER = "objection", "answer"
LONGEST = 2000
"""Characters of an objection or an answer."""
words = partial(letters.words, longest=LONGEST)
"""As `letters.words`, of what has to be said in short."""

DEFAULT = "P28D"
_PAGE = 1000
_MARK = ".objection-"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An objection with its entry and its answer; `objection` is None where its words were erased."""

    id: str
    decision: str
    at: datetime
    objection: Objection | None
    answer: Answer | None


def deadline(
    record: DecisionRecord, services: Mapping[str, ServiceSpec], committees: Mapping[str, Committee], at: datetime
) -> tuple[datetime, str]:
    """When an objection made at `at` has to be answered, and which setting says so."""
    spec = services.get(record.service)
    if spec is not None and spec.answer_within:
        return duration(spec.answer_within).after(at), f"{record.service}: {spec.answer_within}"
    committee = record.permission.committee if record.permission else ""
    if not committee and spec is not None and spec.mandate is not None:
        committee = spec.mandate.committee
    if committee in committees:
        within = committees[committee].answer_within
        return duration(within).after(at), f"{committee}: {within}"
    return duration(DEFAULT).after(at), f"unless a committee says otherwise: {DEFAULT}"


class Objections:
    """Takes objections and answers, and finds them."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def object(self, objection: Objection) -> Case:
        """Put an objection on record."""
        # An erasure takes an entry's target, too; the id still says which decision it was about.
        note = Note(
            id=f"{objection.decision}{_MARK}{secrets.token_hex(6)}",
            kind=OBJECTION,
            service=objection.service,
            target=objection.decision,
            at=objection.at,
            body=objection,
        )
        (entry,) = await self._account.add([note])
        return _case(entry, None)

    async def answer(self, id: str, *, finding: Finding, text: str, by: str, at: datetime) -> Case:
        """Answer an objection, once. Raises ResourceNotFound, AlreadyExists."""
        case = await self.one(id)
        if case.answer is not None:
            raise AlreadyExists(f"{id} was answered at {case.answer.at.isoformat()} already")
        given = Answer(objection=id, decision=case.decision, finding=finding, text=text, by=by, at=at)
        note = Note(id=f"{id}.answer", kind=ANSWER, target=case.decision, at=at, body=given)
        await self._account.add([note])
        return await self.one(id)

    async def one(self, id: str) -> Case:
        """The objection with that id. Raises ResourceNotFound."""
        entry = await self._account.entry(id)
        if entry is None or entry.kind != OBJECTION:
            raise ResourceNotFound(f"there is no objection '{id[:80]}'")
        return _case(entry, await self._account.entry(f"{id}.answer"))

    async def to(self, decision: str) -> list[Case]:
        """The objections to a decision, the oldest first."""
        named = await self._account.find(OBJECTION, target=decision, limit=_PAGE)
        service = decision.rpartition("-")[0]
        near = await self._account.find(OBJECTION, service=service, limit=_PAGE)
        erased = [one for one in near if not one.target and _decision(one) == decision]
        return await self._cases(sorted([*named, *erased], key=lambda entry: -entry.sequence))

    async def newest(self, before: int | None, limit: int) -> tuple[list[Case], int | None]:
        """The newest objections to any decision, and the `before` of the next page."""
        found = await self._account.find(OBJECTION, before=before, limit=limit + 1)
        following = found[limit - 1].sequence if len(found) > limit else None
        return (await self._cases(found[:limit]))[::-1], following

    async def by(self, subject: str, secret: bytes) -> list[Case]:
        """Those that a person made while signed in, the newest first."""
        found = await self._account.find(OBJECTION, limit=_PAGE)
        own = [entry for entry in found if (said := _said(entry)) and said.mark == mark(secret, said.decision, subject)]
        return (await self._cases(own))[::-1]

    async def _cases(self, entries: Sequence[Entry]) -> list[Case]:
        return [_case(entry, await self._account.entry(f"{entry.id}.answer")) for entry in reversed(entries)]


def mark(secret: bytes, decision: str, subject: str) -> str:
    """What a person's objection to a decision is found by; "" for nobody."""
    text = f"objection {decision} {subject}".encode()
    return hmac.new(secret, text, hashlib.sha256).hexdigest()[:32] if subject else ""


def _said(entry: Entry) -> Objection | None:
    return msgspec.json.decode(entry.body, type=Objection) if entry.body else None


def _decision(entry: Entry) -> str:
    return entry.target or entry.id.rpartition(_MARK)[0]


def _case(entry: Entry, answer: Entry | None) -> Case:
    said = _said(entry)
    found = msgspec.json.decode(answer.body, type=Answer) if answer is not None and answer.body else None
    return Case(id=entry.id, decision=_decision(entry), at=entry.at, objection=said, answer=found)
