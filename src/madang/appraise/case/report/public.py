"""How sure the cover of the debt is, and what the public pays a private partner."""

from collections.abc import Iterator

from madang.appraise.case.report.blocks import Block, Cell, Heading, Key, note
from madang.appraise.case.report.language import Language
from madang.appraise.finance import Financed


def shortfall(financed: Financed, speak: Language) -> Iterator[Block]:
    """The lowest DSCR over draws; nothing where nothing was drawn."""
    drawn, say = financed.shortfall, speak.say
    if drawn is None:
        return
    yield Heading(3, say("How sure the cover is"))
    levels = zip(drawn.levels, drawn.dscr_min, strict=True)
    yield Key(
        (
            *((f"DSCR P{100 * level:g}", speak.ratio(value)) for level, value in levels),
            (say("some year is short in"), speak.percent(drawn.p_short)),
        )
    )
    rows: list[list[Cell]] = [
        [str(year), speak.ratio(middle), speak.ratio(low)]
        for year, middle, low in zip(drawn.years, drawn.dscr_p50, drawn.dscr_p90, strict=True)
    ]
    yield speak.table((say("year"), "DSCR P50", "DSCR P90"), rows)
    yield note(
        say(
            "The lowest DSCR of all years of a draw; P90 is reached or passed in 90 % of {draws} draws of the cash "
            "flow, against the debt service as it is planned.",
            draws=speak.number(drawn.draws),
        )
    )


def partnership(financed: Financed, speak: Language) -> Iterator[Block]:
    """What the public pays; nothing where the plan has no partner."""
    found, say = financed.partnership, speak.say
    if found is None:
        return
    payment = found.kind == "availability"
    yield Heading(3, say("Availability payment") if payment else say("Viability gap"))
    name = say("payment in the first year, {money}") if payment else say("grant, {money}")
    enough = speak.money(found.amount) if found.amount is not None else say("the most that is allowed is not enough")
    asks = {"equity return": say("the equity's return"), "dscr": "DSCR", "nothing": say("nothing")}
    yield Key(
        (
            (name.format(money=financed.currency), enough),
            (say("present value of what the public pays"), speak.money(found.public_value)),
            (say("of the capital cost"), speak.percent(found.share)),
            (say("equity IRR"), speak.rates(found.equity_irr)),
            (say("least DSCR"), speak.ratio(found.dscr_min)),
            (say("what asks for it"), asks[found.binds]),
        )
    )
