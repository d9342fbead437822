"""A budget adds up exactly, renews as it says, and no clock that was set back frees anything."""

from datetime import UTC, datetime, timedelta

from madang.govern.budget import Allowance, Cost, affords, balance

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def spent(*epsilons: float, at: datetime = NOW) -> list[Cost]:
    return [Cost(at=at, epsilon=epsilon) for epsilon in epsilons]


def test_ten_tenths_are_one() -> None:
    whole = Allowance(epsilon=1.0)
    assert affords(spent(*[0.1] * 9), whole, *spent(0.1))
    assert not affords(spent(*[0.1] * 10), whole, *spent(1e-9))
    assert balance(spent(*[0.1] * 10), whole, NOW).epsilon == 0.0
    assert sum([0.1] * 10) != 1.0, "as floats they are not"


def test_delta_is_a_budget_of_its_own() -> None:
    whole = Allowance(epsilon=10.0, delta=1e-6)
    cost = Cost(at=NOW, epsilon=0.1, delta=1e-6)
    assert affords([], whole, cost)
    assert not affords([cost], whole, cost)
    assert affords([cost], whole, *spent(0.1))


def test_a_budget_renews_as_its_time_passes() -> None:
    whole = Allowance(epsilon=1.0, renew="P30D")
    first, later = spent(0.6), spent(0.4, at=NOW + timedelta(days=10))
    assert balance([*first, *later], whole, NOW + timedelta(days=11)).renews_at == NOW + timedelta(days=30)
    after = NOW + timedelta(days=30)
    assert balance([*first, *later], whole, after).epsilon == 0.6
    assert balance([*first, *later], whole, after).renews_at == NOW + timedelta(days=40)
    assert affords([*first, *later], whole, *spent(0.6, at=after))
    # In any thirty days no more than one: what is spent now keeps counting for its own thirty.
    again = [*first, *later, *spent(0.6, at=after)]
    assert not affords(again, whole, *spent(0.5, at=NOW + timedelta(days=39)))


def test_a_clock_that_was_set_back_frees_nothing() -> None:
    whole = Allowance(epsilon=1.0, renew="P1D")
    assert not affords(spent(1.0), whole, *spent(0.1, at=NOW - timedelta(days=400)))


def test_without_renewal_it_is_once_and_for_all() -> None:
    whole = Allowance(epsilon=1.0)
    assert balance(spent(1.0), whole, NOW + timedelta(days=9999)).epsilon == 0.0
    assert balance(spent(1.0), whole, NOW).renews_at is None
