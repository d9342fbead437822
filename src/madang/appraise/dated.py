"""All internal rates of return of amounts on any days: roots of a sum of exponentials.

f(s) = sum(amount[k] * exp(-s * time[k])), s = log(1 + r), has at most as many roots as its amounts have sign changes
(Descartes' rule for real exponents; Laguerre 1883). Its proof finds them: multiplied by exp(s * p), with p between the
times of a sign change, f keeps its roots, and the derivative has one sign change less. Between the roots of the
derivative f rises or falls, so one look at its sign at both ends finds each root.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np
import numpy.typing as npt

from madang.appraise.roots import Rate

FAR = 60.0
"""Logarithms of 1 + r between which roots are looked for: any that a double can tell from -1 or from 1e26."""
TOUCHES = 1e-13
"""Of the amounts' absolute sum, below which a valley's floor is taken as a root that touches zero."""


class _Terms(msgspec.Struct, frozen=True):
    """Amounts as `signs` and logarithms of their `sizes`, which no derivative overflows, at rising `times`."""

    signs: npt.NDArray[np.float64]
    sizes: npt.NDArray[np.float64]
    times: npt.NDArray[np.float64]

    def value(self, at: float) -> tuple[float, float]:
        """The sum at s = `at` and that of its absolute values, both over the greatest term."""
        powers = self.sizes - at * self.times
        parts = np.exp(powers - powers.max())
        return float(self.signs @ parts), float(parts.sum())

    def sign(self, at: float) -> int:
        """The sign at `at`; 0 where rounding decides it."""
        value, size = self.value(at)
        return 0 if abs(value) <= TOUCHES * size else 1 if value > 0 else -1

    def derived(self, change: int) -> "_Terms":
        """The derivative once the terms are shifted so that 0 is between the times `change` and the next."""
        away = float(self.times[change] + self.times[change + 1]) / 2 - self.times
        return _Terms(self.signs * np.sign(away), self.sizes + np.log(np.abs(away)), -away)


def rates(amounts: Sequence[float], years: Sequence[float]) -> list[Rate]:
    """Every real rate above -1 at which the amounts, due so many `years` (rising) from the first, are worth nothing;
    as a share a year, rising."""
    above = math.nextafter(-1.0, 0.0)
    return [Rate(max(math.expm1(at), above), multiplicity) for at, multiplicity in _roots(_merged(amounts, years))]


def _merged(amounts: Sequence[float], years: Sequence[float]) -> _Terms:
    """What falls on one day is added up, and what then is nothing is left out."""
    found: dict[float, list[float]] = {}
    for amount, year in zip(amounts, years, strict=True):
        found.setdefault(year, []).append(amount)
    summed = {year: total for year, parts in found.items() if (total := math.fsum(parts))}
    totals = np.array(list(summed.values()), float)
    return _Terms(np.sign(totals), np.log(np.abs(totals)), np.array(list(summed), float))


def _roots(terms: _Terms) -> list[tuple[float, int]]:
    """Roots with their multiplicity; of all derivatives that are needed, the one without a sign change first."""
    chain = [terms]
    for change in np.flatnonzero(terms.signs[1:] * terms.signs[:-1] < 0):
        chain.append(chain[-1].derived(int(change)))
    found: list[tuple[float, int]] = []
    for step in reversed(chain[:-1]):
        found = _between(step, found)
    return found


def _between(terms: _Terms, turns: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """Roots of the terms, whose derivative has its roots at `turns`."""
    ends = [-FAR, *(at for at, _ in turns), FAR]
    signs = [terms.sign(at) for at in ends]
    found = [(at, more + 1) for (at, more), sign in zip(turns, signs[1:-1], strict=True) if sign == 0]
    for (low, high), (below, above) in zip(pairwise(ends), pairwise(signs), strict=True):
        if below * above < 0:
            found.append((_bisected(terms, low, high, below), 1))
    return sorted(found)


def _bisected(terms: _Terms, low: float, high: float, below: int) -> float:
    """The root between, to the last digits."""
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        value, _ = terms.value(middle)
        if value == 0:
            return middle
        low, high = (middle, high) if (value > 0) == (below > 0) else (low, middle)
