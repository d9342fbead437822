"""Every internal rate of return of very many cash flows at once.

A flow whose sign changes once has one rate (Descartes). It is looked for between fixed nodes, where a product of
matrices gives all present values, and polished by Newton's method; what lies outside is found by Newton's method on the
logarithm of inflows over outflows, which rises steadily with log(1 / (1 + r)). Where the sign changes more often, the
rates are isolated as ``roots`` does it, in the Bernstein basis: the sign changes of the coefficients bound the roots in
an interval, and those of its halves are products with a fixed matrix. What floating point cannot decide (roots that
touch) is decided exactly by ``roots``.
"""

from fractions import Fraction
from functools import cache
from math import comb
from typing import Any

import msgspec
import numpy as np

from madang.appraise.distribution import Floats
from madang.appraise.product import product
from madang.appraise.roots import rates

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]
Places = np.ndarray[tuple[int], np.dtype[np.int64]]
Signs = np.ndarray[tuple[int], np.dtype[np.int8]]

NODES: Floats = np.array([3 ** (n / 24 - 1) for n in range(40)])
"""Discount factors, of rates from 200 % down to -50 % (3**0.625 is 1.99), between which most rates are looked for."""
POLISH = 3
"""Newton steps from between two nodes: the first guess is good to three digits, each step doubles them."""
STEPS = 60
"""Newton steps before a flow is left to the exact search; five are usual."""
DEEPEST = 30
"""Halvings of the interval before roots that are so close are left to the exact search."""
NOISE = 1e-13
"""Values of the polynomial, of flows up to 1, that may be rounding."""
CLOSE = 1e-10
"""Where the polynomial is nowhere above this in an interval with several sign changes, roots may touch."""


class Rates(msgspec.Struct, frozen=True):
    """`count[d]` rates of draw d; `only[d]` the rate where there is one, else nan; where there are several, pairs of
    `draw` and `rate`, by draw and rising."""

    count: Places
    only: Floats
    draw: Places
    rate: Floats


def every(flows: Floats) -> Rates:
    """The rates above -1 of flows [year, draw]."""
    size = flows.shape[1]
    changes = _changes(flows)
    changes[_alone(flows, changes)] = 1
    only, sure = _bracketed(flows)
    sure &= changes == 1
    only[~sure] = np.nan
    count = sure.astype(np.int64)
    once = np.flatnonzero((changes == 1) & ~sure)
    found, settled = _newton(flows[:, once])
    only[once[settled]], count[once[settled]] = found[settled], 1
    more = np.flatnonzero(changes > 1)
    at, values, unsure = _isolate(flows[:, more], changes[more])
    draws = more[at]
    for d in [*once[~settled], *more[unsure]]:
        exact = [rate.value for rate in rates([Fraction(float(value)) for value in flows[:, d]])]
        draws, values = np.append(draws, [d] * len(exact)), np.append(values, exact)
    order = np.lexsort((values, draws))
    draws, values = draws[order].astype(np.int64), values[order]
    count += np.bincount(draws, minlength=size)
    single = count[draws] == 1
    only[draws[single]] = values[single]
    return Rates(count, only, draws[~single], values[~single])


def _alone(flows: Floats, changes: Signs) -> Places:
    """Of the columns with several sign changes, those with one rate all the same, as Bernstein coefficients show."""
    more = np.flatnonzero(changes > 1)
    if not more.size:
        return more
    some = flows[:, more]
    into = _matrices(flows.shape[0] - 1)[0]
    scale = np.abs(some).max(axis=0)
    above, below = product(into.T, some / scale), product(into.T, some[::-1] / scale)
    once = _changes(above).astype(np.int64) + _changes(below) == 1
    return more[once & ~_doubtful(above) & ~_doubtful(below)]


def _doubtful(shape: Floats) -> Flags:
    """Whether rounding may decide the signs of these Bernstein coefficients [coefficient, column], of flows up to 1:
    a root may be at an end, or two may touch in between."""
    ends = np.minimum(np.abs(shape[0]), np.abs(shape[-1]))
    return (ends < NOISE) | (np.abs(shape).max(axis=0) < CLOSE)


def _bracketed(flows: Floats) -> tuple[Floats, Flags]:
    """For flows with one sign change: the rate, by the secant between two nodes and Newton steps from there; and
    whether that is the root to the last digits, and within its bracket. For others it means nothing."""
    years = _places(flows.shape[0])
    worth = product(NODES[:, None] ** years, flows)
    rising = worth > 0
    place = (rising == rising[0]).sum(axis=0)
    inside = place < NODES.size
    place = np.clip(place, 1, NODES.size - 1)
    draws = _places(flows.shape[1])
    low, high = worth[place - 1, draws], worth[place, draws]
    before, after = NODES[place - 1], NODES[place]
    with np.errstate(all="ignore"):
        x = before + (after - before) * (low / (low - high))
        step = x
        for _ in range(POLISH):
            value, slope = _horner(flows, x)
            step = value / slope
            x = x - step
        sure = inside & (np.abs(step) < 1e-9 * x) & (x >= before) & (x <= after)
        return 1 / x - 1, sure


