"""Reports of residents: filed, read, found. They are entities of the hub (`TYPE`), so that whoever reports, reads and
handles passes governance; who reported is a dataset of its own, which only its purpose opens."""

import hashlib
import math
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from madang.errors import AlreadyExists, BadRequestData, ResourceNotFound
from madang.govern import PUBLIC, SYSTEM
from madang.hub import Hub
from madang.model import time as times
from madang.model.city import City
from madang.model.entity import point
from madang.model.geometry import distance_m
from madang.model.query import (
    Compare,
    Condition,
    EntityQuery,
    Every,
    GeoFilter,
    Georel,
    OneOf,
    Operator,
    Order,
    Path,
)
from madang.model.report import TYPE, Case, Contact, Report, ReportKind
from madang.participate.checking import check
from madang.participate.keeping import kept
from madang.participate.letters import readable
from madang.participate.written import URN, entity_of, report_of

OPEN, CLOSED = "open", "closed"

DAYS, MOST = 90, 1000
"""A list has reports of so many days, and so many of them, whichever is less (GeoReport v2, GET Service Requests)."""

_WRITTEN: Final = ("description", "address", "address_id")
_DRAFT: Final = re.compile(r"[A-Za-z0-9_-]{22,64}")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which reports: of these kinds and this status (empty: any), filed from `start` and before `end`."""

    kinds: Sequence[str] = ()
    status: str = ""
    start: datetime | None = None
    end: datetime | None = None


class Filed(msgspec.Struct, frozen=True):
    """A report as it was taken down; `token` is what whoever reported opens it with, and nobody can guess. `again`: it
    had been taken down before, from the same draft."""

    report: Report
    token: str
    again: bool = False


class Reports:
    """The reports of a city."""

    def __init__(self, hub: Hub, city: City) -> None:
        self._hub = hub
        self._kinds = city.reports
        self._districts = city.districts

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

    async def file(self, report: Report, contact: Contact, *, draft: str = "") -> Filed:
        """Take a report down. A `draft` that its maker chose (22 random characters or more) makes sending it again
        harmless. Raises BadRequestData for what is wrong with it, ResourceNotFound for its kind."""
        check(report, contact, self.kind(report.kind))
        if draft and not _DRAFT.fullmatch(draft):
            raise BadRequestData("draft: 22 to 64 random letters, digits, - and _, made once for each report")
        id, secret = _names(draft) if draft else (secrets.token_hex(6), secrets.token_urlsafe(24))
        made = msgspec.structs.replace(report, id=id)
        case = Case(report=made, contact=contact, secret=fingerprint(secret))
        try:
            datasets = self._hub.policy.datasets
            await self._hub.entities.create(SYSTEM, kept(entity_of(case), datasets, report.requested_at))
        except AlreadyExists:
            found = await self.one(id)
            if _same(found, made):
                return Filed(found, f"{id}.{secret}", again=True)
            # The form was used a second time, for another matter.
            return await self.file(report, contact)
        return Filed(made, f"{id}.{secret}")

    def draft(self, code: str, now: datetime, **given: Any) -> Report:
        """A report of the kind as it begins, routed by where it is. Raises ResourceNotFound, and BadRequestData for
        words that cannot be shown."""
        kind = self.kind(code)
        place = given.get("place")
        known = self._districts is not None and place is not None and all(map(math.isfinite, place))
        district = self._districts.at(place) if self._districts is not None and known else None
        name = district.id if district is not None else ""
        written: dict[str, Any] = {what: readable(given[what], what=what) for what in _WRITTEN if given.get(what)}
        if given.get("answers"):
            written["answers"] = {
                code: tuple(readable(one, what=f"attribute[{code}]") for one in chosen)
                for code, chosen in given["answers"].items()
            }
        return Report(
            id="",
            kind=code,
            status=OPEN,
            requested_at=now,
            updated_at=now,
            expected_at=now + timedelta(days=kind.days),
            agency=kind.agencies.get(name, kind.agency),
            district=name,
            **{**given, **written},
        )

    async def one(self, id: str) -> Report:
        """Raises ResourceNotFound."""
        found = await self._hub.entities.read(PUBLIC, [URN + id])
        if not found:
            raise ResourceNotFound(f"there is no report '{id[:80]}'")
        return report_of(found[URN + id])

    async def some(self, ids: Sequence[str]) -> list[Report]:
        """Those of these that there are, in the order asked for."""
        found = await self._hub.entities.read(PUBLIC, [URN + id for id in ids])
        return [report_of(found[URN + id]) for id in ids if URN + id in found]

    async def find(self, wanted: Wanted, now: datetime, *, limit: int = MOST, offset: int = 0) -> list[Report]:
        """The newest first: of the last 90 days unless times are given, and never of a longer time."""
        end = wanted.end or (min(now, wanted.start + timedelta(days=DAYS)) if wanted.start else now)
        start = max(wanted.start or end - timedelta(days=DAYS), end - timedelta(days=DAYS))
        query = newest(status=wanted.status, start=start, end=end, kinds=wanted.kinds)
        found = [report_of(one) for one in (await self._hub.entities.query(PUBLIC, query)).entities]
        return found[offset : offset + min(limit, MOST)]

    async def near(self, code: str, place: tuple[float, float], now: datetime) -> list[tuple[Report, float]]:
        """Open reports of the kind that may be the same matter, with how many metres off, the nearest first; at most
        ten. Raises ResourceNotFound for the kind, BadRequestData for a place that is none."""
        kind = self.kind(code)
        if not (all(map(math.isfinite, place)) and abs(place[0]) <= 180 and abs(place[1]) <= 90):
            raise BadRequestData("lat is from -90 to 90, long from -180 to 180")
        around = GeoFilter(relation=Georel.NEAR, geometry=point(*place), max_distance_m=kind.near_m)
        query = newest(status=OPEN, start=now - timedelta(days=kind.near_days), end=now, kinds=(code,))
        page = await self._hub.entities.query(PUBLIC, msgspec.structs.replace(query, geo=around, limit=100))
        found = [report_of(one) for one in page.entities]
        apart = [(one, distance_m(place, one.place)) for one in found if one.place is not None]
        return sorted(apart, key=lambda each: each[1])[:10]


def newest(*, status: str = "", start: datetime, end: datetime, kinds: Sequence[str] = ()) -> EntityQuery:
    """The query for reports filed in that time, the newest first; of any status and any kind where none is given."""
    terms: list[Condition] = [
        Compare(Path(("requestedAt",)), Operator.GREATER_EQUAL, times.text(start)),
        Compare(Path(("requestedAt",)), Operator.LESS_EQUAL, times.text(end)),
    ]
    if status:
        terms.append(Compare(Path(("status",)), Operator.EQUAL, status))
    if kinds:
        terms.append(OneOf(Path(("serviceCode",)), tuple(kinds)))
    order = (Order(path=Path(("requestedAt",)), descending=True),)
    return EntityQuery(types=((TYPE,),), where=Every(tuple(terms)), order=order, limit=MOST)


def fingerprint(secret: str) -> str:
    """What is kept of a link's secret. It is 192 bits of chance, so a plain hash tells nobody anything."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _names(draft: str) -> tuple[str, str]:
    """The id and the secret of a draft: whoever made the draft, and nobody else, gets the same again."""
    id = hashlib.sha256(b"report " + draft.encode()).hexdigest()[:12]
    return id, hashlib.sha256(b"link " + draft.encode()).hexdigest()[:48]


def _same(found: Report, sent: Report) -> bool:
    return (found.kind, found.description, found.place) == (sent.kind, sent.description, sent.place)
