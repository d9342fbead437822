"""Residents' proposals: support is counted once a person, enough of it starts a clock that somebody has to answer by,
and a proposal ends with a measured before and after or a stated reason. In the ledger, and seen as entities.

That a person supports once is as sure as how the person is known. ``identity``: a subject, or else a name, of the
city's sign-in or keys. ``link``: a one-time link, of which the city says that it gave one to each resident. Of either
only a keyed hash is kept, another for each proposal: nobody reads from the ledger who supported what.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from madang.account.ledger import Account, Note
from madang.errors import AlreadyExists, BadRequestData, Forbidden, ResourceNotFound
from madang.govern import SYSTEM, Caller
from madang.hub import Hub
from madang.model import time as times
from madang.model.city import City
from madang.model.entity import Attribute, Entity
from madang.model.proposal import OVER, TYPE, Proposal, ProposalRules, State, Step, Support
from madang.model.time import duration

PROPOSAL, STEP, SUPPORT, WITHDRAWAL, TICKET = "proposal", "proposal-step", "support", "support-withdrawn", "ticket"
MOST_LINKS: Final = 1000
MOST_TURNS: Final = 10
"""How often somebody supports a proposal or takes that back, at most: each is an entry of the ledger for good."""
IDENTITY, LINK = "identity", "link"
_LOOKED: Final = 1000
_FOLLOWS: Final = {
    State.OPEN: (State.REACHED, State.LAPSED, State.ENDED),
    State.REACHED: (State.ACCEPTED, State.DECLINED, State.ENDED),
    State.ACCEPTED: (State.MEASURED, State.ENDED),
}


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal with its steps, the oldest first, and how many support it. `proposal` is None where its words were
    erased."""

    id: str
    proposal: Proposal | None
    steps: Sequence[Step]
    supporters: int

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.steps[-1].state if self.steps else State.OPEN

    @property
    def due(self) -> datetime | None:
        """Until when somebody has to act, where somebody has."""
        return self.steps[-1].due if self.steps else None


