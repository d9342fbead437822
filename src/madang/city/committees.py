"""What a committee's declaration must agree on: its members, their terms and recusals, its quorum."""

from collections.abc import Iterator, Mapping

from madang.city.finding import Path, suggestion
from madang.model.city import Committee


def seats(committees: Mapping[str, Committee]) -> Iterator[tuple[Path, str, str]]:
    """Who holds a seat has the role ``<committee>-<member>``: it has to mean one seat."""
    known: dict[str, str] = {}
    for name, found in committees.items():
        for place, member in enumerate(found.members):
            seat = f"{name}-{member}"
            if known.setdefault(seat, name) != name:
                said = f"the role {seat!r} is a seat of {known[seat]!r}, too"
                yield (name, "members", place), said, "call the member or the committee something else"


def committee(name: str, found: Committee) -> Iterator[tuple[Path, str, str]]:
    """The mistakes of one committee."""
    if found.quorum > len(found.members):
        said = f"the quorum is {found.quorum}, and there are {len(found.members)} members"
        yield (name, "quorum"), said, "it could never decide anything"
    for place, member in enumerate(found.members):
        if member in found.members[:place]:
            yield (name, "members", place), f"{member!r} is there twice", ""
    named = [(("terms", member), member) for member in found.terms]
    named += [(("recusals", service), m) for service, members in found.recusals.items() for m in members]
    for path, member in named:
        if member not in found.members:
            yield (name, *path), f"{member!r} is not among the members", suggestion(member, found.members)
    for service, recused in found.recusals.items():
        left = len({*found.members} - {*recused})
        if left < found.quorum <= len(found.members):
            said = f"{left} members are left to vote on {service}, and the quorum is {found.quorum}"
            yield (name, "recusals", service), said, "it could never decide anything about it"
    for member, term in found.terms.items():
        if term.since is not None and term.until is not None and term.until < term.since:
            yield (name, "terms", member), "the term ends before it begins", ""
