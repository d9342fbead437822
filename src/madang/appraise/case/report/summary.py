"""One page for a council: what it costs, what it brings, for whom, how sure that is, what is still open."""

from collections.abc import Iterator

from madang.appraise.case.answer import Answer
from madang.appraise.case.build import Case
from madang.appraise.case.cost import cost
from madang.appraise.case.report import plots
from madang.appraise.case.report.blocks import Block, Boxed, Document, Heading, Key, Span, items, note, paragraph
from madang.appraise.case.report.language import Language


def summary(case: Case, found: Answer, speak: Language) -> Document:
    """The page."""
    title = speak.say("{title}: summary", title=found.title)
    return Document(title=title, language=speak.tag, blocks=tuple(_body(case, found, speak)))


def _body(case: Case, found: Answer, speak: Language) -> Iterator[Block]:
    say, money = speak.say, found.conventions.currency
    yield Heading(1, found.title, lang=speak.files)
    if speak.draft:
        yield note(say("This translation is a machine's draft; the English report holds."))
    yield paragraph(speak.own(case.form.project.summary))
    if found.draft:
        told = say(
            "These figures rest on values that nobody has confirmed yet: the report lists {count}.",
            count=len(found.draft),
        )
        yield Boxed((Span(say("Draft."), "strong"), Span(" " + told)))
    yield Key(
        (
            (say("to build and renew, {money}", money=money), speak.money(cost(case))),
            (say("gain for everybody together, {money}", money=money), speak.money(found.economic.npv)),
            (say("gained for each unit spent"), speak.ratio(found.economic.bcr)),
            (say("for the budget of {who}, {money}", who=found.entity, money=money), speak.money(found.financial.npv)),
        )
    )
    yield note(
        say(
            "All amounts but the first are over {count} years, discounted to {year}; {prices}.",
            count=case.project.horizon,
            year=case.project.first_year,
            prices=speak.told(found.conventions.prices),
        )
    )
    yield from _sure(found, speak)
    yield Heading(2, say("Who gains and who pays"))
    yield plots.columns(
        sorted(found.incidence.items(), key=lambda item: -item[1]),
        written=speak.short,
        label=say("Net gain of each group of stakeholders"),
        caption=say("Present value of gains and losses, {money}.", money=money),
    )
    nothing = [say("Nothing is written.")]
    yield Heading(2, say("What has no figure"))
    yield items([speak.own(f"{one.name} ({one.who}): {one.why}") for one in case.form.unquantified] or nothing)
    yield Heading(2, say("What may go wrong"))
    yield items([speak.own(f"{one.name}: {one.measure} ({one.owner})") for one in case.form.risk] or nothing)
    yield note(say("Computed by madang; every figure and its source are in the report."))


def _sure(found: Answer, speak: Language) -> Iterator[Block]:
    """How likely a loss is, and what is known least."""
    drawn, say = found.uncertainty, speak.say
    if drawn is None:
        return
    yield paragraph(
        say(
            "The chance that it costs more than it brings is {chance}. If building and running cost a fifth more, and "
            "the benefits are a fifth smaller and come a year late, {left} {money} remain.",
            chance=speak.percent(drawn.p_loss, 0),
            left=speak.money(found.scenarios[-1].enpv),
            money=found.conventions.currency,
        )
    )
    first = drawn.shares[0]
    share = speak.percent(first.shapley, 0)
    yield paragraph(say("What we know least about: {name} ({share} of the uncertainty).", name=first.name, share=share))
