"""What the result hangs on: one stream at a time, and all of them badly at once.

Exact, because the NPV is linear in each stream: a change of a share d of stream s moves it by d times the stream's own
contribution. Switching value: 100 * (v* - v0) / v0; indicator: per cent change of NPV per per cent change of the
stream."""

from collections.abc import Mapping

import msgspec
import numpy as np

from madang.appraise.distribution import Floats
from madang.appraise.project import Kernel


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One stream of the tornado: economic NPV with the stream `low` and `high`, its switching value in per cent (None:
    it moves nothing), and its indicator (None at an NPV of zero)."""

    name: str
    low: float
    high: float
    switching: float | None
    indicator: float | None


def npv(kernel: Kernel, scales: Floats | None = None) -> float:
    """The economic NPV with each stream times its scale."""
    worth = kernel.economic * (kernel.amounts @ kernel.economic_factors)
    return float(worth @ (np.ones_like(worth) if scales is None else scales))


def tornado(kernel: Kernel, change: float = 0.2) -> list[Bar]:
    """Each stream down and up by that share, the widest bar first."""
    worth = kernel.economic * (kernel.amounts @ kernel.economic_factors)
    total = float(worth.sum())
    bars = [
        Bar(
            name=name,
            low=total - change * float(own),
            high=total + change * float(own),
            switching=-100 * total / float(own) if own else None,
            indicator=float(own) / total if total else None,
        )
        for name, own in zip(kernel.names, worth, strict=True)
    ]
    return sorted(bars, key=lambda bar: abs(bar.high - bar.low), reverse=True)


def stressed(kernel: Kernel, scales: Mapping[str, float], *, delay: int = 0) -> float:
    """The economic NPV with these streams scaled and all benefits so many years late; what would come after the horizon
    is lost."""
    factors = np.array([scales.get(name, 1.0) for name in kernel.names])
    amounts = kernel.amounts.copy()
    if delay:
        late = kernel.economic > 0
        moved = np.zeros_like(amounts[late])
        moved[:, delay:] = amounts[late][:, :-delay]
        amounts[late] = moved
    return float((kernel.economic * factors) @ (amounts @ kernel.economic_factors))
