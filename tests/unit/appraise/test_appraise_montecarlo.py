"""Draws: their distributions, their correlations, their rates; each rate against the exact search."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from madang.appraise.discount import flat
from madang.appraise.distribution import Distribution, Floats
from madang.appraise.irrs import every
from madang.appraise.montecarlo import below, draw, fan, spread
from madang.appraise.project import Project, kernel
from madang.appraise.roots import rates
from madang.appraise.sample import Method, factors
from madang.appraise.stream import Stream
from madang.errors import AppraisalInvalid

SHAPES = (
    Distribution("normal", (1.0, 0.2)),
    Distribution("lognormal", (1.1, 0.3)),
    Distribution("triangular", (0.7, 1.0, 1.6)),
    Distribution("uniform", (0.5, 1.5)),
)
DEVIATION = (0.2, 0.3, (sum(a * a for a in (0.7, 1.0, 1.6)) / 18 - (0.7 + 1.12 + 1.6) / 18) ** 0.5, 12**-0.5)


@pytest.mark.parametrize("method", ["latin", "sobol"])
@pytest.mark.parametrize("correlation", [{}, {(0, 1): 0.6, (2, 3): -0.4}])
def test_draws_have_their_distributions(method: Method, correlation: dict[tuple[int, int], float]) -> None:
    found = factors(SHAPES, 40_000, seed=3, method=method, correlation=correlation)
    for row, one, deviation in zip(found, SHAPES, DEVIATION, strict=True):
        assert row.mean() == pytest.approx(one.mean, abs=0.005)
        assert row.std() == pytest.approx(deviation, rel=0.03)
    for (a, b), wanted in correlation.items():
        assert np.corrcoef(found)[a, b] == pytest.approx(wanted, abs=0.03)


def test_a_latin_hypercube_uses_each_slice_once() -> None:
    (found,) = factors([Distribution("uniform", (0.0, 1.0))], 1000, seed=1)
    assert sorted(np.floor(found * 1000).astype(int)) == list(range(1000))


def test_the_same_seed_draws_the_same_whatever_the_workers() -> None:
    one = factors(SHAPES, 500, seed=7, workers=1)
    assert np.array_equal(one, factors(SHAPES, 500, seed=7, workers=3))
    assert not np.array_equal(one, factors(SHAPES, 500, seed=8))


def test_what_is_certain_does_not_move() -> None:
    assert (factors([Distribution("fixed")], 10, seed=1) == 1).all()
    assert factors([], 10, seed=1).shape == (0, 10)


@pytest.mark.parametrize(
    "shape, numbers", [("normal", (1,)), ("lognormal", (0, 1)), ("triangular", (1, 0, 2)), ("uniform", (2, 1))]
)
def test_numbers_that_do_not_fit_are_refused(shape: str, numbers: tuple[float, ...]) -> None:
    with pytest.raises(AppraisalInvalid, match="the numbers are"):
        Distribution(shape, numbers)  # type: ignore[arg-type]


def test_correlations_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(AppraisalInvalid, match="contradict"):
        factors(SHAPES, 10, seed=1, correlation={(0, 1): 0.9, (1, 2): 0.9, (0, 2): -0.9})


def agree(flows: Floats) -> None:
    found = every(flows)
    for d in range(flows.shape[1]):
        exact = [rate.value for rate in rates([Fraction(float(value)) for value in flows[:, d]])]
        several = list(found.rate[found.draw == d])
        assert found.count[d] == len(exact)
        if len(exact) == 1:
            assert 1 + found.only[d] == pytest.approx(1 + exact[0], rel=1e-9)
        else:
            assert np.isnan(found.only[d])
            assert several == pytest.approx(exact, rel=1e-8, abs=1e-9)


@settings(max_examples=40)
@given(arrays(np.float64, (9, 6), elements=st.integers(-50, 50).map(float)))
def test_every_rate_of_every_flow_is_the_exact_one(flows: Floats) -> None:
    agree(flows)


def test_rates_of_flows_of_every_kind() -> None:
    source = np.random.default_rng(5)
    agree(source.normal(size=(14, 150)))
    agree(np.cumsum(source.normal(size=(30, 60)), axis=0))
    agree(np.array([[-100.0, -1000, 0, -1, 1e-8], [220, 2300, 0, 0, -1], [-121, -1320, -5, 1e12, 1]]))


def case() -> Project:
    def part(name: str, kind: str, amount: float, **more: object) -> Stream:
        given_: dict[str, object] = {"uncertain": Distribution("lognormal", (1.0, 0.25)), "owner": "city", **more}
        return Stream(name=name, kind=kind, amount=amount, **given_)  # type: ignore[arg-type]

    parts = (
        part("works", "cost", 100.0, years=1),
        part("renewal", "cost", 40.0, start=6, years=1),
        part("gain", "benefit", 18.0, start=1),
    )
    return Project(
        first_year=2026,
        horizon=12,
        entity="city",
        streams=parts,
        economic=flat(0.05),
        financial=flat(0.05),
        correlation={("works", "renewal"): 0.5},
    )


def test_npv_of_draws_is_that_of_the_streams_and_zero_at_each_rate() -> None:
    compiled = kernel(case())
    drawn = draw(compiled, 3000, seed=2, irr=True)
    assert drawn.rates is not None
    flows = (compiled.economic[:, None] * compiled.amounts).T @ drawn.factors
    assert drawn.npv == pytest.approx(compiled.economic_factors @ flows)
    once = drawn.rates.count == 1
    years = np.arange(12)[:, None]
    worth = (flows[:, once] * (1 + drawn.rates.only[once]) ** -years).sum(axis=0)
    assert np.abs(worth).max() < 1e-8
    assert once.mean() > 0.99


def test_the_probability_of_a_rate_below_a_hurdle_is_that_of_a_negative_value_at_it() -> None:
    compiled = kernel(case())
    drawn = draw(compiled, 20_000, seed=2, irr=True)
    assert drawn.rates is not None
    hurdle = np.array(flat(0.08).factors(12))
    once = drawn.rates.count == 1
    assert once.all()
    assert below(compiled, drawn, hurdle) == (drawn.rates.only < 0.08).mean()
    told = spread(drawn.npv)
    assert told.negative == below(compiled, drawn, compiled.economic_factors)
    assert all(a <= b for a, b in pairwise(told.percentiles))


def test_the_fan_ends_at_the_value() -> None:
    compiled = kernel(case())
    drawn = draw(compiled, 2000, seed=2)
    rows = fan(compiled, drawn)
    assert rows.shape == (3, 12)
    assert rows[:, -1] == pytest.approx(np.percentile(drawn.npv, (10, 50, 90)))
