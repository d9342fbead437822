"""A project after opening: what a real hub remembers beside what was planned, over HTTP and from its data."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean, stdev

import httpx
import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from madang.app import following
from madang.cli.appraisal import appraise

CITIES = Path(__file__).parents[2] / "cities"
MADANG = str(Path(sys.executable).with_name("madang"))
QUARTERS = 8
EVERY_S = 15
T_95 = 2.364624  # Student's t, 7 degrees of freedom
SAVED = [0.0, 8.0]  # kg of CO2 that the fixed plan blows out more in odd and even quarters, beside the 30 an hour
BOOKS = """
[[actual]]
stream = "running and upkeep"
amounts = { 2029 = 150_000 }
source = "accounts of 2029, page 12"
"""


def begin() -> datetime:
    """A whole hour, yesterday: a dataset forgets after a year."""
    return (datetime.now(UTC) - timedelta(days=1)).replace(minute=0, second=0, microsecond=0)


def past(name: str, delay_s: float, co2_kg_an_hour: float, jumps: list[float]) -> str:
    """600 vehicles an hour with this mean delay, and that much CO2."""
    values: dict[str, list[dict[str, object]]] = {"meanDelay": [], "arrived": [], "co2": []}
    co2 = 0.0
    for n in range(QUARTERS * 900 // EVERY_S):
        at = (begin() + timedelta(seconds=EVERY_S * n)).isoformat().replace("+00:00", "Z")
        co2 += co2_kg_an_hour * EVERY_S / 3600 + jumps[EVERY_S * n // 900 % 2] * EVERY_S / 900
        for key, value in (("meanDelay", delay_s), ("arrived", 600 * EVERY_S * n / 3600), ("co2", co2)):
            values[key].append({"type": "Property", "value": value, "observedAt": at})
    return json.dumps({"id": f"urn:ngsi-ld:TrafficKpi:{name}", "type": "TrafficKpi", **values})


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city's folder whose data, beside it, has two hours of figures."""
    folder = tmp_path_factory.mktemp("opened")
    shutil.copytree(CITIES / "ingolstadt", folder / "city")
    lines = f"{past('signals', 20, 100, [0, 0])}\n{past('fixed', 50, 130, SAVED)}\n"
    command = [MADANG, "import", str(folder / "city"), "--past", "--data", str(folder / "data")]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder / "city"


@pytest.fixture(scope="module")
def hub(city: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [MADANG, "serve", str(city), "--port", str(port), "--data", str(city.parent / "data")]
    with (city.parent / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{port}/ngsi-ld/v1/types", timeout=2)
                break
            except httpx.HTTPError:
                assert process.poll() is None, (city.parent / "log").read_text()
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that two hours fill more than once."""
    monkeypatch.setattr(following, "PAGE", 150)


def told(*words: str | Path) -> Result:
    return CliRunner().invoke(appraise, ["follow", *map(str, words)])


@pytest.mark.usefixtures("small")
def test_planned_against_actual_over_http_and_from_the_data(city: Path, hub: str, tmp_path: Path) -> None:
    project = city / "projects" / "signals.toml"
    project.write_text(project.read_text() + BOOKS)
    asked = told(project, "--hub", hub, "--year", "2029", "--json", "--out", tmp_path, "--language", "en")
    assert asked.exit_code == 0, asked.output
    found = json.loads(asked.stdout)

    # By hand: 30 s less for each of 600 vehicles an hour; of CO2 30 kg an hour less and, in each other quarter, 8 more.
    delay, co2 = found["inputs"]
    assert delay["gained"][0]["value"] == pytest.approx(30 * 600 / 3600, rel=1e-6)
    gains = [(30 + 4 * jump) / 1000 for jump in SAVED] * (QUARTERS // 2)
    assert co2["gained"][0]["value"] == pytest.approx(fmean(gains), rel=1e-6)
    half = T_95 * stdev(gains) / QUARTERS**0.5
    assert co2["gained"][0]["interval"] == pytest.approx([fmean(gains) - half, fmean(gains) + half], rel=1e-4)
    assert co2["gained"][0]["windows"] == QUARTERS

    rows = {(row["stream"], row["year"]): row for row in found["rows"]}
    time_saved = rows["time, other trips", 2029]
    assert time_saved["actual"] / time_saved["planned"] == pytest.approx(5.0 / delay["planned"])
    assert rows["running and upkeep", 2029]["actual"] == 150_000
    unseen = dict(found["unseen"])
    assert "add [[follow]]" in unseen["buses on time"]
    assert "add [[actual]]" in unseen["cameras"]
    assert found["enpv_followed"] != pytest.approx(found["enpv_planned"])

    pages = PdfReader(tmp_path / "signals-followed.pdf").pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert f"{found['enpv_followed']:,.0f}".replace("-", "−") in text
    assert "accounts of 2029, page 12" in text

    kept = told(project, "--city", city, "--data", city.parent / "data", "--year", "2029", "--json")
    assert json.loads(kept.stdout) == found, "the same from the data as over HTTP"


def test_what_was_remembered_in_other_years_says_so(city: Path, hub: str) -> None:
    shown = told(city / "projects" / "signals.toml", "--hub", hub).stdout
    assert "--year says which year it counts as" in shown


@pytest.mark.parametrize(
    "words, said",
    [
        ((), "name one: --hub"),
        (("--hub", "http://127.0.0.1:9"), "is a hub running there?"),
        (("--hub", "no address"), "is a hub running there?"),
    ],
)
def test_what_cannot_be_read_is_told(city: Path, words: tuple[str, ...], said: str) -> None:
    found = told(city / "projects" / "signals.toml", *words)
    assert found.exit_code != 0
    assert said in found.output


@pytest.mark.parametrize(
    "old, new, said",
    [
        ('measured = "CO2 saved"', 'measured = "CO2"', "'CO2' is no [[measured]]"),
        ('measured = "CO2 saved"', 'measured = "fuel saved"', "not known how the hub remembers fuel_kg"),
        ('without = "urn:ngsi-ld:TrafficKpi:fixed"', "", "what there would be without is not said"),
        ('without = "urn:ngsi-ld:TrafficKpi:fixed"', 'before = ["May", "June"]', "no span of time"),
        ("2029 = 150_000", "1999 = 150_000", "1999 is no year of the project"),
        ('stream = "running and upkeep"', 'stream = "running"', "'running' is no stream"),
    ],
)
def test_what_cannot_be_followed_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    shutil.copytree(CITIES / "ingolstadt" / "projects", tmp_path / "projects")
    project = tmp_path / "projects" / "signals.toml"
    head, _, tail = (project.read_text() + BOOKS).rpartition(old)
    project.write_text(head + new + tail)
    found = told(project, "--hub", "http://127.0.0.1:9")
    assert found.exit_code != 0
    assert said in found.output
    assert f"{project}:" in found.output
