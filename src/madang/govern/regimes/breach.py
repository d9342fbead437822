"""One breach, every clock: when each law wants its authority, and the people concerned, to be told.

The clocks are read from the matrix' `breach` cells. Where a cell is not sure from which moment its time runs, the
earliest moment that is known counts, and the answer says that it is unsure. Pure; engineering data, not legal advice.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final, Literal, cast
from zoneinfo import ZoneInfo

import msgspec

from madang.errors import BadRequestData, ResourceNotFound
from madang.govern.regimes.regime import SURE, Cell, Certainty, Regime

Moment = Literal["occurred", "aware", "suspected", "assessed", "authority told"]

_ZONES: Final[Mapping[str, str]] = {"SG": "Asia/Singapore"}
"""Where days of the calendar are counted, not hours."""

_CALENDAR = re.compile(r"(\d+) CALENDAR DAYS", re.IGNORECASE)


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """When what happened. `at` it occurred (None: not known), `aware` the organisation knew, `suspected` it had reason
    to believe so, `assessed` it had assessed that it has to be told, `authority_told` the authority was told."""

    aware: datetime
    at: datetime | None = None
    suspected: datetime | None = None
    assessed: datetime | None = None
    authority_told: datetime | None = None


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """Who has to be told until when. `due` None: there is no time that can be computed, `why` says why not.

    `begins` is the moment from which it runs; `threshold` says for which breaches it is due at all. `sure`: the law's
    text or settled practice says so, clock included; else `why` has what is unsure, and the earliest reading counts.
    """

    regime: str
    whom: str
    due: datetime | None
    begins: str
    threshold: str
    article: str
    certainty: Certainty
    sure: bool
    why: str = ""


def deadlines(regimes: Mapping[str, Regime], codes: Sequence[str], incident: Incident) -> list[Deadline]:
    """Every deadline of these regimes, the earliest first, those without a time last.

    Raises ResourceNotFound for a regime that the matrix does not have, BadRequestData for moments in no possible order.
    """
    _check(incident)
    for code in codes:
        if code not in regimes:
            raise ResourceNotFound(f"the matrix has no regime {code!r}; there are {', '.join(regimes)}")
    found = [each for code in codes for each in _of(regimes[code], incident)]
    return sorted(found, key=lambda one: (one.due is None, one.due or incident.aware, one.regime))


def _check(incident: Incident) -> None:
    for name in ("aware", "at", "suspected", "assessed", "authority_told"):
        moment: datetime | None = getattr(incident, name)
        if moment is not None and moment.tzinfo is None:
            raise BadRequestData(f"{name}: say the offset from UTC, such as 2026-03-01T07:30:00Z")
    if incident.at is not None and incident.aware < incident.at:
        raise BadRequestData("nobody is aware of a breach before it occurred")
    if incident.assessed is not None and incident.assessed < incident.aware:
        raise BadRequestData("it cannot be assessed before anybody is aware of it")


def _of(regime: Regime, incident: Incident) -> list[Deadline]:
    cell = regime.cells["breach"]
    value = cast(dict[str, Any], cell.value or {})
    if not value:
        return [_made(regime.code, cell, whom="authority", why="the matrix knows nothing for sure")]
    clock = str(value.get("clock", ""))
    found = [_timed(regime.code, cell, incident, whom="authority", hours="authority_hours", clock=clock)]
    for key, whom in (
        ("authority_final_hours", "authority, final report"),
        ("authority_final_malicious_hours", "authority, final report of a malicious act"),
    ):
        if key in value:
            found.append(_timed(regime.code, cell, incident, whom=whom, hours=key, clock=clock))
    if incident.suspected is not None and "suspected_breach_hours" in value:
        due = incident.suspected + timedelta(hours=value["suspected_breach_hours"])
        found.append(_made(regime.code, cell, whom="authority, suspected breach", due=due, begins="suspected"))
    found.append(_subjects(regime.code, cell, incident, found[0]))
    return found


def _subjects(code: str, cell: Cell, incident: Incident, authority: Deadline) -> Deadline:
    value = cast(dict[str, Any], cell.value)
    own = str(value.get("subject_clock", ""))
    if "authority is" in own or "Commissioner is notified" in own:
        start = incident.authority_told or authority.due
        due = start + timedelta(hours=value["subject_hours"]) if start is not None else None
        late = "" if incident.authority_told else "runs from when the authority is told; at the latest this"
        sure = authority.sure or incident.authority_told is not None
        return _made(code, cell, whom="people", due=due, begins="authority told", why=late, sure=sure)
    return _timed(code, cell, incident, whom="people", hours="subject_hours", clock=own or str(value.get("clock", "")))


def _timed(code: str, cell: Cell, incident: Incident, *, whom: str, hours: str, clock: str) -> Deadline:
    value = cast(dict[str, Any], cell.value)
    begins, start, unsure = _start(clock, incident)
    if hours not in value:
        return _made(code, cell, whom=whom, begins=begins, why="no time in hours in the matrix: without delay")
    if start is None:
        why = "runs from the assessment, which is not made yet: make it without delay"
        return _made(code, cell, whom=whom, begins=begins, why=why)
    plain = start + timedelta(hours=value[hours])
    days = _CALENDAR.search(clock)
    if days is None or code not in _ZONES:
        return _made(code, cell, whom=whom, due=plain, begins=begins, why=unsure, sure=not unsure)
    zone = ZoneInfo(_ZONES[code])
    last = start.astimezone(zone).date() + timedelta(days=int(days[1]) + 1)
    end = datetime.combine(last, time(), zone).astimezone(start.tzinfo)
    why = f"the end of day {days[1]} after the day it was assessed; {value[hours]} h would be {plain.isoformat()}"
    return _made(code, cell, whom=whom, due=end, begins=begins, why=why)


def _start(clock: str, incident: Incident) -> tuple[Moment, datetime | None, str]:
    """From which moment a clock in words runs, when that was, and what is unsure about it."""
    words = clock.lower()
    named: list[tuple[datetime | None, Moment]] = [
        (incident.at, "occurred"),
        (incident.suspected, "suspected"),
        (incident.aware, "aware"),
    ]
    known: list[tuple[datetime, Moment]] = [(moment, name) for moment, name in named if moment is not None]
    first, what = min(known)
    if words.startswith("assessment"):
        return "assessed", incident.assessed, ""
    if "occurrence" in words:
        return what, first, f"unsure from when it runs ({clock}): the earliest counts"
    if "belief" in words:
        if incident.suspected is not None and incident.suspected < incident.aware:
            return "suspected", incident.suspected, ""
        return "aware", incident.aware, ""
    if words in ("awareness", "detection of violating act"):
        return "aware", incident.aware, ""
    return "aware", incident.aware, f"unsure from when it runs: {clock or 'the matrix does not say'}"


def _made(
    code: str,
    cell: Cell,
    *,
    whom: str,
    due: datetime | None = None,
    begins: str = "",
    why: str = "",
    sure: bool = True,
) -> Deadline:
    value = cast(dict[str, Any], cell.value or {})
    threshold = value.get("subject_threshold" if whom == "people" else "authority_threshold", "")
    return Deadline(
        regime=code,
        whom=whom,
        due=due,
        begins=begins,
        threshold="as for the authority" if threshold == "same" else str(threshold),
        article=cell.article,
        certainty=cell.certainty if sure else "U",
        sure=sure and cell.certainty in SURE,
        why="; ".join(filter(None, (why, cell.note if whom == "authority" else ""))),
    )
