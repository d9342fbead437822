"""The documents are true: links lead somewhere, commands run, the settings they list are the ones there are.

A mark before a shell block says what happens to it here: ``<!-- run -->`` executes it, ``<!-- file: NAME -->`` writes
it, ``<!-- shown -->`` only shows it, ``<!-- run: city -->`` starts it and waits until the city answers.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
import pytest

from madang.services.signals import SERVICE
from madang.settings import Settings

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_BLOCK = re.compile(
    r"(?:<!-- (?P<mark>[^>]+?) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


class Block(NamedTuple):
    """A fenced block: the document, its line, its mark (empty without one), its language and its text."""

    document: Path
    line: int
    mark: str
    language: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}"


def blocks(document: Path) -> list[Block]:
    """The document's fenced blocks in order."""
    text = document.read_text("utf-8")
    return [
        Block(document, text.count("\n", 0, m.start()) + 1, m["mark"] or "", m["language"], m["text"])
        for m in _BLOCK.finditer(text)
    ]


HOWTO = sorted((ROOT / "docs" / "how-to").glob("*.md"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Path]:
    """A folder to follow a document in: the built-in cities, and the environment as .venv."""
    shutil.copytree(ROOT / "cities", tmp_path / "cities")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    yield tmp_path


@pytest.fixture
def city(tmp_path: Path, require_services: bool) -> Iterator[dict[str, str]]:
    """The README's first command, running; gives the environment in which it runs.

    Only where ``make`` has nothing left to make: a test must not install packages under the feet of others.
    """
    made = subprocess.run(["make", "-q", "environment", "interface"], cwd=ROOT, env=plain(), capture_output=True)
    if made.returncode and not require_services:
        pytest.skip("the environment was not made by make: run `make test`")
    (command,) = [block.text for block in blocks(ROOT / "README.md") if block.mark == "run: city"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"MADANG_PORT": str(port), "MADANG_DATA": str(tmp_path / "data")}
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["bash", "-c", command], cwd=ROOT, env={**plain(), **given}, stdout=out, stderr=out, start_new_session=True
        )
        try:
            wait(process, f"http://127.0.0.1:{port}/decisions?limit=1", log)
            yield given
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            process.wait(30)


def plain() -> dict[str, str]:
    """The environment without what a surrounding make passes on, its variables included."""
    return {
        name: value for name, value in os.environ.items() if name not in ("ARGS", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }


def wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Until a first decision was made."""
    for _ in range(240):
        with contextlib.suppress(httpx.HTTPError):
            answer = httpx.get(address, timeout=5)
            if answer.status_code == 200 and answer.json()["decisions"]:
                return
        assert process.poll() is None, log.read_text()[-4000:]
        time.sleep(0.5)
    raise AssertionError("no decision within two minutes:\n" + log.read_text()[-4000:])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_links_lead_to_files_that_are_there(document: Path) -> None:
    targets = [t.partition("#")[0] for t in LINK.findall(document.read_text("utf-8")) if "://" not in t]
    missing = [t for t in targets if t and not (document.parent / t).exists()]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_every_command_is_marked(document: Path) -> None:
    """A shell block without a mark would be executed by nobody and believed by everybody."""
    unmarked = [b.name for b in blocks(document) if b.language == "sh" and not b.mark]
    assert not unmarked


def test_readme_commands_run(desk: Path) -> None:
    assert sum(follow(block, desk) for block in blocks(ROOT / "README.md")) > 0


def test_readme_starts_a_city_and_asks_it(city: dict[str, str]) -> None:
    pages = [ROOT / "README.md", *HOWTO]
    asked = [block for page in pages for block in blocks(page) if block.mark == "run: while the city runs"]
    for block in asked:
        text = block.text.replace("127.0.0.1:8080", f"127.0.0.1:{city['MADANG_PORT']}").replace(
            "curl ", "curl --fail-with-body "
        )
        result = shell(text, ROOT, city)
        assert result.returncode == 0, f"{block.name}\n{result.stdout[-2000:]}\n{result.stderr[-2000:]}"
    assert len(asked) == 3


@pytest.mark.parametrize("document", HOWTO, ids=lambda d: d.stem)
def test_a_how_to_can_be_followed(document: Path, desk: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    found = blocks(document)
    if any(b.mark.endswith("environment of its own") for b in found):
        (desk / ".venv").unlink()
        environment(desk / ".venv")
        subprocess.run([sys.executable, "-m", "madang", "init", "cities/mycity"], cwd=desk, check=True)
    assert sum(follow(block, desk) for block in found) > 0


def follow(block: Block, desk: Path) -> bool:
    """Do what the mark says; whether anything was run."""
    if block.mark.startswith("file: "):
        file = desk / block.mark.removeprefix("file: ")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
    if block.mark not in ("run", "run: in an environment of its own"):
        return False
    # The environment of its own sees Madang without owning it, so the resolver must not look for it.
    text = block.text.replace("uv pip install", "uv pip install --no-deps --quiet")
    result = shell(text, desk)
    assert result.returncode == 0, f"{block.name}\n{result.stdout[-2000:]}\n{result.stderr[-2000:]}"
    return True


def shell(text: str, folder: Path, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-eu", "-c", text],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=240,
    )


def environment(folder: Path) -> None:
    """A virtual environment that sees everything this one has, for what a document installs."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    here = Path(shutil.__file__).parent  # the standard library's, to tell the two apart below
    packages = next(Path(p) for p in sys.path if p.endswith("site-packages") and not Path(p).is_relative_to(here))
    there = next((folder / "lib").glob("python*/site-packages"))
    (there / "parent.pth").write_text(f"import site; site.addsitedir({str(packages)!r})\n")
    for name in ("uv", "madang"):
        tool = Path(sys.executable).with_name(name)
        if tool.is_file():
            script = (
                f'#!/bin/sh\nexec "{tool}" "$@"\n'
                if name == "uv"
                else f'#!/bin/sh\nexec "{folder}/bin/python" -m madang "$@"\n'
            )
            (folder / "bin" / name).write_text(script)
            (folder / "bin" / name).chmod(0o755)


def test_the_signals_page_lists_every_setting_with_its_default() -> None:
    rows = dict(
        re.findall(
            r"^\| `(\w+)` \| ([\d.]+|[a-z]+) \|", (ROOT / "docs" / "signals.md").read_text("utf-8"), re.MULTILINE
        )
    )
    words = {name: f'"{value}"' for name, value in rows.items() if value.isalpha() and value not in ("true", "false")}
    assert {name: json.loads(value) for name, value in {**rows, **words}.items()} == dict(SERVICE.settings)


def test_the_architecture_page_lists_every_room() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    parts = [p for p in (ROOT / "src" / "madang").iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file()]
    names = {p.stem for p in parts} - {"__init__", "__main__"}
    assert not [name for name in sorted(names) if not re.search(rf"`{name}/?`", page)]


def test_every_setting_has_its_row() -> None:
    """The settings table of the how-to is the settings there are, with their defaults."""
    rows = re.findall(
        r"^\| `(MADANG_\w+)` \| (.+?) \|", (ROOT / "docs/how-to/running-the-hub.md").read_text(), re.MULTILINE
    )
    written = {name: value.strip("`") for name, value in rows}
    defaults = {f"MADANG_{field.name.upper()}": field.default for field in msgspec.structs.fields(Settings)}
    assert written == {
        name: "–" if value == "" else str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in defaults.items()
    }
