"""How much of a gift is in a loan.

Grant element = 100 * (face value - present value of the debt service) / face value: IMF and World Bank, "Unification of
discount rates used in external debt analysis for low-income countries" (2013), which set the discount rate to 5 %. The
OECD's DAC used 10 % for the flows up to 2017. Both count two payments a year as a rule: the interest rate is then
halved, the discount rate is (1 + d) ** (1/2) - 1 a half.
"""

import msgspec

from madang.appraise.loan import Terms, schedule
from madang.appraise.plan import Repayment


def grant_element(terms: Terms, *, rate: float = 0.05, payments: int = 1) -> float:
    """Per cent of the face value, drawn at once, interest paid from the first period on, discounted at `rate` a year;
    so many `payments` a year."""
    last, discount = terms.tenor * payments, (1 + rate) ** (1 / payments)
    drawn = [1.0] + [0.0] * last
    at_once = msgspec.structs.replace(
        terms,
        rate=terms.rate / payments,
        grace=terms.grace * payments,
        tenor=last,
        building=1,
        repayment=_plain(terms),
    )
    service = schedule(at_once, drawn).service
    return 100 * (1 - sum(paid / discount**n for n, paid in enumerate(service)))


def _plain(terms: Terms) -> Repayment:
    return "equal" if terms.repayment == "sculpted" else terms.repayment
