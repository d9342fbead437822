"""Which uncertain inputs the spread of the ENPV comes from: Shapley effects (Owen 2014; Song, Nelson and Staum 2016).

V(S) is the variance of the ENPV that is explained by the inputs in S; an input's Shapley effect is its average addition
to V over all orders in which inputs become known. The effects are not negative and sum to the variance. The ENPV is a
sum of products of independent groups of inputs, so V(S) needs no nested draws:

    V(S) = sum over streams s, t of w_s w_t (prod over g in S of C_g[s,t] * prod over the others of M_g[s,t] - prod M_g)

with C_g[s,t] = E[F_gs F_gt], M_g[s,t] = E[F_gs] E[F_gt], and F_gs the product of the group's inputs in stream s.
Inputs that are correlated form a group and are told together; its moments come from the draws.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from madang.appraise.case.build import Case
from madang.appraise.distribution import Floats

EXACT = 14
"""So many groups are ordered in every way (2 ** 14 sets); of more, ORDERS orders are drawn."""
ORDERS = 1500

Group = tuple[int, ...]


def groups(case: Case, moving: Sequence[int]) -> list[Group]:
    """The uncertain drivers; those that are correlated with each other together."""
    found: list[set[int]] = [{n} for n in moving]
    for pair in case.correlation:
        joined = [group for group in found if group & set(pair)]
        found = [group for group in found if group not in joined]
        found += [set[int]().union(*joined)] if joined else []
    return [tuple(sorted(group)) for group in sorted(found, key=min)]


def shapley(case: Case, worth: Floats, players: Sequence[Group], *, base: Floats, seed: int) -> Floats:
    """Each group's share of the variance (0 to 1, summing to 1); zeros where there is none. `worth` is the ENPV of each
    stream at factors of 1."""
    together, apart = _moments(case, players, base)
    value = _Variance(worth, together, apart)
    exact = len(players) <= EXACT
    found = _every(value, len(players)) if exact else _some(value, len(players), seed)
    total = found.sum()
    return found / total if total > 0 else found


def at(case: Case, worth: Floats, base: Floats, *, group: Group, percentile: int) -> float:
    """The ENPV with the group's inputs at that percentile and all others at their means."""
    level = {n: float(np.percentile(base[n], percentile)) for n in group}
    scales = [math.prod(level.get(n, case.drivers[n].spread.mean) for n in places) for places in case.drives]
    return float(worth @ np.array(scales))


def _moments(case: Case, players: Sequence[Group], base: Floats) -> tuple[Floats, Floats]:
    """C and M of each group, [group, stream, stream]."""
    count = len(case.drives)
    together, apart = np.ones((len(players), count, count)), np.ones((len(players), count, count))
    for g, group in enumerate(players):
        using = [[n for n in group if n in places] for places in case.drives]
        if len(group) == 1:
            spread = case.drivers[group[0]].spread
            inside = np.array([bool(used) for used in using])
            mean = np.where(inside, spread.mean, 1.0)
            extra = np.where(np.outer(inside, inside), spread.variance, 0.0)
        else:
            rows = np.array([np.prod(base[used], axis=0) if used else np.ones(base.shape[1]) for used in using])
            mean = rows.mean(axis=1)
            extra = (rows - mean[:, None]) @ (rows - mean[:, None]).T / base.shape[1]
        apart[g] = np.outer(mean, mean)
        together[g] = apart[g] + extra
    return together, apart


class _Variance:
    """V(S) of sets of groups."""

    def __init__(self, worth: Floats, together: Floats, apart: Floats) -> None:
        one, other = np.triu_indices(worth.size)
        self._weight = worth[one] * worth[other] * np.where(one == other, 1.0, 2.0)
        self._all = apart[:, one, other]
        self._known = together[:, one, other]
        self._none = self._all.prod(axis=0)

    def of(self, sets: npt.NDArray[np.bool_]) -> Floats:
        """V of each set, a row of flags by group."""
        found = np.zeros(sets.shape[0])
        for start in range(0, sets.shape[0], 4096):
            part = sets[start : start + 4096]
            flags: Floats = part.astype(np.float64)
            product: Floats = np.ones((part.shape[0], self._weight.size))
            for g in range(part.shape[1]):
                product *= self._all[g] + flags[:, g : g + 1] * (self._known[g] - self._all[g])
            found[start : start + 4096] = (product - self._none) @ self._weight
        return found


def _every(value: _Variance, count: int) -> Floats:
    """By the definition, over all sets."""
    numbers = np.arange(1 << count)
    flags = (numbers[:, None] >> np.arange(count)) & 1 == 1
    worth, sizes = value.of(flags), flags.sum(axis=1)
    weight = np.array([1 / (count * math.comb(count - 1, size)) if size < count else 0.0 for size in range(count + 1)])
    found = np.zeros(count)
    for g in range(count):
        without = numbers[~flags[:, g]]
        found[g] = weight[sizes[without]] @ (worth[without | (1 << g)] - worth[without])
    return found


def _some(value: _Variance, count: int, seed: int) -> Floats:
    """The mean over drawn orders, each forwards and backwards."""
    source = np.random.default_rng((seed, count))
    found = np.zeros(count)
    for _ in range(ORDERS // 2):
        order = source.permutation(count)
        for way in (order, order[::-1]):
            sets = np.zeros((count + 1, count), dtype=bool)
            for n, g in enumerate(way):
                sets[n + 1 :, g] = True
            found[way] += np.diff(value.of(sets))
    return found / (2 * (ORDERS // 2))
