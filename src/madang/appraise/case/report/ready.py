"""What stands behind the figures: evidence, assumptions, risks, what has no figure, and what is still to be done."""

from collections.abc import Iterator

from madang.appraise.case.answer import Answer
from madang.appraise.case.build import Case
from madang.appraise.case.kinds import Principle, Status
from madang.appraise.case.measured import Trail
from madang.appraise.case.report.blocks import Block, Cell, Heading, Line, Span, items, note, paragraph
from madang.appraise.case.report.language import Language
from madang.appraise.case.sources import Source


def evidence(case: Case, found: Answer, speak: Language) -> Iterator[Block]:
    """With and without, as it was measured, and how to make it again."""
    say, without = speak.say, case.form.project.without
    yield Heading(2, say("With and without the project"), "evidence")
    yield paragraph(
        say("Without the project: {what}", what=without)
        if without
        else say("The file does not say what happens without.")
    )
    if not found.evidence:
        yield paragraph(say("No stream rests on measured evidence."))
        return
    rows = [_compared(driver, driver.trail, speak) for driver in case.drivers if driver.trail is not None]
    head = (say("input"), say("figure"), say("against"), say("without"), say("with"), say("gain"))
    more = (say("95 % interval"), say("unit of the gain"))
    yield speak.table((*head, *more), rows, words=(0, 1, 2, 7))
    yield note(say("Means over seeds; the interval of the gain is by Student's t over paired seeds."))
    for trail in {trail.sha256: trail for trail in found.evidence}.values():
        yield Heading(3, say("How to make it again: {name}", name=trail.evidence))
        yield items(_trail(trail, speak))


def _compared(driver: Source, trail: Trail, speak: Language) -> list[Cell]:
    return [
        Span(driver.name, anchor=anchor(driver)),
        trail.figure,
        trail.against,
        speak.plain(trail.without),
        speak.plain(trail.with_service),
        speak.plain(driver.value),
        speak.span(*trail.interval),
        trail.unit,
    ]


def _trail(trail: Trail, speak: Language) -> list[Line]:
    say, seeds = speak.say, ",".join(map(str, trail.seeds))
    command = f"madang evaluate cities/{trail.city} --service {trail.service} --seeds {seeds} --hours {trail.hours:g}"
    what = say(
        "service {service} in {city}, {scenario}, measured {when}",
        service=trail.service,
        city=trail.city,
        scenario=trail.scenario,
        when=trail.made_at,
    )
    return [
        (Span(what),),
        (Span(command, "code"),),
        _hash(say("file {name}, checked", name=trail.file), trail.sha256),
        _hash(say("code of madang {version}", version=trail.madang), trail.code_sha256),
        _hash(say("network and demand"), trail.scenario_sha256),
    ]


def _hash(what: str, sha256: str) -> Line:
    return (Span(f"{what}, SHA-256 "), Span(sha256, "code"))


def anchor(driver: Source) -> str:
    """Where the report says how an input was measured."""
    return "measured-" + "".join(letter if letter.isalnum() else "-" for letter in driver.name)


def risks(case: Case, speak: Language) -> Iterator[Block]:
    """The register, and what has no figure."""
    say, own = speak.say, speak.own
    yield Heading(2, say("Risk register"), "risks")
    listed: list[list[Cell]] = [
        [own(one.name), speak.name(one.likelihood), speak.name(one.impact), own(one.measure), own(one.owner)]
        for one in case.form.risk
    ]
    head = (say("risk"), say("likelihood"), say("impact"), say("what is done"), say("owner"))
    nothing = say("Nothing is written.")
    yield speak.table(head, listed, words=(0, 1, 2, 3, 4)) if listed else paragraph(nothing)
    yield Heading(2, say("What has no figure"), "unquantified")
    rows: list[list[Cell]] = [
        [own(one.name), say("harm") if one.harm else say("gain"), own(one.who), own(one.why)]
        for one in case.form.unquantified
    ]
    head = (say("effect"), "", say("for whom"), say("why"))
    yield speak.table(head, rows, words=(0, 1, 2, 3)) if rows else paragraph(nothing)


def bankability(case: Case, speak: Language) -> Iterator[Block]:
    """The G20 principles, what shows each, what is missing and who owns it."""
    say = speak.say
    yield Heading(2, say("Ready for a lender?"), "bankability")
    yield note(say("By the G20 principles for the infrastructure project preparation phase (2018)."))
    given = {one.principle: one for one in case.form.bankability}
    asked = {
        Principle.RATIONALE: say("Project rationale: is there a need, and is the effect shown?"),
        Principle.OPTIONS: say("Options appraisal: was it compared with other ways, and with doing less?"),
        Principle.COMMERCIAL: say("Commercial viability: is there a market that builds it at this price?"),
        Principle.AFFORDABILITY: say("Long-term affordability: does the budget carry it to the last year?"),
        Principle.DELIVERABILITY: say("Deliverability: who builds and runs it, by when, with which consents?"),
    }
    rows: list[list[Cell]] = []
    for principle, question in asked.items():
        one = given.get(principle)
        status = one.status if one else Status.MISSING
        state = Span(speak.name(status), "good" if status is Status.DONE else "bad")
        told = (speak.own(one.shown_by), speak.own(one.owner)) if one else (say("nothing yet"), say("nobody"))
        rows.append([question, state, *told])
    head = (say("principle"), say("state"), say("shown by, or to be done"), say("owner"))
    yield speak.table(head, rows, words=(0, 1, 2, 3))
