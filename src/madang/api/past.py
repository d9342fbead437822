"""What a request wants of the past, and how much of it one answer has (ETSI GS CIM 009 v1.9.1, 4.11, 4.5.19, 5.2.21,
6.3.10, 6.3.12, 6.18.3.2).

How much: without `lastN` an answer has the oldest `INSTANCES` of each attribute. Where there are more, it is partial
(206), and all attributes of the entity end at the same time, so that who goes on after that time misses nothing; an
attribute of which nothing is left is an empty array. With `lastN` it has what was asked for, at most `MOST`. An answer
with more than `INSTANCES` of an attribute is 206 as well: what came before may be asked for. `Content-Range` says the
range: forwards from its start, or with `lastN` backwards from its end.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

import msgspec

from madang.api.arguments import Arguments
from madang.errors import BadRequestData, InvalidRequest, TooManyResults
from madang.model import time as times
from madang.model.document.output import Form, Shape
from madang.model.entity import Attribute, Entity
from madang.model.query import Aggregation, Method, TemporalQuery, Timerel

INSTANCES: Final = 19
"""Instances of each attribute in an answer to a request without `lastN`. ETSI's test suite takes twenty for more than a
page, and seven for less."""

MOST: Final = 10_000
"""The largest `lastN`."""

PAST: Final = ("timerel", "timeAt", "endTimeAt", "timeproperty", "lastN", "aggrMethods", "aggrPeriodDuration")
FORM: Final = ("format", "options", "lang")
_PROPERTIES: Final = ("observedAt", "createdAt", "modifiedAt", "deletedAt")
_FORMATS: Final[Mapping[str, str]] = {
    "aggregatedValues": "aggregatedValues",
    "temporalValues": "temporalValues",
    "simplified": "temporalValues",
    "keyValues": "temporalValues",
    "concise": "concise",
    "normalized": "normalized",
}


class Wanted(NamedTuple):
    """The form of an answer: `values` for pairs of value and time, `aggregation` for aggregates."""

    form: Form
    values: bool
    aggregation: Aggregation | None


def read_past(given: Arguments, *, needed: bool = False) -> TemporalQuery:
    """The temporal query of the parameters; `needed`: there has to be one (5.7.4.4). Raises BadRequestData."""
    said = {name: text for name in PAST[:5] if (text := given.text(name)) is not None}
    for name in ("timeAt", "endTimeAt"):
        if name in said:
            # A + that was not percent-encoded arrives as a space: +09:00 is meant.
            said[name] = said[name].replace(" ", "+")
    return _past({**said, "lastN": given.number("lastN", least=1)}, needed=needed)


def envelope_past(parts: Mapping[str, Any]) -> TemporalQuery:
    """The temporal query of a body's `temporalQ` (5.2.21). Raises BadRequestData."""
    found = parts.get("temporalQ")
    if not isinstance(found, dict):
        raise BadRequestData("temporalQ has to be an object with timerel and timeAt (5.2.21)")
    said = cast(dict[str, Any], found)
    unknown = sorted(set(said) - set(PAST) - {"type"})
    if unknown:
        raise BadRequestData(f"temporalQ: {', '.join(unknown)[:80]} not known here; there are {', '.join(PAST)}")
    last = said.get("lastN")
    if last is not None and (type(last) is not int or last < 1):
        raise BadRequestData("temporalQ: lastN is a whole number from 1")
    return _past(said, needed=True)


def read_wanted(given: Arguments, *, aggregation: Aggregation | None = None) -> Wanted:
    """How the answer is written: `format`, or else the word in `options`; `aggregation` is that of the body, if any.

    Raises InvalidRequest for a form that is not known (6.3.20), BadRequestData for a bad aggregation.
    """
    options = frozenset(given.names("options"))
    wrong = sorted(options.difference(_FORMATS, ("sysAttrs", "count")))
    if wrong:
        raise InvalidRequest(
            f"options: {', '.join(wrong)[:80]} not known here; there are {', '.join(_FORMATS)}, sysAttrs"
        )
    named = given.text("format")
    if named is not None and named not in _FORMATS:
        raise InvalidRequest(f"format: {named[:40]!r} is not known here; there are {', '.join(_FORMATS)}")
    word = named or next((word for word in _FORMATS if word in options), None)
    form = _FORMATS[word] if word else "aggregatedValues" if aggregation else "normalized"
    shape = Shape.CONCISE if form == "concise" else Shape.NORMALIZED
    if form == "aggregatedValues" and aggregation is None:
        aggregation = read_aggregation(given.text("aggrMethods"), given.text("aggrPeriodDuration"))
    return Wanted(
        Form(shape=shape, system="sysAttrs" in options, language=given.text("lang")),
        form == "temporalValues",
        aggregation if form == "aggregatedValues" else None,
    )


def envelope_aggregation(parts: Mapping[str, Any]) -> Aggregation | None:
    """The aggregation of a body: in `aggrParams` (5.2.44), or in `temporalQ` (5.2.21). Raises BadRequestData."""
    for name in ("aggrParams", "temporalQ"):
        found = parts.get(name)
        if isinstance(found, dict):
            said = cast(dict[str, Any], found)
            if "aggrMethods" in said or "aggrPeriodDuration" in said or name == "aggrParams":
                return read_aggregation(said.get("aggrMethods"), said.get("aggrPeriodDuration"))
        elif found is not None:
            raise BadRequestData(f"{name} has to be an object")
    return None


