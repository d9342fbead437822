"""What people agreed to, kept: given on a notice that is the present one, withdrawn at any time, binding on the next
read (ISO/IEC TS 27560; GDPR art. 7; PIPA art. 22, 37)."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

import msgspec

from madang.errors import BadRequestData, Forbidden, ResourceNotFound
from madang.govern import SYSTEM, Caller
from madang.govern.consents import Consents
from madang.govern.notice import notice
from madang.govern.opening import CONSENT
from madang.hub.gate import Gate, check_id
from madang.model.consent import Consent, KeptNotice
from madang.model.dataset import Dataset, text_of
from madang.model.record import Record, RecordKind
from madang.ports import Records

_OLDEST: Final = 150
"""Years; who is older was mistyped."""


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

    async def told(self, dataset: str, *, hash: str | None = None, language: str = "") -> dict[str, Any]:
        """The notice with its version, as a person is told it in a language ("": the first that there is); with `hash`
        an earlier one that somebody agreed to. Raises ResourceNotFound, BadRequestData."""
        kept = await self._notices(dataset)
        found = next((one for one in kept if one.hash == hash), None) if hash else None
        if hash and found is None and hash != self.notice(dataset)["hash"]:
            raise ResourceNotFound(f"nobody agreed to a notice of '{dataset[:80]}' with that hash")
        body = dict(found.body) if found is not None else self.notice(dataset)
        version = next((one.version for one in kept if one.hash == body["hash"]), len(kept) + 1)
        spoken = language or next(iter(body["languages"]))
        _check_language(spoken, body)
        return {**body, "version": version, "told": _told_in(body, spoken)}

    async def give(self, caller: Caller, given: Mapping[str, Any]) -> Consent:
        """A person agrees, or whom the city lets take it down does so for a person. Raises BadRequestData, Forbidden,
        ResourceNotFound."""
        asked = _read(given)
        self._check_caller(caller, asked.subject)
        now = self._gate.now()
        self._check(caller, asked, now)
        kept = await self._keep_notice(asked.dataset, now)
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
            version=kept.version,
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

    async def agreed(self, consent: Consent) -> KeptNotice | None:
        """The notice that was agreed to; None for a consent from before notices were kept."""
        return next((one for one in await self._notices(consent.datasets[0]) if one.hash == consent.notice), None)

    async def _notices(self, dataset: str) -> list[KeptNotice]:
        records = await self._records().all(RecordKind.NOTICE)
        found = (msgspec.json.decode(one.body, type=KeptNotice) for one in records if one.id.startswith(f"{dataset}/"))
        return sorted(found, key=lambda one: one.version)

    async def _keep_notice(self, dataset: str, now: datetime) -> KeptNotice:
        """The present notice, kept from its first consent on: what was agreed to can still be read."""
        body, kept = self.notice(dataset), await self._notices(dataset)
        known = next((one for one in kept if one.hash == body["hash"]), None)
        if known is not None:
            return known
        made = KeptNotice(dataset=dataset, hash=body["hash"], version=len(kept) + 1, since=now, body=body)
        await self._records().put(Record(RecordKind.NOTICE, f"{dataset}/{made.hash}", msgspec.json.encode(made)))
        return made

    def _check(self, caller: Caller, asked: Asked, now: datetime) -> None:
        told = self.notice(asked.dataset)
        strange = [purpose for purpose in asked.purposes if purpose not in told["purposes"]]
        if not asked.purposes or strange:
            known = ", ".join(told["purposes"])
            raise BadRequestData(f"purposes: {', '.join(strange) or 'none'}; the notice names {known}")
        if asked.notice != told["hash"]:
            raise BadRequestData(f"notice: not the present one; GET /notices/{asked.dataset} tells it, show it anew")
        if asked.expires_at is not None and asked.expires_at.tzinfo is None:
            raise BadRequestData("expiresAt: say the offset from UTC, such as 2027-03-01T00:00:00Z")
        if asked.expires_at is not None and asked.expires_at <= now:
            raise BadRequestData("expiresAt is in the past")
        _check_language(asked.language, told)
        below = told["guardianBelow"]
        if asked.age is not None and not 0 <= asked.age <= _OLDEST:
            raise BadRequestData(f"age: whole years from 0 to {_OLDEST}, not {asked.age}")
        if asked.age is not None and asked.age < below and not asked.guardian:
            law = told["law"] or "the age of majority, for want of a law"
            raise BadRequestData(f"guardian: below {below} years a guardian has to agree ({law})")
        if asked.guardian:
            check_id(asked.guardian)
            if asked.guardian == asked.subject:
                raise BadRequestData("guardian: nobody is their own; leave it out")
            if caller.role != "operator":
                raise Forbidden("guardian: who agrees for another is seen by an operator, who takes it down")

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


def _check_language(language: str, told: Mapping[str, Any]) -> None:
    if language not in told["languages"]:
        raise BadRequestData(f"language: the notice is told in {', '.join(told['languages'])}, not in {language[:40]}")


def _told_in(body: Mapping[str, Any], language: str) -> dict[str, str]:
    """What of it is words, in one language."""
    return {
        "language": language,
        "title": text_of(body["title"], language),
        "description": text_of(body["description"], language),
    }
