"""The figures that docs/appraisal-traced.md follows by hand are those of the example."""

from pathlib import Path

import pytest

from madang.app.case import case_of
from madang.appraise.case.answer import answer

ROOT = Path(__file__).parents[4]


def test_the_traced_figures_are_the_reports() -> None:
    page = (ROOT / "docs" / "appraisal-traced.md").read_text("utf-8")
    case = case_of(ROOT / "cities" / "ingolstadt" / "projects" / "signals.toml")
    worth = {one.name: one for one in answer(case).conversion}
    amount = {stream.name: stream.amount for stream in case.project.streams}
    figures = (
        (
            "time, other trips",
            amount["time, other trips"],
            85.820 * 4280 / 3600 * 0.5 * 900 * 1.3 * 0.85 * 9,
            "456,610",
        ),
        (
            "controllers and works",
            -worth["controllers and works"].economic,
            (1e6 + 5e5 / 1.03 - 5e5 / 15 / 1.03**15) / 1.19,
            "1,230,287",
        ),
        ("CO2", worth["CO2"].economic, 15_428 * sum((1.02 / 1.03) ** t for t in range(2, 16)), "198,957"),
    )
    for name, value, by_hand, written in figures:
        assert value == pytest.approx(by_hand, rel=2e-5), name
        assert f"{value:,.0f}" == written
        assert written in page
