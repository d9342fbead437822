"""The visitor's language: what the address asks for, else what the browser prefers, else English."""

import pytest

from madang.web.language import choose


@pytest.mark.parametrize(
    ("asked", "accept", "chosen"),
    [
        (None, "", "en"),
        (None, "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        (None, "fr;q=1.0, de-AT;q=0.7, en;q=0.5", "de"),
        (None, "en;q=0.2, de;q=0.9", "de"),
        (None, "de;q=0, en;q=0.1", "en"),
        (None, "de;q=nonsense, ko", "ko"),
        (None, "*", "en"),
        ("de", "ko", "de"),
        ("DE-de", "ko", "de"),
        ("xx", "ko", "ko"),
        ("", "", "en"),
        ("in", "", "id"),
        (None, "th-TH, vi;q=0.9", "th"),
    ],
)
def test_choose(asked: str | None, accept: str, chosen: str) -> None:
    assert choose(asked, accept) == chosen
