"""A statistic's figures with noise, by OpenDP (https://docs.opendp.org): counts and sums of whole numbers, so that no
float tells what the noise hides (Mironov, "On significance of the least significant bits for differential privacy",
CCS 2012).

The noise is discrete Laplace, or, where a chance `delta` is allowed, discrete Gaussian. OpenDP's own map from "so many
rows may come or go" to the loss is what is charged; the scale is the least that keeps to it.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

from madang.errors import MadangError, MissingExtra
from madang.govern.noise.bounded import Cell
from madang.model.statistic import Measure, Statistic

_Make = Callable[[float], Any]
_LAPLACE_95: Final = math.log(20)
_GAUSS_95: Final = 1.959964


class Figure(NamedTuple):
    """The figure of one group. `value` None: withheld, since the group may be too small. `within` is how far the noise
    of the value lies from zero in 95 of 100 cases (of a mean: about, with the count as it came out)."""

    group: str
    value: float | None
    within: float | None
    rows: int | None = None


class Loss(NamedTuple):
    """What is spent: differential privacy with `epsilon` and `delta`, of a person with all the rows it counts with."""

    epsilon: float
    delta: float = 0.0


def check() -> None:
    """Raises MissingExtra where there can be no noise: then there is no answer either."""
    if find_spec("opendp") is None:
        raise MissingExtra("private", "an answer with noise")


def measured(asked: Statistic, cells: Sequence[Cell], *, most: int, loss: Loss, minimum: int = 0) -> list[Figure]:
    """The statistic over cells of which each person has at most `most`; a group whose count, with its noise, is below
    `minimum` is withheld. A sum and a mean spend half of the loss on the count.

    Raises MissingExtra.
    """
    check()
    dp: Any = import_module("opendp.prelude")
    dp.enable_features("contrib")
    counting = asked.measure is Measure.COUNT
    part = loss if counting else Loss(loss.epsilon / 2, loss.delta / 2)
    found, about = counts([cell.group for cell in cells], len(asked.groups), most=most, loss=part)
    shown = [count >= minimum for count in found]
    if counting:
        return [
            Figure(group, count if told else None, about if told else None)
            for group, count, told in zip(asked.groups, found, shown, strict=True)
        ]
    middle = _middle(asked) if asked.measure is Measure.MEAN else 0
    sums, off = _sums(dp, asked, cells, most, part, middle)
    figures: list[Figure] = []
    for group, count, total, told in zip(asked.groups, found, sums, shown, strict=True):
        if not told or (asked.measure is Measure.MEAN and count < 1):
            figures.append(Figure(group, None, None))
        elif asked.measure is Measure.SUM:
            figures.append(Figure(group, total * asked.step, off * asked.step, count))
        else:
            mean = min(max((middle + total / count) * asked.step, asked.low), asked.high)
            figures.append(Figure(group, mean, off * asked.step / count, count))
    return figures


def counts(cells: Sequence[int], groups: int, *, most: int, loss: Loss) -> tuple[list[int], float]:
    """How many of the cells, of which each person has at most `most`, are in each group (0, 1, …), with noise; and how
    far off 95 in 100 are. One measurement: a cell is in one group. Raises MissingExtra."""
    check()
    dp: Any = import_module("opendp.prelude")
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.symmetric_distance()
    metric = "L2Distance<int>" if loss.delta else "L1Distance<int>"
    by_group = dp.t.make_count_by_categories(*space, categories=list(range(groups)), null_category=False, MO=metric)
    made, scale = _noisy(dp, lambda size: by_group >> _noise(dp, size, loss), most, 1, loss)
    return [int(count) for count in made(list(cells))], _about(scale, loss)


def _sums(
    dp: Any, asked: Statistic, cells: Sequence[Cell], most: int, loss: Loss, middle: int
) -> tuple[list[int], float]:
    """The sum of each group's values, in steps above `middle`.

    A measurement a group: a person's rows are shared out over the groups, and the loss grows at least as fast as the
    rows, so that all of them together spend no more than one does on all the rows.
    """
    low, high = (round(bound / asked.step) - middle for bound in (asked.low, asked.high))
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.symmetric_distance()
    clamped = dp.t.make_clamp(*space, bounds=(low, high))
    total = clamped >> dp.t.then_sum()
    made, scale = _noisy(dp, lambda size: total >> _noise(dp, size, loss), most, max(-low, high), loss)
    values: list[list[int]] = [[] for _ in asked.groups]
    for cell in cells:
        values[cell.group].append(cell.steps - middle)
    return [int(made(one)) for one in values], _about(scale, loss)


def _noise(dp: Any, scale: float, loss: Loss) -> Any:
    return dp.m.then_gaussian(scale=scale) if loss.delta else dp.m.then_laplace(scale=scale)


def _noisy(dp: Any, make: _Make, most: int, reach: int, loss: Loss) -> tuple[Any, float]:
    """The measurement with the least noise that keeps to the loss, and its scale. `reach` is how far a row moves it."""
    scale = _scale(most * reach, loss)
    for _ in range(20):
        made = make(scale)
        if _spent(dp, made, most, loss) <= loss.epsilon:
            return made, scale
        scale *= 1 + 1e-6
    raise MadangError("the noise does not keep to the loss that was asked for; nothing is told")


@lru_cache(maxsize=1024)
def _scale(distance: int, loss: Loss) -> float:
    """The least scale that hides so far a move of one number, by OpenDP's map."""
    dp: Any = import_module("opendp.prelude")
    space = dp.atom_domain(T="i64"), dp.absolute_distance(T="i64")

    def keeps(scale: float) -> bool:
        return _spent(dp, space >> _noise(dp, scale, loss), distance, loss) <= loss.epsilon

    high = 1.0
    while not keeps(high):
        high *= 2
    low = high / 2
    while low > 1e-6 and keeps(low):
        low, high = low / 2, low
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if keeps(middle) else (middle, high)
    return high


def _spent(dp: Any, made: Any, most: int, loss: Loss) -> float:
    """Epsilon of the measurement, of people with so many rows, by OpenDP's map."""
    if not loss.delta:
        return float(made.map(most))
    return float(dp.c.make_zCDP_to_approxDP(made).map(most).epsilon(loss.delta))


def _about(scale: float, loss: Loss) -> float:
    return scale * (_GAUSS_95 if loss.delta else _LAPLACE_95)


def _middle(asked: Statistic) -> int:
    """Halfway between the bounds, in steps: around it a value moves a sum least."""
    return round((asked.low + asked.high) / 2 / asked.step)
