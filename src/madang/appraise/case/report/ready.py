"""What stands behind the figures: evidence, assumptions, risks, what has no figure, and what is still to be done."""

from collections.abc import Iterator
from html import escape

from madang.appraise.case.answer import Answer
from madang.appraise.case.build import Case
from madang.appraise.case.form import Principle, Status
from madang.appraise.case.measured import Trail
from madang.appraise.case.report import words
from madang.appraise.case.report.words import Cell, Html, table
from madang.appraise.case.sources import Source
from madang.appraise.distribution import Distribution

QUESTIONS = {
    Principle.RATIONALE: "Project rationale: is there a need, and is the effect shown?",
    Principle.OPTIONS: "Options appraisal: was it compared with other ways, and with doing less?",
    Principle.COMMERCIAL: "Commercial viability: is there a market that builds it at this price?",
    Principle.AFFORDABILITY: "Long-term affordability: does the budget carry it to the last year?",
    Principle.DELIVERABILITY: "Deliverability: who builds and runs it, by when, with which consents?",
}


def evidence(case: Case, found: Answer) -> Iterator[str]:
    """With and without, as it was measured, and how to make it again."""
    yield '<h2 id="evidence">With and without the project</h2>'
    without = case.form.project.without
    yield (
        f"<p>Without the project: {escape(without)}</p>"
        if without
        else "<p>The file does not say what happens without.</p>"
    )
    if not found.evidence:
        yield "<p>No stream rests on measured evidence.</p>"
        return
    rows: list[list[Cell]] = []
    for driver in case.drivers:
        trail = driver.trail
        if trail is not None:
            low, high = trail.interval
            rows.append(
                [
                    Html(f'<a id="{_anchor(driver)}"></a>{escape(driver.name)}'),
                    trail.figure,
                    trail.against,
                    words.plain(trail.without),
                    words.plain(trail.with_service),
                    words.plain(driver.value),
                    f"{words.plain(low)} to {words.plain(high)}",
                    trail.unit,
                ]
            )
    head = ("input", "figure", "against", "without", "with", "gain", "95 % interval", "unit of the gain")
    yield table(head, rows, words=(0, 1, 2, 7))
    yield '<p class="note">Means over seeds; the interval of the gain is by Student\'s t over paired seeds.</p>'
    for trail in {trail.sha256: trail for trail in found.evidence}.values():
        yield f"<h3>How to make it again: {escape(trail.evidence)}</h3><ul class='note'>"
        yield from _trail(trail)
        yield "</ul>"


def _trail(trail: Trail) -> Iterator[str]:
    city, service = escape(trail.city), escape(trail.service)
    seeds = ",".join(map(str, trail.seeds))
    command = f"madang evaluate cities/{city} --service {service} --seeds {seeds} --hours {trail.hours:g}"
    yield f"<li>service {service} in {city}, {escape(trail.scenario)}, measured {escape(trail.made_at)}</li>"
    yield f"<li><code>{command}</code></li>"
    yield f"<li>file {escape(trail.file)}, SHA-256 <code>{escape(trail.sha256)}</code>, checked</li>"
    yield f"<li>code of madang {escape(trail.madang)}, SHA-256 <code>{escape(trail.code_sha256)}</code></li>"
    yield f"<li>network and demand, SHA-256 <code>{escape(trail.scenario_sha256)}</code></li>"


def assumptions(case: Case) -> Iterator[str]:
    """Every value, its source and how sure it is."""
    yield '<h2 id="assumptions">Assumption log</h2>'
    rows: list[list[Cell]] = [
        [_named(one), words.plain(one.value), one.unit, _spread(one.spread), one.mark, _said(one)]
        for one in case.drivers
    ]
    yield table(("input", "value", "unit", "uncertainty", "mark", "source"), rows, words=(0, 2, 3, 4, 5))
    yield "<h3>Streams</h3>"
    streams: list[list[Cell]] = []
    for given, stream, places in zip(case.form.stream, case.project.streams, case.drives, strict=True):
        made_of = Html(" × ".join(_named(case.drivers[n]) for n in places) or "amounts of the file")
        since = str(case.project.first_year + stream.start)
        streams.append([stream.name, stream.amount, since, words.percent(stream.growth, 2), made_of, given.source])
    yield table(("stream", "a year", "from", "growth", "made of", "source"), streams, words=(0, 4, 5))
    yield "<h3>Discount rates</h3>"
    rates: list[list[Cell]] = [[one.view, one.rate, one.mark, one.source] for one in case.rates]
    yield table(("view", "rate", "mark", "source"), rates, words=(0, 2, 3))


def _anchor(driver: Source) -> str:
    return "measured-" + "".join(letter if letter.isalnum() else "-" for letter in driver.name)


def _named(driver: Source) -> Html:
    if driver.trail is None:
        return Html(escape(driver.name))
    return Html(f'<a href="#{escape(_anchor(driver))}">{escape(driver.name)}</a>')


def _spread(one: Distribution) -> str:
    if one.shape == "fixed":
        return "none"
    return f"{one.shape} {', '.join(f'{number:.3g}' for number in one.numbers)}"


def _said(one: Source) -> str:
    return f"{one.source} ({one.note})" if one.note else one.source


def risks(case: Case) -> Iterator[str]:
    """The register, and what has no figure."""
    yield '<h2 id="risks">Risk register</h2>'
    listed: list[list[Cell]] = [
        [one.name, one.likelihood.value, one.impact.value, one.measure, one.owner] for one in case.form.risk
    ]
    head = ("risk", "likelihood", "impact", "what is done", "owner")
    yield table(head, listed, words=(0, 1, 2, 3, 4)) if listed else "<p>None is written in the file.</p>"
    yield '<h2 id="unquantified">What has no figure</h2>'
    rows: list[list[Cell]] = [
        [one.name, "harm" if one.harm else "gain", one.who, one.why] for one in case.form.unquantified
    ]
    yield table(("effect", "", "for whom", "why"), rows, words=(0, 1, 2, 3)) if rows else "<p>Nothing is written.</p>"


def bankability(case: Case) -> Iterator[str]:
    """The G20 principles, what shows each, what is missing and who owns it."""
    yield '<h2 id="bankability">Ready for a lender?</h2>'
    yield '<p class="note">By the G20 principles for the infrastructure project preparation phase (2018).</p>'
    given = {one.principle: one for one in case.form.bankability}
    rows: list[list[Cell]] = []
    for principle in Principle:
        one = given.get(principle)
        status = one.status if one else Status.MISSING
        colour = "good" if status is Status.DONE else "bad"
        state = Html(f'<span class="{colour}">{status.value}</span>')
        rows.append(
            [QUESTIONS[principle], state, one.shown_by if one else "nothing yet", one.owner if one else "nobody"]
        )
    yield table(("principle", "state", "shown by, or to be done", "owner"), rows, words=(0, 1, 2, 3))
