"""All internal rates of return, exactly: how many there are is decided in whole numbers, not by where a search began.

The rates above -1 are the positive roots u = 1 + r of sum(amount[t] * u**(n-t)). Repeated roots are split off (Musser's
square-free decomposition), the rest are isolated by Descartes' rule of signs under bisection (Collins and Akritas 1976,
"Polynomial real root isolation using Descartes' rule of signs") and narrowed until the double is certain.
"""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

import msgspec

from madang.appraise.polynomial import Polynomial, changes, integral, primitive, shift, square_free

ENOUGH_BITS = 220
"""Bits after which a root that sits between two floating-point numbers is taken as it is."""


class Rate(msgspec.Struct, frozen=True):
    """A rate at which the net present value is zero, as a share a year; multiplicity 2 or more: it touches zero there
    (even) or crosses it flat (odd)."""

    value: float
    multiplicity: int


def rates(amounts: Sequence[Fraction]) -> list[Rate]:
    """Every real rate above -1 at which amounts a year apart are worth nothing, rising; [] where there is none.

    When the first amount falls due changes nothing. Amounts that are all zero have no rate of their own: [].
    """
    terms = integral(amounts)
    while terms and terms[0] == 0:
        terms = terms[1:]
    while terms and terms[-1] == 0:
        terms = terms[:-1]
    if changes(terms) == 0:
        return []
    ascending = terms[::-1]
    parts = [(ascending, 1)] if changes(terms) == 1 else square_free(ascending)
    found = [Rate(value, multiplicity) for part, multiplicity in parts for value in _positive(part)]
    return sorted(found, key=lambda rate: rate.value)


def _positive(u: Polynomial) -> Iterator[float]:
    """r = u - 1 for each positive root of a square-free polynomial, its coefficients ascending."""
    if sum(u) == 0:
        yield 0.0
    for low, high, terms in _isolated(u):
        yield max(_narrowed(low, high, terms, below=True), math.nextafter(-1.0, 0.0))
    for low, high, terms in _isolated(u[::-1]):
        yield _narrowed(low, high, terms, below=False)


def _isolated(p: Polynomial) -> Iterator[tuple[Fraction, Fraction, Polynomial]]:
    """Intervals within (0, 1) that hold one root each, with the polynomial over that interval mapped to (0, 1); an
    interval of no width is a root."""
    waiting = [(Fraction(0), Fraction(1), p)]
    while waiting:
        low, high, terms = waiting.pop()
        variations = changes(shift(terms[::-1]))
        if variations == 1:
            yield low, high, terms
        if variations < 2:
            continue
        middle = (low + high) / 2
        degree = len(terms) - 1
        left = primitive([term << (degree - power) for power, term in enumerate(terms)])
        right = shift(left)
        if right[0] == 0:
            yield middle, middle, right
            right = right[1:]
        waiting += [(low, middle, left), (middle, high, right)]


def _narrowed(low: Fraction, high: Fraction, terms: Polynomial, *, below: bool) -> float:
    """The rate in the interval: x - 1 where `below` (the interval is of u), else 1/x - 1 (it is of 1/u)."""

    def rate(x: Fraction) -> float:
        if x == 0:
            return -1.0 if below else math.inf
        exact = x - 1 if below else 1 / x - 1
        return float(exact)

    width = high - low
    at, bits = 0, 0
    while bits < ENOUGH_BITS and rate(low + width * Fraction(at, 1 << bits)) != rate(
        low + width * Fraction(at + 1, 1 << bits)
    ):
        at, bits = 2 * at + 1, bits + 1
        sign = _sign(terms, at, bits)
        if sign == 0:
            return rate(low + width * Fraction(at, 1 << bits))
        if sign != (1 if terms[0] > 0 else -1):
            at -= 1
    return rate(low + width * Fraction(2 * at + 1, 2 << bits))


def _sign(terms: Polynomial, numerator: int, bits: int) -> int:
    """The sign at numerator / 2**bits."""
    total = 0
    for power, term in enumerate(reversed(terms)):
        total = total * numerator + (term << (bits * power))
    return (total > 0) - (total < 0)
