"""The feasibility report in the order in which lenders read, and the page for a council: in a language, as a document
that has no form yet, for ``html`` or ``paper.typ`` to give it one."""

from collections.abc import Iterator, Mapping

from madang import __version__
from madang.appraise.case.answer import Answer
from madang.appraise.case.build import Case
from madang.appraise.case.cost import cost
from madang.appraise.case.report import assumed, doubt, html, judged, lent, money, people, ready, summary
from madang.appraise.case.report.blocks import (
    Block,
    Boxed,
    Cell,
    Document,
    Heading,
    Key,
    Line,
    Paragraph,
    Span,
    items,
    note,
)
from madang.appraise.case.report.language import ENGLISH, Language
from madang.appraise.finance import Financed

__all__ = ["council", "document", "report"]


def report(case: Case, found: Answer, financed: Financed | None = None, *, language: str = ENGLISH) -> str:
    """The report as one page of HTML that needs nothing from elsewhere. Raises AppraisalInvalid for a language that it
    is not written in."""
    return html.page(document(case, found, financed, language=language))


def council(case: Case, found: Answer, *, language: str = ENGLISH) -> Document:
    """One page for a council, without a form. Raises AppraisalInvalid like ``report``."""
    return summary.summary(case, found, Language(language, files=case.form.project.language))


def document(
    case: Case,
    found: Answer,
    financed: Financed | None = None,
    *,
    language: str = ENGLISH,
    made_from: Mapping[str, str] = {},
) -> Document:
    """The report without a form; `made_from` are the files behind it and their SHA-256. Raises AppraisalInvalid like
    ``report``."""
    speak = Language(language, files=case.form.project.language)
    body = [
        *_summary(case, found, speak),
        *ready.evidence(case, found, speak),
        *money.economic(found, speak),
        *money.financial(found, speak),
        *lent.lent(financed, speak),
        *people.people(case, found, speak),
        *judged.judged(found, speak),
        *doubt.sensitivity(case, found, speak),
        *doubt.uncertainty(found, speak),
        *ready.risks(case, speak),
        *ready.bankability(case, speak),
        *assumed.assumptions(case, speak),
        *_conventions(case, found, speak),
        *_origin(made_from, speak),
    ]
    return Document(title=found.title, language=speak.tag, blocks=tuple(body))


def _summary(case: Case, found: Answer, speak: Language) -> Iterator[Block]:
    say = speak.say
    yield Heading(1, found.title, lang=speak.files)
    if speak.draft:
        yield Boxed((Span(say("This translation is a machine's draft; the English report holds.")),))
    yield Paragraph((speak.own(case.form.project.summary),))
    if found.draft:
        lead = (Span(say("Draft."), "strong"), Span(" " + say("What this report hangs on is not verified:")))
        yield Boxed(lead, items([speak.told(reason) for reason in found.draft]).lines)
    drawn = found.uncertainty
    yield Key(
        (
            (say("to build and renew, {money}", money=found.conventions.currency), speak.money(cost(case))),
            ("ENPV", speak.money(found.economic.npv)),
            ("EIRR", speak.rates(found.economic.irr)),
            ("BCR", speak.ratio(found.economic.bcr)),
            (f"FNPV ({found.entity})", speak.money(found.financial.npv)),
            ("FIRR", speak.rates(found.financial.irr)),
            *([(say("chance of an ENPV below 0"), speak.percent(drawn.p_loss))] if drawn else []),
        )
    )
    told = found.conventions
    yield note(f"{told.currency}, {speak.told(told.prices)}. {_decision(case, found, speak)}.")
    yield Paragraph(_contents(speak))


def _contents(speak: Language) -> Line:
    say = speak.say
    parts = (
        ("evidence", say("With and without the project")),
        ("economic", say("Economic analysis")),
        ("financial", say("Financial analysis")),
        ("people", say("Who gains and who pays")),
        ("sensitivity", say("Sensitivity")),
        ("uncertainty", say("Uncertainty")),
        ("risks", say("Risk register")),
        ("unquantified", say("What has no figure")),
        ("bankability", say("Ready for a lender?")),
        ("assumptions", say("Assumption log")),
        ("conventions", say("Conventions")),
    )
    found: list[Span] = []
    for anchor, title in parts:
        found += [Span(" · ")] if found else []
        found.append(Span(title, link=anchor))
    return tuple(found)


def _decision(case: Case, found: Answer, speak: Language) -> str:
    """Whose rule it is, and the rule."""
    if case.preset is None:
        return speak.told(found.conventions.preset)
    return f"{case.preset.title}: {speak.say(case.preset.decision)}"


def _conventions(case: Case, found: Answer, speak: Language) -> Iterator[Block]:
    say, told = speak.say, found.conventions
    yield Heading(2, say("Conventions"), "conventions")
    rows: list[list[Cell]] = [
        [say("prices"), f"{speak.told(told.prices)}, {told.currency}"],
        [say("rule of decision"), _decision(case, found, speak)],
        [say("numeraire"), speak.say(told.numeraire)],
        [say("views"), speak.told(told.views)],
        [say("incidence"), speak.told(told.incidence)],
        [say("residual values"), speak.told(told.residual)],
        [say("delay"), speak.told(told.scenario)],
        [say("least EIRR"), speak.percent(told.hurdle, 2)],
        [say("net present value"), speak.told(found.economic.conventions.npv)],
        [say("internal rate of return"), speak.told(found.economic.conventions.irr)],
        [say("modified rate of return"), speak.told(found.economic.conventions.mirr)],
        [say("benefits over costs"), speak.told(found.economic.conventions.bcr)],
        [say("paid back after"), speak.told(found.economic.conventions.payback)],
        [say("switching value"), speak.told(found.economic.conventions.switching)],
    ]
    yield speak.table(("", ""), rows, words=(0, 1))
    yield items([*(say("to do: {what}", what=speak.told(one)) for one in found.lacking), *found.warnings])


def _origin(made_from: Mapping[str, str], speak: Language) -> Iterator[Block]:
    """What somebody needs who wants to make the report again."""
    if not made_from:
        return
    say = speak.say
    rows: list[list[Cell]] = [[name, Span(digest, "code")] for name, digest in made_from.items()]
    yield Heading(2, say("Where this report comes from"), "origin")
    yield note(
        say(
            "Computed by madang {version} from these files; the same files and draws give the same report.",
            version=__version__,
        )
    )
    yield speak.table((say("file"), "SHA-256"), rows, words=(0, 1))
