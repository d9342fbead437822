"""Operations on many entities at once (ETSI GS CIM 009 v1.8.1, 5.6.7 to 5.6.10, 5.6.20), and what sources report.

One transaction a batch; each entity has its own outcome, and one that is refused leaves the others untouched.
"""

from collections.abc import Callable, Sequence

from madang.errors import AlreadyExists, MadangError
from madang.govern import Caller
from madang.hub import edits
from madang.hub.appends import Append, append
from madang.hub.gate import Gate, check_id, guarded
from madang.hub.merges import merge
from madang.hub.results import BatchResult, UpdateResult
from madang.model.change import Change, Edit
from madang.model.entity import Entity

_OVERWRITE, _NO_OVERWRITE, _OBSERVE = Append(), Append(overwrite=False), Append(skip_late=True)


class Batch:
    """Create, upsert, update, merge, delete, observe."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def create(self, caller: Caller, entities: Sequence[Entity]) -> BatchResult:
        """Batch Entity Creation (5.6.7)."""
        now, history = self._gate.now(), self._gate.history
        return await self._whole(caller, entities, lambda entity: edits.create(entity, now, history))

    async def upsert(
        self, caller: Caller, entities: Sequence[Entity], *, update: bool = False, overwrite: bool = True
    ) -> BatchResult:
        """Batch Entity Upsert (5.6.8): what exists is replaced, or with `update` its attributes are appended to it;
        without `overwrite` those that are there stay."""
        now, history = self._gate.now(), self._gate.history
        if not update:
            return await self._whole(caller, entities, lambda entity: edits.put(entity, now, history))
        how = _OVERWRITE if overwrite else _NO_OVERWRITE
        return await self._whole(caller, entities, lambda entity: append(entity, now, history, how=how, upsert=True))

    async def observe(self, caller: Caller, entities: Sequence[Entity]) -> BatchResult:
        """What a source reports: as `upsert` with `update`, but an observation that is older than the stored one goes
        to history only, so that the current state is the latest whatever the order of arrival."""
        now, history = self._gate.now(), self._gate.history
        return await self._whole(
            caller, entities, lambda entity: append(entity, now, history, how=_OBSERVE, upsert=True)
        )

    async def update(self, caller: Caller, entities: Sequence[Entity], *, overwrite: bool = True) -> BatchResult:
        """Batch Entity Update (5.6.9): attributes appended to entities that exist. Without `overwrite` an entity where
        an attribute stayed as it was is among the errors, though the rest of it was written: not all was done."""
        now, how = self._gate.now(), _OVERWRITE if overwrite else _NO_OVERWRITE
        stayed: dict[str, tuple[str, ...]] = {}

        def edit(entity: Entity) -> Edit:
            def report(told: UpdateResult) -> None:
                if told.not_updated:
                    stayed[entity.id] = tuple(name for name, _ in told.not_updated)

            return append(entity, now, self._gate.history, how=how, report=report)

        result = await self._fragments(caller, entities, edit)
        for id in [id for id in result.success if id in stayed]:
            result.success.remove(id)
            result.errors.append((id, AlreadyExists(f"noOverwrite: there already, and left: {', '.join(stayed[id])}")))
        return result

    async def merge(self, caller: Caller, entities: Sequence[Entity]) -> BatchResult:
        """Batch Entity Merge (5.6.20)."""
        now = self._gate.now()
        return await self._fragments(caller, entities, lambda entity: merge(entity, now, self._gate.history))

    async def delete(self, caller: Caller, ids: Sequence[str]) -> BatchResult:
        """Batch Entity Delete (5.6.10)."""
        result = BatchResult()
        ready: list[tuple[str, Edit]] = []
        for id in ids:
            try:
                check_id(id)
                ready.append((id, guarded(self._gate, caller, id, edits.delete(id))))
            except MadangError as refusal:
                result.errors.append((id, refusal))
        return await self._write(caller, ready, result, create=False)

    async def _whole(self, caller: Caller, entities: Sequence[Entity], edit: Callable[[Entity], Edit]) -> BatchResult:
        result = BatchResult()
        ready: list[tuple[str, Edit]] = []
        check = self._gate.check
        for entity in entities:
            try:
                check(caller, entity)
                ready.append((entity.id, edit(entity)))
            except MadangError as refusal:
                result.errors.append((entity.id, refusal))
        return await self._write(caller, ready, result)

    async def _fragments(
        self, caller: Caller, entities: Sequence[Entity], edit: Callable[[Entity], Edit]
    ) -> BatchResult:
        result = BatchResult()
        ready: list[tuple[str, Edit]] = []
        for entity in entities:
            try:
                check_id(entity.id)
                ready.append((entity.id, guarded(self._gate, caller, entity.id, edit(entity))))
            except MadangError as refusal:
                result.errors.append((entity.id, refusal))
        return await self._write(caller, ready, result, create=False)

    async def _write(
        self, caller: Caller, ready: list[tuple[str, Edit]], result: BatchResult, *, create: bool = True
    ) -> BatchResult:
        outcomes = await self._gate.write_all(caller, ready, create=create)
        for (id, _), outcome in zip(ready, outcomes, strict=True):
            if isinstance(outcome, MadangError):
                result.errors.append((id, outcome))
                continue
            result.success.append(id)
            if isinstance(outcome, Change) and outcome.before is None:
                result.created.append(id)
        return result
