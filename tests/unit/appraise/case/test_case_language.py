"""Every text of the report exists in every language, with the same gaps to fill; numbers follow the locale."""

import re
import shutil
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from pypdf import PdfReader
from tests.unit.appraise.case.test_case_ranking import JUDGES

from madang.app.case import Made, answered, case_of, kept, presets, spoken
from madang.app.paper import paper
from madang.appraise.case import draft, scenarios
from madang.appraise.case.answer import Answer, answer
from madang.appraise.case.kinds import Level, Mark, Shape, Status, Tier
from madang.appraise.case.report import council, document, report
from madang.appraise.case.report.language import Language, catalogue, languages
from madang.appraise.case.report.sentences import NAMES, SENTENCES, recognised
from madang.appraise.plan import Kind
from madang.appraise.project import kernel
from madang.errors import AppraisalInvalid
from madang.web.language import LANGUAGES

ROOT = Path(__file__).parents[4]
SIGNALS = ROOT / "cities" / "ingolstadt" / "projects" / "signals.toml"
FOREIGN = [tag for tag in LANGUAGES if tag != "en"]
GAP = re.compile(r"\{(\w+)\}")


def messages() -> set[str]:
    """Every text that the report says, in sources, in templates of sentences and in the presets."""
    found: set[str] = {*SENTENCES, *NAMES}
    found |= {text for one in presets().values() for text in (one.decision, one.numeraire)}
    for source in (ROOT / "src/madang/appraise/case/report").glob("*.py"):
        texts = extract("python", BytesIO(source.read_bytes()), keywords={"say": None})
        found |= {text for _, text, _, _ in texts if isinstance(text, str)}
    return found


@pytest.fixture(scope="module")
def made() -> Made:
    return answered(SIGNALS, draws=500, seed=1)


def test_the_report_speaks_the_languages_of_the_pages() -> None:
    assert set(languages()) == set(LANGUAGES)


@pytest.mark.parametrize("tag", FOREIGN)
def test_every_text_is_in_every_language(tag: str) -> None:
    texts = {str(m.id): str(m.string) for m in catalogue(tag) if m.id}
    missing = sorted(message for message in messages() if not texts.get(message))
    assert not missing, f"add to appraise/locale/{tag}/report.po:\n" + "\n".join(
        f'#, fuzzy\nmsgid "{message}"\nmsgstr ""\n' for message in missing
    )
    assert not sorted(set(texts) - messages()), "texts that nothing says any more"


@pytest.mark.parametrize("tag", FOREIGN)
def test_every_translation_fills_the_same_gaps(tag: str) -> None:
    for message in catalogue(tag):
        if message.id:
            assert sorted(GAP.findall(str(message.id))) == sorted(GAP.findall(str(message.string))), message.id


def test_every_word_of_a_file_has_a_name() -> None:
    words = {str(word) for group in (Level, Mark, Shape, Status, Tier) for word in group} | {"measured"}
    words |= set(Kind.__args__)
    assert {word.replace("_", " ") for word in words} <= set(NAMES)


def sentences(found: Answer) -> set[str]:
    """What computations wrote."""
    told = found.conventions
    said = {*found.draft, *found.lacking, told.residual, told.incidence, told.views, told.scenario, told.prices}
    for view in (found.economic, found.financial):
        conventions = view.conventions
        said |= {*view.notes, conventions.npv, conventions.irr, conventions.mirr, conventions.bcr}
        said |= {conventions.payback, conventions.switching}
    said |= {one.name for one in found.scenarios}
    return said | ({found.ahp.conversion} if found.ahp else set())


def test_every_sentence_of_a_computation_is_recognised(made: Made, tmp_path: Path) -> None:
    assert not {said for said in sentences(made.answer) if recognised(said) is None}
    shutil.copytree(SIGNALS.parent / "evidence", tmp_path / "evidence")
    other = tmp_path / "korea.toml"
    text = SIGNALS.read_text().replace('preset = "eu"', 'preset = "korea-pfs"\nfinancial_rate = 0.04')
    other.write_text(text)
    case = case_of(other)
    assert not {said for said in sentences(answer(case)) if recognised(said) is None}
    other.write_text(other.read_text() + JUDGES)
    case = case_of(other)
    assert not {said for said in sentences(answer(case)) if recognised(said) is None}
    assert not [said for said in draft.reasons(case, kernel(case.project)) if recognised(said) is None]
    assert {one.name for one in scenarios.STANDARD} <= set(SENTENCES)


