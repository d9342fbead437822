"""The field controller: takes requests for stages, keeps its streets safe, and goes back to its plan by itself."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.model.city import WorldSpec
from madang.sim.streets import network, scenario
from madang.sim.streets.cabinet import Cabinet
from madang.sim.streets.foes import Foes, foes_of_network
from madang.sim.streets.layout import Layout, layouts
from madang.sim.streets.monitor import Monitor
from madang.sim.streets.plan import phase_at

BEGIN_S = 25200.0


def run(cabinet: Cabinet, from_s: float, seconds: int, *, leased: bool = False) -> list[str]:
    """The lamps of the seconds from there on."""
    shown: list[str] = []
    for second in range(seconds):
        if leased:
            cabinet.renew(from_s + second)
        shown.append(cabinet.tick(from_s + second))
    return shown


def other(cabinet: Cabinet) -> str:
    """A stage that does not show."""
    return next(stage.id for stage in cabinet.layout.stages if stage.id != cabinet.stage)


def test_alone_it_runs_its_plan(junction: Layout) -> None:
    cabinet = Cabinet(junction, now_s=BEGIN_S)
    shown = run(cabinet, BEGIN_S, 300)
    assert shown == [phase_at(junction.plan, BEGIN_S + second).lamps for second in range(300)]
    assert (cabinet.control, cabinet.served) == ("plan", False)


def test_a_request_is_carried_out_through_the_intergreen(junction: Layout) -> None:
    cabinet = Cabinet(junction, now_s=BEGIN_S)
    run(cabinet, BEGIN_S, 10)
    wanted = other(cabinet)
    assert cabinet.order("stage", {"stage": wanted}, BEGIN_S + 10) is None
    assert (cabinet.control, cabinet.stage) == ("service", "")
    shown = run(cabinet, BEGIN_S + 10, 6, leased=True)
    assert "y" in shown[0] and "y" not in shown[3]
    assert (cabinet.stage, cabinet.since_s) == (wanted, BEGIN_S + 15)


def test_it_refuses_what_its_rules_forbid_and_says_why(junction: Layout) -> None:
    cabinet = Cabinet(junction, now_s=BEGIN_S)
    run(cabinet, BEGIN_S, 10)
    assert "unknown stage" in str(cabinet.order("stage", {"stage": "s99"}, BEGIN_S + 10))
    assert "unknown stage" in str(cabinet.order("stage", {"stage": ["s1"]}, BEGIN_S + 10))
    assert "unknown stage" in str(cabinet.order("stage", {}, BEGIN_S + 10))
    assert "takes 'stage' and 'release'" in str(cabinet.order("lamps", {"lamps": "GGGG"}, BEGIN_S + 10))
    assert cabinet.control == "plan"
    crossing = next(stage.id for stage in junction.stages if not _shares(stage.green, cabinet.lamps.shown))
    before = cabinet.stage
    assert cabinet.order("stage", {"stage": crossing}, BEGIN_S + 10) is None
    assert "intergreen" in str(cabinet.order("stage", {"stage": other(cabinet)}, BEGIN_S + 12))
    run(cabinet, BEGIN_S + 10, 8, leased=True)
    assert "minimum green" in str(cabinet.order("stage", {"stage": before}, BEGIN_S + 18))


def _shares(one: str, other: str) -> bool:
    return any(a in "Gg" and b in "Gg" for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("way", ["silence", "release"])
def test_it_goes_back_to_its_plan_within_a_cycle(junction: Layout, way: str) -> None:
    cabinet = Cabinet(junction, now_s=BEGIN_S)
    run(cabinet, BEGIN_S, 10)
    cabinet.order("stage", {"stage": other(cabinet)}, BEGIN_S + 10)
    run(cabinet, BEGIN_S + 10, 60, leased=True)
    assert cabinet.control == "service"
    if way == "release":
        assert cabinet.order("release", {}, BEGIN_S + 70) is None
    cycle_s = int(sum(duration_s for _, duration_s in junction.plan.phases))
    run(cabinet, BEGIN_S + 70, cycle_s + 10)
    assert cabinet.control == "plan" and not cabinet.served
    assert ("no word" if way == "silence" else "gave control back") in cabinet.reason
    from_s = BEGIN_S + 80 + cycle_s
    shown = run(cabinet, from_s, 200)
    assert shown == [phase_at(junction.plan, from_s + second).lamps for second in range(200)]


def test_the_lease_lasts_five_seconds(junction: Layout) -> None:
    cabinet = Cabinet(junction, now_s=BEGIN_S)
    cabinet.order("stage", {"stage": junction.stages[0].id}, BEGIN_S)
    run(cabinet, BEGIN_S, 6)
    assert cabinet.control == "service"
    run(cabinet, BEGIN_S + 6, 1)
    assert cabinet.control == "plan"


@pytest.fixture(scope="module")
def junctions() -> list[tuple[Layout, Foes]]:
    found: list[tuple[Layout, Foes]] = []
    for name in ("cologne3", "ingolstadt7", "ingolstadt21", "arterial4x4"):
        net = scenario.resolve(WorldSpec(scenario=name)).net
        foes = foes_of_network(net)
        for signal, layout in list(layouts(network.read(net)).items())[:7]:
            found.append((layout, foes[signal]))
    return found


def test_whenever_it_is_released_it_is_back_within_its_cycle(junctions: list[tuple[Layout, Foes]]) -> None:
    for layout, _ in junctions:
        cycle_s = int(sum(duration_s for _, duration_s in layout.plan.phases))
        for number, stage in enumerate(layout.stages):
            for after_s in range(number, cycle_s, 10):
                cabinet, now_s = Cabinet(layout, now_s=1000.0), 1000.0
                while cabinet.order("stage", {"stage": stage.id}, now_s) is not None:
                    now_s += 1
                    cabinet.tick(now_s)
                run(cabinet, now_s, 10 + after_s, leased=True)
                cabinet.order("release", {}, now_s + 10 + after_s)
                run(cabinet, now_s + 10 + after_s, cycle_s)
                assert not cabinet.served, f"{layout.id}, {stage.id}, after {after_s} s"


@given(
    which=st.integers(0, 23),
    words=st.lists(st.tuples(st.sampled_from(["stage", "release", "silence", "hold"]), st.integers(0, 9)), max_size=60),
    gaps=st.lists(st.integers(1, 30), min_size=60, max_size=60),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_ordered_the_monitor_finds_nothing(
    junctions: list[tuple[Layout, Foes]], which: int, words: list[tuple[str, int]], gaps: list[int]
) -> None:
    layout, foes = junctions[which % len(junctions)]
    monitor = Monitor({layout.id: foes})
    cabinet = Cabinet(layout, now_s=1000.0)
    now_s = 1000.0
    for (word, number), gap in zip([("hold", 0), *words, ("silence", 0)], [9, *gaps[: len(words)], 150], strict=True):
        if word == "stage":
            cabinet.order("stage", {"stage": layout.stages[number % len(layout.stages)].id}, now_s)
        elif word == "release":
            cabinet.order("release", {}, now_s)
        now_s = _watch(cabinet, monitor, now_s, gap, leased=word != "silence")
    assert [finding for finding in monitor.findings if finding.service] == []
    assert not cabinet.served


def _watch(cabinet: Cabinet, monitor: Monitor, now_s: float, seconds: int, *, leased: bool) -> float:
    for _ in range(seconds):
        if leased:
            cabinet.renew(now_s)
        lamps = cabinet.tick(now_s)
        controlled = [cabinet.layout.id] if cabinet.served else []
        monitor.step(now_s, {cabinet.layout.id: lamps}, controlled=controlled)
        now_s += 1.0
    return now_s
