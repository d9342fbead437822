"""An analytic hierarchy process in a project file: by hand, in the report, and refused with its line."""

from pathlib import Path

import pytest
from tests.unit.appraise.case.test_case_answer import FERRY, ferry, read

from madang.app.case import case_of
from madang.appraise.case import told
from madang.appraise.case.report import report
from madang.errors import AppraisalInvalid

JUDGES = """
[ahp]
criteria = ["economy", "policy"]
economic = "economy"

[[ahp.judge]]
name = "A"
matrix = [[1, 3], [0.333, 1]]
build = { safety = 3, "the region" = 1 }

[[ahp.judge]]
name = "B"
matrix = [[1, 0.333], [3, 1]]
build = { safety = 3, "the region" = 9 }

[[ahp.group]]
of = "policy"
criteria = ["safety", "the region"]
matrix = [[1, 4], [0.25, 1]]
"""


def test_the_score_by_hand() -> None:
    found = ferry(FERRY + JUDGES)
    assert found.ahp is not None
    assert found.economic.bcr is not None
    # The judges differ the other way round: economy and policy are worth the same. Policy is 4/5 safety, 1/5 region;
    # B's 9 and A's 1 for the region make 3.
    prefers = min(found.economic.bcr, 9)
    by_hand = 0.5 * prefers / (1 + prefers) + 0.5 * (0.8 * 0.75 + 0.2 * 0.75)
    assert found.ahp.score == pytest.approx(by_hand)
    assert sum(row.weight for row in found.ahp.rows) == pytest.approx(1)
    assert found.ahp.passes is (by_hand >= 0.5)
    assert any("judges and the conversion of the BCR are marked 'assumption'" in one for one in found.draft)
    assert f"building scores {by_hand:.3f}, least 0.500: passes" in "\n".join(told.lines(found))
    page = report(read(FERRY + JUDGES), found)
    assert "Analytic hierarchy process" in page
    assert f"{by_hand:.3f}" in page


def test_the_files_table_converts_the_ratio() -> None:
    table = 'economic = "economy"\nconversion = [[0.0, 0.2], [100.0, 0.2]]'
    found = ferry(FERRY + JUDGES.replace('economic = "economy"', table))
    assert found.ahp is not None
    assert found.ahp.rows[0].prefers == pytest.approx(0.2)
    assert "a BCR of 0 is 0.2, 100 is 0.2" in found.ahp.conversion


def test_judgements_that_contradict_each_other_warn() -> None:
    torn = """
[ahp]
criteria = ["a", "b", "c"]
economic = "a"
[[ahp.judge]]
name = "A"
matrix = [[1, 5, 0.2], [0.2, 1, 5], [5, 0.2, 1]]
build = { b = 1, c = 1 }
"""
    found = ferry(FERRY + torn)
    assert any("contradict each other: consistency ratio" in warning for warning in found.warnings)
    assert found.ahp is not None
    assert not found.ahp.consistency[0].fits


@pytest.mark.parametrize(
    "old, new, line, said",
    [
        ('economic = "economy"', 'economic = "policy"', 'economic = "policy"', "no criterion without parts"),
        ("matrix = [[1, 3]", "matrix = [[1, 3, 5]", "matrix = [[1, 3, 5]", "2 by 2"),
        ("[0.333, 1]]", "[3, 1]]", "matrix = [[1, 3], [3, 1]]", "not 1/3"),
        ("{ safety = 3, ", "{ speed = 3, ", "build = { speed", "safety, the region"),
        ("safety = 3", "safety = 30", "build = { safety = 30", "'safety' is 30"),
        ('of = "policy"', 'of = "politics"', 'of = "politics"', "no criterion"),
    ],
)
def test_a_mistake_of_a_judge_has_its_line(tmp_path: Path, old: str, new: str, line: str, said: str) -> None:
    text = FERRY + JUDGES.replace(old, new, 1)
    file = tmp_path / "ferry.toml"
    file.write_text(text)
    with pytest.raises(AppraisalInvalid) as caught:
        case_of(file)
    place = next(n for n, one in enumerate(text.splitlines(), 1) if one.startswith(line))
    lines = [one for one in caught.value.detail.splitlines() if said in one]
    assert lines, caught.value.detail
    assert f":{place}: " in lines[0]
