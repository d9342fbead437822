"""A case on a board with sliders: what it is worth when an input is moved, answered at once from draws made before.

The ENPV is linear in each input (no stream takes one twice), so an input that is r times its value makes each stream
that it drives r times as large, in every draw: a position of the sliders is one product of a row with the drawn factors
[stream, draw]. An uncertain input keeps its spread about the value that it is moved to.
"""

import math
from collections.abc import Mapping

import msgspec
import numpy as np

from madang.appraise.case import levers
from madang.appraise.case.answer import conventions
from madang.appraise.case.build import Case
from madang.appraise.case.draft import reasons
from madang.appraise.case.sources import Source
from madang.appraise.case.uncertainty import CURVE, streams
from madang.appraise.discount import flat
from madang.appraise.distribution import Floats
from madang.appraise.project import Kernel, kernel, results
from madang.appraise.sample import factors
from madang.appraise.sensitivity import Bar
from madang.errors import AppraisalInvalid

DRAWS = 50_000
CELLS = 8_000_000
"""Numbers that a board keeps at most (64 MB): a case with more streams is drawn less often."""
MATERIAL = 0.05
"""An input is on the board where a fifth of it moves the ENPV by a fifth of this share or more, as in ``draft``."""
MOST = 12
WIDEST = 1000.0
"""So many times its value an input may be moved."""
RATES = (0.0, 0.15)


class Slider(msgspec.Struct, frozen=True, kw_only=True):
    """An input that can be moved between `low` and `high`, in `unit`; `indicator` is per cent of ENPV per per cent."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    mark: str
    indicator: float | None


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """The case at a position of the sliders. `curve` is the ENPV by `percentiles`; `bars` are the inputs a fifth less
    and more about this position; `incidence` by stakeholder sums to `enpv`, which takes the values as they are set,
    `expected` the mean of the draws."""

    values: dict[str, float]
    rate: float
    enpv: float
    expected: float
    eirr: tuple[float, ...]
    bcr: float | None
    fnpv: float
    firr: tuple[float, ...]
    p_loss: float
    p_hurdle: float
    hurdle: float
    percentiles: tuple[int, ...]
    curve: tuple[float, ...]
    bars: tuple[Bar, ...]
    incidence: dict[str, float]


class Board:
    """A case, drawn once; `own` is where its file has it."""

    def __init__(self, case: Case, *, draws: int = DRAWS, seed: int = 1) -> None:
        self.case = case
        draws = self.draws = min(draws, max(1, CELLS // (len(case.drivers) + len(case.drives))))
        self._kernel = kernel(case.project)
        base = factors([one.spread for one in case.drivers], draws, seed=seed, correlation=case.correlation)
        self._drawn = streams(case, base)
        self._places = {one.name: n for n, one in enumerate(case.drivers)}
        self.rate = case.project.economic.bands[0].rate
        self.sliders = tuple(self._sliders())
        self.draft = reasons(case, self._kernel)
        self.conventions = conventions(case)
        self.own = self.move({})

    def move(self, values: Mapping[str, float], rate: float | None = None) -> Moved:
        """The case with these inputs at these values and, where it is given, another economic discount rate (a share a
        year, the same in every year). Raises AppraisalInvalid for what is no input or no value."""
        scales = self._scales(values)
        case = self.case
        project = case.project
        if rate is not None:
            if not RATES[0] <= rate <= RATES[1]:
                raise AppraisalInvalid(f"rate: {rate} (a share from {RATES[0]:g} to {RATES[1]:g}: 0.05 for 5 % a year)")
            project = msgspec.structs.replace(project, economic=flat(rate))
        compiled = self._at(scales, project.economic.factors(project.horizon, timing=project.timing))
        told = results(project, compiled)
        hurdle = self._at(scales, flat(case.hurdle).factors(project.horizon, timing=project.timing))
        # One product for both: what takes the time is to read the draws.
        npv, at_hurdle = np.stack([self._worth(compiled), self._worth(hurdle)]) @ self._drawn
        return Moved(
            values={name: float(value) for name, value in values.items()},
            rate=self.rate if rate is None else rate,
            enpv=told.economic.npv,
            expected=float(npv.mean()),
            eirr=told.economic.irr,
            bcr=told.economic.bcr,
            fnpv=told.financial.npv,
            firr=told.financial.irr,
            p_loss=float((npv < 0).mean()),
            p_hurdle=float((at_hurdle < 0).mean()),
            hurdle=case.hurdle,
            percentiles=CURVE,
            curve=tuple(float(value) for value in np.percentile(npv, CURVE)),
            bars=levers.bars(case, compiled),
            incidence=told.incidence,
        )

    def _at(self, scales: Floats, discount: list[float]) -> Kernel:
        amounts = self._kernel.amounts * scales[:, None]
        return msgspec.structs.replace(self._kernel, amounts=amounts, economic_factors=np.array(discount))

    @staticmethod
    def _worth(compiled: Kernel) -> Floats:
        return compiled.economic * (compiled.amounts @ compiled.economic_factors)

    def _scales(self, values: Mapping[str, float]) -> Floats:
        """By stream, how many times its amount it is."""
        ratios = np.ones(len(self.case.drivers))
        for name, value in values.items():
            place = self._places.get(name)
            if place is None:
                known = ", ".join(one.name for one in self.sliders)
                raise AppraisalInvalid(f"{name!r} is no input of this project (those that matter: {known})")
            own = self.case.drivers[place].value
            if not math.isfinite(value) or own == 0 or abs(value / own) > WIDEST:
                raise AppraisalInvalid(f"{name}: {value} cannot be set (a number, at most {WIDEST:g} times {own:g})")
            ratios[place] = value / own
        return np.array([math.prod(ratios[place] for place in places) for places in self.case.drives])

    def _sliders(self) -> list[Slider]:
        bars = levers.bars(self.case, self._kernel)
        material = [bar for bar in bars if bar.indicator is None or abs(bar.indicator) >= MATERIAL]
        return [self._slider(bar) for bar in material[:MOST] if self.case.drivers[self._places[bar.name]].value]

    def _slider(self, bar: Bar) -> Slider:
        one = self.case.drivers[self._places[bar.name]]
        low, high = _range(one)
        return Slider(
            name=one.name,
            value=one.value,
            low=low,
            high=high,
            unit=one.unit,
            source=one.source,
            mark=one.mark,
            indicator=bar.indicator,
        )


def _range(one: Source) -> tuple[float, float]:
    """From half to one and a half times the value, or as far as the input's own spread reaches (1 % to 99 %)."""
    ends = [0.5, 1.5]
    if one.spread.shape != "fixed":
        ends += [float(share) for share in one.spread.quantiles(np.array([0.01, 0.99]))]
    low, high = sorted((one.value * min(ends), one.value * max(ends)))
    return low, high
