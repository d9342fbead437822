"""Reports on their way: what who reported adds by the report's link, what the staff does, and who is told.

Each change reads the report anew and writes it whole, one after the other: so nobody's words are lost to another's.
"""

import asyncio
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary

import msgspec

from madang.errors import BadRequestData, Conflict, Forbidden, ResourceNotFound
from madang.govern import SYSTEM, Caller
from madang.hub import Hub
from madang.model.entity import Entity
from madang.model.report import TYPE, Case, Remark, Report
from madang.participate.keeping import kept
from madang.participate.letters import words
from madang.participate.reports import CLOSED, MOST, OPEN, fingerprint, newest
from madang.participate.written import URN, case_of, changing

REPORTER, ANYBODY, STAFF = "reporter", "anybody", "staff"
LOG_MOST: Final = 200
"""Lines of a report's log."""
PHOTOS_MOST: Final = 5
_YEARS: Final = timedelta(days=3650)

_LOCKS: WeakKeyDictionary[Hub, asyncio.Lock] = WeakKeyDictionary()


class Handling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the staff does with a report; what is left out stays. `words` are public with a new `status`, else for who
    reported alone; `merge_into` closes it as the same matter as another; `publish` and `remove` name photos."""

    status: str = ""
    words: str = ""
    agency: str = ""
    handler: str = ""
    merge_into: str = ""
    publish: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Cases:
    """The reports of a city as who reported and who handles them see them."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._writing = _LOCKS.setdefault(hub, asyncio.Lock())

    async def opened(self, token: str) -> Case:
        """The report of a link. Raises ResourceNotFound, the same for a wrong secret as for no report."""
        id, _, secret = token.partition(".")
        found = await self._hub.entities.read(SYSTEM, [URN + id]) if secret else {}
        case = case_of(found[URN + id]) if found else None
        if case is None or not hmac.compare_digest(case.secret, fingerprint(secret)):
            raise ResourceNotFound("no report has this link")
        return case

    async def one(self, id: str) -> Case:
        """The whole of a report, for the house. Raises ResourceNotFound."""
        found = await self._hub.entities.read(SYSTEM, [URN + id])
        if not found:
            raise ResourceNotFound(f"there is no report '{id[:80]}'")
        return case_of(found[URN + id])

    async def queue(self, now: datetime, *, status: str = OPEN, agency: str = "") -> list[Case]:
        """The staff's list: of that status (empty: any) and agency (empty: any), what is due first."""
        query = newest(status=status, start=now - _YEARS, end=now)
        page = await self._hub.entities.query(SYSTEM, msgspec.structs.replace(query, limit=MOST))
        found = [case_of(one) for one in page.entities]
        mine = [one for one in found if not agency or one.report.agency == agency]
        return sorted(mine, key=lambda one: (one.report.status != OPEN, one.report.expected_at, one.report.id))

    async def add(self, token: str, text: str, now: datetime) -> Case:
        """Who reported adds words. Raises ResourceNotFound, BadRequestData."""
        case = await self.opened(token)
        remark = Remark(at=now, by=REPORTER, act="said", text=words(text, what="words"))
        return await self._change(case.report.id, lambda old: _noted(old, remark))

    async def reopen(self, id: str, reason: str, now: datetime, *, by: str = ANYBODY) -> Case:
        """Anybody opens a closed report again, with a reason. Raises BadRequestData, Conflict, ResourceNotFound."""
        text = words(reason, what="status_notes")

        def open_again(old: Case) -> Case:
            if old.report.status != CLOSED:
                raise Conflict("the report is open")
            wait = max(old.report.expected_at - old.report.requested_at, timedelta(days=1))
            changed = {"status": OPEN, "status_notes": text, "updated_at": now, "expected_at": now + wait}
            report = msgspec.structs.replace(old.report, merged_into="", **changed)
            return _noted(msgspec.structs.replace(old, report=report), Remark(at=now, by=by, act="opened", text=text))

        return await self._change(id, open_again)

    async def support(self, id: str, now: datetime) -> Case:
        """Somebody has the same matter. Raises Conflict for a closed report, ResourceNotFound."""

        def joined(old: Case) -> Case:
            if old.report.status != OPEN:
                raise Conflict("the report is closed; open it again, with a reason")
            counted = msgspec.structs.replace(old.report, supporters=old.report.supporters + 1, updated_at=now)
            return msgspec.structs.replace(old, report=counted)

        return await self._change(id, joined)

    async def picture(self, token: str, name: str, now: datetime, *, held: bool) -> Case:
        """A photo was added; `held`: staff looks at it before anybody else. Raises Conflict, ResourceNotFound."""
        case = await self.opened(token)

        def pictured(old: Case) -> Case:
            if len(old.report.photos) + len(old.held) >= PHOTOS_MOST:
                raise Conflict(f"a report has at most {PHOTOS_MOST} photos")
            remark = Remark(at=now, by=REPORTER, act="pictured")
            if held:
                return _noted(msgspec.structs.replace(old, held=(*old.held, name)), remark)
            shown = msgspec.structs.replace(old.report, photos=(*old.report.photos, name))
            return _noted(msgspec.structs.replace(old, report=shown), remark)

        return await self._change(case.report.id, pictured)

    async def handle(self, caller: Caller, id: str, given: Handling, now: datetime) -> Case:
        """The staff assigns, routes, closes, opens, merges, answers, lets photos be seen. Raises Forbidden,
        BadRequestData, Conflict, ResourceNotFound."""
        if caller.role not in ("operator", "system"):
            raise Forbidden("operators handle reports; anybody may open one again that was closed")
        if given.status not in ("", OPEN, CLOSED):
            raise BadRequestData("status is open or closed")
        if given.merge_into:
            await self._mergeable(id, given.merge_into)
        case = await self._change(id, lambda old: _handled(old, given, caller.name, now))
        if given.merge_into:
            await self._change(given.merge_into, lambda old: _gained(old, case.report, now))
        return case

    async def _mergeable(self, id: str, into: str) -> None:
        if into == id:
            raise BadRequestData("merge_into: another report than this one")
        if (await self.one(into)).report.merged_into:
            raise Conflict(f"'{into[:80]}' was merged itself; name the report that it went into")

    async def _change(self, id: str, change: Callable[[Case], Case]) -> Case:
        async with self._writing:
            case = change(await self.one(id))
            part = Entity(id=URN + id, types=(TYPE,), attributes=changing(case))
            await self._hub.entities.merge(SYSTEM, kept(part, self._hub.policy.datasets, case.report.requested_at))
            return case


