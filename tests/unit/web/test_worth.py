"""What the city's investments are worth, over the real API and the city's own project: without JavaScript."""

import tomllib
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
from madang.web import outline, routes


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


async def test_a_project_is_built_by_fields(http: httpx.AsyncClient) -> None:
    empty = await http.get("/worth/outline")
    assert empty.status_code == 200 and 'value="shelters"' in empty.text
    fields = outline.example()
    good = await http.post("/worth/outline", data=fields)
    assert good.status_code == 200 and "Chance of a loss" in good.text
    text, _ = outline.written(fields)
    as_text = await http.post("/worth/trial", data={"project": text})
    assert _worth(good.text) == _worth(as_text.text)
    # 450,000 in 2027 and 2028, 20,000 and 140,000 a year from 2029 to 2046, at 5 % from 2027 on.
    worth = sum(120_000 * 1.05 ** -(year - 2027) for year in range(2029, 2047)) - 450_000 * (1 + 1 / 1.05)
    assert f"{round(worth):,}" in _worth(good.text)


WRONG = (
    ("r1-amount", "450,000", "must be a number"),
    ("r1-amount", "", "must be a number"),
    ("r2-start", "2029.5", "must be a whole number"),
    ("r1-off", "ten", "must be a number"),
    ("r1-off", "-10", "rising"),
    ("economic_rate", "-5", "negative"),
    ("economic_rate", "5 %", "no discount rate"),
    ("currency", "Euro", "three letters"),
    ("title", "", "the project has no title"),
    ("entity", "nobody", "owns or pays no stream"),
    ("r3-what", "payment", "a transfer has a payer"),
)


async def test_a_field_that_is_wrong_is_named(http: httpx.AsyncClient) -> None:
    for field, text, said in WRONG:
        answer = await http.post("/worth/outline", data={**outline.example(), field: text})
        assert answer.status_code == 422, field
        assert said in answer.text
        place = field.replace("-what", "-name")
        assert f'<a href="#{place}">' in answer.text
        assert f'id="{place}"' in answer.text and 'aria-invalid="true"' in answer.text


async def test_what_is_hostile_in_a_field_is_text(http: httpx.AsyncClient) -> None:
    nasty = '"\n[evil]\nx = """\\u0000\x7f</textarea><script>alert(1)</script>'
    answer = await http.post("/worth/outline", data={**outline.example(), "title": nasty, "r1-name": nasty})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert tomllib.loads(outline.written({"title": nasty})[0])["project"]["title"].startswith('" [evil]')


async def test_more_rows_keep_what_was_written(http: httpx.AsyncClient) -> None:
    answer = await http.post("/worth/outline", data={**outline.example(), "rows": "10", "r1-amount": "7,5"})
    assert answer.status_code == 200
    assert 'id="r10-name"' in answer.text and 'value="7,5"' in answer.text
    assert outline.rows({"rows": "9999"}) == outline.MOST_ROWS
