"""Purge Entities: those that match a query are deleted, or lose attributes (ETSI GS CIM 009 v1.9.1, 5.6.21)."""

from collections.abc import Callable

import msgspec

from madang.errors import BadRequestData, MadangError
from madang.govern import Caller
from madang.hub import edits
from madang.hub.gate import Gate, guarded
from madang.hub.results import BatchResult
from madang.model import match
from madang.model.change import Change, Edit, Edited
from madang.model.entity import Entity
from madang.model.query import EntityQuery

_PAGE = 500
_UNPURGED = frozenset({"id", "type"})


class Purge:
    """Deletes by query. What is deleted goes through the same door as any other write: governed, noticed, told."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def purge(
        self, caller: Caller, query: EntityQuery, *, drop: tuple[str, ...] = (), keep: tuple[str, ...] = ()
    ) -> BatchResult:
        """Delete the entities that match; or of them the members in `drop`, or all but those in `keep`.

        Each is judged again when it is deleted: what does not match any more stays. Histories stay. Raises
        BadRequestData for `drop` together with `keep`, or of members that every entity has.
        """
        if (drop and keep) or not _UNPURGED.isdisjoint(drop):
            raise BadRequestData("drop and keep exclude each other, and neither id nor type can be dropped")
        access, store, now = self._gate.access(caller), self._gate.writing(caller, create=False), self._gate.now()
        asked = msgspec.structs.replace(query, alive_at=now, limit=_PAGE, offset=0, count=False, order=())
        ids: list[str] = []
        while True:
            found, _ = await store.find(msgspec.structs.replace(asked, after=ids[-1] if ids else ""), access)
            ids += [entity.id for entity in found]
            if len(found) < _PAGE:
                break
        result, holds = BatchResult(), match.test(asked)
        for start in range(0, len(ids), _PAGE):
            chunk = [(id, self._edit(caller, id, holds, drop, keep)) for id in ids[start : start + _PAGE]]
            for (id, _), outcome in zip(chunk, await self._gate.write_all(caller, chunk, create=False), strict=True):
                if isinstance(outcome, MadangError):
                    result.errors.append((id, outcome))
                elif isinstance(outcome, Change):
                    result.success.append(id)
        return result

    def _edit(self, caller: Caller, id: str, holds: match.Test, drop: tuple[str, ...], keep: tuple[str, ...]) -> Edit:
        access = self._gate.access(caller)
        purging = _stripped(drop, keep, self._gate) if drop or keep else edits.delete(id)
        inner = guarded(self._gate, caller, id, purging)

        def edit(old: Entity | None) -> Edited:
            seen = access.mask(old) if old is not None else None
            return inner(old) if seen is not None and holds(seen) else Edited(old)

        return edit


def _stripped(drop: tuple[str, ...], keep: tuple[str, ...], gate: Gate) -> Callable[[Entity | None], Edited]:
    def edit(old: Entity | None) -> Edited:
        if old is None:
            return Edited(None)
        left = {name: found for name, found in old.attributes.items() if (name in keep if keep else name not in drop)}
        scopes = old.scopes if ("scope" in keep if keep else "scope" not in drop) else ()
        if len(left) == len(old.attributes) and scopes == old.scopes:
            return Edited(old)
        after = msgspec.structs.replace(old, attributes=left, scopes=scopes, modified_at=gate.now())
        return Edited(after, tuple(name for name in old.attributes if name not in left))

    return edit