@pytest.mark.parametrize("tag", FOREIGN)
def test_the_report_in_a_language(made: Made, tag: str) -> None:
    page = report(made.case, made.answer, language=tag)
    speak = Language(tag)
    assert f'<html lang="{tag}">' in page
    assert speak.say("This translation is a machine's draft; the English report holds.") in unescape(page)
    assert speak.money(made.answer.economic.npv) in page
    assert speak.rates(made.answer.economic.irr) in page
    left = [text for text in messages() if len(text) > 25 and not GAP.search(text) and f">{text}<" in unescape(page)]
    assert not left, "still in English"


@pytest.mark.parametrize("tag", FOREIGN)
def test_the_pdf_in_a_language_has_every_letter(made: Made, tag: str) -> None:
    for one in (document(made.case, made.answer, language=tag), council(made.case, made.answer, language=tag)):
        printed = paper(one)
        assert not printed.lacking
        reader = PdfReader(BytesIO(printed.pdf))
        assert reader.trailer["/Root"].get_object()["/Lang"] == tag
        text = " ".join(reader.pages[0].extract_text().split())
        assert " ".join(Language(tag).money(made.answer.economic.npv).split()) in text


def test_numbers_follow_the_locale() -> None:
    german, hindi, korean = Language("de"), Language("hi"), Language("ko")
    assert german.money(-1234567.4) == "−1.234.567"
    assert german.percent(0.1234) == "12,3 %"
    assert german.plain(1234.5) == "1.234,5"
    assert hindi.money(1234567) == "12,34,567"
    assert korean.short(2_000_000).replace("\xa0", "") == "200만"
    assert Language().money(-0.2) == "0"
    assert german.money(-0.2) == "0"
    assert german.rates([]) == "keiner"


def test_a_sentence_is_said_with_what_it_is_about() -> None:
    told = Language("de").told("'price' is marked 'assumption': a fifth of it moves 12% of the ENPV")
    assert told == "„price“ ist als „Annahme“ gekennzeichnet: ein Fünftel davon bewegt 12% des ENPV"
    assert Language("de").told("nobody knows this one") == "nobody knows this one"


def test_the_citys_first_language_is_the_default(made: Made, tmp_path: Path) -> None:
    assert spoken(SIGNALS) == "de"
    assert spoken(tmp_path / "alone.toml") == "en"
    kept(made, tmp_path)
    assert '<html lang="de">' in (tmp_path / "signals.html").read_text()
    with pytest.raises(AppraisalInvalid, match="no report is written in 'xx'"):
        kept(made, tmp_path, language="xx")


def test_words_of_the_file_are_marked_with_their_language(made: Made) -> None:
    korean = report(made.case, made.answer, language="ko")
    assert f'<h1 lang="en">{made.answer.title}</h1>' in korean
    assert '<span lang="en">Cameras fail in winter</span>' in korean
    assert 'lang="en">' not in report(made.case, made.answer).replace('<html lang="en">', "")


def test_the_files_language_is_a_tag(tmp_path: Path) -> None:
    shutil.copytree(SIGNALS.parent / "evidence", tmp_path / "evidence")
    file = tmp_path / "signals.toml"
    for tag in ("de-AT", 'english"', "x"):
        file.write_text(SIGNALS.read_text().replace('currency = "EUR"', f"currency = 'EUR'\nlanguage = '{tag}'", 1))
        if tag == "de-AT":
            case = case_of(file)
            assert paper(document(case, answer(case), language="ko")).pdf.startswith(b"%PDF")
            continue
        with pytest.raises(AppraisalInvalid, match="is no language"):
            case_of(file)
