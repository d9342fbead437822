"""What was added to running accounts between two moments."""

from datetime import UTC, datetime, timedelta

from madang.api.happened import between

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
ACCOUNTS = [(AT + timedelta(seconds=10 * place), {"n": 20.0 * place, "s": 5.0}) for place in range(9)]


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def test_a_moment_between_two_accounts_has_its_share() -> None:
    assert between(ACCOUNTS, at(5), at(65)) == {"n": 120.0, "s": 0.0}


def test_what_the_accounts_do_not_reach_over_is_not_known() -> None:
    assert between(ACCOUNTS, at(-5), at(55)) is None
    assert between(ACCOUNTS, at(25), at(85)) is None
    assert between([], at(0), at(60)) is None


def test_an_account_that_was_begun_anew_says_nothing() -> None:
    anew = [*ACCOUNTS[:4], (at(40), {"n": 3.0, "s": 0.0}), *((at(60 + 10 * k), {"n": 9.0, "s": 0.0}) for k in range(3))]
    assert between(anew, at(5), at(65)) is None
