"""One loan, year by year: draw-down, interest, repayment, balance.

Payments fall due at the end of each year. What is drawn in a year bears interest from the next year on. Interest of the
years of construction is added to the balance, or paid; after that it is paid. Grace and tenor count from the end of the
first year, in which the first money is drawn: with no grace the first repayment falls due at the end of the second.
"""

import math
from collections.abc import Sequence

import msgspec

from madang.appraise.plan import Repayment


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """`grace` and `tenor` in years from the end of the first year; `building` years of construction, in which interest
    is added to the balance; `balloon` is the share of the loan that is repaid with the last payment, beside it;
    `pays_early`: interest of these years is paid instead."""

    rate: float
    grace: int
    tenor: int
    building: int
    repayment: Repayment = "equal"
    balloon: float = 0.0
    pays_early: bool = False


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """By year, in the loan's currency: `opening` balance, `drawn`, `interest` accrued, `paid` interest, `repaid`
    principal."""

    opening: tuple[float, ...]
    drawn: tuple[float, ...]
    interest: tuple[float, ...]
    paid: tuple[float, ...]
    repaid: tuple[float, ...]

    @property
    def service(self) -> tuple[float, ...]:
        """Interest and principal paid in each year."""
        return tuple(a + b for a, b in zip(self.paid, self.repaid, strict=True))


def schedule(terms: Terms, drawn: Sequence[float], service: Sequence[float] = ()) -> Schedule:
    """The schedule over ``len(drawn)`` years; `service` is what a sculpted loan pays in each year (its repayment is
    what interest leaves of it; negative where interest is more)."""
    opening: list[float] = []
    interest: list[float] = []
    paid: list[float] = []
    repaid: list[float] = []
    balance, ball = 0.0, 0.0
    for year, draw in enumerate(drawn):
        due = balance * terms.rate
        pays = due if terms.pays_early or year >= terms.building else 0.0
        ball = terms.balloon * balance if year == terms.grace + 1 else ball
        back = _repayment(terms, balance, year, service=service[year] - due if service else 0.0, ball=ball)
        opening.append(balance)
        interest.append(due)
        paid.append(pays)
        repaid.append(back)
        balance += draw + due - pays - back
    return Schedule(
        opening=tuple(opening), drawn=tuple(drawn), interest=tuple(interest), paid=tuple(paid), repaid=tuple(repaid)
    )


def carried(terms: Terms, service: Sequence[float], shares: Sequence[float]) -> float:
    """How much can be drawn, in these shares by year, where `service` can be paid in each year of repayment: its
    present value at the loan's rate when repayment begins, less the interest that construction adds."""
    growth = 1 + terms.rate
    adds = 1.0 if terms.pays_early else growth
    years = range(terms.grace + 1, min(terms.tenor + 1, len(service)))
    worth = sum(service[year] / growth ** (year - terms.grace) for year in years)
    return worth / sum(share * adds ** (terms.building - 1 - year) for year, share in enumerate(shares))


def _repayment(terms: Terms, balance: float, year: int, *, service: float, ball: float) -> float:
    if not terms.grace < year <= terms.tenor:
        return 0.0
    left = terms.tenor - year + 1
    if terms.repayment == "sculpted":
        return service
    if terms.repayment == "bullet":
        return balance if left == 1 else 0.0
    if left == 1:
        return balance
    if terms.repayment == "equal" or terms.rate < 1e-12:
        return (balance - ball) / left
    return (balance - ball) * terms.rate / math.expm1(left * math.log1p(terms.rate))
