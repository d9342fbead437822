"""Numbers that no project has: not finite, or so large that arithmetic ends before the project does."""

import math
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from madang.appraise.case.form import Form
from madang.appraise.case.mistakes import Mistakes
from madang.appraise.plan import Path

LARGEST = 1e15
"""In money or in anything else."""
_NARROW = {"growth": 1.0, "numbers": 1000.0, "factor": 1000.0, "inflate": 1e6, "gap": 1000.0, "phasing": 1e15}
"""Keys whose numbers are shares or factors."""


def check(form: Form, mistakes: Mistakes) -> None:
    """Report every number that is out of bounds."""
    for path, number in _numbers(msgspec.to_builtins(form), ()):
        limit = next((_NARROW[key] for key in reversed(path) if isinstance(key, str) and key in _NARROW), LARGEST)
        name = next(str(key) for key in reversed(path) if isinstance(key, str))
        if not math.isfinite(number):
            mistakes.add(path, f"{name} is {number}, which is no number", "write 0 where nothing is paid")
        elif abs(number) > limit:
            mistakes.add(path, f"{name} is {number:g}", f"at most {limit:g}; write money in millions where it is more")
    for n, one in enumerate(form.stream):
        for key, share in (("vat", one.vat), ("tax", one.tax)):
            if not 0 <= share <= 1:
                mistakes.add(("stream", n, key), f"{key} is {share:g}", "a share from 0 to 1: 0.19 for 19 %")
    for n, given in enumerate((*form.input, *form.stream)):
        spread = given.uncertain
        if spread is not None and spread.shape == "lognormal" and any(number < 1e-3 for number in spread.numbers):
            place = ("input", n) if n < len(form.input) else ("stream", n - len(form.input))
            mistakes.add((*place, "uncertain"), "a lognormal number is below 0.001", "mean and deviation of a factor")


def _numbers(value: Any, path: Path) -> Iterator[tuple[Path, float]]:
    if isinstance(value, dict):
        for key, inner in cast(dict[str, Any], value).items():
            yield from _numbers(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for n, inner in enumerate(cast(list[Any], value)):
            yield from _numbers(inner, (*path, n))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, float(value)
