"""The fit says how far the demand is from the counts, in the measure that engineers use."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from madang.sim.streets.build import fit
from madang.sim.streets.build.counts import Count
from madang.sim.streets.build.matching import Matched
from madang.sim.streets.build.page import page

VOLUME = some.integers(0, 10_000)


def counted(edge: str = "a", *, begin_s: float = 0, end_s: float = 3600, count: float = 100) -> fit.Counted:
    return fit.Counted(edge=edge, begin_s=begin_s, end_s=end_s, count=count, distance_m=0, ambiguous=False, lines=(2,))


def test_the_figures_of_the_guideline() -> None:
    assert fit.geh(120, 100, hours=1) == pytest.approx(math.sqrt(2 * 400 / 220))
    assert fit.geh(30, 25, hours=0.25) == pytest.approx(fit.geh(120, 100, hours=1)), "it is of hourly volumes"
    assert fit.geh(0, 0, hours=1) == 0


@given(VOLUME, VOLUME)
def test_it_is_a_distance(one: int, other: int) -> None:
    assert fit.geh(one, other, hours=1) == fit.geh(other, one, hours=1) >= 0
    assert (fit.geh(one, other, hours=1) == 0) == (one == other)


def test_counts_of_an_edge_and_interval_are_added_up() -> None:
    rows = [
        Matched(count=Count(line=line, begin_s=0, end_s=900, count=count, edge="a"), edge="a", distance_m=line)
        for line, count in ((2, 10), (3, 5))
    ]
    (found,) = fit.gather(rows)
    assert (found.count, found.lines, found.distance_m) == (15, (2, 3), 3)


def test_the_demand_is_counted_where_its_routes_pass(tmp_path: Path) -> None:
    demand = tmp_path / "d.rou.xml"
    demand.write_text(
        '<routes><vehicle id="1" depart="0"><route edges="a b a"/></vehicle>'
        '<vehicle id="2" depart="900"><route edges="b"/></vehicle></routes>'
    )
    rows = [counted("a", end_s=900), counted("b", end_s=900), counted("b", begin_s=900, end_s=1800)]
    assert list(fit.drawn(demand, rows).values()) == [1, 1, 1]


def test_shares_and_the_page() -> None:
    good, bad = counted("good"), counted("<bad>", count=400)
    found = fit.fit([good, bad], drawn={good: 100, bad: 390}, driven={good: 95, bad: 200})
    assert (found.drawn_good, found.driven_good) == (1.0, 0.5)
    shown = page(found, title="Town & Co")
    assert "<b>50%</b> of 2 counts" in shown and "Town &amp; Co" in shown
    assert "&lt;bad&gt;" in shown and "<bad>" not in shown
    assert shown.count("<circle") == 2 and "http" not in shown.replace("http://www.w3.org", "")
    assert shown.index("&lt;bad&gt;</td>") < shown.index("good</td>"), "the worst first"
