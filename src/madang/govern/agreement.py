"""A consent as a record that others can read: the fields of ISO/IEC TS 27560:2023, clause 6, in the terms of the W3C
Data Privacy Vocabulary (DPV 2), as JSON-LD. The @context is in it: nothing has to be fetched to understand it.

What a field is called there, and here: record metadata are ``dcterms``; the processing is one ``dpv:Process``; the
parties are the controller and the recipients; each event of the consent is one of ``dpv:hasConsentStatus``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from madang.model import time as times
from madang.model.consent import Consent

SCHEMA: Final = "https://w3id.org/dpv/schema/dpv-27560#record"
"""What the record conforms to: the profile of TS 27560 in DPV."""

CONTEXT: Final = {
    "dpv": "https://w3id.org/dpv#",
    "dcterms": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "madang": "urn:madang:",
    "dcterms:created": {"@type": "xsd:dateTime"},
    "dcterms:date": {"@type": "xsd:dateTime"},
    "dcterms:valid": {"@type": "xsd:dateTime"},
}

_STATES: Final = {"given": "dpv:ConsentGiven", "withdrawn": "dpv:ConsentWithdrawn", "expired": "dpv:ConsentExpired"}
_SPECIAL: Final = "special"


def agreement(
    consent: Consent, notice: Mapping[str, Any], *, city: str, sensitivity: str, now: datetime
) -> dict[str, Any]:
    """The record of a consent, with the notice that was agreed to (see `govern/notice`)."""
    special = sensitivity == _SPECIAL
    return {
        "@context": CONTEXT,
        "@id": consent.id,
        "@type": "dpv:ConsentRecord",
        "dcterms:conformsTo": {"@id": SCHEMA},
        "dcterms:identifier": consent.id,
        "dcterms:created": times.text(consent.given_at),
        "dcterms:publisher": f"madang:city:{city}",
        "dpv:hasDataSubject": _subject(consent),
        "dpv:hasDataController": {"@type": "dpv:DataController", "dcterms:title": notice.get("controller", "")},
        "dpv:hasJurisdiction": notice.get("jurisdiction", ""),
        "dpv:hasApplicableLaw": notice.get("law"),
        "dpv:hasNotice": {
            "@type": "dpv:ConsentNotice",
            "@id": f"madang:notice:{consent.datasets[0]}:{consent.notice}",
            "dcterms:identifier": consent.notice,
            "dcterms:hasVersion": consent.version,
            "dcterms:language": consent.language,
        },
        "dpv:hasProcess": _process(consent, notice, special=special),
        "dpv:hasConsentStatus": _events(consent, now, special=special),
        "dpv:hasRight": [{"@id": right} for right in notice.get("rights", ())],
        "madang:withdrawalMethod": f"POST /consents/{consent.id}/withdrawal",
        "madang:state": consent.state(now),
    }


def _subject(consent: Consent) -> dict[str, Any]:
    found: dict[str, Any] = {"@id": consent.subject, "@type": "dpv:DataSubject"}
    if consent.guardian:
        found["@type"] = ["dpv:DataSubject", "dpv:Child"]
        found["dpv:hasGuardian"] = {"@id": consent.guardian, "@type": "dpv:GuardianOfDataSubject"}
    return found


def _process(consent: Consent, notice: Mapping[str, Any], *, special: bool) -> dict[str, Any]:
    data = "dpv:SpecialCategoryPersonalData" if special else "dpv:PersonalData"
    return {
        "@type": "dpv:Process",
        "dcterms:title": [{"@value": text, "@language": tag} for tag, text in notice.get("title", {}).items()],
        "dpv:hasLegalBasis": {"@id": _basis(special=special)},
        "dpv:hasPurpose": [
            {"@type": "dpv:Purpose", "@id": f"madang:purpose:{name}", "dcterms:title": name}
            for name in consent.purposes
        ],
        "dpv:hasPersonalData": [{"@type": data, "dcterms:title": name} for name in notice.get("items", ())],
        "dpv:hasProcessing": [{"@id": one} for one in ("dpv:Collect", "dpv:Store", "dpv:Use")],
        "dpv:hasStorageCondition": {
            "@type": "dpv:StorageDuration",
            "dpv:hasDuration": notice.get("retention", ""),
            "dpv:hasLocation": notice.get("jurisdiction", ""),
        },
        "dpv:hasRecipient": [_recipient(one, consent) for one in notice.get("recipients", ()) if _fits(one, consent)],
    }


def _recipient(given: Mapping[str, Any], consent: Consent) -> dict[str, Any]:
    return {
        "@type": "dpv:Recipient",
        "dcterms:title": ", ".join(given.get("roles", ())),
        "dpv:hasPurpose": [f"madang:purpose:{one}" for one in given.get("purposes", ()) if one in consent.purposes],
        "dpv:hasPersonalData": list(given.get("items", ())),
        "dpv:hasLocation": list(given.get("to", ())),
        "madang:transforms": [f"{name}: {how}" for name, how in given.get("transforms", {}).items()],
    }


def _fits(recipient: Mapping[str, Any], consent: Consent) -> bool:
    return not set(recipient.get("purposes", ())).isdisjoint(consent.purposes)


def _basis(*, special: bool) -> str:
    return "dpv:ExplicitlyExpressedConsent" if special else "dpv:ExpressedConsent"


def _events(consent: Consent, now: datetime, *, special: bool) -> list[dict[str, Any]]:
    """What happened to it, in order: when, by whom, and until when it is valid."""
    given: dict[str, Any] = {
        "@type": _STATES["given"],
        "dcterms:date": times.text(consent.given_at),
        "dpv:isIndicatedBy": consent.by,
        "dpv:hasIndicationMethod": _basis(special=special),
    }
    if consent.expires_at is not None:
        given["dcterms:valid"] = times.text(consent.expires_at)
    found = [given]
    if consent.withdrawn_at is not None:
        found.append({"@type": _STATES["withdrawn"], "dcterms:date": times.text(consent.withdrawn_at)})
    elif consent.expires_at is not None and consent.expires_at <= now:
        found.append({"@type": _STATES["expired"], "dcterms:date": times.text(consent.expires_at)})
    return found
