"""A report as PDF: tagged, with its fonts in it, one file that needs nothing from elsewhere.

typst sets it (Apache-2.0; its compiler is in the wheel). Fonts come with packages from PyPI for the languages that
reports are written in; where a project's words need another, the machine's own fonts are asked, and what still lacks a
glyph is told.
"""

import re
import unicodedata
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import typst

from madang.appraise.case.report.blocks import Document
from madang.errors import AppraisalInvalid

FONTS = {
    "fontpkg-noto-sans": "Noto Sans",
    "pylopdf-fonts-ko": "Noto Sans KR",
    "fontpkg-noto-sans-devanagari": "Noto Sans Devanagari",
    "fontpkg-noto-sans-thai": "Noto Sans Thai",
}
"""The packages that bring fonts, and the families in them that are used (SIL Open Font License)."""
SCRIPTS = {"LATIN", "GREEK", "CYRILLIC", "DEVANAGARI", "THAI", "HANGUL"}
"""What those fonts write, by the first word of a character's name."""
COLOURS = {
    "ink": "#1d2730",
    "line": "#cfd6dc",
    "good": "#0b6e4f",
    "bad": "#a4243b",
    "plain": "#4a6fa5",
    "soft": "#b9c7da",
}
_ACCESSIBLE = "ua-1"
_MISSING = ("missing codepoints", "could not be displayed")


class Paper(msgspec.Struct, frozen=True):
    """The PDF; `lacking` are characters for which no font was found, each once: they are boxes in it."""

    pdf: bytes
    lacking: str = ""


def paper(document: Document) -> Paper:
    """The document as PDF (PDF/UA-1 where every glyph is there). Raises AppraisalInvalid where it cannot be set."""
    parts = {
        "main.typ": (files("madang.appraise.case.report") / "paper.typ").read_bytes(),
        "document.json": msgspec.json.encode(_drawn(document)),
        "fonts.json": msgspec.json.encode(list(FONTS.values())),
    }
    try:
        return Paper(_set(parts, standard=_ACCESSIBLE))
    except typst.TypstError as error:
        if not any(said in str(error) for said in _MISSING):
            raise AppraisalInvalid(f"the PDF cannot be set: {error} (the HTML report has the same content)") from None
    try:
        return Paper(_set(parts, standard=_ACCESSIBLE, of_the_machine=True))
    except typst.TypstError:
        return Paper(_set(parts, of_the_machine=True), lacking=_unknown(document))


def advice(lacking: str) -> str:
    """What to tell about characters without a font."""
    names = ", ".join(sorted({_script(letter).title() for letter in lacking})) or "some signs"
    return (
        f"no font for {names} ({lacking[:20]}): they are boxes in the PDF; install one, such as the package fonts-noto "
        "of the system, and write it again"
    )


def _set(parts: dict[str, bytes], *, standard: str | None = None, of_the_machine: bool = False) -> bytes:
    compiler: Any = typst.Compiler(font_paths=_folders(FONTS), ignore_system_fonts=not of_the_machine)
    return bytes(compiler.compile(parts, format="pdf", pdf_standards=[standard] if standard else []))


def _folders(packages: Iterable[str]) -> list[Path]:
    """Where the packages keep their fonts; a package that is not installed is left out: then the machine's are used."""
    found: set[Path] = set()
    for name in packages:
        try:
            listed = distribution(name).files or []
        except PackageNotFoundError:
            continue
        found |= {Path(str(file.locate())).parent for file in listed if file.suffix in (".ttf", ".otf")}
    return sorted(found)


def _drawn(document: Document) -> dict[str, Any]:
    """The document as plain values, its drawings whole SVG files with colours instead of names."""
    told: dict[str, Any] = msgspec.to_builtins(document)
    for block in told["blocks"]:
        if block["type"] == "figure":
            shapes = re.sub(r"var\(--(\w+)\)", lambda found: COLOURS[found[1]], block["shapes"])
            size = f'width="{block["width"]:.0f}" height="{block["height"]:.0f}"'
            box = f'viewBox="0 0 {block["width"]:.0f} {block["height"]:.0f}"'
            block["svg"] = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box}>{shapes}</svg>'
    return told


def _unknown(document: Document) -> str:
    words = msgspec.json.encode(document).decode()
    return "".join(sorted({one for one in words if one.isalpha() and _script(one) not in SCRIPTS}))


def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").split()[0]
