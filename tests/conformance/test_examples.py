"""The examples of docs/developers.md run as they stand there: curl, Python, JavaScript, against a city."""

import asyncio
import re
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.web.civic import AT, Civic, civic

from madang.app.keys import KeyFile
from madang.govern import SYSTEM
from madang.govern import key as keys
from madang.govern.developing import Developers
from madang.model.entity import observed, point

from .conftest import serving

PAGE = Path(__file__).parents[2] / "docs" / "developers.md"
BLOCK = re.compile(r"^<!-- run: while a city runs -->\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [(number, *found) for number, found in enumerate(BLOCK.findall(PAGE.read_text("utf-8")), 1)]
SCHOOL = "urn:ngsi-ld:AirQualityObserved:school"
SAID = {
    1: [SCHOOL, '"no2":42'],
    2: [f"{SCHOOL} 42.0", "40.0", "Four vehicles wait", "/data/air-quality.csv"],
    3: [f"entity {SCHOOL}"],
    4: [f"{SCHOOL} 42", "Four vehicles wait"],
    5: ['"daily":20000'],
}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Civic]:
    shelf, now = KeyFile(tmp_path), lambda: datetime.now(UTC)
    async with civic() as found:
        app = found.site._transport.app  # type: ignore[attr-defined]
        app.state["rooms"] = replace(
            app.state["rooms"],
            developers=Developers(shelf, now),
            known=lambda text, purpose, tenant: keys.caller(text, shelf.keys(), now, purpose=purpose, tenant=tenant),
        )
        for minutes, no2 in ((-5, 40.0), (0, 42.0)):
            values = {"no2": no2, "location": point(11.4, 48.7)}
            seen = observed(SCHOOL, "AirQualityObserved", AT + timedelta(minutes=minutes), values)
            await found.hub.batch.observe(SYSTEM, [seen])
        yield found


async def run(*command: str) -> tuple[int, str, str]:
    """Its status, and what it said, within a minute."""
    program = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, wrong = await asyncio.wait_for(program.communicate(), 60)
    except TimeoutError:
        program.kill()
        raise
    return program.returncode or 0, out.decode(), wrong.decode()


@pytest.mark.parametrize(("number", "language", "text"), EXAMPLES, ids=[f"{n}-{name}" for n, name, _ in EXAMPLES])
async def test_an_example_runs(
    here: Civic, number: int, language: str, text: str, tmp_path: Path, require_services: bool
) -> None:
    node = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    if language == "js" and node is None and not require_services:
        pytest.skip("no node on this machine")
    async with serving(here.site._transport.app) as address:  # type: ignore[attr-defined]
        own = text.replace("http://127.0.0.1:8080", address)
        script = tmp_path / f"example.{'mjs' if language == 'js' else 'py'}"
        script.write_text(own, "utf-8")
        commands = {
            "sh": ("bash", "-euo", "pipefail", "-c", own.replace("curl ", "curl --fail-with-body --max-time 20 ")),
            "python": (sys.executable, str(script)),
            "js": (str(node), str(script)),
        }
        status, out, wrong = await run(*commands[language])
    assert status == 0, out + wrong
    for words in SAID[number]:
        assert words in out, out


def test_every_example_is_known() -> None:
    assert [number for number, _, _ in EXAMPLES] == list(SAID)


CLIENT = """
import asyncio, sys
from datetime import UTC, datetime
from madang.client import AsyncCity, City, Refused

heavy = {"litestar", "apsw", "numpy", "jinja2", "uvicorn"} & set(sys.modules)
assert not heavy, heavy
school, since = "urn:ngsi-ld:AirQualityObserved:school", datetime(2026, 1, 1, tzinfo=UTC)
with City(sys.argv[1]) as city:
    waited = (
        list(city.entities("AirQualityObserved")), city.entity(school), city.history(school, "no2", since=since),
        city.decisions(), city.decision("signals-1"), city.datasets(), city.download("air-quality"),
    )
    for asked in (lambda: city.entity("urn:x:none"), lambda: city.download("report-contacts")):
        try:
            asked()
        except Refused as refused:
            assert refused.status == 404 and refused.detail
        else:
            raise AssertionError("that should be refused")
    followed = next(city.follow("AirQualityObserved", snapshot=True))

async def main():
    async with AsyncCity(sys.argv[1]) as city:
        told = (
            [one async for one in city.entities("AirQualityObserved")], await city.entity(school),
            await city.history(school, "no2", since=since), await city.decisions(),
            await city.decision("signals-1"), await city.datasets(), await city.download("air-quality"),
        )
        async for change in city.follow("AirQualityObserved", snapshot=True):
            assert change == followed
            break
    assert told == waited

asyncio.run(main())
entities, one, past, decisions, decision, datasets, table = waited
assert [found.id for found in entities] == [school] and one.values["no2"] == 42.0
assert [(sample.value, sample.at.minute) for sample in past] == [(40.0, 55), (42.0, 0)]
assert decisions[0].id == decision.id == "signals-1" and decision.record["alternatives"][0]["label"] == "stage s2"
assert followed.entity == one and "air-quality" in [found.id for found in datasets] and b"no2" in table
"""


async def test_the_client_reads_a_city_waiting_or_not(here: Civic) -> None:
    async with serving(here.site._transport.app) as address:  # type: ignore[attr-defined]
        status, out, wrong = await run(sys.executable, "-c", CLIENT, address)
    assert status == 0, out + wrong
