"""A page's data is at the page's own address with ``.json``, wherever the API has it."""

from typing import Any

import pytest

from madang.api.twins import ELSEWHERE, Twins

BROWSER = [(b"accept", b"text/html,*/*;q=0.8")]


def chosen(path: str, headers: list[tuple[bytes, bytes]], method: str = "GET") -> str:
    twins = Twins(["/pages/committees/{id:str}", "/open-data"])
    scope: Any = {"method": method, "path": path, "headers": headers}
    return twins.choose(scope)["path"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("/committees/board", "/pages/committees/board"),
        ("/committees/board.json", "/committees/board"),
        ("/open-data", "/open-data"),
        ("/open-data.json", "/catalog.jsonld"),
        ("/worth/signals.json", "/projects/signals"),
        ("/worth/signals/result.json", "/worth/signals/result.json"),
        ("/why/signals-1.json", "/decisions/signals-1"),
        ("/report/4f1f.json", "/reports/4f1f"),
        ("/report/4f1f.secret.json", "/reports/links/4f1f.secret"),
        ("/desk/reports/4f1f.json", "/reports/4f1f/case"),
        ("/worth/.json", "/worth/.json"),
    ],
)
def test_who_asks_for_a_page_or_its_data(asked: str, found: str) -> None:
    assert chosen(asked, BROWSER) == found


def test_nothing_is_written_at_the_address_of_data() -> None:
    assert chosen("/report/4f1f.json", BROWSER, "POST") == "/report/4f1f.json"


def test_each_page_has_one_place_of_data() -> None:
    pages = [page for page, _ in ELSEWHERE]
    assert len(set(pages)) == len(pages)
    assert all(page.count("{}") == data.count("{}") for page, data in ELSEWHERE)
