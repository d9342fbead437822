"""A committee's vote: who may vote, whether enough did, whether it is carried. Pure.

Recused members neither count towards the quorum nor vote; members whose term is not running are no members.
"""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from madang.errors import BadRequestData, Forbidden, MadangError
from madang.model.city import Committee, Majority
from madang.model.motion import Result
from madang.model.resolution import Act, Condition, Resolution
from madang.model.time import read_time


class NotResolved(MadangError):
    """The vote is valid and nothing follows from it: no quorum, or no majority."""

    status = 409
    type = "about:blank"
    title = "Not resolved"


class Motion(msgspec.Struct, frozen=True, kw_only=True):
    """What was put to the vote, and how the members voted; the fields are those of `Resolution`."""

    id: str
    service: str
    act: Act
    reason: str
    since: datetime
    until: datetime | None
    conditions: tuple[Condition, ...]
    ayes: tuple[str, ...]
    noes: tuple[str, ...]
    abstained: tuple[str, ...]
    recused: tuple[str, ...]
    motion: str = ""


def resolve(name: str, committee: Committee, motion: Motion, *, at: datetime, time_zone: str) -> Resolution:
    """The resolution that the committee called `name` passed at `at` with this vote.

    Raises BadRequestData (somebody who is no member, a member twice, dates that make no sense), Forbidden (the service
    is not this committee's, a member had to recuse itself), NotResolved (no quorum, no majority).
    """
    check(name, committee, motion, at)
    present = sitting(committee, at.astimezone(ZoneInfo(time_zone)).date())
    _check_voters(name, committee, motion, present)
    _check_quorum(name, committee, motion, present)
    _check_majority(name, committee, motion, present)
    return Resolution(committee=name, at=at, **msgspec.structs.asdict(motion))


def check(name: str, committee: Committee, motion: Motion, at: datetime) -> None:
    """What is wrong with a motion whoever votes for it. Raises BadRequestData, Forbidden."""
    if committee.services and motion.service not in committee.services:
        raise Forbidden(f"{name} decides on {', '.join(committee.services)}, not on {motion.service}")
    _check_dates(motion, at)


def sitting(committee: Committee, today: date) -> list[str]:
    """The members whose term is running on that day of the city's calendar."""
    return [member for member in committee.members if _sits(committee, member, today)]


def settled(committee: Committee, voters: int, *, ayes: int, noes: int, abstained: int) -> Result | None:
    """How a vote of so many voters ends whatever those do that have not voted yet; None while that is open."""
    present = ayes + noes + abstained
    out = max(0, voters - present)
    if present >= committee.quorum and _carried(committee, ayes, noes + out, voters):
        return Result.CARRIED
    if present + out < committee.quorum or not _carried(committee, ayes + out, noes, voters):
        return Result.LOST
    return None


def _carried(committee: Committee, ayes: int, noes: int, voters: int) -> bool:
    match committee.majority:
        case Majority.ABSOLUTE:
            return 2 * ayes > voters
        case Majority.TWO_THIRDS:
            return ayes > 0 and 3 * ayes >= 2 * (ayes + noes)
        case _:
            return ayes > noes


_RULES = {
    Majority.SIMPLE: "more ayes than noes",
    Majority.ABSOLUTE: "more than half of all who may vote",
    Majority.TWO_THIRDS: "two thirds of the votes",
}


def _sits(committee: Committee, member: str, today: date) -> bool:
    term = committee.terms.get(member)
    return term is None or ((term.since is None or term.since <= today) and (term.until is None or today <= term.until))


def _check_voters(name: str, committee: Committee, motion: Motion, sitting: Sequence[str]) -> None:
    named = [*motion.ayes, *motion.noes, *motion.abstained, *motion.recused]
    for member in named:
        if member not in committee.members:
            raise BadRequestData(f"{member[:60]!r} is no member of {name}; there are {', '.join(committee.members)}")
        if member not in sitting:
            raise BadRequestData(f"the term of {member!r} in {name} is not running; its vote does not count")
        if named.count(member) > 1:
            raise BadRequestData(f"{member!r} is named twice: a member votes once, abstains or is recused")
    for member in committee.recusals.get(motion.service, ()):
        if member in named and member not in motion.recused:
            raise Forbidden(f"{member!r} has to recuse itself on {motion.service} (committees.toml, recusals)")


def _check_quorum(name: str, committee: Committee, motion: Motion, sitting: Sequence[str]) -> None:
    present = len(motion.ayes) + len(motion.noes) + len(motion.abstained)
    if present < committee.quorum:
        left = len(sitting) - len(motion.recused)
        raise NotResolved(
            f"{present} members took part and were not recused; {name} needs {committee.quorum} for a quorum"
            + (f", and only {left} are left to vote" if left < committee.quorum else ""),
            present=present,
            quorum=committee.quorum,
        )


def _check_majority(name: str, committee: Committee, motion: Motion, sitting: Sequence[str]) -> None:
    ayes, noes = len(motion.ayes), len(motion.noes)
    if not _carried(committee, ayes, noes, len(sitting) - len(motion.recused)):
        rule = _RULES[committee.majority]
        raise NotResolved(f"{ayes} for and {noes} against: {name} needs {rule}", ayes=ayes, noes=noes)


def _check_dates(motion: Motion, at: datetime) -> None:
    if not motion.id.strip() or not motion.reason.strip():
        raise BadRequestData(
            "a resolution needs its reference ('resolution') and a reason, for those who read it later"
        )
    if motion.act is Act.APPROVE and motion.until is None:
        raise BadRequestData("an approval needs its end: 'until'")
    if motion.until is not None and motion.until <= max(motion.since, at):
        raise BadRequestData("'until' is over already, or before 'from'")
    if motion.act is not Act.APPROVE and motion.conditions:
        raise BadRequestData("only an approval has conditions")
    if motion.act is Act.REVOKE and motion.until is not None:
        raise BadRequestData("a revocation has no end; a suspension has one")
    for condition in motion.conditions:
        for text in condition.between or ():
            found = read_time(text)
            if found is None or found.tzinfo is not None:
                raise BadRequestData(f"between: {text[:20]!r} is no local time such as 06:00")