def read_aggregation(methods: Any, period: Any) -> Aggregation:
    """The methods (a list, or separated by commas) and the duration of a period. Raises BadRequestData."""
    if not methods:
        raise BadRequestData(f"aggrMethods is missing: say which of {', '.join(Method)}")
    items = cast(list[Any], methods) if isinstance(methods, list) else str(methods).split(",")
    words = [item.strip() if isinstance(item, str) else "" for item in items]
    wrong = [str(item)[:40] for item, word in zip(items, words, strict=True) if word not in tuple(Method)]
    if wrong:
        raise BadRequestData(f"aggrMethods: {', '.join(wrong)} not known here; there are {', '.join(Method)}")
    if period is not None and not isinstance(period, str):
        raise BadRequestData("aggrPeriodDuration has to be a text such as PT1H")
    length = None if period is None else times.duration(period, what="aggrPeriodDuration")
    whole = length is None or not (length.months or length.rest)
    return Aggregation(methods=tuple(dict.fromkeys(Method(word) for word in words)), period=None if whole else length)


def paged(past: TemporalQuery) -> TemporalQuery:
    """The same with as many instances as an answer may have, and one more where more would be another page."""
    return past if past.last is not None else msgspec.structs.replace(past, first=INSTANCES + 1)


def cut(entity: Entity, past: TemporalQuery) -> Entity:
    """The entity's first page: no attribute goes on after the time where the first page of another ends."""
    ends = [one[INSTANCES - 1] for one in entity.attributes.values() if len(one) > INSTANCES]
    if past.last is not None or not ends:
        return entity
    end = min(_moment(one, past) for one in ends)
    kept = {
        name: tuple(one for one in instances[:INSTANCES] if _moment(one, past) <= end)
        for name, instances in entity.attributes.items()
    }
    return msgspec.structs.replace(entity, attributes=kept)


def content_range(found: Sequence[Entity], shown: Sequence[Entity], past: TemporalQuery) -> str | None:
    """The range that the answer has (6.3.10), where it is partial: where `found` has more than a page."""
    if not any(len(one) > INSTANCES for entity in found for one in entity.attributes.values()):
        return None
    moments = [_moment(one, past) for entity in shown for each in entity.attributes.values() for one in each]
    oldest, newest = min(moments), max(moments)
    if past.last is None:
        start = past.at if past.relation in (Timerel.AFTER, Timerel.BETWEEN) else oldest
        return _range(start or oldest, newest, "*")
    by_relation: dict[Timerel | None, datetime | None] = {Timerel.BEFORE: past.at, Timerel.BETWEEN: past.end}
    return _range(by_relation.get(past.relation) or newest, oldest, str(past.last))


def _range(start: datetime, end: datetime, size: str) -> str:
    return f"date-time {times.text(start)}-{times.text(end)}/{size}"


def _moment(one: Attribute, past: TemporalQuery) -> datetime:
    at = {"observedAt": one.observed_at, "createdAt": one.created_at}.get(past.property) or one.modified_at
    return at or times.from_microseconds(0)


def _past(said: Mapping[str, Any], *, needed: bool) -> TemporalQuery:
    relation = _choice(said, "timerel", tuple(Timerel))
    at, end = _moment_of(said, "timeAt"), _moment_of(said, "endTimeAt")
    if relation is None and needed:
        raise BadRequestData("a temporal query is needed: timerel and timeAt (5.7.4.4)")
    if (relation is None) != (at is None):
        raise BadRequestData("timerel and timeAt go together")
    if relation == Timerel.BETWEEN and end is None:
        raise BadRequestData("timerel=between needs endTimeAt")
    if end is not None and relation != Timerel.BETWEEN:
        raise BadRequestData("endTimeAt goes together with timerel=between")
    if at is not None and end is not None and end <= at:
        raise BadRequestData("endTimeAt has to be after timeAt")
    last = cast(int | None, said.get("lastN"))
    if last is not None and last > MOST:
        raise TooManyResults(f"lastN is {last}; at most {MOST}: ask for the rest with timerel")
    return TemporalQuery(
        relation=Timerel(relation) if relation else None,
        at=at,
        end=end,
        property=_choice(said, "timeproperty", _PROPERTIES) or "observedAt",
        last=last,
    )


def _choice(said: Mapping[str, Any], name: str, choices: Sequence[str]) -> str | None:
    value = said.get(name)
    if value is not None and value not in choices:
        raise BadRequestData(f"{name} is one of {', '.join(choices)}, not {str(value)[:40]!r}")
    return value


def _moment_of(said: Mapping[str, Any], name: str, parse: Callable[..., datetime] = times.parse) -> datetime | None:
    value = said.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequestData(f"{name} has to be a date-time such as 2026-03-01T07:30:00Z")
    return None if value is None else parse(value, what=name)
