"""Times and durations as the standards write them: ISO 8601 in UTC (ETSI GS CIM 009 v1.8.1, 4.6.3)."""

import re
from calendar import monthrange
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from madang.errors import BadRequestData

MICROSECOND: Final = timedelta(microseconds=1)
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,](\d{1,9}))?(?:Z|[+-]\d\d:\d\d)")
_DURATION = re.compile(
    r"P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=.)(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})(?:[.,](\d{1,6}))?S)?)?"
)


@lru_cache(maxsize=4096)
def read(text: str) -> datetime | None:
    """The date-time in UTC, or None where the text is no date-time with an offset (``Z`` or ``+09:00``).

    Digits beyond the microsecond are dropped.
    """
    if not _DATETIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(_microseconds(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse(text: str, *, what: str = "date-time") -> datetime:
    """The date-time in UTC. Raises BadRequestData that names `what` and says the form."""
    found = read(text)
    if found is None:
        raise BadRequestData(f"{what}: '{text[:80]}' is not a date-time; write it as 2026-03-01T07:30:00Z")
    return found


def read_date(text: str) -> date | None:
    """The date (``2026-03-01``), or None."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """The time of the day (``07:30:00Z``), or None."""
    try:
        return time.fromisoformat(text) if ":" in text and "T" not in text else None
    except ValueError:
        return None


def peculiar(text: str) -> str | None:
    """The date-time as it is written, if an answer would write it with other decimals: with six, or where the second
    is whole with none; else None."""
    _, point, decimals = text.partition(".")
    return text if point and (len(decimals) != 7 or decimals == "000000Z") else None


def text(at: datetime) -> str:
    """The date-time in UTC with ``Z``, with as many decimals as it needs."""
    plain = at.astimezone(UTC).replace(tzinfo=None)
    return (plain.isoformat().rstrip("0") if plain.microsecond else plain.isoformat()) + "Z"


def microseconds(at: datetime) -> int:
    """Microseconds since 1970-01-01T00:00:00Z; exact."""
    return (at - _EPOCH) // MICROSECOND


def from_microseconds(count: int) -> datetime:
    """The date-time in UTC that many microseconds after 1970-01-01T00:00:00Z."""
    return _EPOCH + timedelta(microseconds=count)


class Duration(msgspec.Struct, frozen=True):
    """An ISO 8601 duration: months of the calendar, then a fixed time."""

    months: int
    rest: timedelta

    def before(self, at: datetime) -> datetime:
        """The time this long before `at`; the 31st becomes a month's last day. The earliest time where there is
        none."""
        month = at.year * 12 + at.month - 1 - self.months
        if month < 12:
            return datetime.min.replace(tzinfo=UTC)
        year, month = divmod(month, 12)
        day = min(at.day, monthrange(year, month + 1)[1])
        try:
            return at.replace(year=year, month=month + 1, day=day) - self.rest
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)

    def after(self, at: datetime, times: int = 1) -> datetime:
        """The time that many of these after `at`; the 31st becomes a month's last day. The latest time where there is
        none."""
        year, month = divmod(at.year * 12 + at.month - 1 + self.months * times, 12)
        if year > MAXYEAR:
            return datetime.max.replace(tzinfo=UTC)
        day = min(at.day, monthrange(year, month + 1)[1])
        try:
            return at.replace(year=year, month=month + 1, day=day) + self.rest * times
        except OverflowError:
            return datetime.max.replace(tzinfo=UTC)


def duration(text: str, *, what: str = "duration") -> Duration:
    """An ISO 8601 duration such as ``P2Y``, ``P30D``, ``PT1H``. Raises BadRequestData that names `what`."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise BadRequestData(f"{what}: '{text[:80]}' is not an ISO 8601 duration; write it as P2Y, P30D or PT1H")
    fraction = found.group(8) or ""
    years, months, weeks, days, hours, minutes, seconds = (int(found.group(i) or 0) for i in range(1, 8))
    rest = timedelta(
        weeks=weeks,
        days=days,
        hours=hours,
        minutes=minutes,
        seconds=seconds,
        microseconds=int(fraction.ljust(6, "0")) if fraction else 0,
    )
    return Duration(years * 12 + months, rest)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _microseconds(text: str) -> str:
    head, mark, tail = text.replace(",", ".").partition(".")
    if not mark:
        return text
    digits = re.match(r"\d+", tail)
    length = digits.end() if digits else 0
    return f"{head}.{tail[:length][:6].ljust(6, '0')}{tail[length:]}"
