"""One page for a council: what it costs, what it brings, for whom, how sure that is, what is still open."""

from collections.abc import Iterator

from madang.appraise.case.answer import Answer
from madang.appraise.case.build import Case
from madang.appraise.case.cost import cost
from madang.appraise.case.report import plots, words
from madang.appraise.case.report.style import STYLE


def council(case: Case, found: Answer) -> str:
    """The page."""
    return words.page(f"{found.title}: summary", STYLE, _body(case, found))


def _body(case: Case, found: Answer) -> Iterator[str]:
    money = found.conventions.currency
    yield f"<h1>{words.text(found.title)}</h1><p>{words.text(case.form.project.summary)}</p>"
    if found.draft:
        yield '<div class="draft"><p><strong>Draft.</strong> These figures rest on values that nobody has confirmed '
        yield f"yet: the report lists {len(found.draft)}.</p></div>"
    yield words.key(
        [
            (f"to build and renew, {money}", words.money(cost(case))),
            (f"gain for everybody together, {money}", words.money(found.economic.npv)),
            ("gained for each unit spent", words.ratio(found.economic.bcr)),
            (f"for the budget of {found.entity}, {money}", words.money(found.financial.npv)),
        ]
    )
    yield f'<p class="note">All amounts but the first are over {case.project.horizon} years, discounted to '
    yield f"{case.project.first_year}; {found.conventions.prices}.</p>"
    if found.uncertainty is not None:
        worst = found.scenarios[-1]
        chance, first = words.percent(found.uncertainty.p_loss, 0), found.uncertainty.shares[0]
        yield f"<p>The chance that it costs more than it brings is {chance}. If building and running cost a fifth "
        yield "more, and the benefits are a fifth smaller and come a year late, "
        yield f"{words.money(worst.enpv)} {words.text(money)} remain.</p><p>What we know least about: "
        yield f"{words.text(first.name)} ({words.percent(first.shapley, 0)} of the uncertainty).</p>"
    yield "<h2>Who gains and who pays</h2>"
    yield plots.columns(
        sorted(found.incidence.items(), key=lambda item: -item[1]),
        label="Net gain of each group",
        caption=f"Present value of gains and losses, {money}.",
    )
    yield "<h2>What has no figure</h2>"
    yield words.items(f"{one.name} ({one.who}): {one.why}" for one in case.form.unquantified)
    yield "<h2>What may go wrong</h2>"
    yield words.items(f"{one.name}: {one.measure} ({one.owner})" for one in case.form.risk)
    yield '<p class="note">Computed by madang; every figure and its source are in the report.</p>'
