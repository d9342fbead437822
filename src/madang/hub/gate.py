"""Where every operation passes: governance first, then the caller's tenant of the store."""

import re
from collections.abc import Sequence
from datetime import datetime

from madang.clock import Clock
from madang.errors import BadRequestData, MadangError, ResourceNotFound
from madang.govern import Caller, Policy
from madang.hub.traces import traced
from madang.model.access import Access
from madang.model.alive import alive
from madang.model.change import Change, Edit, Edited
from madang.model.entity import Entity
from madang.model.match import of_types
from madang.model.query import AnyOfAll
from madang.ports import Store

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`\x00-\x20]+")
_LONGEST_ID = 2048


class Gate:
    """Policy, clock and store, as the operations need them."""

    def __init__(self, store: Store, policy: Policy, clock: Clock) -> None:
        self.policy = policy
        self._clock = clock
        self._store = store

    def now(self) -> datetime:
        """The city's time."""
        return self._clock.now()

    def access(self, caller: Caller) -> Access:
        """What the caller may see."""
        return self.policy.read(caller)

    def reading(self, caller: Caller) -> Store:
        """The caller's store. Raises NonexistentTenant."""
        return self._store.tenant(caller.tenant) if caller.tenant else self._store

    def tenants(self) -> list[str]:
        """The names of all tenants, "" first."""
        return self._store.tenants()

    def writing(self, caller: Caller, *, create: bool = True) -> Store:
        """The caller's store; a tenant comes to be with the first creation in it (5.5.10). Raises Forbidden, and
        NonexistentTenant unless `create`. Whether these types may be written the policy says of each entity."""
        self.policy.check_writer(caller)
        return self._store.tenant(caller.tenant, create=create) if caller.tenant else self._store

    def keeping(self, caller: Caller) -> Store:
        """The caller's store, for what is no entity (subscriptions, registrations). Raises Forbidden."""
        self.policy.check_caller(caller)
        return self._store.tenant(caller.tenant, create=True) if caller.tenant else self._store

    def subscribing(self, caller: Caller) -> Store:
        """The caller's store, for subscriptions: members may have some, of what they are granted. Raises Forbidden,
        NonexistentTenant where a member's is not there."""
        self.policy.check_subscriber(caller)
        return self.reading(caller) if caller.role == "member" else self.keeping(caller)

    def open(self, caller: Caller, types: tuple[str, ...]) -> bool:
        """The caller may know that there is an entity of these types: it may see a part of such, or write them."""
        if caller.role in ("operator", "system") or self.access(caller).sees(types):
            return True
        return caller.role == "member" and self.policy.writes(caller, types)

    async def write(self, caller: Caller, id: str, edit: Edit, *, create: bool = True) -> Change | None:
        """Run one edit; raises the error with which it refused."""
        outcome = (await self.write_all(caller, ((id, edit),), create=create))[0]
        if isinstance(outcome, MadangError):
            raise outcome
        return outcome

    async def write_all(
        self, caller: Caller, edits: Sequence[tuple[str, Edit]], *, create: bool = True
    ) -> list[Change | MadangError | None]:
        """Run many edits; each has its own outcome."""
        now, store = self.now(), self.writing(caller, create=create)
        return await store.write([(id, living(traced(edit, now, self.history), now)) for id, edit in edits])

    def history(self, types: tuple[str, ...]) -> frozenset[str]:
        """Names of the attributes whose past is kept."""
        return self.policy.rule(types).history

    def check(self, caller: Caller, entity: Entity) -> None:
        """The entity may be written. Raises BadRequestData or Forbidden."""
        check_id(entity.id)
        if not entity.types:
            raise BadRequestData(f"{entity.id} has no type; an entity needs one or more")
        self.policy.check_write(caller, entity)


def check_id(id: str) -> None:
    """The id is a URI (4.6.2). Raises BadRequestData."""
    if not _URI.fullmatch(id) or len(id) > _LONGEST_ID:
        raise BadRequestData(f"'{id[:80]}' is no URI; an entity's id is one, such as urn:ngsi-ld:Building:town-hall")


def not_found(id: str) -> ResourceNotFound:
    """The same words whether there is no such entity or the caller may not see it."""
    return ResourceNotFound(f"there is no entity '{id[:200]}'")


def living(edit: Edit, now: datetime) -> Edit:
    """The edit, of what has not expired: that is not there any more, whether it was swept yet or not (4.22)."""

    def lived(old: Entity | None) -> Edited:
        left = alive(old, now) if old is not None else None
        edited = edit(left)
        if left is old or left is None or edited.entity is not left:
            return edited
        return Edited(left, tuple(name for name in old.attributes if name not in left.attributes)) if old else edited

    return lived


def guarded(gate: Gate, caller: Caller, id: str, edit: Edit, types: AnyOfAll = ()) -> Edit:
    """The edit, for an entity that the caller sees and whose types satisfy `types`; what comes of it passes the policy.

    For edits that are fragments: only together with what is stored can they be judged.
    """

    def checked(old: Entity | None) -> Edited:
        if old is None or not gate.open(caller, old.types) or (types and not of_types(old.types, types)):
            raise not_found(id)
        gate.policy.check_writer(caller, old.types)
        edited = edit(old)
        after = edited.entity
        if after is not None and after.types != old.types:
            gate.policy.check_writer(caller, after.types)
        if after is not None and after is not old:
            written = {name: after.attributes[name] for name in edited.changed if name in after.attributes}
            gate.policy.check_attributes(after.types, Entity(id=id, types=after.types, attributes=written))
        return edited

    return checked
