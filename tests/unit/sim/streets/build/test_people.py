"""People on foot: crossings are guessed, walks drawn, and the signals let them over."""

import json
from pathlib import Path

from madang.app.evaluation import run_job
from madang.app.worlds import import_model
from madang.city.own import Place
from madang.model.city import WorldSpec
from madang.sim.streets import network, scenario
from madang.sim.streets.build import people
from madang.sim.streets.build.taking import Model
from madang.sim.streets.layout import layouts

from .conftest import silent


class Heard:
    """Keeps the last line."""

    def __init__(self) -> None:
        self.last = ""

    def write(self, text: str) -> None:
        self.last = text

    def flush(self) -> None:
        pass


def test_people_cross_under_the_signals_and_nobody_is_cut_off(tmp_path: Path) -> None:
    """A quarter of an hour of cologne1 with 300 people an hour on foot: they are seen, called for and let over."""
    given = scenario.resolve(WorldSpec(scenario="cologne1"))
    window = {"begin_s": given.begin_s, "end_s": given.begin_s + 900}
    model = Model(net=given.net, routes=given.routes, **window, crossings=True, pedestrians=300)
    taken = import_model(model, tmp_path / "town", Place(name="Town", jurisdiction="DE-NW"), attribution="")
    assert taken.routes[-1] == people.WALKS
    job = {
        "city": str(tmp_path / "town"),
        "seed": 1,
        "hours": 0.25,
        "variant": {"name": "signals", "service": "signals"},
    }
    heard = Heard()
    run_job(json.dumps(job).encode(), heard)  # type: ignore[arg-type]
    results = json.loads(heard.last)["run"]["results"]
    assert (results["conflicts"], results["guards_broken"]) == (0, 0)
    assert results["pedestrians"] >= 70
    assert 0 < results["pedestrian_delay_s"] < 60


def test_walks_are_the_same_each_time_and_name_no_folder(walked: Path) -> None:
    streets = network.read(walked)
    texts: list[str] = []
    for _ in range(2):
        name = people.walks(streets, walked, (0.0, 600.0), per_hour=60, told=silent)
        texts.append((walked.parent / name).read_text())
    assert texts[0] == texts[1]
    assert texts[0].count("<person ") == 10 * len(layouts(streets))
    assert str(walked.parent) not in texts[0]
