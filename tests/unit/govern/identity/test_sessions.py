"""Sessions end: unused for an hour, after a shift, everywhere at once, and when there are too many."""

from datetime import UTC, datetime, timedelta

import pytest

from madang.govern.caller import Somebody
from madang.govern.identity import Sessions, sessions

START = datetime(2026, 3, 1, 7, tzinfo=UTC)
KIM = Somebody(name="kim", roles=("operator",))


class Clock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def go(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(clock: Clock) -> Sessions:
    return Sessions(clock.now)


def test_a_session_that_nobody_uses_ends(book: Sessions, clock: Clock) -> None:
    text = book.open("person", KIM)
    clock.go(minutes=59)
    assert book.find(text) is not None
    clock.go(minutes=59)
    assert book.find(text) is not None
    clock.go(minutes=61)
    assert book.find(text) is None
    clock.at = START
    assert book.find(text) is None, "it does not come back"


def test_a_session_ends_after_a_shift_however_much_it_is_used(book: Sessions, clock: Clock) -> None:
    text = book.open("person", KIM)
    for _ in range(23):
        clock.go(minutes=30)
        assert book.find(text) is not None
    clock.go(minutes=30)
    assert book.find(text) is None


def test_each_signing_in_has_a_text_of_its_own_that_is_not_kept(book: Sessions) -> None:
    texts = {book.open("person", KIM) for _ in range(5)}
    assert len(texts) == 5
    for text in texts:
        found = book.find(text)
        assert found is not None and text not in str(found)
    assert book.find("") is None and book.find("x" * 43) is None and book.find("é" * 43) is None


def test_all_of_one_somebody_end_at_once(book: Sessions) -> None:
    mine = [book.open("person", KIM) for _ in range(3)]
    others = [book.open("house", KIM), book.open("person", Somebody(name="lee"))]
    assert book.end_all("kim", "person") == 3
    assert [book.find(text) for text in mine] == [None] * 3
    assert all(book.find(text) for text in others)


def test_too_many_sessions_push_out_the_one_unused_longest(
    book: Sessions, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST", 3)
    first, *others = [book.open("person", KIM) for _ in range(3)]
    clock.go(minutes=1)
    for text in others:
        assert book.find(text)
    newest = book.open("person", KIM)
    assert book.find(first) is None
    assert all(book.find(text) for text in (*others, newest))
