"""What the city holds on a person: told, erased, and what the person asks, with the law's clock on it."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, cast

import msgspec

from madang.errors import BadRequestData, Conflict, Forbidden, ResourceNotFound
from madang.govern import SYSTEM, Caller, system
from madang.govern.regimes import regime_of
from madang.govern.regimes.regime import SURE
from madang.hub.entities import Entities
from madang.hub.erasure import NOTHING, Done, Erasure
from madang.hub.evolution import Evolution
from madang.hub.gate import Gate, check_id
from madang.model.dataset import Dataset
from madang.model.document import NULL
from madang.model.entity import Entity
from madang.model.petition import Petition, Wish
from madang.model.query import Compare, EntityQuery, Operator, Path
from madang.model.record import Record, RecordKind
from madang.ports import Records

DAYS: Final = 10
"""Days to answer where the law's are not known for sure: the shortest that is known (KR)."""

_PAGE: Final = 500


class Held(NamedTuple):
    """The entities about one person by dataset, as they are, and the past of those that have one; `tenants` has the
    same of each tenant that holds something."""

    now: Mapping[str, Sequence[Entity]]
    past: Sequence[Entity]
    tenants: Mapping[str, "Held"] = {}

    def ever(self) -> list[Entity]:
        """Every entity once: as it is now, or, where it is gone, its past."""
        now = {entity.id: entity for found in self.now.values() for entity in found}
        return [*now.values(), *[entity for entity in self.past if entity.id not in now]]


class _Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    subject: str
    wish: Wish
    words: str = ""


