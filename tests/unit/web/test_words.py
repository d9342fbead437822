"""Every text of the pages exists in every language, with the same gaps to fill; numbers and times follow the locale."""

import re
from datetime import UTC, datetime
from gettext import c2py  # type: ignore[attr-defined]  # what gettext itself reads a catalogue's rule with
from pathlib import Path

import pytest
from babel import Locale
from tests.unit.web.spoken import key, messages

from madang.web import words
from madang.web.language import LANGUAGES
from madang.web.words import Words, catalogue, drafts, plural_forms, texts

OTHERS = [tag for tag in LANGUAGES if tag != "en"]
GAP = re.compile(r"\{(\w+)\}")
CATALOGUE = """
#, fuzzy
msgid "{count} vehicle waits at {place}"
msgid_plural "{count} vehicles wait at {place}"
msgstr[0] "{place}: {count} Fahrzeug wartet"
msgstr[1] "{place}: {count} Fahrzeuge warten"

msgid "Yes"
msgstr "Ja"
"""


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_in_every_language(language: str) -> None:
    known, said = texts(language), messages()
    missing = sorted(message for message in said if not known.get(message))
    assert not missing, f"python -m tests.unit.web.spoken, then fill in locale/{language}/page.po: {missing}"
    assert not sorted(set(known) - set(said)), "texts that nothing says any more: python -m tests.unit.web.spoken"


@pytest.mark.parametrize("language", OTHERS)
def test_every_translation_fills_the_same_gaps(language: str) -> None:
    said = messages()
    for message in catalogue(language):
        if message.id:
            wanted = sorted(GAP.findall(said.get(key(message)) or key(message)))
            strings = [message.string] if isinstance(message.string, str) else list(message.string)
            for text in strings:
                assert sorted(GAP.findall(text)) == wanted, message.id


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogues_plural_rule_is_the_one_of_cldr(language: str) -> None:
    rule, forms = c2py(catalogue(language).plural_expr), plural_forms(language)
    assert catalogue(language).num_plurals == len(forms)
    for count in (*range(130), 1000, 1_000_000):
        assert forms[rule(count)] == Locale.parse(language).plural_form(count), count


def test_a_text_is_said_in_the_language_with_its_values() -> None:
    assert Words("de").say("Waiting: {count}", count=3) == "Wartend: 3"
    assert Words("en").say("Waiting: {count}", count=3) == "Waiting: 3"


def test_a_count_has_the_form_that_its_language_has_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de/page.po").write_text(CATALOGUE, "utf-8")
    monkeypatch.setattr(words, "LOCALE", tmp_path)
    for kept in (texts, drafts):
        kept.cache_clear()
    try:
        speakers = {tag: Words(tag) for tag in ("en", "de", "ko")}
        said = {
            (tag, count): speaker.counted(
                "{count} vehicle waits at {place}", "{count} vehicles wait at {place}", count, place="A"
            )
            for tag, speaker in speakers.items()
            for count in (0, 1, 1200)
        }
        assert said["en", 1] == said["ko", 1] == "1 vehicle waits at A"
        assert said["en", 0] == "0 vehicles wait at A" and said["en", 1200] == "1,200 vehicles wait at A"
        assert said["de", 1] == "A: 1 Fahrzeug wartet"
        assert said["de", 0] == "A: 0 Fahrzeuge warten" and said["de", 1200] == "A: 1.200 Fahrzeuge warten"
        assert drafts("de") == (1, 2)
    finally:
        for kept in (texts, drafts):
            kept.cache_clear()


def test_numbers_changes_and_times_follow_the_locale() -> None:
    german = Words("de", "Europe/Berlin")
    assert german.number(1234.56, 1) == "1.234,6"
    assert Words("hi").number(1234567) == "12,34,567"
    assert Words("en").change(-0.47) == "−47%"
    assert Words("en").change(0.001) == "0%"
    assert german.clock(datetime(2026, 7, 1, 10, 5, 9, tzinfo=UTC)) == "12:05:09"
    assert Words("en").span(130) == "2 minutes"
    assert Words("th").span(130) == "2 นาที"
