"""What a reader's plan leaves of entities of some types. What becomes of each attribute is worked out once: then it is
a copy of the attributes in which the few that are not seen as they are get replaced or taken out.

This runs for each entity of an answer, in the threads of readers too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from threading import Lock

from madang.model.entity import Attribute, Entity
from madang.model.transform import Alter

Instances = tuple[Attribute, ...]

MOST_NAMES = 1000
"""So many names are remembered: where a default dataset takes everything, names are made up, too."""


class Mask:
    """`shows` tells whether an attribute is seen at all, `altered` has what makes some coarser, step by step."""

    def __init__(self, shows: Callable[[str], bool], altered: Mapping[str, Sequence[Alter]]) -> None:
        self._shows = shows
        self._altered = altered
        self._judged: set[str] = set()
        self._changed: Mapping[str, Sequence[Alter]] = {}
        """Of the judged names those that are not seen as they are, and their steps; no steps: they are not seen."""
        self._judging = Lock()

    def part(self, entity: Entity) -> Entity:
        """What is left of an entity; the very object where that is all of it. When it was changed is told of what is
        seen as it is, alone."""
        attributes = entity.attributes
        # First what is judged, then what came of it: `_judge` writes them in the other order.
        changed = self._changed if self._judged.issuperset(attributes) else self._judge(attributes)
        seen: dict[str, Instances] | None = None
        for name in changed if len(changed) <= len(attributes) else attributes:
            instances = attributes.get(name)
            steps = changed.get(name)
            if instances is None or steps is None:
                continue
            if seen is None:
                seen = dict(attributes)
            if len(steps) == 1 and len(instances) == 1:
                # So are nearly all.
                one = steps[0](instances[0])
                left = () if one is None else (one,)
            else:
                left = _altered(instances, steps)
            if left:
                seen[name] = left
            else:
                del seen[name]
        if seen is None:
            return entity
        # Of what was never modified there is no later time.
        untouched = entity.modified_at is entity.created_at
        return Entity(
            id=entity.id,
            types=entity.types,
            attributes=seen,
            created_at=entity.created_at,
            modified_at=entity.created_at if untouched else _latest(seen, changed, entity.created_at),
            scopes=entity.scopes,
            expires_at=entity.expires_at,
        )

    def _judge(self, names: Iterable[str]) -> Mapping[str, Sequence[Alter]]:
        """What becomes of these names, too. The mapping that others read is replaced, never written to."""
        with self._judging:
            new = [name for name in names if name not in self._judged]
            found = {name: self._altered.get(name, ()) if self._shows(name) else () for name in new}
            as_they_are = {name for name in new if self._shows(name) and name not in self._altered}
            changed = {**self._changed, **{name: steps for name, steps in found.items() if name not in as_they_are}}
            if len(self._judged) + len(new) <= MOST_NAMES:
                self._changed = changed
                self._judged.update(new)
            return changed


def _altered(instances: Instances, steps: Sequence[Alter]) -> Instances:
    """The instances after all steps; none without steps."""
    if not steps:
        return ()
    for step in steps:
        instances = tuple([one for one in map(step, instances) if one is not None])
    return instances


def _latest(seen: Mapping[str, Instances], changed: Mapping[str, object], created: datetime | None) -> datetime | None:
    """When something that is seen as it is was written last."""
    latest = created
    for name, instances in seen.items():
        if name not in changed:
            for one in instances:
                at = one.modified_at
                # Most are the very object, which is compared at once.
                if at is not latest and at is not None and (latest is None or at > latest):
                    latest = at
    return latest
