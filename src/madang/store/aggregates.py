"""The aggregates of a history (ETSI GS CIM 009 v1.9.1, 4.5.19): the one meaning of each method, and the periods. The
memory store computes so; a database computes the same in its own language.

What counts as what: a number as itself, true as 1, false as 0, an array as how many items it has; a text, and a value
with ``@value``, has an order only. Kinds other than Property, JsonProperty and ListProperty have neither. Where there
are both in a period, `min` and `max` are those of the numbers. Choices where the standard is silent: the deviation is
that of the whole population (a period has no other values), and arrays of equal items are the same value.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, cast

import msgspec

from madang.errors import TooManyResults
from madang.model import time
from madang.model.entity import Attribute, Kind
from madang.model.query import Aggregate, Aggregation, Method, TemporalQuery
from madang.store.past import gone, span, stamp, within

MAX_PERIODS: Final = 10_000
"""Periods of one instance that an answer may have."""

MEASURED: Final = frozenset({Kind.PROPERTY, Kind.JSON, Kind.LIST})
"""Kinds whose values may be added up or compared."""

_LATEST: Final = datetime.max.replace(tzinfo=UTC)
_encode = msgspec.json.Encoder().encode

Periods = list[tuple[int, Mapping[Method, Any]]]
"""For each period that has samples its number and its aggregates, in order."""


class Series(NamedTuple):
    """One instance of an attribute of an entity."""

    id: str
    name: str
    dataset: str | None


class Grid:
    """Periods that follow each other from `start` (microseconds since 1970); none of them may be of no length."""

    def __init__(self, start: int, period: time.Duration) -> None:
        self.start = start
        self.length = period.rest // time.MICROSECOND if not period.months else 0
        """Microseconds; 0 for periods of calendar months."""
        self._period = period
        self._bounds = [start]
        self._times: dict[int, datetime] = {}
        self._first, self._step = time.from_microseconds(start), period.rest

    def number(self, at: int) -> int:
        """The number of the period that has `at`, which is not before the start."""
        if self.length:
            return (at - self.start) // self.length
        while self._bounds[-1] <= at:
            self._bounds.append(self._bound(len(self._bounds)))
        return bisect_right(self._bounds, at) - 1

    def bounds(self, number: int) -> tuple[datetime, datetime]:
        """Start and end of a period; the latest time there is where it would end after that."""
        return self._time(number), self._time(number + 1)

    def _bound(self, number: int) -> int:
        return time.microseconds(self._time(number))

    def _time(self, number: int) -> datetime:
        """The start of a period; kept, because it is the end of the one before as well."""
        found = self._times.get(number)
        if found is None:
            found = self._times[number] = self._start(number)
        return found

    def _start(self, number: int) -> datetime:
        if not self.length:
            return self._period.after(self._first, number)
        try:
            return self._first + self._step * number
        except OverflowError:
            return _LATEST


def aggregate(
    series: Series, instances: Sequence[Attribute], past: TemporalQuery, aggregation: Aggregation
) -> Aggregate | None:
    """The aggregates of the samples of one instance; None where none is in the range. Raises TooManyResults."""
    found = sorted(((time.microseconds(at), one) for one, at in _timed(instances, past)), key=lambda pair: pair[0])
    if not found:
        return None
    start, end = whole(past, found[0][0], found[-1][0])
    grid = Grid(start, aggregation.period) if aggregation.period is not None else None
    groups: dict[int, list[Attribute]] = {}
    for at, one in found:
        groups.setdefault(0 if grid is None else grid.number(at), []).append(one)
    periods: Periods = [(number, _values(group, aggregation.methods)) for number, group in sorted(groups.items())]
    return tell(series, found[-1][1].kind, periods, past, grid=grid, ends=(start, end))


def tell(
    series: Series,
    kind: Kind,
    periods: Periods,
    past: TemporalQuery,
    *,
    grid: Grid | None,
    ends: tuple[int, int],
) -> Aggregate:
    """The aggregates of an instance; `ends` are those of the whole range, for when there is no grid."""
    kept = periods if past.last is None else periods[max(0, len(periods) - past.last) :]
    check(len(kept))
    rows: dict[Method, list[tuple[Any, datetime, datetime]]] = {}
    alone = time.from_microseconds(ends[0]), time.from_microseconds(ends[1])
    for number, values in kept:
        bounds = alone if grid is None else grid.bounds(number)
        for method, value in values.items():
            found = rows.get(method)
            if found is None:
                found = rows[method] = []
            found.append((value, *bounds))
    return Aggregate(
        id=series.id,
        name=series.name,
        kind=kind,
        dataset_id=series.dataset,
        values={method: tuple(found) for method, found in rows.items()},
    )


def check(periods: int) -> None:
    """Raises TooManyResults for more than the most."""
    if periods > MAX_PERIODS:
        raise TooManyResults(
            f"more than {MAX_PERIODS} periods have values; ask for longer ones, a shorter range, or lastN"
        )


def whole(past: TemporalQuery, first: int, last: int) -> tuple[int, int]:
    """Start and end of the range in microseconds; where it is open, the first and the last sample in it."""
    low, high = span(past)
    return first if low is None else low, last if high is None else high


def _timed(instances: Iterable[Attribute], past: TemporalQuery) -> Iterable[tuple[Attribute, datetime]]:
    for one in instances:
        at = stamp(one, past) or one.modified_at
        if at is not None and not gone(one) and within(one, past):
            yield one, at


def _values(instances: Sequence[Attribute], methods: Sequence[Method]) -> dict[Method, Any]:
    numbers = [number for one in instances if (number := _number(one)) is not None]
    texts = [text for one in instances if (text := _text(one)) is not None]
    found: dict[Method, Any] = {}
    for method in methods:
        if method is Method.TOTAL_COUNT:
            found[method] = len(instances)
        elif method is Method.DISTINCT_COUNT:
            found[method] = len({_same(one.value) for one in instances})
        elif numbers:
            value = _total(_OF_NUMBERS[method], numbers)
            if math.isfinite(value):
                found[method] = value
        elif texts and method in (Method.MIN, Method.MAX):
            found[method] = min(texts) if method is Method.MIN else max(texts)
    return found


def _total(method: Callable[[Sequence[int | float]], int | float], numbers: Sequence[int | float]) -> int | float:
    """The aggregate; infinite where it is larger than any number, and then left out: JSON has no word for it."""
    try:
        return method(numbers)
    except OverflowError:
        return math.inf


def _number(one: Attribute) -> int | float | None:
    value = one.value
    if one.kind not in MEASURED:
        return None
    if isinstance(value, list):
        return len(cast(list[Any], value))
    return value + 0 if isinstance(value, int | float) else None


def _text(one: Attribute) -> str | None:
    value = one.value
    if isinstance(value, dict):
        value = cast(dict[str, Any], value).get("@value")
    return value if isinstance(value, str) and one.kind in MEASURED else None


def _same(value: Any) -> Any:
    """Equal for equal values, and to be put in a set: 1 and 1.0 are equal, 1 and true are not."""
    return value if isinstance(value, int | float | str) and not isinstance(value, bool) else (_encode(value),)


def _deviation(numbers: Sequence[int | float]) -> float:
    mean = math.fsum(numbers) / len(numbers)
    return math.sqrt(math.fsum((one - mean) ** 2 for one in numbers) / len(numbers))


_OF_NUMBERS: Final[Mapping[Method, Callable[[Sequence[int | float]], int | float]]] = {
    Method.SUM: math.fsum,
    Method.AVG: lambda numbers: math.fsum(numbers) / len(numbers),
    Method.MIN: min,
    Method.MAX: max,
    Method.STDDEV: _deviation,
    Method.SUMSQ: lambda numbers: math.fsum(one * one for one in numbers),
}
