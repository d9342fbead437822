"""The report: complete, safe, linked to its evidence, a draft for as long as it is one."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from tests.unit.appraise.case.test_case_answer import FERRY, ferry, read

from madang.app.case import Made, answered, kept
from madang.appraise.case.answer import Answer
from madang.appraise.case.build import Case
from madang.appraise.case.report import council as council_document
from madang.appraise.case.report import html, plots, report
from madang.appraise.finance import finance
from madang.appraise.planning import read as read_plan

SIGNALS = Path(__file__).parents[4] / "cities" / "ingolstadt" / "projects" / "signals.toml"
VOID = {"meta", "rect", "line", "polyline", "polygon", "br"}


def council(case: Case, found: Answer) -> str:
    return html.page(council_document(case, found))


class Reader(HTMLParser):
    """Checks that every element is closed, and collects anchors, links and element names."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.seen.add(tag)
        self.ids += [given["id"]] if given.get("id") else []
        self.links += [given["href"]] if given.get("href") else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def made() -> Made:
    return answered(SIGNALS, draws=2000, seed=1)


def test_the_report_is_whole_and_needs_nothing_from_elsewhere(made: Made) -> None:
    page = report(made.case, made.answer)
    found = Reader(page)
    assert not {"script", "link", "img", "iframe"} & found.seen
    assert not re.search(r"https?://|@import|url\(", page)
    assert len(found.ids) == len(set(found.ids))
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids)
    assert page.count("<svg") == page.count("aria-label=") == 6


def test_every_measured_input_leads_to_its_evidence(made: Made) -> None:
    page = report(made.case, made.answer)
    for driver in made.case.drivers:
        if driver.trail:
            assert page.count(f'href="#measured-{driver.name.replace(" ", "-")}"') >= 2
            assert driver.trail.sha256 in page
            assert driver.trail.code_sha256 in page
    assert "--seeds 1,2,3 --hours 1" in page


def test_the_figures_of_the_report_are_the_answers(made: Made) -> None:
    page = report(made.case, made.answer)
    for value in (made.answer.economic.npv, *made.answer.incidence.values(), *(s.enpv for s in made.answer.scenarios)):
        assert f"{value:,.0f}".replace("-", "−") in page
    for reason in made.answer.draft:
        assert reason.replace("'", "&#x27;") in page
    for word in ("Risk register", "What has no figure", "Assumption log", "Deliverability", "nobody", "Poverty impact"):
        assert word in page


def test_words_of_a_project_stay_words() -> None:
    bad = FERRY.replace("A ferry", "<script>alert(1)</script>").replace('"users"', "'<b>users</b> & \"all\"'")
    page = report(read(bad), ferry(bad))
    assert "<script>" not in page
    assert "<b>" not in page
    Reader(page)
    Reader(council(read(bad), ferry(bad)))


def test_a_report_whose_values_are_verified_is_no_draft() -> None:
    rates = "economic_rate = 0.05\nfinancial_rate = 0.04\nhurdle = 0.06"
    sure = FERRY.replace('"assumption"', '"verified"').replace(rates, 'preset = "us-dot"\nfinancial_rate = 0.04')
    assert '<div class="draft">' in report(read(sure), ferry(sure))
    case, found = read(FERRY), ferry()
    final = type(found)(**{**{name: getattr(found, name) for name in found.__struct_fields__}, "draft": ()})
    assert '<div class="draft">' not in report(case, final)
    assert "Draft" not in council(case, final)


def test_a_council_gets_a_page(made: Made) -> None:
    page = council(made.case, made.answer)
    Reader(page)
    assert "2,300,000" in page
    assert f"{made.answer.scenarios[-1].enpv:,.0f}" in page
    assert "Induced traffic" in page


def test_the_financing_stands_beside_the_case() -> None:
    plan, mistakes = read_plan(
        {
            "project": {"currency": "EUR", "first_year": 2026, "capex": [150], "revenue": [100] * 3, "opex": [10] * 3},
            "tranche": [
                {"name": "bank", "kind": "commercial", "amount": 100, "rate": 0.1, "grace": 0, "tenor": 2},
                {"name": "city", "kind": "equity", "amount": "balance"},
            ],
        }
    )
    assert plan is not None, mistakes
    found = finance(plan)
    page = report(read(FERRY), ferry(), found)
    Reader(page)
    assert found.cover.dscr_min is not None
    assert f"{found.cover.dscr_min:.2f}" in page
    assert "debt service" in page


def test_round_numbers_on_an_axis() -> None:
    assert plots.ticks(0, 1, 5) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert plots.ticks(-3_400_000, 6_700_000) == pytest.approx([-2e6, 0, 2e6, 4e6, 6e6])
    assert plots.ticks(5, 5)


def test_what_is_written(made: Made, tmp_path: Path) -> None:
    files = kept(made, tmp_path / "deep" / "case").files
    names = {"signals.html", "signals-council.html", "signals.pdf", "signals-council.pdf", "signals.json"}
    names.add("signals.xlsx")
    assert {file.name for file in files} == names
    assert all(file.stat().st_size > 1000 for file in files)


def test_a_lender_finds_the_terms_of_every_stream(made: Made) -> None:
    page = report(made.case, made.answer)
    assert "2027: 1,000,000, 2028: 500,000" in page, "amounts by year, not the 1 that they are multiplied by"
    assert "technicians 100 %" in page, "whose the gap between price and shadow price is"
    assert "controllers and works</td><td" in page[page.index("Correlations") :]
    assert "At 3.00 %; discounted yearly" in page
    cash = made.answer.cash_by_role
    bought = sum(sum(amounts) for amounts in cash.values())
    assert bought == pytest.approx(sum(year.financial_net for year in made.answer.years))
    assert f"{bought:,.0f}".replace("-", "−") in page[page.index("Annual statement, cash of city") :]


def test_a_report_names_the_files_that_it_is_made_from(made: Made, tmp_path: Path) -> None:
    kept(made, tmp_path, language="en")
    page = (tmp_path / "signals.html").read_text()
    assert hashlib.sha256(SIGNALS.read_bytes()).hexdigest() in page


def test_nobody_poor_is_named_where_nobody_is_given(made: Made) -> None:
    assert "Poverty impact ratio" in report(made.case, made.answer)
    unknown = msgspec.structs.replace(made.case.project, poor={})
    assert "Poverty impact ratio" not in report(msgspec.structs.replace(made.case, project=unknown), made.answer)
