"""Runs in processes of their own: one that fails says which job and why."""

from pathlib import Path

import pytest

from madang.evaluate.pool import RunError, run_all
from madang.evaluate.run import FIXED, Job


async def test_a_failing_run_says_which_and_why(tmp_path: Path) -> None:
    job = Job(city=str(tmp_path / "nowhere"), variant=FIXED, seed=7, hours=0.01)
    with pytest.raises(RunError) as caught:
        await run_all([job], at_once=1, heard=lambda *_: None)
    assert "seed 7" in caught.value.detail and "nowhere" in caught.value.detail
