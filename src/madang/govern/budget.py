"""What may be learnt in all of a dataset by one recipient: a budget of privacy loss, spent question by question.

Losses add up (basic composition: Dwork, Rothblum and Vadhan, "Boosting and Differential Privacy", FOCS 2010, III.A), so
that in any stretch of time as long as `renew` a recipient learns at most `epsilon` of a person, up to a chance `delta`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction

import msgspec

from madang.model import time as times


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """The most that is spent in the time of `renew` (ISO 8601; none: ever)."""

    epsilon: float
    delta: float = 0.0
    renew: str = ""


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What a question spends, at a time."""

    at: datetime
    epsilon: float
    delta: float = 0.0


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What is left now, and when something of what is spent comes back (None: never, or nothing is spent)."""

    epsilon: float
    delta: float
    renews_at: datetime | None


def running(spent: Iterable[Cost], allowance: Allowance, now: datetime) -> list[Cost]:
    """What counts now. A time that has not come yet counts, too: a clock that was set back frees nothing."""
    if not allowance.renew:
        return list(spent)
    since = times.duration(allowance.renew).before(now)
    return [cost for cost in spent if cost.at > since]


def balance(spent: Sequence[Cost], allowance: Allowance, now: datetime) -> Balance:
    """What is left of the allowance; exact, so that ten tenths are one."""
    counted = running(spent, allowance, now)
    first = min((cost.at for cost in counted), default=None)
    back = times.duration(allowance.renew).after(first) if allowance.renew and first is not None else None
    return Balance(
        epsilon=float(_left(allowance.epsilon, [cost.epsilon for cost in counted])),
        delta=float(_left(allowance.delta, [cost.delta for cost in counted])),
        renews_at=back,
    )


def affords(spent: Sequence[Cost], allowance: Allowance, cost: Cost) -> bool:
    """There is enough left for the cost, at its time."""
    counted = running(spent, allowance, cost.at)
    return (
        _left(allowance.epsilon, [*(one.epsilon for one in counted), cost.epsilon]) >= 0
        and _left(allowance.delta, [*(one.delta for one in counted), cost.delta]) >= 0
    )


def _left(most: float, spent: Iterable[float]) -> Fraction:
    """The numbers as people wrote them, not as a float rounds them: 0.1 is a tenth."""
    return _exact(most) - sum(map(_exact, spent), Fraction())


def _exact(number: float) -> Fraction:
    return Fraction(repr(number))
