"""The world's clock never goes back and does not run ahead of a world that stands still."""

from datetime import UTC, datetime, timedelta

from madang.clock import WorldClock

START = datetime(2026, 5, 1, tzinfo=UTC)


def test_it_follows_the_world() -> None:
    clock = WorldClock(START, speed=0)
    clock.tell(START + timedelta(seconds=5))
    assert clock.now() == START + timedelta(seconds=5)


def test_it_never_goes_back() -> None:
    clock = WorldClock(START, speed=0)
    clock.tell(START + timedelta(seconds=5))
    clock.tell(START)
    assert clock.now() == START + timedelta(seconds=5)


def test_it_runs_at_most_a_second_ahead() -> None:
    clock = WorldClock(START, speed=1e12)
    assert START <= clock.now() <= START + timedelta(seconds=1)
