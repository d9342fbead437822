"""Sliders: the same answers as a file that has the values written, and clear words for what cannot be set."""

from pathlib import Path

import pytest

from madang.app.case import answered, case_in, case_of
from madang.appraise.case.board import Board
from madang.errors import AppraisalInvalid

FILE = Path("cities/ingolstadt/projects/signals.toml")


@pytest.fixture(scope="module")
def board(root: Path) -> Board:
    return Board(case_of(root / FILE), draws=5_000)


def test_where_nothing_is_moved_the_report_is_answered(board: Board, root: Path) -> None:
    told = answered(root / FILE, draws=5_000, seed=1).answer
    moved = board.move({})
    assert told.uncertainty is not None
    assert (moved.enpv, moved.bcr, moved.eirr, moved.fnpv) == (
        told.economic.npv,
        told.economic.bcr,
        told.economic.irr,
        told.financial.npv,
    )
    assert moved.expected == pytest.approx(told.uncertainty.expected, rel=1e-12)
    assert moved.curve == pytest.approx(told.uncertainty.enpv_curve, rel=1e-12)
    assert (moved.p_loss, moved.p_hurdle) == (told.uncertainty.p_loss, told.uncertainty.p_hurdle)


def test_a_moved_input_is_as_if_it_were_written_in_the_file(board: Board, root: Path) -> None:
    text = (root / FILE).read_text("utf-8")
    written = text.replace("value = 900\n", "value = 1400\n").replace("value = 9\n", "value = 7.5\n")
    written = written.replace('preset = "eu"', 'preset = "eu"\neconomic_rate = 0.06\nhurdle = 0.03')
    assert written.count("1400") == 1
    other = Board(case_in(written, (root / FILE).parent), draws=5_000).move({})
    moved = board.move({"hours like this one": 1400, "hour of other trips": 7.5}, 0.06)
    assert moved.enpv == pytest.approx(other.enpv, rel=1e-12)
    assert moved.curve == pytest.approx(other.curve, rel=1e-12)
    assert moved.p_loss == other.p_loss
    assert moved.incidence == pytest.approx(other.incidence, rel=1e-9)


def test_incidence_sums_to_the_value_wherever_the_sliders_are(board: Board) -> None:
    for slider in board.sliders:
        moved = board.move({slider.name: slider.high}, 0.08)
        assert sum(moved.incidence.values()) == pytest.approx(moved.enpv, rel=1e-9)


def test_sliders_are_what_matters_the_most_first_with_the_value_inside(board: Board) -> None:
    weights = [abs(slider.indicator or 0) for slider in board.sliders]
    assert weights == sorted(weights, reverse=True)
    assert min(weights) >= 0.05
    assert all(slider.low < slider.value < slider.high for slider in board.sliders)


@pytest.mark.parametrize(
    ("values", "rate", "said"),
    [
        ({"rain": 1.0}, None, "'rain' is no input of this project"),
        ({"hours like this one": float("nan")}, None, "cannot be set"),
        ({"hours like this one": 1e12}, None, "cannot be set"),
        ({}, -0.5, "rate: -0.5"),
        ({}, float("nan"), "rate: nan"),
    ],
)
def test_what_cannot_be_set_is_told(board: Board, values: dict[str, float], rate: float | None, said: str) -> None:
    with pytest.raises(AppraisalInvalid, match=said):
        board.move(values, rate)


def test_evidence_outside_of_the_folder_is_not_read(root: Path) -> None:
    text = (root / FILE).read_text("utf-8").replace('file = "evidence/', 'file = "../../../evidence/')
    with pytest.raises(AppraisalInvalid, match="lies outside of the project's folder"):
        case_in(text, (root / FILE).parent)
