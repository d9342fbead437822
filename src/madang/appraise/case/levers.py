"""What the result hangs on, input by input: exact, because the NPV is linear in each input (no stream takes one
twice)."""

import numpy as np

from madang.appraise.case.build import Case
from madang.appraise.distribution import Floats
from madang.appraise.project import Kernel
from madang.appraise.sensitivity import Bar

CHANGE = 0.2


def contributions(case: Case, compiled: Kernel) -> Floats:
    """By driver: the economic NPV of the streams that it drives."""
    worth = compiled.economic * (compiled.amounts @ compiled.economic_factors)
    found = np.zeros(len(case.drivers))
    for own, places in zip(worth, case.drives, strict=True):
        found[list(places)] += own
    return found


def bars(case: Case, compiled: Kernel) -> tuple[Bar, ...]:
    """Each input down and up by a fifth, the widest first; what moves nothing is left out."""
    total = float((compiled.economic * (compiled.amounts @ compiled.economic_factors)).sum())
    named = zip(case.drivers, contributions(case, compiled), strict=True)
    found = [
        Bar(
            name=driver.name,
            low=total - CHANGE * float(own),
            high=total + CHANGE * float(own),
            switching=-100 * total / float(own),
            indicator=float(own) / total if total else None,
        )
        for driver, own in named
        if own
    ]
    return tuple(sorted(found, key=lambda bar: abs(bar.high - bar.low), reverse=True))
