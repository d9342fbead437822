"""What people agreed to, kept: given on a notice that is the present one, withdrawn at any time, binding on the next
read (ISO/IEC TS 27560; GDPR art. 7; PIPA art. 22, 37)."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import msgspec

from madang.errors import BadRequestData, Forbidden, ResourceNotFound
from madang.govern import SYSTEM, Caller
from madang.govern.consents import Consents
from madang.govern.notice import notice
from madang.govern.opening import CONSENT
from madang.hub.gate import Gate, check_id
from madang.model.consent import Consent
from madang.model.dataset import Dataset
from madang.model.record import Record, RecordKind
from madang.ports import Records


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What is agreed to: by whom, to which dataset's use for what, on which notice. `age` in years is checked and not
    kept; below the law's a `guardian` has to agree."""

    subject: str
    dataset: str
    purposes: tuple[str, ...]
    notice: str
    language: str
    expires_at: datetime | None = None
    age: int | None = None
    guardian: str = ""


class ConsentRecords:
    """Give, withdraw, list."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def start(self) -> None:
        """Know those that are stored."""
        for record in await self._records().all(RecordKind.CONSENT):
            self._register.put(msgspec.json.decode(record.body, type=Consent))

    def notice(self, dataset: str) -> dict[str, Any]:
        """The notice of a dataset as it is declared now. Raises ResourceNotFound."""
        terms = self._gate.policy.terms
        return notice(self._dataset(dataset), terms.jurisdiction, terms.regimes)

    async def give(self, caller: Caller, given: Mapping[str, Any]) -> Consent:
        """A person agrees, or whom the city lets take it down does so for a person. Raises BadRequestData, Forbidden,
        ResourceNotFound."""
        asked = _read(given)
        self._check_caller(caller, asked.subject)
        now = self._gate.now()
        self._check(asked, now)
        consent = Consent(
            id=f"urn:madang:consent:{uuid.uuid4()}",
            subject=asked.subject,
            datasets=(asked.dataset,),
            purposes=tuple(dict.fromkeys(asked.purposes)),
            notice=asked.notice,
            language=asked.language,
            by=caller.subject or caller.name,
            given_at=now,
            expires_at=asked.expires_at,
            guardian=asked.guardian,
        )
        await self._keep(consent)
        return consent

    async def withdraw(self, caller: Caller, id: str) -> Consent:
        """It holds no more, from the next read on; a second time changes nothing. Raises ResourceNotFound."""
        known = await self.retrieve(caller, id)
        if known.withdrawn_at is not None:
            return known
        consent = msgspec.structs.replace(known, withdrawn_at=self._gate.now())
        # First what binds: were the store to fail now, it would be withdrawn until a restart, and the caller told.
        self._register.put(consent)
        await self._keep(consent)
        return consent

    async def retrieve(self, caller: Caller, id: str) -> Consent:
        """One consent, for its subject and for operators: to others there is none. Raises ResourceNotFound."""
        found = await self._records().get(RecordKind.CONSENT, id)
        consent = msgspec.json.decode(found.body, type=Consent) if found is not None else None
        if consent is None or not caller.answers_for(consent.subject):
            raise ResourceNotFound(f"there is no consent '{id[:200]}'")
        return consent

    async def of(self, caller: Caller, subject: str) -> list[Consent]:
        """All that a person ever agreed to, in the order of giving. Raises Forbidden."""
        self._check_caller(caller, subject)
        records = await self._records().all(RecordKind.CONSENT)
        found = (msgspec.json.decode(record.body, type=Consent) for record in records)
        return sorted((one for one in found if one.subject == subject), key=lambda one: (one.given_at, one.id))

    async def _keep(self, consent: Consent) -> None:
        await self._records().put(Record(RecordKind.CONSENT, consent.id, msgspec.json.encode(consent)))
        self._register.put(consent)

    def _check(self, asked: Asked, now: datetime) -> None:
        told = self.notice(asked.dataset)
        strange = [purpose for purpose in asked.purposes if purpose not in told["purposes"]]
        if not asked.purposes or strange:
            known = ", ".join(told["purposes"])
            raise BadRequestData(f"purposes: {', '.join(strange) or 'none'}; the notice names {known}")
        if asked.notice != told["hash"]:
            raise BadRequestData(f"notice: not the present one; GET /notices/{asked.dataset} tells it, show it anew")
        if asked.expires_at is not None and asked.expires_at <= now:
            raise BadRequestData("expiresAt is in the past")
        below = told["guardianBelow"]
        if asked.age is not None and asked.age < below and not asked.guardian:
            law = told["law"] or "the age of majority, for want of a law"
            raise BadRequestData(f"guardian: below {below} years a guardian has to agree ({law})")

    def _check_caller(self, caller: Caller, subject: str) -> None:
        check_id(subject)
        if not caller.answers_for(subject):
            raise Forbidden("a consent is the person's own: a key of that subject, or an operator's, opens it")

    def _dataset(self, id: str) -> Dataset:
        found = next((one for one in self._gate.policy.datasets if one.id == id), None)
        if found is None or found.legal_basis != CONSENT:
            raise ResourceNotFound(f"no dataset '{id[:80]}' asks for consent")
        return found

    @property
    def _register(self) -> Consents:
        return self._gate.policy.terms.consents

    def _records(self) -> Records:
        return self._gate.reading(SYSTEM).records


def _read(given: Mapping[str, Any]) -> Asked:
    try:
        return msgspec.convert(cast(Any, given), Asked)
    except msgspec.ValidationError as error:
        raise BadRequestData(f"the consent: {error}") from error
