"""What stands in git is ours and stands anywhere: no machine's path, no registry's address, no page from elsewhere."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/|(?<![\w])C:\\\\Users")
REGISTRIES = re.compile(
    r"(?:https?|git\+ssh)://[^\s\"')]*(?:registry\.|/simple\b|pypi|npmjs|artifactory|nexus|jfrog|proxy\.golang)"
)
ADDRESS = re.compile(
    r"""(?:src|href|action|poster|srcset)\s*=\s*["']?\s*(?:https?:)?//[^\s"'>]+|url\(\s*["']?(?:https?:)?//"""
)
LOCK = "https://pypi.org/simple"
"""The one registry that is named, in uv.lock: the public index that everybody's uv knows."""


def tracked(pattern: str = "") -> list[Path]:
    """The files that git has or would take, as text files only."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *([pattern] if pattern else [])]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for file in tracked():
        data = file.read_bytes()
        if b"\0" not in data[:4096]:
            found.append((str(file.relative_to(ROOT)), data.decode("utf-8", "replace")))
    return found


def test_no_file_names_a_machine_or_a_registry() -> None:
    here = Path(__file__).name
    found: list[str] = []
    for name, text in texts():
        if name.endswith(here):
            continue
        text = (
            re.sub(r"https://pypi\.org/simple|https://files\.pythonhosted\.org\S*", "", text)
            if name == "uv.lock"
            else text
        )
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE_PATHS.search(line) or REGISTRIES.search(line):
                found.append(f"{name}:{number}: {line.strip()[:120]}")
    assert not found, "\n".join(found)


def test_the_lock_file_names_the_public_index_alone() -> None:
    lock = (ROOT / "uv.lock").read_text()
    assert set(re.findall(r'registry = "([^"]+)"', lock)) == {LOCK}


def built() -> list[Path]:
    folders = [
        ROOT / "src" / "madang" / "web" / "templates",
        ROOT / "src" / "madang" / "web" / "dist",
        ROOT / "frontend",
    ]
    files = [
        file for folder in folders for file in folder.rglob("*") if file.suffix in {".html", ".css", ".svg", ".jinja"}
    ]
    return [file for file in files if "node_modules" not in file.parts]


def test_no_page_loads_anything_from_elsewhere() -> None:
    """Scripts, styles, pictures, fonts and links of templates and of the built interface stay on this host.

    What a script could fetch while it runs is watched in a real browser (journeys/test_page.py).
    """
    found = [f"{file.relative_to(ROOT)}: {hit}" for file in built() for hit in ADDRESS.findall(file.read_text("utf-8"))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    ["see /work/main/x", "/root/.cache", "/home/jo/x", "https://registry.npmjs.org/x", "https://pypi.example/simple"],
)
def test_the_patterns_catch_what_they_are_for(line: str) -> None:
    assert MACHINE_PATHS.search(line) or REGISTRIES.search(line)
