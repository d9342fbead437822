"""How uncertain an amount is: the distribution of the factor by which it may turn out higher or lower."""

import math
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from madang.errors import AppraisalInvalid

Shape = Literal["fixed", "normal", "lognormal", "triangular", "uniform"]
Floats = npt.NDArray[np.float64]

_MEANING: Mapping[Shape, str] = {
    "fixed": "no numbers",
    "normal": "mean and standard deviation (of a measured effect: 1 and its standard error over its estimate)",
    "lognormal": "mean and standard deviation of the factor itself, both above 0",
    "triangular": "low, most likely, high, rising",
    "uniform": "low and high, rising",
}


class Distribution(msgspec.Struct, frozen=True):
    """A shape with its numbers, as `_MEANING` says. Raises AppraisalInvalid for numbers that do not fit the shape."""

    shape: Shape
    numbers: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        n = self.numbers
        fits = (
            all(map(math.isfinite, n))
            and {
                "fixed": lambda: not n,
                "normal": lambda: len(n) == 2 and n[1] >= 0,
                "lognormal": lambda: len(n) == 2 and n[0] > 0 and n[1] > 0,
                "triangular": lambda: len(n) == 3 and n[0] <= n[1] <= n[2] and n[0] < n[2],
                "uniform": lambda: len(n) == 2 and n[0] < n[1],
            }[self.shape]()
        )
        if not fits:
            raise AppraisalInvalid(f"{self.shape} {list(n)}: the numbers are {_MEANING[self.shape]}")

    @property
    def mean(self) -> float:
        """The expected factor."""
        n = self.numbers
        if self.shape == "fixed":
            return 1.0
        return sum(n) / len(n) if self.shape in ("triangular", "uniform") else n[0]

    @property
    def variance(self) -> float:
        """Of the factor."""
        n = self.numbers
        if self.shape == "triangular":
            low, mode, high = n
            return (low * low + mode * mode + high * high - low * mode - low * high - mode * high) / 18
        return {"fixed": 0.0, "uniform": (n[-1] - n[0]) ** 2 / 12 if n else 0.0}.get(
            self.shape, n[-1] ** 2 if n else 0.0
        )

    def factors(self, standard: Floats) -> Floats:
        """The factors whose quantiles are those of these standard normal numbers; may overwrite them."""
        n = self.numbers
        if self.shape == "normal":
            standard *= n[1]
            standard += n[0]
            return standard
        if self.shape == "lognormal":
            spread = math.sqrt(math.log1p((n[1] / n[0]) ** 2))
            standard *= spread
            standard += math.log(n[0]) - spread**2 / 2
            return np.exp(standard, out=standard)
        return self.quantiles(_share(standard))

    def quantiles(self, share: Floats) -> Floats:
        """The factors at these shares (0 to 1, both left out) of the distribution; may overwrite them."""
        n = self.numbers
        if self.shape in ("normal", "lognormal"):
            return self.factors(normal(share))
        if self.shape == "uniform":
            share *= n[1] - n[0]
            share += n[0]
            return share
        if self.shape == "triangular":
            low, mode, high = n
            split = (mode - low) / (high - low)
            below = low + np.sqrt(share * ((high - low) * (mode - low)))
            above = high - np.sqrt((1 - share) * ((high - low) * (high - mode)))
            return np.where(share < split, below, above)
        return np.ones_like(share)


FIXED = Distribution("fixed")


def normal(share: Floats) -> Floats:
    """The standard normal quantiles, in place."""
    inverse: Any = ndtri
    return inverse(share, out=share)


def _share(standard: Floats) -> Floats:
    cumulative: Any = ndtr
    return cumulative(standard, out=standard)
