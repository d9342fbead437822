"""Polynomials with whole coefficients, exactly. Ascending: the coefficient of the power i is ``p[i]``."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm

Polynomial = list[int]

_PRIME = (1 << 61) - 1
"""A polynomial without repeated roots modulo a prime has none at all: the quick look before the long division."""


def integral(amounts: Sequence[Fraction]) -> Polynomial:
    """The amounts times the least number that makes all whole, without what they have in common."""
    scale = lcm(*(amount.denominator for amount in amounts)) if amounts else 1
    return primitive([int(amount * scale) for amount in amounts])


def primitive(p: Polynomial) -> Polynomial:
    """Without the common factor of its coefficients."""
    common = gcd(*p) if p else 1
    return [term // common for term in p] if common > 1 else p


def changes(p: Sequence[int]) -> int:
    """How often the sign changes along the coefficients, zeros left out (Descartes' bound on the positive roots)."""
    signs = [term > 0 for term in p if term]
    return sum(a != b for a, b in pairwise(signs))


def shift(p: Polynomial) -> Polynomial:
    """p(x + 1)."""
    terms = list(p)
    for start in range(len(terms) - 1):
        total = terms[-1]
        for power in range(len(terms) - 2, start - 1, -1):
            total += terms[power]
            terms[power] = total
    return terms


def square_free(p: Polynomial) -> list[tuple[Polynomial, int]]:
    """Factors without repeated roots, each with how often it divides p (Musser 1971); constants left out."""
    if len(p) < 2:
        return []
    if _plainly_square_free(p):
        return [(p, 1)]
    repeated = divisor(p, derivative(p))
    rest = quotient(primitive(p), repeated)
    found: list[tuple[Polynomial, int]] = []
    times = 1
    while len(rest) > 1:
        more = divisor(rest, repeated)
        factor = quotient(rest, more)
        if len(factor) > 1:
            found.append((factor, times))
        rest, repeated = more, quotient(repeated, more)
        times += 1
    return found


def derivative(p: Polynomial) -> Polynomial:
    """p'(x)."""
    return [power * term for power, term in enumerate(p)][1:]


def divisor(a: Polynomial, b: Polynomial) -> Polynomial:
    """The greatest common divisor, primitive, by the primitive remainder sequence (Knuth, volume 2, 4.6.1)."""
    a, b = primitive(a), primitive(b)
    if len(a) < len(b):
        a, b = b, a
    while b:
        a, b = b, primitive(_remainder(a, b))
    return a


def quotient(a: Polynomial, b: Polynomial) -> Polynomial:
    """a / b where b is primitive and divides a, so that the quotient is whole too (Gauss's lemma)."""
    rest = list(a)
    found = [0] * (len(a) - len(b) + 1)
    for power in range(len(found) - 1, -1, -1):
        found[power] = rest[power + len(b) - 1] // b[-1]
        for i, term in enumerate(b):
            rest[power + i] -= found[power] * term
    return found


def _remainder(a: Polynomial, b: Polynomial) -> Polynomial:
    """The remainder of a multiple of a, made whole, divided by b."""
    rest = list(a)
    while len(rest) >= len(b):
        lead, power = rest[-1], len(rest) - len(b)
        rest = [term * b[-1] for term in rest]
        for i, term in enumerate(b):
            rest[power + i] -= lead * term
        rest = _trimmed(rest)
    return rest


def _plainly_square_free(p: Polynomial) -> bool:
    """Whether p and p' have nothing in common modulo a prime (then they have nothing in common at all)."""
    if p[-1] % _PRIME == 0:
        return False
    a, b = [term % _PRIME for term in p], _trimmed([term % _PRIME for term in derivative(p)])
    while b:
        inverse = pow(b[-1], -1, _PRIME)
        while len(a) >= len(b):
            ratio, power = a[-1] * inverse % _PRIME, len(a) - len(b)
            for i, term in enumerate(b):
                a[power + i] = (a[power + i] - ratio * term) % _PRIME
            a = _trimmed(a)
        a, b = b, a
    return len(a) == 1


def _trimmed(p: Polynomial) -> Polynomial:
    while p and p[-1] == 0:
        p.pop()
    return p
