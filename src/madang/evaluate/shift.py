"""Who gains and who loses: each vehicle under the service against the same vehicle under the fixed plan.

A seed is one demand: the vehicle of an id sets out at the same second on the same route under every variant. So the
difference of its delays is what the service did to this trip, and to those it met.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

_SIDE: Final = (10.0, 30.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0)
EDGES: Final = (*(-edge for edge in reversed(_SIDE)), *_SIDE)
"""Bounds of the bins in seconds; the first and the last bin are open."""
FELT_S: Final = 10.0
"""What nobody notices is neither a gain nor a loss."""
LONG_S: Final = 60.0


Delays = Mapping[str, float]
"""Seconds by vehicle."""


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """Of `vehicles` pairs over all seeds: the shares (0 to 1) with at least 10 s less delay and more, and with at least
    60 s more; how many lose (`losers`), their mean loss, the one that one in twenty of them exceeds, and the largest
    (s); and how many lie between the `edges` (s, service minus fixed; one
    bin more than edges, the outer ones open)."""

    vehicles: int
    better: float
    worse: float
    much_worse: float
    losers: int
    mean_loss_s: float
    loss_p95_s: float
    longest_loss_s: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]


def shift(pairs: Sequence[tuple[Delays, Delays]]) -> Shift | None:
    """The shift over several seeds; each pair is the delays by vehicle, before and after. None where nobody pairs."""
    changes = [after[id] - delay for before, after in pairs for id, delay in before.items() if id in after]
    if not changes:
        return None
    losses = sorted(change for change in changes if change >= FELT_S)
    return Shift(
        vehicles=len(changes),
        better=sum(change <= -FELT_S for change in changes) / len(changes),
        worse=len(losses) / len(changes),
        much_worse=sum(change >= LONG_S for change in changes) / len(changes),
        losers=len(losses),
        mean_loss_s=sum(losses) / len(losses) if losses else 0.0,
        loss_p95_s=losses[min(len(losses) - 1, int(0.95 * len(losses)))] if losses else 0.0,
        longest_loss_s=losses[-1] if losses else 0.0,
        edges=EDGES,
        counts=_counts(changes),
    )


def _counts(changes: Sequence[float]) -> tuple[int, ...]:
    counts = [0] * (len(EDGES) + 1)
    for change in changes:
        counts[sum(change >= edge for edge in EDGES)] += 1
    return tuple(counts)