def _noted(case: Case, remark: Remark) -> Case:
    if len(case.log) >= LOG_MOST:
        raise Conflict(f"the report has {LOG_MOST} remarks; file a new one that names it")
    return msgspec.structs.replace(case, log=(*case.log, remark))


def _handled(old: Case, given: Handling, name: str, now: datetime) -> Case:
    report, status = old.report, CLOSED if given.merge_into else given.status
    text = words(given.words, what="status_notes") if given.words.strip() or given.status else ""
    turned = {OPEN: "opened", CLOSED: "closed"}.get(status, "said") if status != report.status else "said"
    act = "merged" if given.merge_into else turned
    report = msgspec.structs.replace(
        report,
        status=status or report.status,
        status_notes=(text or report.status_notes) if status else report.status_notes,
        agency=_name(given.agency, "agency") or report.agency,
        merged_into=given.merge_into or ("" if status == OPEN else report.merged_into),
        photos=_shown(old, given),
        updated_at=now,
    )
    held = tuple(one for one in old.held if one not in (*given.publish, *given.remove))
    case = Case(
        report=report,
        contact=old.contact,
        secret=old.secret,
        log=old.log,
        held=held,
        handler=_name(given.handler, "handler") or old.handler,
    )
    if status or text:
        case = _noted(case, Remark(at=now, by=STAFF, act=act, text=text or given.merge_into, name=name))
    if case.handler != old.handler or report.agency != old.report.agency:
        told = ", ".join(part for part in (report.agency, case.handler) if part)
        case = _noted(case, Remark(at=now, by=STAFF, act="assigned", text=told, name=name))
    return case


def _shown(old: Case, given: Handling) -> tuple[str, ...]:
    strange = [one for one in (*given.publish, *given.remove) if one not in (*old.held, *old.report.photos)]
    if strange:
        raise BadRequestData(f"the report has no photo '{strange[0][:80]}'")
    kept = [one for one in old.report.photos if one not in given.remove]
    return (*kept, *(one for one in given.publish if one in old.held and one not in given.remove))


def _gained(old: Case, merged: Report, now: datetime) -> Case:
    """Whoever reported or joined the merged one counts here."""
    counted = msgspec.structs.replace(
        old.report, supporters=old.report.supporters + 1 + merged.supporters, updated_at=now
    )
    remark = Remark(at=now, by=STAFF, act="said", text=f"{merged.id} is the same matter and was merged into this one")
    return _noted(msgspec.structs.replace(old, report=counted), remark)


def _name(text: str, what: str) -> str:
    if len(text) > 100:
        raise BadRequestData(f"{what}: at most 100 characters")
    return words(text, what=what) if text.strip() else ""


def overdue(report: Report, now: datetime) -> bool:
    """It is open and its time is over."""
    return report.status == OPEN and now > report.expected_at


def agencies(cases: Sequence[Case]) -> list[str]:
    """Who handles some of these."""
    return sorted({one.report.agency for one in cases})
