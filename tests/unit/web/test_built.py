"""The built interface: what a page loads by the manifest, and no file outside of it."""

from pathlib import Path

import msgspec
import pytest

from madang.web import built


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / ".vite").mkdir()
    (tmp_path / "assets" / "docs").mkdir(parents=True)
    manifest = {
        "src/main.tsx": {"file": "assets/main-1.js", "css": ["assets/main-2.css"]},
        "src/page.css": {"file": "assets/page-3.css"},
        "src/icon.svg": {"file": "assets/icon-4.svg"},
        "src/fonts/ko.css": {"file": "assets/ko-5.css"},
    }
    (tmp_path / ".vite" / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    (tmp_path / "assets" / "main-1.js").write_text("1")
    (tmp_path / "secret").write_text("no")
    return tmp_path


def test_a_page_loads_what_the_manifest_names(dist: Path) -> None:
    found = built.read(dist)
    assert found.script == "/assets/main-1.js"
    assert found.styles == ("/assets/page-3.css", "/assets/main-2.css")
    assert found.icon == "/assets/icon-4.svg"
    assert found.fonts == {"ko": "/assets/ko-5.css"}


def test_without_a_build_there_is_nothing_to_load(tmp_path: Path) -> None:
    found = built.read(tmp_path)
    assert found.script is None and found.icon is None and found.styles == ()
    assert not any(found.others.values()) and not found.fonts


def test_only_files_of_the_folder_are_given(dist: Path) -> None:
    assert built.asset("main-1.js", dist) == (dist / "assets/main-1.js").resolve()
    for path in ("../secret", "/../secret", "docs", "missing.js", "a\0b", "x" * 5000, "/etc/passwd", ""):
        assert built.asset(path, dist) is None, path


def test_a_link_that_leads_out_is_not_followed(dist: Path) -> None:
    (dist / "assets" / "link.js").symlink_to(dist / "secret")
    assert built.asset("link.js", dist) is None
