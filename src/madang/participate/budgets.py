"""A participatory budget counted by two rules, to be shown side by side: the usual greedy one, and equal shares.

Greedy: the project with the most approvals first, as long as the money lasts. Equal shares (Peters, Pierczynski,
Skowron: Proportional Participatory Budgeting with Additive Utilities, NeurIPS 2021, with a project's cost as its use):
each ballot has the same part of the money, and pays only for what it approved.
"""

import heapq
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from madang.errors import BadRequestData, TooComplexQuery

MOST_PROJECTS: Final = 500
MOST_BALLOTS: Final = 20_000
MOST_APPROVALS: Final = 50_000
_STEPS: Final = 20
"""What is left after equal shares is tried to be spent by larger shares, each larger by a twentieth (Add1, coarser)."""
_ENOUGH: Final = 1e-9


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """A budget: `money` in whole units, the projects' costs, and which projects each ballot approves."""

    money: int
    costs: Mapping[str, int]
    ballots: Sequence[Sequence[str]]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What is funded, in the order of choice; `without` is the share of ballots of which nothing is; `spread` the mean
    money spent on what a ballot approved."""

    funded: Sequence[str]
    spent: int
    without: float
    spread: float


def both(given: Count) -> dict[str, Outcome]:
    """The two outcomes. Raises BadRequestData, TooComplexQuery."""
    _check(given)
    return {"greedy": _outcome(given, greedy(given)), "equal_shares": _outcome(given, equal_shares(given))}


def greedy(given: Count, funded: Sequence[str] = ()) -> list[str]:
    """The most approved first (then the cheaper, then by id), after those that are funded already."""
    approvals = _supporters(given)
    chosen, left = list(funded), given.money - sum(given.costs[name] for name in funded)
    for name in sorted(given.costs, key=lambda name: (-len(approvals[name]), given.costs[name], name)):
        if name not in chosen and approvals[name] and given.costs[name] <= left:
            chosen.append(name)
            left -= given.costs[name]
    return chosen


def equal_shares(given: Count) -> list[str]:
    """By equal shares; what larger shares and then the greedy rule can add with the money that is left is added."""
    supporters = _supporters(given)
    share = given.money / max(1, len(given.ballots))
    chosen: list[str] = []
    for step in range(_STEPS + 1):
        found = _shares(given, supporters, share * (1 + step / _STEPS))
        if sum(given.costs[name] for name in found) > given.money:
            break
        chosen = found
    return greedy(given, chosen)


def _shares(given: Count, supporters: Mapping[str, Sequence[int]], share: float) -> list[str]:
    """One run: the project whose supporters pay the smallest part of what they have of it, again and again. That part
    never falls, so a project is looked at anew only when it is the first."""
    purses = [share] * len(given.ballots)
    queue = [(1 / max(1, len(own)), name) for name, own in supporters.items() if own]
    heapq.heapify(queue)
    chosen: list[str] = []
    while queue:
        _, name = heapq.heappop(queue)
        part = _part(given.costs[name], [purses[one] for one in supporters[name]])
        if part is None:
            continue
        if queue and (part, name) > queue[0]:
            heapq.heappush(queue, (part, name))
            continue
        for one in supporters[name]:
            purses[one] -= min(purses[one], part * given.costs[name])
        chosen.append(name)
    return chosen


def _part(cost: int, purses: Sequence[float]) -> float | None:
    """The least part of the cost that each pays at most so that all pay it together; None where they cannot."""
    if sum(purses) < cost * (1 - _ENOUGH):
        return None
    left, count = float(cost), len(purses)
    for purse in sorted(purses):
        if purse * count >= left:
            return left / count / cost
        left -= purse
        count -= 1
    return max(purses) / cost


def _supporters(given: Count) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {name: [] for name in given.costs}
    for number, ballot in enumerate(given.ballots):
        for name in dict.fromkeys(ballot):
            found[name].append(number)
    return found


def _outcome(given: Count, funded: Sequence[str]) -> Outcome:
    own = frozenset(funded)
    sums = [sum(given.costs[name] for name in own.intersection(ballot)) for ballot in given.ballots]
    return Outcome(
        funded=funded,
        spent=sum(given.costs[name] for name in funded),
        without=sum(1 for each in sums if not each) / len(sums),
        spread=sum(sums) / len(sums),
    )


def _check(given: Count) -> None:
    approvals = sum(map(len, given.ballots))
    if len(given.costs) > MOST_PROJECTS or len(given.ballots) > MOST_BALLOTS or approvals > MOST_APPROVALS:
        raise TooComplexQuery(
            f"at most {MOST_PROJECTS} projects, {MOST_BALLOTS} ballots and {MOST_APPROVALS} approvals are counted here"
        )
    if given.money <= 0 or not given.costs or not given.ballots or min(given.costs.values()) <= 0:
        raise BadRequestData("a count has money, projects that cost something, and ballots")
    unknown = {name for ballot in given.ballots for name in ballot} - set(given.costs)
    if unknown:
        raise BadRequestData(f"no project {min(unknown)[:60]!r}; a ballot names projects by the keys of 'costs'")
