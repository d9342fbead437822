"""A whole case: typed streams over a horizon, compiled once to matrices and answered from these.

Everything is linear in the streams' amounts: results, sensitivities and a million draws are products with the same few
matrices. The financial view is the till of one `entity`; the economic view is society's.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec
import numpy as np

from madang.appraise.cashflow import Appraised, appraise
from madang.appraise.discount import Schedule, Timing
from madang.appraise.distribution import Distribution, Floats
from madang.appraise.flows import of
from madang.appraise.sample import Correlation
from madang.appraise.stream import TIERS, Stream, Tier
from madang.errors import AppraisalInvalid


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """`entity` is whose cash the financial view shows; `poor` the share of poor people in each group; `correlation` by
    the names of two streams."""

    first_year: int
    horizon: int
    entity: str
    streams: tuple[Stream, ...]
    economic: Schedule
    financial: Schedule
    timing: Timing = "start"
    poor: Mapping[str, float] = {}
    correlation: Mapping[tuple[str, str], float] = {}

    def __post_init__(self) -> None:
        names = [stream.name for stream in self.streams]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise AppraisalInvalid(f"streams counted twice: {', '.join(sorted(twice))} (give each its own name)")
        if not names or self.horizon < 1:
            raise AppraisalInvalid("no stream or no year (write at least one of each)")
        late = [stream.name for stream in self.streams if stream.start >= self.horizon]
        if late:
            raise AppraisalInvalid(f"{', '.join(late)}: starts after the horizon of {self.horizon} years (extend it)")
        unknown = {name for pair in self.correlation for name in pair} - set(names)
        if unknown:
            raise AppraisalInvalid(f"correlation of {', '.join(sorted(unknown))}, which is no stream (use its name)")


class Kernel(msgspec.Struct, frozen=True, kw_only=True):
    """The project as matrices: `amounts` [stream, year]; `economic` and `financial` [stream]: what 1 of a stream is
    worth in each view; `incidence` [stream, group]; discount `factors` by year for both views."""

    names: tuple[str, ...]
    groups: tuple[str, ...]
    tiers: tuple[Tier, ...]
    amounts: Floats
    economic: Floats
    financial: Floats
    incidence: Floats
    economic_factors: Floats
    financial_factors: Floats
    spread: tuple[Distribution, ...]
    correlation: Correlation


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """`incidence` by stakeholder sums to the economic NPV; `by_tier` the economic NPV of cash, then resources, then
    what no market prices; `poverty_impact`: sum of poor share times net gain over the economic NPV."""

    economic: Appraised
    financial: Appraised
    incidence: dict[str, float]
    by_tier: dict[Tier, float]
    poverty_impact: float | None


def kernel(project: Project) -> Kernel:
    """Compile the project."""
    shares = [stream.incidence() for stream in project.streams]
    groups = tuple(sorted({group for share in shares for group in share}))
    places = {stream.name: n for n, stream in enumerate(project.streams)}
    count = project.horizon
    return Kernel(
        names=tuple(places),
        groups=groups,
        tiers=tuple(stream.tier for stream in project.streams),
        amounts=np.array([stream.profile(count) for stream in project.streams]),
        economic=np.array([stream.economic for stream in project.streams]),
        financial=np.array([stream.financial(project.entity) for stream in project.streams]),
        incidence=np.array([[share.get(group, 0.0) for group in groups] for share in shares]),
        economic_factors=np.array(project.economic.factors(count, timing=project.timing)),
        financial_factors=np.array(project.financial.factors(count, timing=project.timing)),
        spread=tuple(stream.uncertain for stream in project.streams),
        correlation={(places[a], places[b]): value for (a, b), value in project.correlation.items()},
    )


def results(project: Project, compiled: Kernel | None = None) -> Results:
    """Both views, tiers and incidence; of a kernel that was changed (a scenario) where it is given."""
    compiled = compiled or kernel(project)
    worth = compiled.amounts @ compiled.economic_factors
    net = {group: float(worth @ compiled.incidence[:, n]) for n, group in enumerate(compiled.groups)}
    by_tier: dict[Tier, float] = {
        tier: float(sum(worth[_in(compiled, tier)] * compiled.economic[_in(compiled, tier)])) for tier in TIERS
    }
    total = sum(by_tier.values())
    poor = sum(project.poor.get(group, 0.0) * gain for group, gain in net.items())
    return Results(
        economic=_view(project, compiled, compiled.economic, project.economic),
        financial=_view(project, compiled, compiled.financial, project.financial),
        incidence=net,
        by_tier=by_tier,
        poverty_impact=poor / total if total else None,
    )


def _in(compiled: Kernel, tier: Tier) -> Sequence[int]:
    return [n for n, one in enumerate(compiled.tiers) if one == tier]


def _view(project: Project, compiled: Kernel, weights: Floats, schedule: Schedule) -> Appraised:
    """Streams that a view counts as gains are its benefits, the others its costs; what is left of an asset lowers its
    cost."""
    gains = compiled.amounts.T @ np.maximum(weights, 0)
    losses = compiled.amounts.T @ np.maximum(-weights, 0)
    benefits, costs = ([Fraction(float(value)) for value in values] for values in (gains, losses))
    return appraise(of(project.first_year, benefits, costs), schedule, timing=project.timing)
