"""Reports as entities of the hub: what of them is public, and what only who reported and the staff may read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

import msgspec

from madang.model import time as times
from madang.model.document import NULL
from madang.model.entity import Attribute, Entity, Kind, point
from madang.model.report import CONTACTS, TYPE, Case, Contact, Remark, Report

URN: Final = "urn:ngsi-ld:ServiceRequest:"


def entity_of(case: Case) -> Entity:
    """The whole entity of a report."""
    report = case.report
    given = {
        "serviceCode": report.kind,
        "description": report.description,
        "requestedAt": times.text(report.requested_at),
        "channel": report.channel,
        "address": report.address,
        "addressId": report.address_id,
        "mediaUrl": report.media_url,
        "district": report.district,
        **{name: getattr(case.contact, own) for own, name in CONTACTS.items()},
        "caseSecret": case.secret,
    }
    attributes = {name: (Attribute(value=text),) for name, text in given.items() if text}
    if report.answers:
        answers = {code: list(chosen) for code, chosen in report.answers.items()}
        attributes["answers"] = (Attribute(kind=Kind.JSON, value=answers),)
    if report.place is not None:
        attributes["location"] = (Attribute(kind=Kind.GEO, value=point(*report.place)),)
    kept = {name: found for name, found in changing(case).items() if found[0].value != NULL}
    return Entity(id=URN + report.id, types=(TYPE,), attributes={**attributes, **kept})


def changing(case: Case) -> dict[str, tuple[Attribute, ...]]:
    """The attributes that change while a report is dealt with; what is empty is the NGSI-LD Null, which deletes."""
    report = case.report
    plain: Mapping[str, Any] = {
        "status": report.status,
        "statusNotes": report.status_notes,
        "updatedAt": times.text(report.updated_at),
        "expectedAt": times.text(report.expected_at),
        "agency": report.agency,
        "supporters": report.supporters,
        "mergedInto": report.merged_into,
        "handler": case.handler,
    }
    lists = {"photos": report.photos, "heldPhotos": case.held, "caseLog": case.log}
    found = {name: (Attribute(value=value or NULL),) for name, value in plain.items()}
    told = ((name, msgspec.to_builtins(value, str_keys=True)) for name, value in lists.items())
    # An empty list is written too: what was held a moment ago is not any more.
    return {**found, **{name: (Attribute(kind=Kind.JSON, value=list(value)),) for name, value in told}}


def report_of(entity: Entity) -> Report:
    """What anybody may read of a report."""
    location: Any = entity.value("location")
    answers: Any = entity.value("answers") or {}
    return Report(
        id=entity.id.removeprefix(URN),
        kind=_text(entity, "serviceCode"),
        status=_text(entity, "status"),
        description=_text(entity, "description"),
        requested_at=_at(entity, "requestedAt"),
        updated_at=_at(entity, "updatedAt"),
        expected_at=_at(entity, "expectedAt"),
        agency=_text(entity, "agency"),
        channel=_text(entity, "channel"),
        place=tuple(location["coordinates"][:2]) if location else None,
        address=_text(entity, "address"),
        address_id=_text(entity, "addressId"),
        media_url=_text(entity, "mediaUrl"),
        status_notes=_text(entity, "statusNotes"),
        answers={code: tuple(chosen) for code, chosen in answers.items()},
        supporters=_count(entity.value("supporters")),
        merged_into=_text(entity, "mergedInto"),
        district=_text(entity, "district"),
        photos=_names(entity.value("photos")),
    )


def case_of(entity: Entity) -> Case:
    """The whole of a report, from an entity that was read by the house."""
    log: Any = entity.value("caseLog") or []
    return Case(
        report=report_of(entity),
        contact=Contact(**{own: _text(entity, name) for own, name in CONTACTS.items()}),
        secret=_text(entity, "caseSecret"),
        log=tuple(msgspec.convert(log, list[Remark])),
        held=_names(entity.value("heldPhotos")),
        handler=_text(entity, "handler"),
    )


def photographed(photo: str) -> str:
    """The id of the report's entity, from a photo's name."""
    return URN + photo.partition("-")[0]


def _text(entity: Entity, name: str) -> str:
    value = entity.value(name)
    return value if isinstance(value, str) else ""


def _at(entity: Entity, name: str) -> datetime:
    return datetime.fromisoformat(_text(entity, name))


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _names(value: Any) -> tuple[str, ...]:
    return tuple(cast(Sequence[str], value)) if isinstance(value, list) else ()