class Subjects:
    """Tell, ask, answer. For the person (a key of that subject) and for operators."""

    def __init__(self, gate: Gate, entities: Entities, evolution: Evolution, erasure: Erasure) -> None:
        self._gate = gate
        self._entities = entities
        self._evolution = evolution
        self._erasure = erasure

    def now(self) -> datetime:
        """The city's time."""
        return self._gate.now()

    async def held(self, caller: Caller, subject: str) -> Held:
        """All that is held on the person, in every tenant: access and portability. Raises Forbidden."""
        _check(caller, subject)
        found = {name: await self._held(system(name), subject) for name in self._gate.tenants()}
        here = found.pop("")
        return here._replace(tenants={name: one for name, one in found.items() if one.now or one.past})

    async def ask(self, caller: Caller, given: Mapping[str, Any]) -> Petition:
        """Take a wish down; its clock runs from now. Raises BadRequestData, Forbidden."""
        try:
            asked = msgspec.convert(cast(Any, given), _Asked)
        except msgspec.ValidationError as error:
            raise BadRequestData(f"the request: {error}") from error
        _check(caller, asked.subject)
        if len(asked.words) > 4000:
            raise BadRequestData("words: at most 4,000 characters")
        days, article = self._days(asked.wish)
        now = self._gate.now()
        petition = Petition(
            id=f"urn:madang:request:{uuid.uuid4()}",
            subject=asked.subject,
            wish=asked.wish,
            words=asked.words,
            by=caller.subject or caller.name,
            asked_at=now,
            due_at=now + timedelta(days=days),
            article=article,
        )
        await self._keep(petition)
        return petition

    async def all(self, caller: Caller, subject: str = "") -> list[Petition]:
        """The operator's queue, what is due first before what was answered; or one person's. Raises Forbidden."""
        if subject:
            _check(caller, subject)
        else:
            self._gate.policy.check_caller(caller)
        records = await self._records().all(RecordKind.PETITION)
        found = [msgspec.json.decode(record.body, type=Petition) for record in records]
        mine = [one for one in found if not subject or one.subject == subject]
        return sorted(mine, key=lambda one: (one.granted is not None, one.due_at, one.id))

    async def answer(self, caller: Caller, id: str, *, granted: bool, words: str) -> Petition:
        """An operator grants it or says why not; an erasure that is granted is done. Raises Forbidden, Conflict,
        ResourceNotFound."""
        self._gate.policy.check_caller(caller)
        record = await self._records().get(RecordKind.PETITION, id)
        if record is None:
            raise ResourceNotFound(f"there is no request '{id[:200]}'")
        petition = msgspec.json.decode(record.body, type=Petition)
        if petition.granted is not None:
            raise Conflict("the request has been answered")
        if not words:
            raise BadRequestData("words: whoever asked is owed a reason")
        erases = granted and petition.wish is Wish.ERASURE
        done = await self._erase(petition.subject) if erases else NOTHING
        answered = msgspec.structs.replace(
            petition,
            answered_at=self._gate.now(),
            answered_by=caller.name,
            granted=granted,
            answer=words,
            erased=done.entities,
            told=done.subscriptions,
            letters=done.letters,
        )
        await self._keep(answered)
        return answered

    async def _erase(self, subject: str) -> Done:
        """What is about the person alone, as it is now or was, in every tenant."""
        held = await self.held(SYSTEM, subject)
        found = {"": held.ever()} | {name: one.ever() for name, one in held.tenants.items()}
        return await self._erasure.run(subject, found)

    async def _held(self, caller: Caller, subject: str) -> Held:
        now: dict[str, list[Entity]] = {}
        past: dict[str, Entity] = {}
        for dataset in self._datasets():
            if found := await self._of(caller, dataset, subject):
                now[dataset.id] = found
            about = _about(dataset, subject)
            past |= {one.id: one for one in await self._past(caller, about) if _alone(one, dataset, subject)}
        # What is there is known by what it says now, also where its past names nobody.
        unknown = sorted({one.id for found in now.values() for one in found} - past.keys())
        for start in range(0, len(unknown), _PAGE):
            ids = EntityQuery(ids=tuple(unknown[start : start + _PAGE]), limit=_PAGE)
            past |= {one.id: one for one in await self._past(caller, ids)}
        return Held(now, [*past.values()])

    async def _of(self, caller: Caller, dataset: Dataset, subject: str) -> list[Entity]:
        found: list[Entity] = []
        while True:
            query = msgspec.structs.replace(_about(dataset, subject), offset=len(found))
            page = await self._entities.query(caller, query)
            found += page.entities
            if len(page.entities) < _PAGE:
                return [entity for entity in found if _alone(entity, dataset, subject)]

    async def _past(self, caller: Caller, query: EntityQuery) -> list[Entity]:
        found: list[Entity] = []
        while True:
            page = await self._evolution.query(caller, msgspec.structs.replace(query, offset=len(found)))
            found += page.entities
            if len(page.entities) < _PAGE:
                return found

    def _datasets(self) -> list[Dataset]:
        return [dataset for dataset in self._gate.policy.datasets if dataset.subject]

    def _days(self, wish: Wish) -> tuple[int, str]:
        """The law's days to answer, and where it says so."""
        terms = self._gate.policy.terms
        law = terms.regimes.get(regime_of(terms.jurisdiction))
        name = "erasure_days" if wish in (Wish.ERASURE, Wish.RECTIFICATION, Wish.OBJECTION) else "access_days"
        cell = law.cells.get(name) if law else None
        if cell is None or not isinstance(cell.value, int) or cell.certainty not in SURE:
            return DAYS, ""
        return cell.value, cell.article

    async def _keep(self, petition: Petition) -> None:
        await self._records().put(Record(RecordKind.PETITION, petition.id, msgspec.json.encode(petition)))

    def _records(self) -> Records:
        return self._gate.reading(SYSTEM).records


def _about(dataset: Dataset, subject: str) -> EntityQuery:
    types = () if dataset.type == "*" else ((dataset.type,),)
    if dataset.subject == "id":
        return EntityQuery(types=types, ids=(subject,), limit=_PAGE)
    where = Compare(Path((dataset.subject,)), Operator.EQUAL, subject)
    return EntityQuery(types=types, where=where, limit=_PAGE)


def _alone(entity: Entity, dataset: Dataset, subject: str) -> bool:
    """It is about nobody else: what is about others too is not one person's to take or to delete."""
    if dataset.subject == "id":
        return entity.id == subject
    # A past has its deletions, too.
    named = [one.value for one in entity.attributes.get(dataset.subject, ()) if one.value != NULL]
    return bool(named) and all(value in (subject, [subject]) for value in named)


def _check(caller: Caller, subject: str) -> None:
    check_id(subject)
    if not caller.answers_for(subject):
        raise Forbidden("this is the person's own: a key of that subject, or an operator's, opens it")


def overdue(petition: Petition, now: datetime) -> bool:
    """Nobody has answered, and the law's time is over."""
    return petition.granted is None and now > petition.due_at
