"""What people agreed to: ``/notices``, ``/consents``. Each act is in the ledger, where only a commitment is public."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from litestar import Response, get, post
from litestar.params import FromPath

from madang.account.jws import jws
from madang.account.ledger import Note
from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.body import read_json
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.message import Answer
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import BadRequestData
from madang.govern.agreement import agreement
from madang.model import time as times
from madang.model.consent import Consent

RECEIPT: Final = "https://w3id.org/dpv/schema/dpv-27560#receipt-full"
_EXAMPLE = {
    "subject": "urn:ngsi-ld:Person:kim",
    "dataset": "visits",
    "purposes": ["research"],
    "notice": "the hash that GET /notices/visits tells",
    "language": "ko",
}


@get("/notices/{dataset:str}", operation_class=documented("Consent", named=False, query=("lang", "hash")))
async def tell_notice(request: Call, dataset: FromPath[str]) -> Response[bytes]:
    """Tell a dataset's notice: what a person is told before agreeing to its use, in a language, with its version and
    the hash that a consent names; with `hash` an earlier one that somebody agreed to."""
    given = Arguments(request, ("lang", "hash"))
    consents = rooms(request).hub.consents
    told = await consents.told(dataset, hash=given.text("hash"), language=given.text("lang") or "")
    answer = plain(told)
    answer.headers["Content-Language"] = told["told"]["language"]
    return answer


@post("/consents", status_code=201, operation_class=documented("Consent", body=_EXAMPLE, answers=(201,)))
async def give_consent(request: Call) -> Response[bytes]:
    """Agree to a dataset's use for purposes: with a key of that person, or an operator's that takes it down."""
    Arguments(request, ())
    body = await read_json(request)
    if not isinstance(body, dict):
        raise BadRequestData("a consent is an object")
    consent = await rooms(request).hub.consents.give(writer(request), cast(dict[str, Any], body))
    return plain(await _accounted(request, consent, "given"), status=201)


@get("/consents", operation_class=documented("Consent", query=("subject",)))
async def list_consents(request: Call) -> Response[bytes]:
    """All that a person ever agreed to; for that person and for operators."""
    subject = Arguments(request, ("subject",)).text("subject")
    if not subject:
        raise BadRequestData("subject: the URI of the person is missing")
    found = await rooms(request).hub.consents.of(writer(request), subject)
    now = rooms(request).hub.subjects.now()
    return plain([_told(one, now) for one in found])


@get("/consents/{id:str}", operation_class=documented("Consent", named=False, media=("application/ld+json",)))
async def retrieve_consent(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve a consent as a record: the fields of ISO/IEC TS 27560 in the terms of DPV. For that person and for
    operators."""
    Arguments(request, ())
    consent = await rooms(request).hub.consents.retrieve(writer(request), id)
    return plain(await _record(request, consent), media="application/ld+json")


@get("/consents/{id:str}/receipt", operation_class=documented("Consent", named=False, media=("application/jose",)))
async def consent_receipt(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve the receipt of a consent as it is now: a JSON Web Signature over its record, by the ledger's key.
    Anybody can check it offline; docs/verify_consent.py does."""
    Arguments(request, ())
    consent = await rooms(request).hub.consents.retrieve(writer(request), id)
    return Answer((await _receipt(request, consent)).encode(), status_code=200, media_type="application/jose")


@post("/consents/{id:str}/withdrawal", status_code=200, operation_class=documented("Consent", named=False))
async def withdraw_consent(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Withdraw it: from the next read on it holds no more."""
    Arguments(request, ())
    consent = await rooms(request).hub.consents.withdraw(writer(request), id)
    return plain(await _accounted(request, consent, "withdrawn"))


async def _accounted(request: Call, consent: Consent, act: str) -> dict[str, Any]:
    """Written into the ledger; and the consent with the entry that accounts for it, and its receipt."""
    told = _told(consent, rooms(request).hub.subjects.now())
    at = consent.withdrawn_at or consent.given_at
    note = Note(kind="consent", at=at, target=consent.datasets[0], body={"act": act, "consent": told})
    (entry,) = await rooms(request).account.add([note])
    return {**told, "entry": entry.id, "receipt": await _receipt(request, consent)}


async def _record(request: Call, consent: Consent) -> dict[str, Any]:
    here = rooms(request)
    kept = await here.hub.consents.agreed(consent)
    sensitivity = next((one.sensitivity for one in here.policy.datasets if one.id == consent.datasets[0]), "personal")
    body: Mapping[str, Any] = kept.body if kept is not None else {}
    now = here.hub.subjects.now()
    return agreement(consent, body, city=here.city.id, sensitivity=str(sensitivity), now=now)


async def _receipt(request: Call, consent: Consent) -> str:
    here = rooms(request)
    now = here.hub.subjects.now()
    payload = {
        "iss": f"urn:madang:city:{here.city.id}",
        "sub": consent.subject,
        "jti": f"{consent.id}:{consent.state(now)}",
        "iat": int(now.timestamp()),
        "receipt": {
            "@type": "dpv:ConsentReceipt",
            "dcterms:conformsTo": RECEIPT,
            "dpv:hasRecordOfActivity": await _record(request, consent),
        },
    }
    return jws(here.account.log.key, payload, type="consent-receipt+jwt")


def _told(consent: Consent, now: datetime) -> dict[str, Any]:
    ends = {"expiresAt": consent.expires_at, "withdrawnAt": consent.withdrawn_at}
    return {
        "id": consent.id,
        "subject": consent.subject,
        "dataset": consent.datasets[0],
        "purposes": list(consent.purposes),
        "notice": consent.notice,
        "version": consent.version,
        "state": consent.state(now),
        "language": consent.language,
        "by": consent.by,
        "givenAt": times.text(consent.given_at),
        **({"guardian": consent.guardian} if consent.guardian else {}),
        **{name: times.text(at) for name, at in ends.items() if at is not None},
    }
