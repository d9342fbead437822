"""Real options: what it is worth to decide in stages, after something has been learnt, instead of all at once now.

Three kinds. *Defer*: build later, or not, knowing then what is learnt; the waiting is paid for (`cost` now, a pilot).
*Stop*: from a year on give up the rest, for what its parts still bring (`worth`, less than 0 for clearing away).
*Expand*: from a year on a `share` more of all that the project gains and costs to run, for a `cost` in that year.

At the decision the inputs that were learnt are known and the others are as they were, so the best act is taken on the
expected value given what is known (Dixit and Pindyck, "Investment under Uncertainty", 1994, chapter 2; Boardman et al.,
"Cost-Benefit Analysis", 4th ed., 2011, chapter 7, on quasi-option value). A stream is a product of its inputs' factors,
so that expectation is exact, with no regression: the learnt factors times the mean of the product of the others. It is
an upper bound: a pilot seldom tells all of an input. Options are valued one by one; their values do not add up.
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from madang.appraise.case.build import ITSELF, Case
from madang.appraise.case.form import Option
from madang.appraise.case.kinds import Act, Role
from madang.appraise.case.mistakes import Mistakes
from madang.appraise.case.streams import role_of
from madang.appraise.distribution import Floats
from madang.appraise.project import Kernel, kernel


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """An option valued. `now` is the expected ENPV without it (0 where it is best not to build), `staged` with it,
    `value` the difference; `chance` how often the option is taken: built later, stopped, expanded."""

    name: str
    act: Act
    year: int
    learns: tuple[str, ...]
    now: float
    staged: float
    value: float
    chance: float


def value(case: Case, base: Floats) -> tuple[Staged, ...]:
    """Each option of the case; `base` are the drawn factors of its drivers [driver, draw]."""
    if not case.form.option:
        return ()
    compiled = kernel(case.project)
    return tuple(_valued(case, compiled, option, base) for option in case.form.option)


def check(case: Case, mistakes: Mistakes) -> None:
    """Report options that cannot be: an input that is not there or not uncertain, a year outside of the project, what
    is learnt of one of two correlated inputs."""
    names = _places(case)
    first, last = case.project.first_year, case.project.first_year + case.project.horizon - 1
    for n, option in enumerate(case.form.option):
        at = ("option", n)
        for name in option.learns:
            if name not in names or case.drivers[names[name]].spread.shape == "fixed":
                uncertain = ", ".join(one.name for one in case.drivers if one.spread.shape != "fixed")
                mistakes.add((*at, "learns"), f"{name!r} is no uncertain input", f"one of: {uncertain}")
        if not option.learns:
            mistakes.add(at, "nothing is learnt", "name the inputs that are known by then: learns = [...]")
        if not first < option.year <= last:
            mistakes.add((*at, "year"), f"{option.year} is no year of a later decision", f"from {first + 1} to {last}")
        if option.cost < 0 or not 0 < option.share <= 10:
            mistakes.add(
                at, "cost or share is out of range", "cost 0 or more, share above 0: 0.5 for half as much more"
            )
        learnt = {names[name] for name in option.learns if name in names}
        for one, other in case.correlation:
            if (one in learnt) != (other in learnt):
                pair = [case.drivers[place].name.removesuffix(ITSELF) for place in (one, other)]
                mistakes.add(
                    (*at, "learns"), f"one of two correlated inputs: {' and '.join(pair)}", "name both or none"
                )


def _valued(case: Case, compiled: Kernel, option: Option, base: Floats) -> Staged:
    places = _places(case)
    learnt = [places[name] for name in option.learns]
    known = _known(case, learnt, base)
    year = option.year - case.project.first_year
    discount = compiled.economic_factors
    worth = compiled.economic * (compiled.amounts @ discount)
    expected = float((worth @ known).mean())
    rest = compiled.economic * (compiled.amounts[:, year:] @ discount[year:])
    if option.act is Act.DEFER:
        factors = case.project.economic.factors(case.project.horizon + year, timing=case.project.timing)
        later = compiled.economic * (compiled.amounts @ np.array(factors[year:]))
        gains = later @ known
        now = max(expected, 0.0)
        staged = float(np.maximum(gains, 0.0).mean()) - option.cost * discount[0]
        chance = float((gains > 0).mean())
    elif option.act is Act.STOP:
        left = rest @ known
        scrap = option.worth * discount[year]
        now = expected
        staged = expected + float(np.maximum(scrap - left, 0.0).mean())
        chance = float((left < scrap).mean())
    else:
        runs = np.array([role_of(one) is not Role.CAPEX for one in case.form.stream])
        gains = option.share * ((rest * runs) @ known) - option.cost * discount[year]
        now = expected
        staged = expected + float(np.maximum(gains, 0.0).mean())
        chance = float((gains > 0).mean())
    return Staged(
        name=option.name,
        act=option.act,
        year=option.year,
        learns=option.learns,
        now=now,
        staged=float(staged),
        value=float(staged - now),
        chance=chance,
    )


def _places(case: Case) -> dict[str, int]:
    """Where each driver is, by its name; a stream's own uncertainty by the stream's."""
    own = len(case.drivers) - sum(name.endswith(ITSELF) for name in (one.name for one in case.drivers))
    return {one.name.removesuffix(ITSELF) if n >= own else one.name: n for n, one in enumerate(case.drivers)}


def _known(case: Case, learnt: Sequence[int], base: Floats) -> Floats:
    """By stream and draw: its factor as it is expected once these drivers are known."""
    tied = {n for pair in case.correlation for n in pair}
    found = np.ones((len(case.drives), base.shape[1]))
    for row, places in zip(found, case.drives, strict=True):
        for place in places:
            if place in learnt:
                row *= base[place]
        others = [n for n in places if n not in learnt]
        row *= math.prod(case.drivers[n].spread.mean for n in others if n not in tied)
        together = [n for n in others if n in tied]
        if together:
            row *= float(np.prod(base[together], axis=0).mean())
    return found
