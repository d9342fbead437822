"""What the city's investments are worth, over the real API and the city's own project: without JavaScript."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from madang import city as cities
from madang.account import Account
from madang.api import build
from madang.app.projects import ProjectFiles
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.errors import AppraisalInvalid
from madang.govern import Policy
from madang.hub import Hub
from madang.store.memory import MemoryLedger, MemoryStore
from madang.web import routes


@pytest.fixture
async def http(root: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    city = cities.read(root / "cities" / "ingolstadt")
    app = build(
        hub=Hub(MemoryStore(), Policy(city.datasets), WallClock(), LocalBus()),
        account=Account(MemoryLedger()),
        city=city,
        status=lambda: {"ready": True, "parts": {}},
        page=routes(dist=tmp_path),
        projects=ProjectFiles(city.folder / "projects"),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        yield client


async def test_a_project_is_listed_told_and_moved_over_http(http: httpx.AsyncClient) -> None:
    listed = (await http.get("/projects")).json()["projects"]
    assert [one["id"] for one in listed] == ["signals"]
    told = (await http.get("/projects/signals")).json()
    wanted = {"values": {"hours like this one": 1800}}
    moved = (await http.post("/projects/signals/position", json=wanted)).json()
    assert moved["enpv"] > told["moved"]["enpv"] > 0
    assert moved["p_loss"] <= told["moved"]["p_loss"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"values": {"rain": 1}}, 422, "is no input of this project"),
        ({"values": {"hours like this one": "many"}}, 400, "Expected `float`, got `str`"),
        ({"valves": {}}, 400, "unknown field"),
        ([], 400, "Expected `object`"),
        ({"rate": 3}, 422, "rate: 3"),
    ],
)
async def test_a_position_that_is_none_is_a_problem(
    http: httpx.AsyncClient, body: object, status: int, said: str
) -> None:
    answer = await http.post("/projects/signals/position", json=body)
    assert answer.status_code == status
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("name", ["nothing", "..%2Fcity", "%2e%2e"])
async def test_no_other_file_is_a_project(http: httpx.AsyncClient, name: str) -> None:
    assert (await http.get(f"/projects/{name}")).status_code == 404


async def test_the_page_answers_a_form_that_was_sent(http: httpx.AsyncClient) -> None:
    plain = await http.get("/worth/signals")
    moved = await http.get("/worth/signals", params={"hours like this one": "1800", "rate": "5"})
    assert plain.status_code == moved.status_code == 200
    assert 'value="1800"' in moved.text and 'value="900"' in plain.text
    assert _worth(moved.text) != _worth(plain.text)
    api = (
        await http.post("/projects/signals/position", json={"values": {"hours like this one": 1800}, "rate": 0.05})
    ).json()
    assert f"{round(api['enpv']):,}" in moved.text
    part = await http.get("/worth/signals/result", params={"hours like this one": "1800", "rate": "5"})
    assert "<html" not in part.text and _worth(part.text) == _worth(moved.text)


async def test_the_page_says_which_field_has_no_number(http: httpx.AsyncClient) -> None:
    answer = await http.get("/worth/signals", params={"rate": "much"})
    assert answer.status_code == 400
    assert "A field has no number" in answer.text and "much" in answer.text


async def test_a_project_can_be_tried_and_its_mistakes_have_lines(http: httpx.AsyncClient, root: Path) -> None:
    example = (root / "src/madang/web/templates/worth-example.toml").read_text("utf-8")
    good = await http.post("/worth/trial", data={"project": example})
    assert good.status_code == 200 and "Chance of a loss" in good.text
    bad = await http.post("/worth/trial", data={"project": example.replace("value = 0.12", 'value = "little"')})
    line = example.splitlines().index("value = 0.12") + 1
    assert bad.status_code == 422
    assert f"project:{line}:" in bad.text and "write a plain number" in bad.text
    hostile = await http.post("/worth/trial", data={"project": "<script>alert(1)</script>"})
    assert hostile.status_code == 422 and "<script>alert" not in hostile.text


async def test_a_project_with_mistakes_is_told_among_the_others(root: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('[project]\ntitle = "x"\n')
    files = ProjectFiles(tmp_path)
    assert files.names() == ["bad"]
    with pytest.raises(AppraisalInvalid, match=r"bad\.toml:1"):
        files.board("bad")


async def test_another_version_of_the_file_is_another_board(root: Path, tmp_path: Path) -> None:
    example = (root / "src/madang/web/templates/worth-example.toml").read_text("utf-8")
    (tmp_path / "shade.toml").write_text(example)
    files = ProjectFiles(tmp_path)
    first = files.board("shade")
    assert files.board("shade") is first
    (tmp_path / "shade.toml").write_text(example.replace("years = 20", "years = 12"))
    assert files.board("shade").move({}).enpv < first.move({}).enpv


def _worth(page: str) -> str:
    return page.split('<dl class="kpis">')[1].split("</dd>")[0]
