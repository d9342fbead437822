"""All internal rates of return of amounts on any days: roots of a sum of exponentials.

f(s) = sum(amount[k] * exp(-s * time[k])), s = log(1 + r), has at most as many roots as its amounts have sign changes
(Descartes' rule for real exponents; Laguerre 1883). Its proof finds them: multiplied by exp(s * p), with p between the
times of a sign change, f keeps its roots, and the derivative has one sign change less. Between the roots of the
derivative f rises or falls, so one look at its sign at both ends finds each root.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from madang.appraise.roots import Rate

FAR = 60.0
"""Logarithms of 1 + r between which roots are looked for: any that a double can tell from -1 or from 1e26."""
TOUCHES = 1e-13
"""Of the amounts' absolute sum, below which a valley's floor is taken as a root that touches zero."""


def rates(amounts: Sequence[float], years: Sequence[float]) -> list[Rate]:
    """Every real rate above -1 at which the amounts, due so many `years` (rising) from the first, are worth nothing;
    as a share a year, rising."""
    terms = _merged(amounts, years)
    above = math.nextafter(-1.0, 0.0)
    return [Rate(max(math.expm1(at), above), multiplicity) for at, multiplicity in _roots(terms)]


Terms = list[tuple[float, float]]


def _merged(amounts: Sequence[float], years: Sequence[float]) -> Terms:
    """Amount and time; what falls on one day is added up, and what then is nothing is left out."""
    found: dict[float, list[float]] = {}
    for amount, year in zip(amounts, years, strict=True):
        found.setdefault(year, []).append(amount)
    summed = [(math.fsum(parts), year) for year, parts in found.items()]
    return [(amount, year) for amount, year in summed if amount]


def _roots(terms: Terms) -> list[tuple[float, int]]:
    """Roots with their multiplicity; of all derivatives that are needed, the one without a sign change first."""
    changes = [n for n, (one, other) in enumerate(pairwise(terms)) if one[0] * other[0] < 0]
    chain = [terms]
    while changes:
        last = chain[-1]
        pivot = (last[changes[0]][1] + last[changes[0] + 1][1]) / 2
        chain.append([(amount * (pivot - time), time - pivot) for amount, time in last])
        changes = changes[1:]
    found: list[tuple[float, int]] = []
    for step in reversed(chain[:-1]):
        found = _between(step, found)
    return found


def _between(terms: Terms, turns: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """Roots of the terms, whose derivative has its roots at `turns`."""
    found: list[tuple[float, int]] = []
    ends = [-FAR, *(at for at, _ in turns), FAR]
    signs = [_sign(terms, at) for at in ends]
    for n, (at, more) in enumerate(turns, start=1):
        if signs[n] == 0:
            found.append((at, more + 1))
    for (low, high), (below, above) in zip(pairwise(ends), pairwise(signs), strict=True):
        if below * above < 0:
            found.append((_bisected(terms, low, high, below), 1))
    return sorted(found)


def _sign(terms: Terms, at: float) -> int:
    """The sign at `at`; 0 where rounding decides it."""
    value, size = _value(terms, at)
    return 0 if abs(value) <= TOUCHES * size else 1 if value > 0 else -1


def _value(terms: Terms, at: float) -> tuple[float, float]:
    """Value and sum of absolute values, both over the greatest term."""
    powers = [math.log(abs(amount)) - at * time for amount, time in terms]
    most = max(powers)
    parts = [math.copysign(math.exp(power - most), amount) for power, (amount, _) in zip(powers, terms, strict=True)]
    return math.fsum(parts), math.fsum(map(abs, parts))


def _bisected(terms: Terms, low: float, high: float, below: int) -> float:
    """The root between, to the last digits."""
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        value, _ = _value(terms, middle)
        if value == 0:
            return middle
        low, high = (middle, high) if (value > 0) == (below > 0) else (low, middle)
