"""Typed streams: incidence sums to the economic value, views differ by what differs, everything is linear."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.appraise.discount import flat
from madang.appraise.project import Project, kernel, results
from madang.appraise.sensitivity import npv, stressed, tornado
from madang.appraise.stream import Flow, Stream, Tier
from madang.errors import AppraisalInvalid

GROUPS = ("operator", "government", "labour", "users", "suppliers")
FLOW: st.SearchStrategy[Flow] = st.sampled_from(["benefit", "cost", "transfer"])
TIER: st.SearchStrategy[Tier] = st.sampled_from(["cash", "resource", "non_market"])


@st.composite
def streams(draw: st.DrawFn) -> tuple[Stream, ...]:
    found: list[Stream] = []
    for n in range(draw(st.integers(1, 6))):
        kind = draw(FLOW)
        more: dict[str, Any] = {"payer": draw(st.sampled_from(GROUPS))}
        if kind != "transfer":
            share = draw(st.floats(0, 1))
            more = {"tax": draw(st.floats(0, 0.5)), "factor": draw(st.floats(0.3, 2))}
            more["gap"] = {"labour": share, draw(st.sampled_from(["users", "suppliers"])): 1 - share}
            more["life"] = draw(st.none() | st.integers(1, 40))
        found.append(
            Stream(
                name=f"s{n}",
                kind=kind,
                owner=draw(st.sampled_from(GROUPS)),
                amount=draw(st.floats(0, 1000)),
                tier=draw(TIER),
                start=draw(st.integers(0, 4)),
                years=draw(st.none() | st.integers(1, 10)),
                growth=draw(st.floats(-0.05, 0.05)),
                **more,
            )
        )
    return tuple(found)


def project(parts: tuple[Stream, ...], **more: Any) -> Project:
    given_: dict[str, Any] = {"economic": flat(0.06), "financial": flat(0.06), **more}
    return Project(first_year=2026, horizon=12, entity="operator", streams=parts, **given_)


@given(streams())
def test_incidence_sums_to_the_economic_value(parts: tuple[Stream, ...]) -> None:
    found = results(project(parts))
    scale = 1 + sum(stream.amount for stream in parts) * 20
    assert sum(found.incidence.values()) == pytest.approx(found.economic.npv, abs=1e-12 * scale)
    assert sum(found.by_tier.values()) == pytest.approx(found.economic.npv, abs=1e-12 * scale)


@given(streams())
def test_financial_and_what_differs_are_economic(parts: tuple[Stream, ...]) -> None:
    """The entity's till, and what it and everybody else gains besides."""
    found = results(project(parts))
    compiled = kernel(project(parts))
    worth = compiled.amounts @ compiled.economic_factors
    at = compiled.groups.index("operator") if "operator" in compiled.groups else None
    besides = 0.0
    for n, group in enumerate(compiled.groups):
        own = compiled.incidence[:, n] - (compiled.financial if n == at else 0)
        besides += float(worth @ own)
        assert group in found.incidence
    scale = 1 + sum(stream.amount for stream in parts) * 20
    assert found.financial.npv + besides == pytest.approx(found.economic.npv, abs=1e-12 * scale)


@given(streams(), st.floats(-1, 3), st.floats(0, 3))
def test_npv_is_linear_in_each_stream(parts: tuple[Stream, ...], one: float, rest: float) -> None:
    compiled = kernel(project(parts))
    first = np.zeros(len(parts))
    first[0] = 1.0
    scale = 1e-12 * (1 + sum(stream.amount for stream in parts) * 60)
    together = npv(compiled, one * first + rest * (1 - first))
    assert together == pytest.approx(one * npv(compiled, first) + rest * npv(compiled, 1 - first), abs=scale)
    assert npv(compiled, np.full(len(parts), rest)) == pytest.approx(rest * npv(compiled), abs=scale)


@given(streams())
def test_the_tornado_and_its_switching_values_hold(parts: tuple[Stream, ...]) -> None:
    compiled = kernel(project(parts))
    total = npv(compiled)
    bars = tornado(compiled)
    widths = [abs(bar.high - bar.low) for bar in bars]
    assert widths == sorted(widths, reverse=True)
    for bar in bars:
        assert stressed(compiled, {bar.name: 1.2}) == pytest.approx(bar.high, abs=1e-6)
        assert stressed(compiled, {bar.name: 0.8}) == pytest.approx(bar.low, abs=1e-6)
        if bar.switching is not None and abs(bar.switching) < 1e6:
            size = 1e-9 * (1 + abs(total)) * (1 + abs(bar.switching))
            assert stressed(compiled, {bar.name: 1 + bar.switching / 100}) == pytest.approx(0, abs=size)


