"""Means over seeds and paired differences, with 95 % confidence intervals by Student's t (two-sided, n - 1 degrees)."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

import msgspec
from scipy.special import stdtrit  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]


class Estimate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A mean over seeds with its interval (none from one seed); `relative` is an effect over its baseline's mean."""

    mean: float
    ci95: tuple[float, float] | None
    values: tuple[float, ...] = ()
    relative: float | None = None


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of one value or more, with its interval."""
    mean = fmean(values)
    return Estimate(mean=mean, ci95=_interval(mean, values), values=tuple(values))


def effect(baseline: Sequence[float], treated: Sequence[float]) -> Estimate:
    """The mean of the paired differences treated - baseline (same seeds, same order), with its interval."""
    differences = [after - before for before, after in zip(baseline, treated, strict=True)]
    found, base = estimate(differences), fmean(baseline)
    return msgspec.structs.replace(found, relative=None if base == 0 else found.mean / base)


def _interval(mean: float, values: Sequence[float]) -> tuple[float, float] | None:
    if len(values) < 2:
        return None
    quantile = float(stdtrit(len(values) - 1, 0.975))  # pyright: ignore[reportUnknownArgumentType]
    half = quantile * stdev(values) / math.sqrt(len(values))
    return (mean - half, mean + half)
