"""The assumption log: every value, its source, how sure it is, and on which terms each stream runs."""

from collections.abc import Iterator

from madang.appraise.case.build import Case
from madang.appraise.case.form import Stream
from madang.appraise.case.report.blocks import Block, Cell, Heading, Line, Span
from madang.appraise.case.report.language import Language
from madang.appraise.case.report.ready import anchor
from madang.appraise.case.sources import Source
from madang.appraise.distribution import Distribution


def assumptions(case: Case, speak: Language) -> Iterator[Block]:
    """Every value, its source and how sure it is."""
    say = speak.say
    yield Heading(2, say("Assumption log"), "assumptions")
    rows: list[list[Cell]] = [
        [
            _named(one),
            speak.plain(one.value),
            one.unit,
            _spread(one.spread, speak),
            speak.name(one.mark),
            speak.own(_said(one)),
        ]
        for one in case.drivers
    ]
    head = (say("input"), say("value"), say("unit"), say("uncertainty"), say("mark"), say("source"))
    yield speak.table(head, rows, words=(0, 2, 3, 4, 5))
    yield from _streams(case, speak)
    yield from _terms(case, speak)
    yield from _rates(case, speak)


def _streams(case: Case, speak: Language) -> Iterator[Block]:
    say = speak.say
    yield Heading(3, say("Streams"))
    rows: list[list[Cell]] = []
    for given, stream, places in zip(case.form.stream, case.project.streams, case.drives, strict=True):
        made_of = _product([_named(case.drivers[n]) for n in places])
        since = str(case.project.first_year + stream.start)
        amount: Cell = stream.amount if given.amounts is None else ""
        listed = (Span(_listed(given, speak)),) if given.amounts or not made_of else ()
        between = (Span(" × "),) if listed and made_of else ()
        line: Line = (*listed, *between, *made_of)
        mark = speak.name(given.mark) if not given.times else ""
        rows.append(
            [
                speak.own(stream.name),
                amount,
                since,
                speak.percent(stream.growth, 2),
                line,
                mark,
                speak.own(given.source),
            ]
        )
    head = (say("stream"), say("a year"), say("from"), say("growth"), say("made of"), say("mark"), say("source"))
    yield speak.table(head, rows, words=(0, 4, 5, 6))


def _listed(given: Stream, speak: Language) -> str:
    """Amounts by year as the file has them, else that there is one amount."""
    if given.amounts is None:
        return speak.say("amounts of the file")
    return ", ".join(f"{year}: {speak.money(amount)}" for year, amount in sorted(given.amounts.items()) if amount)


def _terms(case: Case, speak: Language) -> Iterator[Block]:
    """What turns an owner's amount into society's, and how long a stream and what it builds last."""
    say = speak.say
    yield Heading(3, say("Terms of the streams"))
    rows: list[list[Cell]] = [
        [
            stream.name,
            speak.name(stream.kind),
            stream.owner
            if stream.payer is None
            else say("{payer} pays {owner}", payer=stream.payer, owner=stream.owner),
            "" if stream.years is None else str(stream.years),
            "" if stream.life is None else str(stream.life),
            speak.percent(stream.tax),
            speak.ratio(stream.factor),
            ", ".join(f"{group} {speak.percent(share, 0)}" for group, share in stream.gap.items()),
        ]
        for stream in case.project.streams
    ]
    head = (say("stream"), say("kind"), say("whose"), say("years"), say("life"), say("tax in the price"))
    more = (say("shadow price over price"), say("whose the difference is"))
    yield speak.table((*head, *more), rows, words=(0, 1, 2, 7))


def _rates(case: Case, speak: Language) -> Iterator[Block]:
    say = speak.say
    yield Heading(3, say("Discount rates"))
    rates: list[list[Cell]] = [
        [speak.name(one.view), speak.rate(one.rate), speak.name(one.mark), one.source] for one in case.rates
    ]
    yield speak.table((say("view"), say("rate"), say("mark"), say("source")), rates, words=(0, 2, 3))
    if case.form.correlation:
        yield Heading(3, say("Correlations"))
        pairs: list[list[Cell]] = [[*one.between, speak.ratio(one.value)] for one in case.form.correlation]
        yield speak.table((say("between"), "", say("correlation")), pairs, words=(0, 1))


def _product(spans: list[Span]) -> Line:
    found: list[Span] = []
    for span in spans:
        found += [Span(" × "), span] if found else [span]
    return tuple(found)


def _named(driver: Source) -> Span:
    return Span(driver.name) if driver.trail is None else Span(driver.name, link=anchor(driver))


def _spread(one: Distribution, speak: Language) -> str:
    if one.shape == "fixed":
        return speak.say("none")
    return f"{speak.name(one.shape)} {', '.join(f'{number:.3g}' for number in one.numbers)}"


def _said(one: Source) -> str:
    return f"{one.source} ({one.note})" if one.note else one.source
