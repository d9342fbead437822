"""The feasibility report: one page of HTML that needs nothing from elsewhere, in the order in which lenders read.

English alone so far: the words of the report have no translations yet.
"""

from collections.abc import Iterator

from madang.appraise.case.answer import Answer
from madang.appraise.case.build import Case
from madang.appraise.case.cost import cost
from madang.appraise.case.report import doubt, money, people, ready, words
from madang.appraise.case.report.council import council
from madang.appraise.case.report.style import STYLE
from madang.appraise.finance import Financed

__all__ = ["council", "report"]

_PARTS = (
    ("evidence", "With and without"),
    ("economic", "Economic analysis"),
    ("financial", "Financial analysis"),
    ("people", "Who gains"),
    ("sensitivity", "Sensitivity"),
    ("uncertainty", "Uncertainty"),
    ("risks", "Risks"),
    ("unquantified", "No figure"),
    ("bankability", "Ready?"),
    ("assumptions", "Assumptions"),
    ("conventions", "Conventions"),
)


def report(case: Case, found: Answer, financed: Financed | None = None) -> str:
    """The page."""
    body = [
        *_summary(case, found),
        *ready.evidence(case, found),
        *money.economic(found),
        *money.financial(found, financed),
        *people.people(case, found),
        *doubt.sensitivity(found),
        *doubt.uncertainty(found),
        *ready.risks(case),
        *ready.bankability(case),
        *ready.assumptions(case),
        *_conventions(found),
    ]
    return words.page(found.title, STYLE, body)


def _summary(case: Case, found: Answer) -> Iterator[str]:
    yield f"<h1>{words.text(found.title)}</h1><p>{words.text(case.form.project.summary)}</p>"
    if found.draft:
        yield '<div class="draft"><p><strong>Draft.</strong> What this report hangs on is not verified:</p>'
        yield words.items(found.draft) + "</div>"
    drawn = found.uncertainty
    yield words.key(
        [
            (f"to build and renew, {found.conventions.currency}", words.money(cost(case))),
            ("ENPV", words.money(found.economic.npv)),
            ("EIRR", words.rates(found.economic.irr)),
            ("BCR", words.ratio(found.economic.bcr)),
            (f"FNPV ({found.entity})", words.money(found.financial.npv)),
            ("FIRR", words.rates(found.financial.irr)),
            *([("chance of an ENPV below 0", words.percent(drawn.p_loss))] if drawn else []),
        ]
    )
    told = found.conventions
    yield f'<p class="note">{words.text(told.currency)}, {words.text(told.prices)}. {words.text(told.preset)}.</p>'
    links = " · ".join(f'<a href="#{anchor}">{title}</a>' for anchor, title in _PARTS)
    yield f"<p>{links}</p>"


def _conventions(found: Answer) -> Iterator[str]:
    told = found.conventions
    yield '<h2 id="conventions">Conventions</h2>'
    rows: list[list[words.Cell]] = [
        ["prices", f"{told.prices}, {told.currency}"],
        ["rule of decision", told.preset],
        ["numeraire", told.numeraire],
        ["views", told.views],
        ["incidence", told.incidence],
        ["residual values", told.residual],
        ["delay", told.scenario],
        ["least EIRR", words.percent(told.hurdle, 2)],
    ]
    view = found.economic.conventions
    rows += [[name, getattr(view, name)] for name in ("npv", "irr", "mirr", "bcr", "payback", "switching")]
    yield words.table(("", ""), rows, words=(0, 1))
    yield words.items([*(f"to do: {one}" for one in found.lacking), *found.warnings])
