"""Operations on the attributes of an entity (ETSI GS CIM 009 v1.8.1, 5.6.2 to 5.6.5, 5.6.19)."""

from madang.errors import BadRequestData
from madang.govern import Caller
from madang.hub import merges
from madang.hub.appends import Append, append
from madang.hub.edits import unscoped
from madang.hub.gate import Gate, check_id, guarded
from madang.hub.results import UpdateResult
from madang.model.change import Edit
from madang.model.entity import Attribute, Entity
from madang.model.query import AnyOfAll

SCOPE = "scope"
_OVERWRITE, _NO_OVERWRITE, _UPDATE = Append(), Append(overwrite=False), Append(add_scope=False)


class Attributes:
    """Append, update, partial update, replace, delete. `types` narrows which entity is meant (parameter `type`)."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def append(
        self, caller: Caller, entity: Entity, *, overwrite: bool = True, types: AnyOfAll = ()
    ) -> UpdateResult:
        """Append Entity Attributes (5.6.3): instances that exist are replaced, or with `overwrite` off kept and named.

        `entity` is a fragment: its types (perhaps none) are added to the stored ones. Raises ResourceNotFound.
        """
        return await self._join(caller, entity, _OVERWRITE if overwrite else _NO_OVERWRITE, types)

    async def update(self, caller: Caller, entity: Entity, *, types: AnyOfAll = ()) -> UpdateResult:
        """Update Entity Attributes (5.6.2): instances that exist are replaced, others added; an NGSI-LD Null deletes.

        Of an entity without a scope, the scope is not written, and named.
        """
        return await self._join(caller, entity, _UPDATE, types)

    async def partial(self, caller: Caller, id: str, name: str, fragment: Attribute, *, types: AnyOfAll = ()) -> None:
        """Partial Attribute Update (5.6.4): of the instance with the fragment's datasetId, the members that are given.

        A value of None is one that is not given. Raises ResourceNotFound, BadRequestData where the kind differs, or for
        the scope, which has no parts.
        """
        if name == SCOPE:
            raise BadRequestData(
                "scope has no parts to update (5.6.4); update or append it with the entity's attributes"
            )
        edit = merges.partial(id, name, fragment, self._gate.now(), self._gate.history)
        await self._write(caller, id, edit, types)

    async def replace(
        self, caller: Caller, id: str, name: str, instances: tuple[Attribute, ...], *, types: AnyOfAll = ()
    ) -> None:
        """Attribute Replace (5.6.19). Raises ResourceNotFound where an instance does not exist."""
        if not instances:
            raise BadRequestData(f"there is nothing to replace '{name}' by; to delete it, use DELETE")
        await self._write(caller, id, merges.replace(id, name, instances, self._gate.now(), self._gate.history), types)

    async def delete(
        self,
        caller: Caller,
        id: str,
        name: str,
        *,
        dataset: str | None = None,
        every: bool = False,
        types: AnyOfAll = (),
    ) -> None:
        """Delete Entity Attribute (5.6.5): the instance with that datasetId (None: the one without), or `every` one."""
        if name == SCOPE:
            return await self._write(caller, id, unscoped(id, self._gate.now()), types)
        edit = merges.remove(id, name, self._gate.now(), self._gate.history, dataset=dataset, every=every)
        await self._write(caller, id, edit, types)

    async def _join(self, caller: Caller, entity: Entity, how: Append, types: AnyOfAll) -> UpdateResult:
        result: list[UpdateResult] = []
        edit = append(entity, self._gate.now(), self._gate.history, how=how, report=result.append)
        await self._write(caller, entity.id, edit, types)
        return result[-1]

    async def _write(self, caller: Caller, id: str, edit: Edit, types: AnyOfAll) -> None:
        check_id(id)
        await self._gate.write(caller, id, guarded(self._gate, caller, id, edit, types), create=False)
