"""A small project worked out by hand, and what must hold in every answer."""

import math
import tomllib
from typing import Any

import numpy as np
import pytest

from madang.app.appraisal import book_of
from madang.app.case import presets
from madang.appraise.case import attribution, information, scenarios, uncertainty
from madang.appraise.case.answer import Answer, answer
from madang.appraise.case.build import Case, Library, build
from madang.appraise.case.form import Form
from madang.appraise.project import kernel
from madang.city.shape import shape

FERRY = """
[project]
title = "A ferry"
without = "people row"
currency = "EUR"
price_year = 2026
first_year = 2026
years = 6
entity = "city"
economic_rate = 0.05
financial_rate = 0.04
hurdle = 0.06

[[input]]
name = "trips"
value = 100
unit = "trips / year"
source = "counts"
mark = "verified"
uncertain = { shape = "normal", numbers = [1.0, 0.2] }

[[input]]
name = "hour"
value = 2
unit = "EUR / trip"
source = "a guess"
mark = "assumption"
growth = 0.01
uncertain = { shape = "uniform", numbers = [0.5, 1.5] }

[[input]]
name = "fare"
value = 1
unit = "EUR / trip"
source = "the council"
mark = "verified"

[[stream]]
name = "boat"
kind = "cost"
role = "capex"
owner = "city"
amount = 595
years = 1
vat = 0.19
life = 10
uncertain = { shape = "triangular", numbers = [0.8, 1.0, 1.5] }

[[stream]]
name = "crew"
kind = "cost"
role = "operation"
owner = "city"
amount = 40
start = 2027
factor = 0.5
gap = { crew = 1.0 }

[[stream]]
name = "time"
kind = "benefit"
category = "time"
tier = "non_market"
owner = "users"
times = ["trips", "hour"]
start = 2027

[[stream]]
name = "fares"
kind = "transfer"
role = "benefit"
owner = "city"
payer = "users"
times = ["trips", "fare"]
start = 2027
"""


def read(text: str) -> Case:
    mistakes: list[Any] = []
    form = shape(Form, tomllib.loads(text), report=lambda *one: mistakes.append(one), rules={})
    assert form is not None, mistakes
    found, wrong = build(form, Library(book={one.id: one for one in book_of()}, presets=presets()))
    assert found is not None, list(wrong)
    return found


def ferry(text: str = FERRY) -> Answer:
    return answer(read(text))


def present(amounts: list[float], rate: float) -> float:
    return sum(amount / (1 + rate) ** year for year, amount in enumerate(amounts))


BOAT = [500.0, 0, 0, 0, 0, -250.0]
CREW = [0.0, 20, 20, 20, 20, 20]
TIME = [0.0, *(200 * 1.01**year for year in range(1, 6))]


def test_both_views_by_hand() -> None:
    found = ferry()
    net = [time - boat - crew for time, boat, crew in zip(TIME, BOAT, CREW, strict=True)]
    assert found.economic.npv == pytest.approx(present(net, 0.05))
    (eirr,) = found.economic.irr
    assert present(net, eirr) == pytest.approx(0, abs=1e-9)
    cash = [-595.0, 60, 60, 60, 60, 60 + 297.5]
    assert found.financial.npv == pytest.approx(present(cash, 0.04))
    assert [year.economic_net for year in found.years] == pytest.approx(net)
    assert [year.financial_net for year in found.years] == pytest.approx(cash)


def test_what_is_told_in_several_ways_is_the_same() -> None:
    found = ferry()
    total = found.economic.npv
    assert sum(found.incidence.values()) == pytest.approx(total)
    assert found.tiers[-1].so_far == pytest.approx(total)
    assert sum(one.economic for one in found.conversion) == pytest.approx(total)
    for one in found.conversion:
        if one.kind != "transfer":
            assert one.owner + one.tax + one.shadow == pytest.approx(one.economic)
    assert found.scenarios[0].enpv == pytest.approx(total)
    crew = next(one for one in found.conversion if one.name == "crew")
    assert found.incidence["crew"] == pytest.approx(crew.shadow)


def test_scenarios_by_hand() -> None:
    told = {one.name: one for one in ferry().scenarios}

    def enpv(capex: float = 1, gain: float = 1, upkeep: float = 1, time: list[float] = TIME) -> float:
        return present([gain * t - capex * b - upkeep * c for t, b, c in zip(time, BOAT, CREW, strict=True)], 0.05)

    late = [0.0, *TIME[:-1]]
    assert told["capital cost +20 %"].enpv == pytest.approx(enpv(capex=1.2))
    assert told["benefits -20 %"].enpv == pytest.approx(enpv(gain=0.8))
    assert told["operation +20 %"].enpv == pytest.approx(enpv(upkeep=1.2))
    assert told["benefits one year late"].enpv == pytest.approx(enpv(time=late))
    assert told["all together"].enpv == pytest.approx(enpv(1.2, 0.8, 1.2, late))
    assert told["benefits one year late"].fnpv == pytest.approx(present([-595, -40, 60, 60, 60, 357.5], 0.04))


def test_an_input_at_its_switching_value_leaves_nothing() -> None:
    found = ferry()
    bars = {bar.name: bar for bar in found.inputs}
    assert set(bars) == {"trips", "hour", "boat (by itself)"}
    switch = bars["hour"].switching
    assert switch is not None
    assert ferry(FERRY.replace("value = 2", f"value = {2 * (1 + switch / 100)!r}")).economic.npv == pytest.approx(0)
    assert ferry(FERRY.replace("value = 2", "value = 2.4")).economic.npv == pytest.approx(bars["hour"].high)


