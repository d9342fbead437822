"""The report: every plot drawn from what was recorded, with its numbers beside it, and no name taken for markup."""

import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import msgspec
import pytest

from madang.evaluate.comparison import Comparison, compare
from madang.evaluate.disturbance import Disturbance
from madang.evaluate.report import report
from madang.evaluate.report.diagram import passage, through_s
from madang.evaluate.run import FIXED, Job, Run, Variant
from madang.model.recording import Delayed, Diagram, Emitted, Recording, Stop

SERVICE = Variant(name="signals", service="signals")
BROKEN = Variant(name="signals, hub@60", service="signals", disturbance=Disturbance(kind="hub", at_s=60))
EVIL = "<script>x</script>"

STOPS = (
    Stop(signal="s1", name="s1", at_m=100, greens=((0, 30), (60, 90))),
    Stop(signal="s2", name=EVIL, at_m=300, greens=()),
)
THROUGH = ((0.0, 10.0), (10.0, 95.0), (30.0, 98.0), (60.0, 390.0))
"""Stands for 20 s before the first stop line, then drives on to the end."""
TURNS_OFF = ((20.0, 20.0), (30.0, 150.0))
DIAGRAM = Diagram(name="", length_m=400, from_s=0, until_s=120, stops=STOPS, paths=(THROUGH, TURNS_OFF))


def recorded(total_s: float, nox_g: float) -> Recording:
    return Recording(
        approaches=(Delayed("s1", "e", EVIL, 20, total_s, 9.0, 80.0), Delayed("", "", "", 20, 1.0, 1.0, 1.0)),
        journeys={f"v{n}": ("north", "south") for n in range(20)},
        emissions=(Emitted("e", 1.5, nox_g), Emitted("f", 0.5, 0.1)),
        streets={"e": ((0.0, 0.0), (100.0, 0.0)), "f": ((100.0, 0.0), (100.0, 100.0))},
        names={"e": "High Street", "f": ""},
        diagram=DIAGRAM,
    )


def run(variant: Variant, seed: int, delay_s: float, *, detail: bool = True) -> Run:
    results: dict[str, object] = {"conflicts": 0, "guards_broken": 0, "teleports": 0, "delay_s": delay_s}
    results |= {"delays": {f"v{n}": delay_s + n for n in range(20)}, "departures": {f"v{n}": 10 * n for n in range(20)}}
    if detail:
        results["recording"] = msgspec.to_builtins(recorded(20 * delay_s, delay_s / 10))
    return Run(
        job=Job(city="c", variant=variant, seed=seed, detail=detail),
        scenario="s",
        scenario_hash="h",
        results=results,
        simulated_s=3600,
        wall_s=10,
        core_s=10,
    )


@pytest.fixture
def compared() -> Comparison:
    runs = [run(FIXED, seed, 40.0 + seed) for seed in (1, 2)] + [run(SERVICE, seed, 60.0 - seed) for seed in (1, 2)]
    runs += [run(BROKEN, seed, 90.0, detail=False) for seed in (1, 2)]
    return compare(EVIL, "signals", runs, provenance={"conventions": ["a < b"]})


class Wellformed(HTMLParser):
    """Closes what it opens, but for what HTML leaves open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_has_every_plot_and_its_numbers(compared: Comparison) -> None:
    page = report([compared], "signals")
    parsed = Wellformed()
    parsed.feed(page)
    assert parsed.open == []
    for heading in (
        "When something fails for good",
        "Delay by approach",
        "Who gains, who loses",
        "By where the trip goes",
        "Along the arterial",
        "Where exhaust is let out",
        "All figures",
    ):
        assert heading in parsed.text
    assert "1 of 1 approaches are more delayed" in parsed.text
    assert "north to south" in parsed.text
    assert "High Street (e)" in parsed.text
    drawn = [ElementTree.fromstring(each) for each in re.findall("<svg.*?</svg>", page)]
    assert sum(each.get("class") == "map" for each in drawn) == 2
    assert sum(each.get("class") == "diagram" for each in drawn) == 2
    assert all(each.get("aria-hidden") == "true" or each.get("aria-label") for each in drawn)


def test_it_runs_no_script_and_loads_nothing(compared: Comparison) -> None:
    page = report([compared], "signals")
    assert "<script" not in page and "&lt;script&gt;" in page
    assert not re.search(r"(src|href)=|url\(|https?:", page)


def test_what_is_surely_worse_is_marked_and_the_rest_is_not(compared: Comparison) -> None:
    page = report([compared], "signals")
    # Paired by seed: 59 - 41 and 58 - 42.
    assert '<span class="dim">+17.0</span> <span class="dim">[+4.3, +29.7]</span>' not in page
    assert '<span class="bad">+17.0</span> <span class="dim">[+4.3, +29.7]</span>' in page


def test_one_seed_is_told_to_prove_nothing() -> None:
    page = report([compare("c", "signals", [run(FIXED, 1, 40), run(SERVICE, 1, 30)], provenance={})], "signals")
    assert "what is shown may be chance" in page


def test_without_recordings_there_are_the_figures() -> None:
    runs = [run(FIXED, 1, 40, detail=False), run(SERVICE, 1, 30, detail=False)]
    page = report([compare("c", "signals", runs, provenance={})], "signals")
    assert "All figures" in page and "arterial" not in page and "By approach" not in page


def test_a_passage_knows_who_stopped_for_the_signal() -> None:
    first, second = (passage(DIAGRAM, stop) for stop in STOPS)
    assert (first.green, first.passed, first.stopped) == (0.5, 2, 1)
    assert (second.green, second.passed, second.stopped) == (0, 1, 0)
    assert through_s(DIAGRAM) == [60]
