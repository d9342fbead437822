"""Format, lint and types hold; and the rules that the house adds to ruff catch what they are for."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUFF = Path(sys.executable).with_name("ruff")


def run(*command: str | Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, input=given)


def test_format() -> None:
    result = run(RUFF, "format", "--check", ".")
    assert result.returncode == 0, result.stdout


def test_lint() -> None:
    result = run(RUFF, "check", ".")
    assert result.returncode == 0, result.stdout


def test_types() -> None:
    result = run(sys.executable, "-m", "pyright", "--warnings")
    assert result.returncode == 0, result.stdout[-4000:]


BANNED = [
    ("import os\n\nX = os.environ['X']\n", "TID251"),
    ("import os\n\nX = os.getenv('X')\n", "TID251"),
    ("from datetime import UTC, datetime\n\nX = datetime.now(UTC)\n", "TID251"),
    ("from datetime import date\n\nX = date.today()\n", "TID251"),
    ("import time\n\nX = time.time()\n", "TID251"),
    ("import time\n\nX = time.monotonic()\n", "TID251"),
    ("try:\n    X = 1\nexcept Exception:\n    X = 2\n", "BLE001"),
]


@pytest.mark.parametrize(("code", "rule"), BANNED)
@pytest.mark.parametrize("room", ["hub/entities.py", "services/signals/decide.py"])
def test_the_rules_of_the_house_are_enforced(code: str, rule: str, room: str) -> None:
    result = run(RUFF, "check", "--stdin-filename", f"src/madang/{room}", "-", given=f'"""Doc."""\n\n{code}')
    assert result.returncode == 1
    assert rule in result.stdout


@pytest.mark.parametrize(("room", "code"), [("settings.py", BANNED[0][0]), ("clock.py", BANNED[2][0])])
def test_the_one_place_is_allowed(room: str, code: str) -> None:
    result = run(RUFF, "check", "--select", "TID251", "--stdin-filename", f"src/madang/{room}", "-", given=code)
    assert result.returncode == 0, result.stdout
