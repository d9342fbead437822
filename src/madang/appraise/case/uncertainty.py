"""What the project may be worth, drawn: S-curves, the chance of a loss, which inputs the spread comes from, and what
knowing one of them would be worth.
"""

from collections.abc import Callable

import msgspec
import numpy as np

from madang.appraise.case import attribution, information, options
from madang.appraise.case.build import Case
from madang.appraise.case.options import Staged
from madang.appraise.discount import flat
from madang.appraise.distribution import Floats
from madang.appraise.montecarlo import PERCENTILES, Drawn, Spread, below, fan, rates, spread
from madang.appraise.project import Kernel, kernel
from madang.appraise.sample import Method, factors

FEWEST, MOST = 100, 2_000_000
CURVE = (1, 2, 5, *range(10, 91, 5), 95, 98, 99)
"""Percentiles of the S-curves."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """One uncertain input: its `shapley` share of the variance of the ENPV (0 to 1), the ENPV at its 10th and 90th
    percentile with the others at their means, and the `worth` of knowing it before deciding, in money."""

    name: str
    shapley: float
    low: float
    high: float
    worth: float


class Uncertainty(msgspec.Struct, frozen=True, kw_only=True):
    """`expected` is the mean ENPV; `p_loss` is P(ENPV < 0), `p_hurdle` P(EIRR < hurdle); `no_rate` and `many_rates` are
    shares of draws whose EIRR does not exist or is not one; `perfect` is the value of perfect information; curves are
    by CURVE, the fan by year at the 10th, 50th and 90th percentile; `options` what deciding in stages is
    worth."""

    draws: int
    seed: int
    method: Method
    expected: float
    enpv: Spread
    fnpv: Spread
    p_loss: float
    p_hurdle: float
    hurdle: float
    no_rate: float
    many_rates: float
    percentiles: tuple[int, ...]
    enpv_curve: tuple[float, ...]
    eirr_curve: tuple[float, ...]
    fan: tuple[tuple[float, ...], ...]
    shares: tuple[Share, ...]
    perfect: float
    options: tuple[Staged, ...] = ()
    spread_percentiles: tuple[int, ...] = PERCENTILES


def draw(
    case: Case,
    count: int,
    *,
    seed: int,
    method: Method = "latin",
    heard: Callable[[str], None] = lambda _: None,
) -> Uncertainty | None:
    """Draw the case so many times; None where nothing is uncertain. `heard` is told what is being done."""
    moving = [n for n, driver in enumerate(case.drivers) if driver.spread.shape != "fixed"]
    if not moving:
        return None
    compiled = kernel(case.project)
    heard(f"drawing {count:,} times")
    base = factors([one.spread for one in case.drivers], count, seed=seed, method=method, correlation=case.correlation)
    scales = streams(case, base)
    worth = compiled.economic * (compiled.amounts @ compiled.economic_factors)
    drawn = Drawn(factors=scales, npv=worth @ scales)
    heard("every internal rate of return of each draw")
    found = rates(compiled, scales)
    only = found.only[found.count == 1]
    heard("which inputs the spread comes from")
    shares = _shares(case, compiled, base, drawn.npv, moving=moving, seed=seed)
    cash = compiled.financial * (compiled.amounts @ compiled.financial_factors)
    hurdle = np.array(flat(case.hurdle).factors(case.project.horizon, timing=case.project.timing))
    return Uncertainty(
        draws=count,
        seed=seed,
        method=method,
        expected=float(drawn.npv.mean()),
        enpv=spread(drawn.npv),
        fnpv=spread(cash @ scales),
        p_loss=float((drawn.npv < 0).mean()),
        p_hurdle=below(compiled, drawn, hurdle),
        hurdle=case.hurdle,
        no_rate=float((found.count == 0).mean()),
        many_rates=float((found.count > 1).mean()),
        percentiles=CURVE,
        enpv_curve=_percentiles(drawn.npv),
        eirr_curve=_percentiles(only) if only.size else (),
        fan=tuple(tuple(map(float, row)) for row in fan(compiled, drawn)),
        shares=shares,
        perfect=information.perfect(drawn.npv),
        options=options.value(case, base),
    )


def streams(case: Case, base: Floats) -> Floats:
    """From factors of drivers [driver, draw] to those of streams [stream, draw]."""
    found = np.ones((len(case.drives), base.shape[1]))
    for row, places in zip(found, case.drives, strict=True):
        for place in places:
            if case.drivers[place].spread.shape != "fixed":
                row *= base[place]
    return found


def _percentiles(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in np.percentile(values, CURVE))


def _shares(
    case: Case, compiled: Kernel, base: Floats, npv: Floats, *, moving: list[int], seed: int
) -> tuple[Share, ...]:
    worth = compiled.economic * (compiled.amounts @ compiled.economic_factors)
    groups = attribution.groups(case, moving)
    parts = attribution.shapley(case, worth, groups, base=base, seed=seed)
    found: list[Share] = []
    for group, part in zip(groups, parts, strict=True):
        levels = [attribution.at(case, worth, base, group=group, percentile=p) for p in (10, 90)]
        found.append(
            Share(
                name=" with ".join(case.drivers[n].name for n in group),
                shapley=float(part),
                low=min(levels),
                high=max(levels),
                worth=information.partial(base[list(group)], npv),
            )
        )
    return tuple(sorted(found, key=lambda share: share.shapley, reverse=True))
