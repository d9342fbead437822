"""How much of a gift is in a loan.

Grant element = 100 * (face value - present value of the debt service) / face value: IMF and World Bank, "Unification of
discount rates used in external debt analysis for low-income countries" (2013), which set the discount rate to 5 %. The
OECD's DAC used 10 % for the flows up to 2017.
"""

from madang.appraise.loan import Terms, schedule
from madang.appraise.plan import Repayment


def grant_element(terms: Terms, *, rate: float = 0.05) -> float:
    """Per cent of the face value, drawn at once, interest paid from the first year on, discounted yearly at `rate`."""
    drawn = [1.0] + [0.0] * terms.tenor
    at_once = Terms(rate=terms.rate, grace=terms.grace + 1, tenor=terms.tenor + 1, building=1, repayment=_plain(terms))
    service = schedule(at_once, drawn).service
    return 100 * (1 - sum(paid / (1 + rate) ** year for year, paid in enumerate(service)))


def _plain(terms: Terms) -> Repayment:
    return "equal" if terms.repayment == "sculpted" else terms.repayment
