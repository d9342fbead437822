"""What the hub keeps and owes, in numbers: for whoever runs it."""

from collections.abc import Mapping

import msgspec

from madang.govern import Caller
from madang.hub.gate import Gate
from madang.model.change import Tally


class TenantFigures(msgspec.Struct, frozen=True):
    """Of one tenant: entities by type, as far as the caller may see them, and the account of its notifications."""

    tenant: str
    entities: Mapping[str, int]
    notifications: Tally


class Figures:
    """Asked for when somebody asks."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def all(self, caller: Caller) -> list[TenantFigures]:
        """The figures of every tenant for the operator, of the city alone for anybody else."""
        access = self._gate.access(caller)
        names = self._gate.tenants() if caller.role in ("operator", "system") else [""]
        found: list[TenantFigures] = []
        for name in names:
            store = self._gate.reading(msgspec.structs.replace(caller, tenant=name))
            types = {type: count for type, count in (await store.types()).items() if access.sees((type,))}
            tallies = list((await store.outbox.tallies()).values())
            total = Tally(
                due=sum(one.due for one in tallies),
                delivered=sum(one.delivered for one in tallies),
                pending=sum(one.pending for one in tallies),
                dead=sum(one.dead for one in tallies),
            )
            found.append(TenantFigures(name, types, total))
        return found
