"""Deciding in stages, against integrals that can be done by hand."""

import tomllib
from typing import Any

import numpy as np
import pytest

from madang.appraise.case import options, uncertainty
from madang.appraise.case.build import Case, Library, build
from madang.appraise.case.form import Form
from madang.appraise.case.mistakes import Mistakes
from madang.city.shape import shape

# Benefits of 100 f a year in the two years after building, f even between 0 and 2; building costs 190. No discounting,
# so that f alone decides: the net value of building is 200 f - 190.
WELL = """
[project]
title = "A well"
currency = "EUR"
price_year = 2026
first_year = 2026
years = 3
entity = "city"
economic_rate = {rate}
financial_rate = 0.0

[[input]]
name = "demand"
value = 100
unit = "EUR / year"
source = "a guess"
mark = "assumption"
uncertain = {{ shape = "uniform", numbers = [0.0, 2.0] }}

[[input]]
name = "health"
value = 1
unit = "times"
source = "a guess"
mark = "assumption"
uncertain = {{ shape = "normal", numbers = [1.0, 0.1] }}

[[stream]]
name = "digging"
kind = "cost"
role = "capex"
owner = "city"
amounts = {{ 2026 = 190 }}

[[stream]]
name = "water"
kind = "benefit"
owner = "residents"
times = ["demand", "health"]
start = 2027

{options}
"""


def case(option: str, rate: float = 0.0) -> tuple[Case, Mistakes]:
    table: dict[str, Any] = tomllib.loads(WELL.format(options=option, rate=rate))
    form = shape(Form, table, report=lambda *told: pytest.fail(str(told)), rules={})
    assert form is not None
    found, mistakes = build(form, Library(book={}, presets={}))
    assert found is not None, list(mistakes)
    options.check(found, mistakes)
    return found, mistakes


def valued(option: str, rate: float = 0.0) -> options.Staged:
    found, mistakes = case(option, rate)
    assert not mistakes
    drawn = uncertainty.draw(found, 200_000, seed=3)
    assert drawn is not None
    return drawn.options[0]


def test_waiting_is_worth_what_not_building_in_bad_cases_saves() -> None:
    staged = valued('[[option]]\nname = "wait"\nact = "defer"\nyear = 2027\nlearns = ["demand"]\ncost = 5')
    # E[max(200 f - 190, 0)] over f in [0, 2]: (210 ** 2 / 2) / 200 / 2 = 55.125; now: 200 - 190 = 10.
    assert staged.now == pytest.approx(10, abs=0.05)
    assert staged.staged == pytest.approx(55.125 - 5, abs=0.05)
    assert staged.value == pytest.approx(40.125, abs=0.1)
    assert staged.chance == pytest.approx(1.05 / 2, abs=0.002)


def test_waiting_costs_a_year_of_discounting() -> None:
    staged = valued('[[option]]\nname = "wait"\nact = "defer"\nyear = 2027\nlearns = ["demand"]', rate=0.1)
    factors = 1 / 1.1 + 1 / 1.1**2
    broken_even = 190 / (100 * factors)
    later = (100 * factors * 2 - 190) * (2 - broken_even) / 2 / 2 / 1.1
    assert staged.staged == pytest.approx(later, abs=0.05)


def test_stopping_is_taken_where_the_rest_is_worth_less_than_its_scrap() -> None:
    staged = valued('[[option]]\nname = "close"\nact = "stop"\nyear = 2028\nlearns = ["demand"]\nworth = 80')
    # The last year brings 100 f: stopped below f = 0.8; E[max(80 - 100 f, 0)] = 80 ** 2 / 2 / 100 / 2 = 16.
    assert staged.now == pytest.approx(10, abs=0.05)
    assert staged.value == pytest.approx(16, abs=0.05)
    assert staged.chance == pytest.approx(0.4, abs=0.002)


def test_growing_is_taken_where_it_pays() -> None:
    staged = valued(
        '[[option]]\nname = "more"\nact = "expand"\nyear = 2027\nlearns = ["demand"]\nshare = 0.5\ncost = 150'
    )
    # Half as much water again for two years: 100 f - 150, taken above f = 1.5: 50 ** 2 / 2 / 100 / 2 = 6.25.
    assert staged.value == pytest.approx(6.25, abs=0.05)
    assert staged.chance == pytest.approx(0.25, abs=0.002)


def test_what_is_not_learnt_is_taken_at_its_mean() -> None:
    one = valued('[[option]]\nname = "wait"\nact = "defer"\nyear = 2027\nlearns = ["demand"]')
    both = valued('[[option]]\nname = "wait"\nact = "defer"\nyear = 2027\nlearns = ["demand", "health"]')
    neither = valued('[[option]]\nname = "wait"\nact = "defer"\nyear = 2027\nlearns = ["health"]')
    assert both.staged > one.staged > neither.staged
    assert neither.value == pytest.approx(float(np.maximum(200 * _normal(200_000) - 190, 0).mean()) - 10, abs=0.2)


def _normal(count: int) -> Any:
    return np.random.default_rng(1).normal(1.0, 0.1, count)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ('year = 2027\nlearns = ["rain"]', "'rain' is no uncertain input"),
        ("year = 2027\nlearns = []", "nothing is learnt"),
        ('year = 2026\nlearns = ["demand"]', "2026 is no year of a later decision"),
        ('year = 2029\nlearns = ["demand"]', "2029 is no year of a later decision"),
        ('year = 2027\nlearns = ["demand"]\ncost = -1', "cost or share is out of range"),
        (
            'year = 2027\nlearns = ["demand"]\n[[correlation]]\nbetween = ["demand", "health"]\nvalue = 0.5',
            "one of two correlated inputs: demand and health",
        ),
    ],
)
def test_an_option_that_cannot_be_is_told(option: str, said: str) -> None:
    _, mistakes = case(f'[[option]]\nname = "x"\nact = "defer"\n{option}')
    assert any(said in mistake.message for mistake in mistakes)
    assert all(mistake.remedy for mistake in mistakes)
