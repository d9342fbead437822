"""Rooms stay small and say what they are for (architecture, 6)."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "madang").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

LONGEST_FILE, LONG_FILE = 400, 300
LONGEST_FUNCTION = 50
EMPTY_NAMES = re.compile(r"(^|_)(utils?|commons?|helpers?|managers?|misc)(_|$)", re.IGNORECASE)
EMPTY_CLASSES = re.compile(r"^_?Base[A-Z]|(Manager|Helper|Utils?)$")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def long(count: int, path: Path) -> str:
    return f"{named(path)}: {count} lines"


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=named)
def test_no_file_is_too_long(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{long(lines, path)}: split it by noun"


def test_few_files_are_long() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    over = [long(count, path) for path, count in lengths.items() if count > LONG_FILE]
    assert len(over) <= len(SOURCES) // 10, "more than a tenth of the files are over 300 lines:\n" + "\n".join(over)


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_functions_are_short(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {f"{f.name} (line {f.lineno})": (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions}
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION}


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert not tree.body or ast.get_docstring(tree), "no docstring"


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_names_mean_something(path: Path) -> None:
    assert not EMPTY_NAMES.search(path.stem)
    classes = [n.name for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.ClassDef)]
    assert not [name for name in classes if EMPTY_CLASSES.search(name)]
