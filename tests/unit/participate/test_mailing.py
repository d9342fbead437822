"""Letters about proposals: every step has its words in every language of the pages, and each letter a way out."""

from datetime import UTC, datetime, timedelta

import pytest

from madang.model.proposal import OVER, Proposal, State, Step
from madang.participate import mailing
from madang.participate.proposals import Course
from madang.web.language import LANGUAGES

AT = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
LINK = "https://city.example/proposals/letters/1.2"
SAID = Proposal(id="p1", title="Grün\r\nBcc: x", text="Bitte.", at=AT, closes=AT, needed=1200)
MEASURED = {"mean_before": 41.25, "mean_after": 31.0, "attribute": "no2", "entity": "urn:x"}


def course(step: Step) -> Course:
    return Course(id="p1", proposal=SAID, steps=[step], supporters=1234)


def steps() -> list[Step]:
    plain = [
        Step(proposal="p1", state=state, text="Words of the hub or the city.", at=AT, measured=MEASURED)
        for state in State
        if state is not State.OPEN
    ]
    return [*plain, Step(proposal="p1", state=State.REACHED, text="late", at=AT, due=AT - timedelta(days=1))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_has_its_words_in_every_language(language: str) -> None:
    told: set[str] = set()
    for step in steps():
        letter = mailing.letter(course(step), step, f"{language}-XX", LINK, page="https://city.example/p", zone="UTC")
        assert letter["language"] == language and "\n" not in letter["subject"].strip("\n")
        assert "{" not in letter["text"] and "https://city.example/p" in letter["text"]
        assert (LINK in letter["text"]) == ("leave" in letter) == (step.state not in OVER)
        assert ("Words of the hub" in letter["text"]) == (
            step.state in (State.ACCEPTED, State.DECLINED, State.MEASURED, State.ENDED)
        )
        told.add(letter["text"])
    assert len(told) == len(steps()), "no two steps read the same"
    question = mailing.question(course(steps()[0]), language, LINK)
    assert LINK in question["text"] and "leave" not in question
    assert question["text"] != mailing.question(course(steps()[0]), "en", LINK)["text"] or language == "en"


def test_figures_and_days_are_written_as_the_language_and_the_city_do() -> None:
    late = steps()[-1]
    german = mailing.letter(course(late), late, "de", LINK, page="p", zone="Europe/Berlin")["text"]
    assert "22. November 2026" in german
    seoul = mailing.letter(course(late), late, "ko", LINK, page="p", zone="Asia/Seoul")["text"]
    assert "2026년 11월 23일" in seoul, "the day is the city's"
    measured = next(step for step in steps() if step.state is State.MEASURED)
    text = mailing.letter(course(measured), measured, "de", LINK, page="p", zone="UTC")["text"]
    assert "41,25 vorher, 31 nachher (no2 urn:x)" in text
    lapsed = next(step for step in steps() if step.state is State.LAPSED)
    assert "1.234 von 1.200" in mailing.letter(course(lapsed), lapsed, "de", LINK, page="p", zone="UTC")["text"]


def test_a_tongue_that_has_no_words_reads_english() -> None:
    assert mailing.question(course(steps()[0]), "tlh", LINK)["language"] == "en"
