"""Evidence files: written with a hash, refused when changed."""

from pathlib import Path

import pytest

from madang.account import evidence
from madang.errors import BadRequestData


def test_what_was_written_is_read(tmp_path: Path) -> None:
    file = evidence.write({"city": "x", "effect": {"delay_s": -3.5}}, tmp_path, name="x-signals")
    assert evidence.read(file)["effect"] == {"delay_s": -3.5}
    assert file.name.startswith("x-signals-")


def test_a_changed_figure_is_noticed(tmp_path: Path) -> None:
    file = evidence.write({"effect": -3.5}, tmp_path, name="x")
    file.write_text(file.read_text().replace("-3.5", "-9.5"))
    with pytest.raises(BadRequestData, match="changed after it was measured"):
        evidence.read(file)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "other/1"}'])
def test_what_is_no_evidence_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "e.json"
    file.write_text(text)
    with pytest.raises(BadRequestData, match=r"e\.json"):
        evidence.read(file)


def test_a_missing_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(BadRequestData, match=r"none\.json"):
        evidence.read(tmp_path / "none.json")
