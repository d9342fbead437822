"""The import contracts hold, and each of them catches what it is there for: a breach is planted in a copy and seen."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = {
    c["id"]: c for c in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package in `folder`/src."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "400"},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(
        ROOT / "src" / "madang", folder / "src" / "madang", ignore=shutil.ignore_patterns("dist", "__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", folder)
    result = lint(folder)
    assert result.returncode == 0, result.stdout
    return folder


def rooms(contract: str = "layers") -> list[list[str]]:
    """The lines of the house, top first, without the rooms that are not built yet."""
    lines = [line.split(" | ") for line in CONTRACTS[contract]["layers"]]
    return [[room for room in line if not room.startswith("(")] for line in lines]


def upward() -> Iterator[tuple[str, str, str]]:
    """For each two neighbouring lines: the lower one imports the higher one."""
    for higher, lower in pairwise(rooms()):
        yield ("layers", lower[0], f"import madang.{higher[0]}")


PLANTS = [
    *upward(),
    ("layers", "store", "from madang import bus"),
    ("layers", "services", "from madang import govern"),
    ("layers", "attic", "'''A room that the house does not know.'''"),
    ("services", "services/second", "from madang.services.signals import SERVICE"),
    ("adapters", "hub", "from madang import store"),
    ("adapters", "decide", "from madang import sim"),
    ("adapters", "evaluate", "from madang import sense"),
    ("adapters", "api", "from madang import act"),
    ("adapters", "web", "from madang import bus"),
    ("acyclic", "hub/one", "from madang.hub import two"),
    ("pure", "model", "import os"),
    ("pure", "services", "import apsw"),
    ("pure", "govern", "import litestar"),
    ("pure", "decide", "import sqlite3"),
    ("service", "services/signals", "from madang import clock"),
    ("service", "services/signals", "import random"),
    ("service", "services/signals", "import socket"),
]


def test_the_contracts_are_kept() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


def test_every_contract_has_a_plant() -> None:
    assert {contract for contract, _, _ in PLANTS} == set(CONTRACTS)


@pytest.mark.parametrize(("contract", "room", "line"), PLANTS)
def test_a_planted_breach_is_caught(copy: Path, contract: str, room: str, line: str) -> None:
    planted = plant(copy, room, line)
    try:
        result = lint(copy, "--contract", contract)
    finally:
        for file, text in planted.items():
            file.unlink() if text is None else file.write_text(text)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "0 kept, 1 broken" in result.stdout


def plant(copy: Path, room: str, line: str) -> dict[Path, str | None]:
    """Write `line` into the room, built if need be; returns what stood there before by file."""
    package = copy / "src" / "madang" / room
    module = package.with_suffix(".py")
    file = module if module.is_file() or room.endswith("/one") else package / "__init__.py"
    before: dict[Path, str | None] = {file: file.read_text() if file.is_file() else None}
    file.parent.mkdir(exist_ok=True)
    file.write_text((before[file] or "") + f"\n{line}\n")
    if room.endswith("/one"):
        other = file.with_name("two.py")
        before[other] = None
        other.write_text("from madang.hub import one\n")
    return before