def test_by_hand() -> None:
    """A bridge of 119 with 19 % tax, half of it labour at a shadow wage of 0.6, saves 30 of time a year."""
    parts = (
        Stream(name="steel", kind="cost", owner="operator", amount=59.5, years=1, tax=19 / 119),
        Stream(name="labour", kind="cost", owner="operator", amount=50, years=1, factor=0.6, gap={"labour": 1.0}),
        Stream(name="time", kind="benefit", owner="users", amount=30, tier="non_market", start=1),
        Stream(name="toll", kind="transfer", owner="operator", payer="users", amount=10, start=1),
    )
    found = results(project(parts))
    annuity = (1 - 1.06**-11) / 0.06
    assert found.economic.npv == pytest.approx(-50 - 30 + 30 * annuity)
    assert found.financial.npv == pytest.approx(-109.5 + 10 * annuity)
    assert found.incidence == pytest.approx(
        {"operator": -109.5 + 10 * annuity, "government": 9.5, "labour": 20, "users": 20 * annuity}
    )
    assert found.by_tier == pytest.approx({"cash": -80, "resource": 0, "non_market": 30 * annuity})
    poor = results(project(parts, poor={"labour": 0.5, "users": 0.2}))
    assert poor.poverty_impact == pytest.approx((10 + 4 * annuity) / found.economic.npv)


def test_phasing_growth_and_what_is_left() -> None:
    works = Stream(name="w", kind="cost", owner="o", amount=100, years=2, phasing=(0.6, 0.4), life=20)
    assert works.profile(11) == pytest.approx([60, 40, *[0] * 8, -(60 * 0.5 + 40 * 0.55)])
    upkeep = Stream(name="u", kind="cost", owner="o", amount=10, start=1, phasing=(0.5, 1.0), growth=0.1)
    assert upkeep.profile(4) == pytest.approx([0, 5.5, 12.1, 13.31])


def test_a_delay_loses_the_first_year_of_benefits() -> None:
    parts = (
        Stream(name="cost", kind="cost", owner="operator", amount=100, years=1),
        Stream(name="gain", kind="benefit", owner="users", amount=20, tier="resource", start=1),
    )
    compiled = kernel(project(parts))
    assert stressed(compiled, {}, delay=1) == pytest.approx(-100 + sum(20 * 1.06**-t for t in range(2, 12)))
    assert stressed(compiled, {"cost": 1.2, "gain": 0.8}) == pytest.approx(
        -120 + 16 * sum(1.06**-t for t in range(1, 12))
    )


@pytest.mark.parametrize(
    "more, words",
    [
        ({"amount": float("nan")}, "no number"),
        ({"tax": 1.5}, "0.19 for 19 %"),
        ({"factor": 0.8}, "add up to 0"),
        ({"factor": 0.8, "gap": {"labour": 0.7}}, "add up to 0.7"),
        ({"payer": "users"}, "has a payer"),
        ({"kind": "transfer"}, "name who pays"),
        ({"kind": "transfer", "payer": "users", "tax": 0.1}, "uses no resources"),
        ({"start": -1}, "out of range"),
        ({"life": 0}, "out of range"),
    ],
)
def test_a_stream_that_cannot_be(more: dict[str, Any], words: str) -> None:
    with pytest.raises(AppraisalInvalid, match=words):
        Stream(**{"name": "s", "kind": "cost", "owner": "operator", "amount": 1.0, **more})


def test_a_project_that_cannot_be() -> None:
    one = Stream(name="a", kind="cost", owner="operator", amount=1)
    for parts, more, words in [
        ((one, one), {}, "counted twice: a"),
        ((), {}, "at least one"),
        ((Stream(name="b", kind="cost", owner="o", amount=1, start=12),), {}, "after the horizon"),
        ((one,), {"correlation": {("a", "z"): 0.5}}, "z, which is no stream"),
    ]:
        with pytest.raises(AppraisalInvalid, match=words):
            project(parts, **more)
