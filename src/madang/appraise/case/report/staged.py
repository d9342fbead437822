"""What deciding in stages is worth."""

from collections.abc import Iterator

from madang.appraise.case.kinds import Act
from madang.appraise.case.report.blocks import Block, Cell, Heading, note
from madang.appraise.case.report.language import Language
from madang.appraise.case.uncertainty import Uncertainty


def options(drawn: Uncertainty, speak: Language) -> Iterator[Block]:
    """A row an option; nothing where the file has none."""
    if not drawn.options:
        return
    say = speak.say
    acts = {Act.DEFER: say("build later or not"), Act.STOP: say("stop"), Act.EXPAND: say("expand")}
    yield Heading(3, say("Deciding in stages"))
    rows: list[list[Cell]] = [
        [
            one.name,
            acts[one.act],
            str(one.year),
            ", ".join(one.learns),
            one.now,
            one.staged,
            one.value,
            speak.percent(one.chance),
        ]
        for one in drawn.options
    ]
    head = (say("option"), say("what"), say("decided in"), say("known by then"))
    figures = (say("expected ENPV without"), say("with it"), say("worth of the option"), say("how often taken"))
    yield speak.table((*head, *figures), rows)
    yield note(
        say(
            "Each option by itself, its cost taken off; the values do not add up. What is learnt is taken as wholly "
            "known at the decision, so each value is an upper bound; a value below 0 says: do not wait."
        )
    )