class Proposals:
    """The proposals of a city. Whoever changes one holds a lock."""

    def __init__(self, account: Account, hub: Hub, city: City) -> None:
        self._account = account
        self._hub = hub
        self._city = city

    @property
    def rules(self) -> ProposalRules:
        """Raises Forbidden where the city takes no proposals."""
        found = self._city.participation
        if found is None:
            raise Forbidden("this city takes no proposals; the file participation.toml of its folder says how it would")
        return found.proposals

    async def propose(self, draft: Proposal) -> Course:
        """Take a proposal down; `needed` and `closes` are by the city's rules."""
        rules = self.rules
        made = msgspec.structs.replace(draft, needed=rules.support, closes=duration(rules.open).after(draft.at))
        (entry,) = await self._account.add([Note(kind=PROPOSAL, at=draft.at, body=made)])
        return await self._seen(await self.one(entry.id))

    async def one(self, id: str) -> Course:
        """Raises ResourceNotFound."""
        entry = await self._account.entry(id)
        if entry is None or entry.kind != PROPOSAL:
            raise ResourceNotFound(f"there is no proposal '{id[:80]}'")
        return await self._course(entry.id, entry.body)

    async def newest(self, before: int | None, limit: int) -> tuple[list[Course], int | None]:
        """The newest, and the `before` of the next page."""
        found = await self._account.find(PROPOSAL, before=before, limit=limit + 1)
        following = found[limit - 1].sequence if len(found) > limit else None
        return [await self._course(entry.id, entry.body) for entry in found[:limit]], following

    async def support(self, id: str, caller: Caller, ticket: str, at: datetime) -> Course:
        """Count somebody's support, once. Raises Forbidden for nobody, AlreadyExists, ResourceNotFound."""
        how, name, turn = await self._standing(id, caller, ticket, at)
        if turn % 2:
            raise AlreadyExists("you support this proposal already")
        return await self._turned(id, SUPPORT, how, name, at)

    async def withdraw(self, id: str, caller: Caller, ticket: str, at: datetime) -> Course:
        """Take somebody's support back, while support is gathered: what was reached with it stays reached. Raises as
        `support` does; AlreadyExists, too, for who does not support it."""
        how, name, turn = await self._standing(id, caller, ticket, at)
        if not turn % 2:
            raise AlreadyExists("you do not support this proposal")
        return await self._turned(id, WITHDRAWAL, how, name, at)

    async def _standing(self, id: str, caller: Caller, ticket: str, at: datetime) -> tuple[str, str, int]:
        """How somebody is known, what their next entry about the proposal is called, and how many they have: with an
        odd number they support it."""
        course = await self.one(id)
        how, person = await self._person(caller, ticket)
        if course.state is not State.OPEN or course.proposal is None or at >= course.proposal.closes:
            raise AlreadyExists("this proposal does not gather support any more")
        own = f"{id}.{self._pseudonym(id, person)}"
        for turn in range(MOST_TURNS):
            name = f"{own}.{turn}" if turn else own
            if await self._account.entry(name) is None:
                return how, name, turn
        raise AlreadyExists(f"you changed your mind {MOST_TURNS - 1} times; it stays as it is")

    async def _turned(self, id: str, kind: str, how: str, name: str, at: datetime) -> Course:
        body = Support(proposal=id, how=how, at=at)
        await self._account.add([Note(id=name, kind=kind, service=id, target=how, at=at, body=body)])
        return await self._count(await self.one(id), at)

    async def by_kind(self, id: str) -> dict[str, int]:
        """How many support it, by how they are known."""
        by_link = [
            len(await self._account.find(kind, service=id, target=LINK, limit=100_000))
            for kind in (SUPPORT, WITHDRAWAL)
        ]
        links = by_link[0] - by_link[1]
        return {IDENTITY: await self._supporters(id) - links, LINK: links}

    async def _supporters(self, id: str) -> int:
        return await self._account.count(SUPPORT, id) - await self._account.count(WITHDRAWAL, id)

    async def step(self, id: str, step: Step) -> Course:
        """Change a proposal's state. Raises AlreadyExists where that does not follow from the state it has."""
        course = await self.one(id)
        if step.state not in _FOLLOWS.get(course.state, ()):
            raise AlreadyExists(f"the proposal is {course.state}; it cannot become {step.state}")
        return await self._step(course, step)

    async def links(self, count: int, at: datetime) -> list[str]:
        """So many one-time links' secrets; the city gives one to each resident. Only their hashes are kept."""
        if not 0 < count <= MOST_LINKS:
            raise BadRequestData(f"'count' is from 1 to {MOST_LINKS}")
        made = [secrets.token_urlsafe(16) for _ in range(count)]
        await self._account.add([Note(id=_ticket(one), kind=TICKET, at=at, body={}) for one in made])
        return made

    async def end(self, at: datetime) -> list[Course]:
        """End those whose time is over without enough support, and put on record whose answer is late; those."""
        found, _ = await self.newest(None, _LOOKED)
        due = [one for one in found if one.proposal and one.state is State.OPEN and one.proposal.closes <= at]
        late = [one for one in found if one.due and one.due <= at and not one.steps[-1].late]
        missed = [(one, _missed(one, at)) for one in late if one.state is State.REACHED]
        return [await self._step(one, step) for one, step in [*((one, _lapse(one, at)) for one in due), *missed]]

    async def stepped(self, after: int) -> tuple[list[str], int]:
        """The proposals that took a step after that number of the ledger, and its number now."""
        found = [one for one in await self._account.find(STEP, limit=_LOOKED) if one.sequence > after]
        return list(dict.fromkeys(one.target for one in found)), max([after, *(one.sequence for one in found)])

    async def erase(self, id: str, at: datetime, reason: str) -> None:
        """Erase its words, where they break the law or somebody asks; that there was one stays."""
        course = await self.one(id)
        await self._account.erase(course.id, at=at, reason=reason)
        await self._hub.batch.delete(SYSTEM, [_urn(id)])

    async def _person(self, caller: Caller, ticket: str) -> tuple[str, str]:
        if ticket:
            if await self._account.entry(_ticket(ticket.strip())) is None:
                raise Forbidden("the code is none of the city's one-time codes")
            return LINK, _ticket(ticket.strip())
        if (caller.role == "member" and not caller.is_stranger) or (caller.role == "operator" and caller.subject):
            return IDENTITY, caller.subject or caller.name
        raise Forbidden(
            "support counts once a person: sign in, give a key of yours, or the one-time code that the city sent you"
        )

    def _pseudonym(self, id: str, person: str) -> str:
        text = f"{id} {person}".encode()
        return hmac.new(self._hub.policy.terms.secret, text, hashlib.sha256).hexdigest()[:32]

    async def _course(self, id: str, body: bytes) -> Course:
        said = msgspec.structs.replace(msgspec.json.decode(body, type=Proposal), id=id) if body else None
        found = await self._account.find(STEP, target=id, limit=_LOOKED)
        steps = [msgspec.json.decode(entry.body, type=Step) for entry in reversed(found) if entry.body]
        return Course(id=id, proposal=said, steps=steps, supporters=await self._supporters(id))

    async def _count(self, course: Course, at: datetime) -> Course:
        said = course.proposal
        if said is None or course.supporters < said.needed:
            return await self._seen(course)
        due = duration(self.rules.answer_within).after(at)
        text = f"{course.supporters} people support it; {said.needed} oblige an answer"
        return await self._step(course, Step(proposal=course.id, state=State.REACHED, text=text, at=at, due=due))

    async def _step(self, course: Course, step: Step) -> Course:
        note = Note(kind=STEP, target=course.id, at=step.at, body=step)
        await self._account.add([note])
        return await self._seen(await self.one(course.id))

    async def _seen(self, course: Course) -> Course:
        """Have the proposal's entity say how it stands: subscribers and readers of open data are told by it."""
        if course.proposal is not None:
            await self._hub.batch.upsert(SYSTEM, [_entity(course, course.proposal)])
        return course


def _lapse(course: Course, at: datetime) -> Step:
    needed = course.proposal.needed if course.proposal else 0
    text = f"{course.supporters} people supported it in time; {needed} would have obliged an answer"
    return Step(proposal=course.id, state=State.LAPSED, text=text, at=at)


def _missed(course: Course, at: datetime) -> Step:
    text = f"an answer was due on {times.text(course.due) if course.due else ''}; there is none"
    return Step(proposal=course.id, state=State.REACHED, text=text, at=at, due=course.due)


def _ticket(secret: str) -> str:
    return f"ticket-{hashlib.sha256(secret.encode()).hexdigest()[:40]}"


def _urn(id: str) -> str:
    return f"urn:ngsi-ld:{TYPE}:{id}"


def _entity(course: Course, said: Proposal) -> Entity:
    last = course.steps[-1] if course.steps else None
    over = course.state in OVER
    values: dict[str, Any] = {
        "name": said.title,
        "state": str(course.state),
        "supporters": course.supporters,
        "needed": said.needed,
        "proposedAt": times.text(said.at),
        "closesAt": times.text(said.closes),
        **({"dueAt": times.text(course.due)} if course.due and not over else {}),
        **({"note": last.text} if last else {}),
    }
    at = last.at if last else said.at
    return Entity(
        id=_urn(course.id),
        types=(TYPE,),
        attributes={name: (Attribute(value=value, observed_at=at),) for name, value in values.items()},
    )
