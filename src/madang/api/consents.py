"""What people agreed to: ``/notices``, ``/consents``. Each act is in the ledger, where only a commitment is public."""

from typing import Any, cast

from litestar import Response, get, post
from litestar.params import FromPath

from madang.account.ledger import Note
from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.body import read_json
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import BadRequestData
from madang.model import time as times
from madang.model.consent import Consent

_EXAMPLE = {
    "subject": "urn:ngsi-ld:Person:kim",
    "dataset": "visits",
    "purposes": ["research"],
    "notice": "the hash that GET /notices/visits tells",
    "language": "ko",
}


@get("/notices/{dataset:str}", operation_class=documented("Consent", named=False))
async def tell_notice(request: Call, dataset: FromPath[str]) -> Response[bytes]:
    """Tell a dataset's notice: what a person is told before agreeing to its use, with the hash that a consent names."""
    Arguments(request, ())
    return plain(rooms(request).hub.consents.notice(dataset))


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
    return plain([_told(one) for one in found])


@post("/consents/{id:str}/withdrawal", status_code=200, operation_class=documented("Consent", named=False))
async def withdraw_consent(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Withdraw it: from the next read on it holds no more."""
    Arguments(request, ())
    consent = await rooms(request).hub.consents.withdraw(writer(request), id)
    return plain(await _accounted(request, consent, "withdrawn"))


async def _accounted(request: Call, consent: Consent, act: str) -> dict[str, Any]:
    """Written into the ledger; and the consent with the entry that accounts for it."""
    told = _told(consent)
    at = consent.withdrawn_at or consent.given_at
    note = Note(kind="consent", at=at, target=consent.datasets[0], body={"act": act, "consent": told})
    (entry,) = await rooms(request).account.add([note])
    return {**told, "entry": entry.id}


def _told(consent: Consent) -> dict[str, Any]:
    ends = {"expiresAt": consent.expires_at, "withdrawnAt": consent.withdrawn_at}
    return {
        "id": consent.id,
        "subject": consent.subject,
        "dataset": consent.datasets[0],
        "purposes": list(consent.purposes),
        "notice": consent.notice,
        "language": consent.language,
        "by": consent.by,
        "givenAt": times.text(consent.given_at),
        **({"guardian": consent.guardian} if consent.guardian else {}),
        **{name: times.text(at) for name, at in ends.items() if at is not None},
    }
