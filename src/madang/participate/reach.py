"""Who is reached: residents' reports against the people who live in each district, by channel and by age group.

Published numbers are rounded to fives and small ones are withheld: a report's district and time are public, so an exact
count by age group would tell how old whoever reported is. A day counts when it is over, for the same reason.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from madang.govern import SYSTEM
from madang.hub import Hub
from madang.model.city import City
from madang.model.dataset import Text
from madang.model.report import Case
from madang.participate.checking import CHANNELS
from madang.participate.reports import MOST, newest
from madang.participate.written import case_of

DAYS: Final = 365
FIVE: Final = 5
"""What is less is withheld; what is more is rounded to multiples of it."""
UNKNOWN: Final = ""
"""The district of a report outside of all of them or without a position; the age of who did not say."""

_PAGES: Final = 100


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Reports of one group of people: `reports` None is fewer than five but not none; `per_thousand` of its population,
    where that is known; `channels` has the same by channel."""

    group: str
    name: Text = {}
    population: int | None = None
    reports: int | None
    per_thousand: float | None = None
    channels: dict[str, int | None] = {}


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """The table. `since` and `until` bound the time in which reports were filed; `source` is whose the populations
    are."""

    since: datetime
    until: datetime
    population: int
    source: str
    total: Row
    districts: tuple[Row, ...]
    ages: tuple[Row, ...]
    complete: bool = True


async def reach(hub: Hub, city: City, now: datetime) -> Reach:
    """The table of the last 365 days that are over, by the city's midnight."""
    until = now.astimezone(ZoneInfo(city.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    since = until - timedelta(days=DAYS)
    cases, complete = await _cases(hub, since, until)
    known = city.districts
    districts = [_Group(one.id, one.name, one.population) for one in known.districts] if known is not None else []
    ages = dict(known.ages) if known is not None else {}
    said = sorted({one.contact.age_group for one in cases} - {UNKNOWN} - set(ages))
    age_groups = [_Group(group, {}, ages.get(group)) for group in (*ages, *said, UNKNOWN)]
    return Reach(
        since=since,
        until=until,
        population=city.population,
        source=known.source if known is not None else "",
        total=_row("", {}, city.population, cases),
        districts=_rows([*districts, _Group(UNKNOWN, {}, None)], [(one.report.district, one) for one in cases]),
        ages=_rows(age_groups, [(one.contact.age_group, one) for one in cases]),
        complete=complete,
    )


def shown(count: int) -> int | None:
    """As it may be published: rounded to fives, None for one to four."""
    if 0 < count < FIVE:
        return None
    return FIVE * ((2 * count + FIVE) // (2 * FIVE))


class _Group(NamedTuple):
    id: str
    name: Text
    population: int | None


def _rows(groups: Sequence[_Group], cases: Sequence[tuple[str, Case]]) -> tuple[Row, ...]:
    return tuple(
        _row(group, name, population, [case for own, case in cases if own == group])
        for group, name, population in groups
    )


def _row(group: str, name: Text, population: int | None, cases: Sequence[Case]) -> Row:
    count = shown(len(cases))
    rate = None if count is None or not population else round(1000 * count / population, 2)
    channels = _channels(one.report.channel for one in cases)
    return Row(group=group, name=name, population=population, reports=count, per_thousand=rate, channels=channels)


def _channels(given: Iterable[str]) -> dict[str, int | None]:
    counted = Counter(given)
    return {channel: shown(counted[channel]) for channel in CHANNELS}


async def _cases(hub: Hub, since: datetime, until: datetime) -> tuple[list[Case], bool]:
    """The reports of the time, and whether these are all: 100,000 are looked at, at most."""
    found: list[Case] = []
    query = newest(start=since, end=until)
    for number in range(_PAGES):
        page = await hub.entities.query(SYSTEM, msgspec.structs.replace(query, limit=MOST, offset=number * MOST))
        found += [case_of(one) for one in page.entities]
        if len(page.entities) < MOST:
            return found, True
    return found, False