def test_a_draft_says_why_and_verified_values_make_it_none() -> None:
    told = " ".join(ferry().draft)
    assert "'hour' is marked 'assumption'" in told
    assert "'trips'" not in told
    assert "economic discount rate 0.05 is marked 'assumption'" in told
    assert "the amount of 'boat'" in told
    thin = FERRY.replace('"assumption"', '"verified"').replace("amount = 595", 'amount = 595\nmark = "verified"')
    left = ferry(thin).draft
    assert all("discount rate" in reason or "'boat (by itself)'" in reason for reason in left)
    assert "no risk register" in " ".join(ferry().lacking)


def test_draws_follow_the_inputs() -> None:
    found = uncertainty.draw(read(FERRY), 20_000, seed=4)
    assert found is not None
    case = read(FERRY)
    worth = {one.name: one.economic for one in ferry().conversion}
    expected = worth["time"] + worth["boat"] * 1.1 + worth["crew"]
    assert found.expected == pytest.approx(expected, rel=0.01)
    variance = worth["time"] ** 2 * ((1 + 0.04) * (1 + 1 / 12) - 1)
    variance += worth["boat"] ** 2 * case.drivers[-1].spread.variance
    assert found.enpv.deviation == pytest.approx(math.sqrt(variance), rel=0.02)
    assert found.p_loss < found.p_hurdle
    assert sum(share.shapley for share in found.shares) == pytest.approx(1)
    assert found.fan[1][-1] == pytest.approx(found.enpv.percentiles[4])
    assert [list(row) == sorted(row) for row in (found.enpv_curve, found.eirr_curve)] == [True, True]
    assert found == uncertainty.draw(read(FERRY), 20_000, seed=4)


def test_without_uncertain_inputs_nothing_is_drawn() -> None:
    certain = "\n".join(line for line in FERRY.splitlines() if not line.startswith("uncertain"))
    assert uncertainty.draw(read(certain), 1000, seed=1) is None


def test_shapley_effects_of_a_product_and_a_sum_by_hand() -> None:
    """Var of w x y with coefficients of variation a, b: x adds a2 alone and a2 + a2 b2 after y; the mean of both."""
    case = read(FERRY)
    compiled = kernel(case.project)
    worth = compiled.economic * (compiled.amounts @ compiled.economic_factors)
    moving = [n for n, one in enumerate(case.drivers) if one.spread.shape != "fixed"]
    players = attribution.groups(case, moving)
    a2, b2 = 0.04, 1 / 12
    boat = worth[0] ** 2 * case.drivers[-1].spread.variance
    parts = {
        "trips": worth[2] ** 2 * (a2 + a2 * b2 / 2),
        "hour": worth[2] ** 2 * (b2 + a2 * b2 / 2),
        "boat (by itself)": boat,
    }
    found = attribution.shapley(case, worth, players, base=np.ones((len(case.drivers), 1)), seed=1)
    told = {case.drivers[group[0]].name: share for group, share in zip(players, found, strict=True)}
    assert told == pytest.approx({name: part / sum(parts.values()) for name, part in parts.items()})


def test_drawn_orders_come_near_all_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    case = read(FERRY)
    worth = np.array([-300.0, -80, 700, 0])
    players = attribution.groups(case, [0, 1, len(case.drivers) - 1])
    exact = attribution.shapley(case, worth, players, base=np.ones((9, 1)), seed=1)
    monkeypatch.setattr(attribution, "EXACT", 1)
    assert attribution.shapley(case, worth, players, base=np.ones((9, 1)), seed=1) == pytest.approx(exact, abs=0.01)


def test_correlated_inputs_are_told_together() -> None:
    both = '[[correlation]]\nbetween = ["trips", "hour"]\nvalue = 0.8\n'
    alone, joined = (uncertainty.draw(read(text), 20_000, seed=4) for text in (FERRY, FERRY + both))
    assert alone is not None
    assert joined is not None
    assert {share.name for share in joined.shares} == {"trips with hour", "boat (by itself)"}
    assert joined.enpv.deviation > 1.1 * alone.enpv.deviation
    assert sum(share.shapley for share in joined.shares) == pytest.approx(1)


def test_the_value_of_information_by_hand() -> None:
    """NPV uniform from -50 to 150: E[max(NPV, 0)] is 150**2 / 400."""
    npv = np.linspace(-50, 150, 200_001)
    assert information.perfect(npv) == pytest.approx(56.25 - 50, abs=1e-3)
    assert information.partial(npv[None, :], npv) == pytest.approx(6.25, abs=1e-3)
    source = np.random.default_rng(1)
    assert information.partial(source.normal(size=(1, npv.size)), npv) == pytest.approx(0, abs=0.05)


def test_a_delay_beyond_the_horizon_leaves_the_costs() -> None:
    case = read(FERRY)
    roles = [scenarios.role_of(stream) for stream in case.form.stream]
    late = scenarios.under(kernel(case.project), roles, scenarios.Scenario(name="never", delay=6))
    assert (late.amounts[2] == 0).all()
    assert late.amounts[0] == pytest.approx([595, 0, 0, 0, 0, -297.5])
