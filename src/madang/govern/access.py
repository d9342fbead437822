"""The plan of a caller's reads: of each type what is open, from all datasets that declare it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from madang.govern.caller import Caller
from madang.govern.opening import Opening, Terms, opening, subjects_of
from madang.model.access import EVERYTHING, About, Access, Admit, Sight
from madang.model.dataset import Dataset
from madang.model.entity import Entity
from madang.model.transform import Alter

DEFAULT: Final = "*"
"""The type of the dataset that takes what no other declares."""

_WHY: Final = {
    "public": "without identity only public datasets are seen",
    "member": "'{name}' sees what the datasets grant its roles for {purpose}",
    "service": "the service '{name}' sees the datasets whose purposes name it",
    "operator": "an operator sees what is about nobody, and personal data for its purposes",
}


def access(datasets: Mapping[str, Sequence[Dataset]], caller: Caller, terms: Terms) -> Access:
    """What the caller may see of the datasets (by type)."""
    if caller.role == "system":
        return EVERYTHING
    types = {type: _sight(group, caller, terms) for type, group in datasets.items()}
    about = {type: _about(group, caller, terms) for type, group in datasets.items()}
    about = about if any(about.values()) else {}
    strange = about.pop(DEFAULT, ())
    reason = _WHY[caller.role].format(name=caller.name, purpose=caller.purpose)
    if caller.role == "operator" and all(sight is not None and sight.whole for sight in types.values()):
        return Access(reason=EVERYTHING.reason, everything=True, about=about, strange=strange)
    others = types.pop(DEFAULT, None)
    return Access(reason=reason, types=types, others=others, about=about, strange=strange)


def everybody(datasets: Sequence[Dataset]) -> Access:
    """All there is, and of each type which datasets are about people: for who has to tell people's data from others."""
    about: dict[str, tuple[About, ...]] = {one.type: () for one in datasets}
    for one in datasets:
        if one.personal and one.subject:
            about[one.type] += (About(one.id, one.subject, subjects_of(one.subject), frozenset(one.attributes)),)
    strange = about.pop(DEFAULT, ())
    return Access(reason=EVERYTHING.reason, everything=True, about=about, strange=strange)


def _about(datasets: Sequence[Dataset], caller: Caller, terms: Terms) -> tuple[About, ...]:
    """Those of a type's datasets that are about people, and open to the caller."""
    return tuple(
        About(one.id, one.subject, subjects_of(one.subject), frozenset(one.attributes))
        for one in datasets
        if one.personal and opening(one, caller, terms) is not None
    )


def _sight(datasets: Sequence[Dataset], caller: Caller, terms: Terms) -> Sight | None:
    """What is seen of a type: what one of its datasets opens and none of them closes."""
    answers = [(dataset, opening(dataset, caller, terms)) for dataset in datasets]
    shown = [(dataset, found) for dataset, found in answers if found is not None]
    if not shown:
        return None
    openings = [found for _, found in shown]
    hidden = frozenset(name for dataset, found in answers for name in dataset.attributes if not _opens(found, name))
    return Sight(_named(answers), hidden, _altered(openings), _admits(openings))


def _opens(found: Opening | None, name: str) -> bool:
    return found is not None and (found.attributes is None or name in found.attributes)


def _named(answers: Sequence[tuple[Dataset, Opening | None]]) -> frozenset[str] | None:
    """The names that are seen, where they have to be told one by one; None: all but the hidden ones.

    Of a closed dataset that does not list its attributes nobody can tell which are its: then only those are seen that
    another one lists.
    """
    if all(found is not None and found.attributes is None for _, found in answers):
        return None
    parts = [found.attributes or frozenset(dataset.attributes) for dataset, found in answers if found is not None]
    unlisted = any(found is None and not dataset.attributes for dataset, found in answers)
    return frozenset[str]().union(*parts) if all(parts) or unlisted else None


def _altered(openings: Iterable[Opening]) -> dict[str, Alter]:
    made: dict[str, Alter] = {}
    for found in openings:
        for name, change in found.altered.items():
            known = made.get(name)
            made[name] = change if known is None else _both(known, change)
    return made


def _both(one: Alter, other: Alter) -> Alter:
    return lambda instance: None if (found := one(instance)) is None else other(found)


def _admits(openings: Sequence[Opening]) -> Admit | None:
    asked = [found.admits for found in openings if found.admits is not None]

    def admits(entity: Entity) -> bool:
        return all(ask(entity) for ask in asked)

    return admits if asked else None
