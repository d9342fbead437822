"""A replay in words for the terminal: what was decided, on what, by whose leave, and what it computes to now."""

from collections.abc import Iterator

import msgspec

from madang.decide.replay import Replay
from madang.model.decision import DecisionRecord, Input

SHORT = 100
"""Characters of an input's value that are shown."""


def lines(replay: Replay) -> Iterator[str]:
    """The lines of the account of one replayed decision, plain text."""
    record = replay.record
    what = f" {_short(record.parameters)}" if record.parameters else ""
    yield f"{record.id}: {record.target} {record.action}{what}"
    yield f"  at       {record.at.isoformat()} by {record.service} {record.version}, rule {record.rule}"
    yield f"  because  {record.reason}"
    yield f"  allowed  {_permission(record)}"
    for given in record.inputs:
        yield f"  knew     {given.entity} {given.attribute} = {_value(given)}"
    for alternative in record.alternatives:
        yield f"  weighed  {alternative.label}: {alternative.score:.3g} {record.score_unit}"
    if record.refused is not None:
        yield f"  refused  {record.refused}"
    yield "computed again: the same" if replay.same else f"computed again: DIFFERENT: {replay.difference}"


def _permission(record: DecisionRecord) -> str:
    if record.permission is None:
        return "as the fallback, which needs no mandate"
    return f"{record.permission.committee}, {record.permission.resolution}, until {record.permission.until.isoformat()}"


def _value(given: Input) -> str:
    return f"({given.withheld})" if given.withheld is not None else _short(given.value)


def _short(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= SHORT else f"{text[:SHORT]}… ({len(text)} characters)"
