"""Planned against actual: the report after opening."""

from collections.abc import Iterator

from madang.appraise.case.follow import Followed, Input, Row
from madang.appraise.case.report.blocks import Block, Cell, Document, Heading, Key, items, note, paragraph
from madang.appraise.case.report.language import Language


def followed(found: Followed, speak: Language) -> Document:
    """The report."""
    title = speak.say("{title}: planned and actual", title=found.title)
    return Document(title=title, language=speak.tag, blocks=tuple(_body(found, title, speak)))


def _body(found: Followed, title: str, speak: Language) -> Iterator[Block]:
    say = speak.say
    yield Heading(1, title)
    if speak.draft:
        yield note(say("This translation is a machine's draft; the English report holds."))
    yield Key(
        (
            (say("ENPV as planned, {money}", money=found.currency), speak.money(found.enpv_planned)),
            (say("ENPV with what is known, {money}", money=found.currency), speak.money(found.enpv_followed)),
        )
    )
    yield note(say("What is known takes the place of the plan; a remembered gain is held to last to the horizon."))
    yield Heading(2, say("Streams by year"))
    rows = [_row(one, speak) for one in found.rows]
    head = (say("stream"), say("year"), say("planned"), say("actual"), say("95 % interval"), say("of the plan"))
    nothing = say("Nothing is known yet.")
    yield speak.table((*head, say("by")), rows, words=(0, 6)) if rows else paragraph(nothing)
    yield Heading(2, say("What the hub remembers"))
    inputs = [row for one in found.inputs for row in _input(one, speak)]
    head = (say("input"), say("year"), say("planned an hour"), say("remembered an hour"), say("95 % interval"))
    more = (say("hours"), say("windows"), say("unit"), say("compared"))
    yield speak.table((*head, *more), inputs, words=(0, 7, 8)) if inputs else paragraph(nothing)
    yield Heading(2, say("What cannot be told"))
    yield (
        speak.table((say("stream"), say("why")), [[name, speak.told(why)] for name, why in found.unseen], words=(0, 1))
        if found.unseen
        else paragraph(say("Every stream is followed."))
    )
    yield items([speak.told(one) for one in found.notes])


def _row(one: Row, speak: Language) -> list[Cell]:
    say = speak.say
    share = speak.percent(one.actual / one.planned) if one.actual is not None and one.planned else say("none")
    interval = say("none")
    if one.interval is not None:
        interval = say("{low} to {high}", low=speak.money(one.interval[0]), high=speak.money(one.interval[1]))
    return [one.stream, str(one.year), one.planned, one.actual, interval, share, one.by]


def _input(one: Input, speak: Language) -> list[list[Cell]]:
    planned = speak.plain(one.planned)
    if not one.gained:
        return [[one.name, "", planned, speak.say("none"), "", speak.number(0, 1), "0", one.unit, speak.told(one.how)]]
    return [
        [
            one.name,
            str(gained.year),
            planned,
            speak.plain(gained.value),
            speak.span(*gained.interval) if gained.interval else speak.say("none"),
            speak.number(gained.hours, 1),
            str(gained.windows),
            one.unit,
            speak.told(one.how),
        ]
        for gained in one.gained
    ]
