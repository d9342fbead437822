"""A committee's docket: motions that its members vote on, each under its own identity. In the ledger, entry by entry.

Who holds a seat has the role ``<committee>-<member>`` (``mobility-chair``), from a key, a session or a token alike. A
vote ends as soon as the votes that are still out cannot change it, and else at its closing time; what is carried binds
in that moment.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from madang.account.ledger import Note
from madang.account.mandates import Mandates
from madang.errors import AlreadyExists, BadRequestData, Forbidden, ResourceNotFound
from madang.govern import Caller
from madang.model.city import City, Committee
from madang.model.motion import Choice, Close, Result, Tabled, Vote
from madang.participate import voting

MOTION, VOTE, CLOSE = "motion", "vote", "motion-close"
LONGEST = timedelta(days=90)
"""A vote is open so long at most."""

_LOOKED = 1000


class Ballot(msgspec.Struct, frozen=True, kw_only=True):
    """A motion, its votes by member, and its end."""

    motion: Tabled
    votes: Mapping[str, Vote]
    close: Close | None

    def of(self, choice: Choice) -> tuple[str, ...]:
        """The members that voted so."""
        return tuple(name for name, vote in self.votes.items() if vote.choice is choice)


def seats(committee: str, city: City, caller: Caller, at: datetime) -> list[str]:
    """The members of the committee whose seats the caller holds, as far as their terms run."""
    found = city.committees.get(committee)
    if found is None:
        return []
    running = voting.sitting(found, at.astimezone(ZoneInfo(city.time_zone)).date())
    return [member for member in running if f"{committee}-{member}" in caller.roles]


class Motions:
    """The motions of a city's committees. Whoever calls this holds a lock: one vote is counted after the other."""

    def __init__(self, mandates: Mandates, city: City) -> None:
        self._mandates = mandates
        self._account = mandates.account
        self._city = city

    async def table(self, given: Tabled) -> Ballot:
        """Put a motion to the vote. Raises BadRequestData, Forbidden, AlreadyExists for a reference that is taken."""
        committee = self._committee(given.committee)
        if given.service not in self._city.services:
            known = ", ".join(self._city.services) or "none"
            raise BadRequestData(f"the city runs no service {given.service[:60]!r}; there are {known}")
        voting.check(given.committee, committee, _motion(given, (), (), (), (), given.at), given.at)
        if not given.at < given.closes <= given.at + LONGEST:
            raise BadRequestData(f"'closes' is within {LONGEST.days} days from now: until then members vote")
        if given.until is not None and given.until <= given.closes:
            raise BadRequestData("'until' is over before the vote has closed")
        taken = {one.id for name in self._city.services for one in self._mandates.acts(name)}
        taken |= {ballot.motion.reference for ballot in await self.of(given.committee) if ballot.close is None}
        if given.reference in taken:
            raise AlreadyExists(f"{given.committee} has used the reference {given.reference!r} already")
        note = Note(kind=MOTION, service=given.service, target=given.committee, at=given.at, body=given)
        (entry,) = await self._account.add([note])
        return await self.one(entry.id)

    async def vote(self, id: str, member: str, choice: Choice, *, by: str, at: datetime) -> Ballot:
        """Take a member's vote, once. Raises ResourceNotFound, AlreadyExists, Forbidden."""
        ballot = await self.one(id)
        committee = self._committee(ballot.motion.committee)
        if ballot.close is not None or at >= ballot.motion.closes:
            raise AlreadyExists(f"the vote on {ballot.motion.reference} is closed")
        if member in ballot.votes:
            raise AlreadyExists(f"{member} has voted on {ballot.motion.reference} already: a vote stands")
        if choice is not Choice.RECUSE and member in committee.recusals.get(ballot.motion.service, ()):
            raise Forbidden(f"{member} has to recuse itself on {ballot.motion.service} (committees.toml, recusals)")
        vote = Vote(motion=id, member=member, choice=choice, by=by, at=at)
        note = Note(id=f"{id}.{member}", kind=VOTE, service=ballot.motion.service, target=id, at=at, body=vote)
        await self._account.add([note])
        return await self._settle(await self.one(id), at)

    async def one(self, id: str) -> Ballot:
        """Raises ResourceNotFound."""
        entry = await self._account.entry(id)
        if entry is None or entry.kind != MOTION:
            raise ResourceNotFound(f"there is no motion '{id[:80]}'")
        return await self._ballot(entry.id, entry.body)

    async def of(self, committee: str) -> list[Ballot]:
        """The newest motions of a committee, the newest first."""
        found = await self._account.find(MOTION, target=committee, limit=_LOOKED)
        return [await self._ballot(entry.id, entry.body) for entry in found if entry.body]

    async def end(self, at: datetime) -> list[Ballot]:
        """Close the votes whose time is over; those."""
        found = [ballot for name in self._city.committees for ballot in await self.of(name)]
        due = [ballot for ballot in found if ballot.close is None and ballot.motion.closes <= at]
        return [await self._close(ballot, at) for ballot in due]

    def waiting(self, ballot: Ballot, at: datetime) -> list[str]:
        """The members that may still vote."""
        committee = self._committee(ballot.motion.committee)
        named = committee.recusals.get(ballot.motion.service, ())
        return [name for name in self._sitting(committee, at) if name not in named and name not in ballot.votes]

    def _committee(self, name: str) -> Committee:
        known = self._city.committees
        if name not in known:
            raise ResourceNotFound(f"the city has no committee {name[:60]!r}; there are {', '.join(known) or 'none'}")
        return known[name]

    def _sitting(self, committee: Committee, at: datetime) -> list[str]:
        return voting.sitting(committee, at.astimezone(ZoneInfo(self._city.time_zone)).date())

    def _recused(self, ballot: Ballot, at: datetime) -> tuple[str, ...]:
        committee = self._committee(ballot.motion.committee)
        named = (*ballot.of(Choice.RECUSE), *committee.recusals.get(ballot.motion.service, ()))
        return tuple(name for name in self._sitting(committee, at) if name in named)

    async def _ballot(self, id: str, body: bytes) -> Ballot:
        motion = msgspec.structs.replace(msgspec.json.decode(body, type=Tabled), id=id)
        entries = await self._account.find(VOTE, target=id, limit=_LOOKED)
        votes = [msgspec.json.decode(entry.body, type=Vote) for entry in reversed(entries) if entry.body]
        end = await self._account.entry(f"{id}.close")
        close = msgspec.json.decode(end.body, type=Close) if end is not None and end.body else None
        return Ballot(motion=motion, votes={vote.member: vote for vote in votes}, close=close)

    async def _settle(self, ballot: Ballot, at: datetime) -> Ballot:
        """Close the vote if its end is certain."""
        committee = self._committee(ballot.motion.committee)
        voters = len(self._sitting(committee, at)) - len(self._recused(ballot, at))
        counts = {name: len(ballot.of(choice)) for name, choice in _COUNTED.items()}
        certain = voting.settled(committee, voters, **counts)
        return ballot if certain is None else await self._close(ballot, at)

    async def _close(self, ballot: Ballot, at: datetime) -> Ballot:
        motion = ballot.motion
        cast = (ballot.of(Choice.AYE), ballot.of(Choice.NO), ballot.of(Choice.ABSTAIN))
        try:
            passed = voting.resolve(
                motion.committee,
                self._committee(motion.committee),
                _motion(motion, *cast, self._recused(ballot, at), at),
                at=at,
                time_zone=self._city.time_zone,
            )
            entry = await self._mandates.resolve(passed)
            close = Close(motion=motion.id, result=Result.CARRIED, why="", at=at, entry=entry.id)
        except (voting.NotResolved, BadRequestData, Forbidden, AlreadyExists) as error:
            close = Close(motion=motion.id, result=Result.LOST, why=error.detail, at=at)
        note = Note(
            id=f"{motion.id}.close", kind=CLOSE, service=motion.service, target=motion.committee, at=at, body=close
        )
        await self._account.add([note])
        return await self.one(motion.id)


_COUNTED = {"ayes": Choice.AYE, "noes": Choice.NO, "abstained": Choice.ABSTAIN}


def _motion(
    given: Tabled,
    ayes: Sequence[str],
    noes: Sequence[str],
    abstained: Sequence[str],
    recused: Sequence[str],
    at: datetime,
) -> voting.Motion:
    return voting.Motion(
        id=given.reference,
        service=given.service,
        act=given.act,
        reason=given.reason,
        since=given.since or at,
        until=given.until,
        conditions=given.conditions,
        ayes=tuple(ayes),
        noes=tuple(noes),
        abstained=tuple(abstained),
        recused=tuple(recused),
        motion=given.id,
    )
