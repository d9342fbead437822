"""The analytic hierarchy process: weights, what building gets of each criterion, how far the judges are consistent."""

from collections.abc import Iterator

from madang.appraise.case.answer import Answer
from madang.appraise.case.ranking import Ranked
from madang.appraise.case.report.blocks import Block, Cell, Heading, Key, note
from madang.appraise.case.report.language import Language


def judged(found: Answer, speak: Language) -> Iterator[Block]:
    """The result, where the file has judges."""
    say, told = speak.say, found.ahp
    if told is None:
        return
    yield Heading(2, say("Analytic hierarchy process"), "ahp")
    yield Key(
        (
            (say("score of building"), speak.number(told.score, 3)),
            (say("least score"), speak.number(told.least, 3)),
            (say("result"), say("passes") if told.passes else say("does not pass")),
        )
    )
    rows: list[list[Cell]] = [
        [
            f"{one.of}: {one.name}" if one.of else one.name,
            speak.number(one.weight, 3),
            speak.number(one.prefers, 2),
            speak.number(one.share, 3),
            speak.number(one.adds, 3),
        ]
        for one in told.rows
    ]
    head = (say("criterion"), say("weight"), say("building preferred, times"), say("share of building"), say("adds"))
    total: list[Cell] = [say("sum"), speak.number(1, 3), "", "", speak.number(told.score, 3)]
    yield speak.table(head, [*rows, total], last=True)
    yield from _consistency(told, speak)


def _consistency(told: Ranked, speak: Language) -> Iterator[Block]:
    say = speak.say
    rows: list[list[Cell]] = [
        [
            one.whose or one.about,
            speak.number(one.ratio, 3),
            say("consistent") if one.fits else say("contradictory: ask again"),
        ]
        for one in told.consistency
    ]
    yield speak.table((say("judgements"), say("consistency ratio"), say("result")), rows, words=(0, 2))
    yield note(
        say(
            "Weights are principal eigenvectors; judges are joined by the geometric mean; a consistency ratio up to "
            "{most} will do. Economy: {conversion}. Judgements and conversion: {source} ({mark}).",
            most=speak.number(told.most, 2),
            conversion=speak.told(told.conversion),
            source=told.source or say("no source given"),
            mark=speak.name(told.mark),
        )
    )
