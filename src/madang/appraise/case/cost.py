"""What is spent on building and renewing: the number that a budget has to hold."""

from madang.appraise.case.build import Case
from madang.appraise.case.kinds import Role
from madang.appraise.case.streams import role_of


def cost(case: Case) -> float:
    """The sum of all capital streams in the owners' money, taxes included: not discounted, without what is left."""
    total = 0.0
    for given, stream in zip(case.form.stream, case.project.streams, strict=True):
        if role_of(given) is Role.CAPEX:
            total += sum(amount for amount in stream.profile(case.project.horizon) if amount > 0)
    return total
