"""Reports of residents: filed, read, handled. They are entities of the hub (`TYPE`), so that whoever reports, reads and
handles passes governance; who reported is a dataset of its own, which only its purpose opens."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from madang.errors import BadRequestData, Forbidden, ResourceNotFound
from madang.govern import PUBLIC, SYSTEM, Caller
from madang.hub import Hub
from madang.model import time as times
from madang.model.city import City
from madang.model.entity import Attribute, Entity, Kind, point
from madang.model.query import Compare, Condition, EntityQuery, Every, Operator, Order, Path
from madang.model.report import CONTACTS, TYPE, Contact, QuestionKind, Report, ReportKind

OPEN, CLOSED = "open", "closed"
CHANNELS: Final = ("api", "web", "phone", "kiosk", "assisted")

DAYS, MOST = 90, 1000
"""A list has reports of so many days, and so many of them, whichever is less (GeoReport v2, GET Service Requests)."""

LONGEST: Final = 4000
_URN: Final = "urn:ngsi-ld:ServiceRequest:"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which reports: of these kinds and this status (empty: any), filed from `start` and before `end`."""

    kinds: Sequence[str] = ()
    status: str = ""
    start: datetime | None = None
    end: datetime | None = None


class Reports:
    """The reports of a city. `now` is the city's time."""

    def __init__(self, hub: Hub, city: City) -> None:
        self._hub = hub
        self._kinds = city.reports

    @property
    def kinds(self) -> Mapping[str, ReportKind]:
        """What may be reported, by code."""
        return self._kinds

    def kind(self, code: str) -> ReportKind:
        """Raises ResourceNotFound."""
        found = self._kinds.get(code)
        if found is None:
            known = ", ".join(self._kinds) or "none: the city's folder has no reports.toml"
            raise ResourceNotFound(f"there is no service_code '{code[:80]}' (known: {known})")
        return found

    async def file(self, report: Report, contact: Contact) -> Report:
        """Take a report down. Raises BadRequestData for what is wrong with it, ResourceNotFound for its kind."""
        self._check(report)
        made = msgspec.structs.replace(report, id=secrets.token_hex(6))
        await self._hub.entities.create(SYSTEM, _entity(made, contact))
        return made

    def draft(self, code: str, now: datetime, **given: Any) -> Report:
        """A report of the kind as it begins. Raises ResourceNotFound."""
        kind = self.kind(code)
        return Report(
            id="",
            kind=code,
            status=OPEN,
            requested_at=now,
            updated_at=now,
            expected_at=now + timedelta(days=kind.days),
            agency=kind.agency,
            **given,
        )

    async def one(self, id: str) -> Report:
        """Raises ResourceNotFound."""
        found = await self._hub.entities.read(PUBLIC, [_URN + id])
        if not found:
            raise ResourceNotFound(f"there is no report '{id[:80]}'")
        return _report(found[_URN + id])

    async def some(self, ids: Sequence[str]) -> list[Report]:
        """Those of these that there are, in the order asked for."""
        found = await self._hub.entities.read(PUBLIC, [_URN + id for id in ids])
        return [_report(found[_URN + id]) for id in ids if _URN + id in found]

    async def find(self, wanted: Wanted, now: datetime, *, limit: int = MOST, offset: int = 0) -> list[Report]:
        """The newest first: of the last 90 days unless times are given, and never of a longer time."""
        end = wanted.end or (min(now, wanted.start + timedelta(days=DAYS)) if wanted.start else now)
        start = max(wanted.start or end - timedelta(days=DAYS), end - timedelta(days=DAYS))
        terms: list[Condition] = [
            Compare(Path(("requestedAt",)), Operator.GREATER_EQUAL, times.text(start)),
            Compare(Path(("requestedAt",)), Operator.LESS_EQUAL, times.text(end)),
        ]
        if wanted.status:
            terms.append(Compare(Path(("status",)), Operator.EQUAL, wanted.status))
        query = EntityQuery(
            types=((TYPE,),),
            where=Every(tuple(terms)),
            order=(Order(path=Path(("requestedAt",)), descending=True),),
            limit=MOST,
        )
        found = [_report(one) for one in (await self._hub.entities.query(PUBLIC, query)).entities]
        kinds = [one for one in found if not wanted.kinds or one.kind in wanted.kinds]
        return kinds[offset : offset + min(limit, MOST)]

    async def handle(self, caller: Caller, id: str, *, status: str, notes: str, now: datetime) -> Report:
        """An operator closes it, or opens it again; anybody may open it again. Raises Forbidden, BadRequestData,
        ResourceNotFound."""
        if status not in (OPEN, CLOSED):
            raise BadRequestData("status is open or closed")
        report = await self.one(id)
        reopens = status == OPEN and report.status == CLOSED
        if caller.role not in ("operator", "system") and not reopens:
            raise Forbidden("operators close reports; anybody may open one again that was closed")
        if not notes.strip() or len(notes) > LONGEST:
            raise BadRequestData(f"status_notes: a reason, of at most {LONGEST} characters")
        values = {"status": status, "statusNotes": notes, "updatedAt": times.text(now)}
        changed = {name: (Attribute(value=value),) for name, value in values.items()}
        await self._hub.entities.merge(SYSTEM, Entity(id=_URN + id, types=(TYPE,), attributes=changed))
        return await self.one(id)

    def _check(self, report: Report) -> None:
        if not report.description.strip() and not report.answers and not report.media_url:
            raise BadRequestData("description: say what is the matter")
        if len(report.description) > LONGEST:
            raise BadRequestData(f"description: at most {LONGEST} characters")
        if report.place is None and not report.address and not report.address_id:
            raise BadRequestData("where: lat and long, address_string or address_id")
        if report.place is not None and not (abs(report.place[0]) <= 180 and abs(report.place[1]) <= 90):
            raise BadRequestData("lat is from -90 to 90, long from -180 to 180")
        if report.media_url and not report.media_url.startswith(("https://", "http://")):
            raise BadRequestData("media_url: an http or https address")
        if report.channel not in CHANNELS:
            raise BadRequestData(f"channel: one of {', '.join(CHANNELS)}")
        self._check_answers(self.kind(report.kind), report.answers)

    def _check_answers(self, kind: ReportKind, answers: Mapping[str, Sequence[str]]) -> None:
        for code, question in kind.questions.items():
            given = answers.get(code, ())
            if question.required and not any(given):
                raise BadRequestData(f"attribute[{code}] is required")
            strange = [one for one in given if question.values and one not in question.values]
            if strange:
                raise BadRequestData(
                    f"attribute[{code}] is one of {', '.join(question.values)}, not {strange[0][:40]!r}"
                )
            if len(given) > 1 and question.kind is not QuestionKind.MANY:
                raise BadRequestData(f"attribute[{code}] has one answer")
            if question.kind is QuestionKind.NUMBER and any(not _is_number(one) for one in given):
                raise BadRequestData(f"attribute[{code}] is a number")
        unknown = [code for code in answers if code not in kind.questions]
        if unknown:
            raise BadRequestData(f"attribute[{unknown[0][:40]}] is no question of this service_code")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _entity(report: Report, contact: Contact) -> Entity:
    texts = {
        "serviceCode": report.kind,
        "status": report.status,
        "description": report.description,
        "requestedAt": times.text(report.requested_at),
        "updatedAt": times.text(report.updated_at),
        "expectedAt": times.text(report.expected_at),
        "agency": report.agency,
        "channel": report.channel,
        "address": report.address,
        "addressId": report.address_id,
        "mediaUrl": report.media_url,
        **{name: getattr(contact, own) for own, name in CONTACTS.items()},
    }
    attributes = {name: (Attribute(value=text),) for name, text in texts.items() if text}
    if report.answers:
        value = {code: list(given) for code, given in report.answers.items()}
        attributes["answers"] = (Attribute(kind=Kind.JSON, value=value),)
    if report.place is not None:
        attributes["location"] = (Attribute(kind=Kind.GEO, value=point(*report.place)),)
    return Entity(id=_URN + report.id, types=(TYPE,), attributes=attributes)


def _report(entity: Entity) -> Report:
    def text(name: str) -> str:
        value = entity.value(name)
        return value if isinstance(value, str) else ""

    def at(name: str) -> datetime:
        return datetime.fromisoformat(text(name))

    location: Any = entity.value("location")
    answers: Any = entity.value("answers") or {}
    return Report(
        id=entity.id.removeprefix(_URN),
        kind=text("serviceCode"),
        status=text("status"),
        description=text("description"),
        requested_at=at("requestedAt"),
        updated_at=at("updatedAt"),
        expected_at=at("expectedAt"),
        agency=text("agency"),
        channel=text("channel"),
        place=tuple(location["coordinates"][:2]) if location else None,
        address=text("address"),
        address_id=text("addressId"),
        media_url=text("mediaUrl"),
        status_notes=text("statusNotes"),
        answers={code: tuple(given) for code, given in answers.items()},
    )
