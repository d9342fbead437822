"""Trips and their sums, by hand."""

from pathlib import Path

import pytest

from madang.sim.streets.trips import measures, read

TRIPS = """<tripinfos>
<tripinfo id="a" vType="car" depart="105.00" departDelay="5.00" arrival="200.00" timeLoss="20.00" waitingTime="10.00"
 waitingCount="2" vaporized=""><emissions CO2_abs="2000000" fuel_abs="600000" NOx_abs="3000" PMx_abs="1000"/></tripinfo>
<tripinfo id="b" vType="bus" depart="150.00" departDelay="0.00" arrival="-1.00" timeLoss="40.00" waitingTime="30.00"
 waitingCount="1" vaporized=""><emissions CO2_abs="1000000" fuel_abs="300000" NOx_abs="1000" PMx_abs="500"/></tripinfo>
<tripinfo id="c" vType="car" depart="-1.00" departDelay="60.00" arrival="-1.00" timeLoss="0.00" waitingTime="0.00"
 waitingCount="0" vaporized=""/>
<tripinfo id="early" vType="car" depart="90.00" departDelay="0.00" arrival="120.00" timeLoss="999" vaporized=""/>
<tripinfo id="late" vType="car" depart="210.00" departDelay="5.00" arrival="300.00" timeLoss="999" vaporized=""/>
</tripinfos>"""


def test_the_sums_follow_the_conventions(tmp_path: Path) -> None:
    file = tmp_path / "trips.xml"
    file.write_text(TRIPS)
    found = read(file, begin_s=100, end_s=200, now_s=240)
    assert [trip.id for trip in found] == ["a", "b", "c"]
    sums = measures(found, frozenset({"bus"}))
    assert sums["delay_s"] == pytest.approx((25 + 40 + 60) / 3)
    assert (sums["delay_median_s"], sums["delay_p95_s"], sums["bus_delay_s"]) == (40, 60, 40)
    assert (sums["vehicles"], sums["arrived"], sums["never_inserted"]) == (3, 1, 1)
    assert (sums["co2_kg"], sums["nox_g"], sums["pmx_g"]) == pytest.approx((3.0, 4.0, 1.5))
    assert sums["fuel_kg"] == pytest.approx(0.9)
    assert sums["stops"] == 1.5
    assert sums["waiting_s"] == pytest.approx(40 / 3)


def test_nothing_to_measure_is_none_and_not_zero() -> None:
    sums = measures([], frozenset())
    assert (sums["delay_s"], sums["bus_delay_s"], sums["vehicles"]) == (None, None, 0)