def _changes(flows: Floats) -> Signs:
    """Sign changes of each column, zeros left out."""
    found = np.zeros(flows.shape[1], np.int8)
    last = np.zeros(flows.shape[1], np.int8)
    for row in flows:
        sign = (row > 0).view(np.int8) - (row < 0).view(np.int8)
        found += sign * last < 0
        last = np.where(sign, sign, last)
    return found


def _newton(flows: Floats) -> tuple[Floats, Flags]:
    """The one rate of each column, from anywhere, and whether it is found to the last digits."""
    losses = np.minimum(flows, 0.0)
    at = np.zeros(flows.shape[1])
    step = np.ones(flows.shape[1])
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            x = np.exp(at)
            net, slope = _horner(flows, x)
            lost, fall = _horner(losses, x)
            gained, rise = net - lost, slope - fall
            step = (np.log(gained) - np.log(-lost)) / (x * (rise / gained - fall / lost))
            at -= np.clip(step, -2.0, 2.0)
            if not (np.abs(step) >= 1e-9).any():
                break
        return np.expm1(-at), np.abs(step) < 1e-9


def _horner(flows: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Value and derivative of sum(flows[t] * x**t)."""
    value, slope = flows[-1].copy(), np.zeros_like(x)
    for row in flows[-2::-1]:
        slope *= x
        slope += value
        value *= x
        value += row
    return value, slope


def _isolate(flows: Floats, changes: Signs) -> tuple[Places, Floats, Places]:
    """All rates of flows with several sign changes: pairs of column and rate, and the columns that are not sure."""
    if not flows.shape[1]:
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64)
    scale = np.abs(flows).max(axis=0)
    even = flows / scale
    above, below = _unit(even), _unit(even[::-1])
    column = np.concatenate([above[0], below[0]])
    value = np.concatenate([1 / above[1] - 1, below[1] - 1])
    odd = (np.bincount(column, minlength=flows.shape[1]) - changes) % 2 != 0
    at_zero = np.abs(even.sum(axis=0)) < 1e-12 * flows.shape[0]
    unsure = np.unique(np.concatenate([above[2], below[2], np.flatnonzero(odd | at_zero)]))
    keep = ~np.isin(column, unsure)
    return column[keep], value[keep], unsure


def _unit(
    flows: Floats,
) -> tuple[Places, Floats, Places]:
    """Roots within (0, 1) of sum(flows[t] * x**t): column and root; and the columns that are not sure."""
    into, left, right = _matrices(flows.shape[0] - 1)
    shape = flows.T @ into
    column = _places(flows.shape[1])
    low, width = np.zeros(flows.shape[1]), 1.0
    columns: list[Places] = []
    lows: list[Floats] = []
    widths: list[Floats] = []
    unsure: list[Places] = []
    for _ in range(DEEPEST):
        upright = np.ascontiguousarray(shape.T)
        variations, doubt = _changes(upright), _doubtful(upright)
        unsure.append(column[doubt])
        one, many = (variations == 1) & ~doubt, (variations > 1) & ~doubt
        columns.append(column[one])
        lows.append(low[one])
        widths.append(np.zeros(int(one.sum())) + width)
        column, low, shape = column[many], low[many], shape[many]
        if not column.size:
            break
        width /= 2
        column, low = np.concatenate([column, column]), np.concatenate([low, low + width])
        shape = np.concatenate([shape @ left, shape @ right])
    found = np.concatenate(columns)
    roots, crossed = _bisect(flows[:, found], np.concatenate(lows), np.concatenate(widths))
    return found[crossed], roots[crossed], np.unique(np.concatenate([*unsure, column, found[~crossed]]))


def _bisect(flows: Floats, low: Floats, width: Floats) -> tuple[Floats, Flags]:
    """The crossing in each interval, and whether the ends differ in sign as they must."""
    high = low + width
    start, end = np.sign(_horner(flows, low)[0]), np.sign(_horner(flows, high)[0])
    crossed = start * end < 0
    at = (low + high) / 2
    for _ in range(STEPS):
        value, slope = _horner(flows, at)
        beyond = np.sign(value) != start
        high, low = np.where(beyond, at, high), np.where(beyond, low, at)
        with np.errstate(all="ignore"):
            newton = at - value / slope
        inside = (newton > low) & (newton < high)
        after = np.where(inside, newton, (low + high) / 2)
        moved = np.abs(after - at)
        at = after
        if (moved <= 1e-13 * at).all():
            break
    return at, crossed


def _places(count: int) -> Places:
    """0, 1, 2, ..."""
    found: Any = np.arange(count)
    return found


@cache
def _matrices(degree: int) -> tuple[Floats, Floats, Floats]:
    """From powers to Bernstein coefficients, and from these to those of the left and the right half; all for rows."""
    n = degree
    into = np.array([[comb(i, t) / comb(n, t) if i >= t else 0.0 for i in range(n + 1)] for t in range(n + 1)])
    left = np.array([[comb(i, j) / 2**i if j <= i else 0.0 for i in range(n + 1)] for j in range(n + 1)])
    return into, left, np.ascontiguousarray(left[::-1, ::-1])
