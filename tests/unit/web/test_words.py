"""Every text of the pages exists in every language, with the same gaps to fill; numbers and times follow the locale."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2.ext import babel_extract

from madang.web import names
from madang.web.language import LANGUAGES
from madang.web.words import Words, catalogue

ROOT = Path(__file__).parents[3]
SPOKEN = re.compile(r'\b(?:say|word)\(\s*"((?:[^"\\]|\\.)*)"')
GAP = re.compile(r"\{(\w+)\}")


def messages() -> set[str]:
    """Every text of the interface's sources, the templates and the names."""
    found: set[str] = set()
    for source in (ROOT / "frontend/src").rglob("*.ts*"):
        found.update(SPOKEN.findall(source.read_text("utf-8")))
    for template in (ROOT / "src/madang/web/templates").glob("*.html"):
        with template.open("rb") as file:
            texts = (text for _, _, text, _ in babel_extract(file, ["say"], [], {"encoding": "utf-8"}) if text)
            found.update(str(text[0]) if isinstance(text, tuple) else str(text) for text in texts)
    for group in (names.CONTROL, names.LAMP, names.PART):
        found.update(group.values())
    source = (ROOT / "src/madang/web/overview.py").read_text("utf-8")
    return found | set(SPOKEN.findall(source))


@pytest.mark.parametrize("language", [tag for tag in LANGUAGES if tag != "en"])
def test_every_text_is_in_every_language(language: str) -> None:
    texts = {str(m.id): str(m.string) for m in catalogue(language) if m.id}
    missing = sorted(message for message in messages() if not texts.get(message))
    assert not missing, f"add to locale/{language}/page.po:\n" + "\n".join(
        f'msgid "{message}"\nmsgstr ""\n' for message in missing
    )
    assert not sorted(set(texts) - messages()), "texts that nothing says any more"


@pytest.mark.parametrize("language", [tag for tag in LANGUAGES if tag != "en"])
def test_every_translation_fills_the_same_gaps(language: str) -> None:
    for message in catalogue(language):
        if message.id:
            assert sorted(GAP.findall(str(message.id))) == sorted(GAP.findall(str(message.string))), message.id


def test_a_text_is_said_in_the_language_with_its_values() -> None:
    assert Words("de").say("Waiting: {count}", count=3) == "Wartend: 3"
    assert Words("en").say("Waiting: {count}", count=3) == "Waiting: 3"


def test_numbers_changes_and_times_follow_the_locale() -> None:
    german = Words("de", "Europe/Berlin")
    assert german.number(1234.56, 1) == "1.234,6"
    assert Words("en").change(-0.47) == "−47%"
    assert Words("en").change(0.001) == "0%"
    assert german.clock(datetime(2026, 7, 1, 10, 5, 9, tzinfo=UTC)) == "12:05:09"
    assert Words("en").span(130) == "2 minutes"
