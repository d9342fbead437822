"""The report as PDF, read back by a library that had no part in it."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from madang.app.case import Made, answered, kept
from madang.app.paper import advice, paper
from madang.appraise.case.report import council, document
from madang.appraise.case.report.blocks import Document, Heading, Paragraph, Span, paragraph
from madang.appraise.case.report.language import Language
from madang.errors import AppraisalInvalid

SIGNALS = Path(__file__).parents[3] / "cities" / "ingolstadt" / "projects" / "signals.toml"


@pytest.fixture(scope="module")
def made() -> Made:
    return answered(SIGNALS, draws=500, seed=1)


def read(pdf: bytes) -> PdfReader:
    return PdfReader(BytesIO(pdf), strict=True)


def words(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_the_pdf_has_the_figures_of_the_json(made: Made, tmp_path: Path) -> None:
    kept(made, tmp_path, language="en")
    figures = json.loads((tmp_path / "signals.json").read_text())
    reader = read((tmp_path / "signals.pdf").read_bytes())
    assert reader.metadata is not None
    assert reader.metadata.title == figures["title"]
    text, speak = words(reader), Language()
    assert speak.money(figures["economic"]["npv"]) in text
    assert speak.rates(figures["economic"]["irr"]) in text
    assert speak.money(figures["financial"]["npv"]) in text
    for group, gain in figures["incidence"].items():
        assert group in text
        assert speak.money(gain) in text
    for trail in figures["evidence"]:
        assert trail["sha256"] in text.replace(" ", "")
    assert 6 <= len(reader.pages) <= 14
    assert f"1 / {len(reader.pages)}" in text


def test_the_pdf_is_accessible_and_needs_nothing_from_elsewhere(made: Made) -> None:
    reader = read(paper(document(made.case, made.answer)).pdf)
    root = reader.trailer["/Root"].get_object()
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            (inner,) = font.get_object()["/DescendantFonts"]
            descriptor = inner.get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor), "a font is not in the file"
        for note in page.get("/Annots", []):
            assert "/URI" not in note.get_object().get("/A", {}), "a link leads elsewhere"
    assert "/EmbeddedFiles" not in root.get("/Names", {})


def test_the_page_for_a_council_is_short(made: Made) -> None:
    reader = read(paper(council(made.case, made.answer)).pdf)
    assert len(reader.pages) <= 2
    assert "2,300,000" in words(reader)


def test_words_of_a_project_are_no_commands() -> None:
    bad = 'A #panic("x") $x$ *b* @nowhere <label> `raw`'
    text = words(read(paper(Document(title=bad, language="en", blocks=(Heading(1, bad), paragraph(bad)))).pdf))
    assert bad in text


def test_scripts_of_all_languages_are_set() -> None:
    said = "사업 타당성 · लागत और लाभ · ผลประโยชน์สุทธิ · giá trị hiện tại ròng · Wärmebrücke"
    made = paper(Document(title="x", language="ko", blocks=(Heading(1, "x"), paragraph(said))))
    assert not made.lacking
    text = words(read(made.pdf))
    for word in ("사업", "लागत", "ròng", "Wärmebrücke"):
        assert word in text


def test_a_letter_without_a_font_is_told() -> None:
    made = paper(Document(title="x", language="en", blocks=(Heading(1, "x"), paragraph("bird: \U00013171"))))
    if made.lacking:  # some machine may have that font
        assert made.lacking == "\U00013171"
        assert "no font for Egyptian" in advice(made.lacking)
    assert len(read(made.pdf).pages) == 1


def test_a_link_to_nothing_is_refused_in_words() -> None:
    lost = Document(title="x", language="en", blocks=(Heading(1, "x"), Paragraph((Span("there", link="gone"),))))
    with pytest.raises(AppraisalInvalid, match="cannot be set"):
        paper(lost)
