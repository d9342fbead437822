"""Every key's line is found, however TOML lets it be written."""

from pathlib import Path

from madang.city.document import LARGEST, Document, parse
from madang.city.finding import Finding

TEXT = '''# a comment
name = { en = "A", ko = "B" }
list = [
    "one",
    "two",
]
"quoted key" = 1
a.b.c = 2
words = """
[not.a.header]
x = 1
"""

[world]
speed = 1

[ world.deep ]
"k" = 2

[[rows]]
x = 1

[[rows]]
x = 2
[rows.inner]
y = 3
'''


def document(folder: Path, text: str) -> Document:
    file = folder / "it.toml"
    file.write_text(text, encoding="utf-8")
    found = parse(file, name="it.toml")
    assert isinstance(found, Document)
    return found


def test_lines_of_keys_in_every_form(tmp_path: Path) -> None:
    found = document(tmp_path, TEXT)
    lines = {
        ("name",): 2,
        ("name", "ko"): 2,
        ("list",): 3,
        ("list", 1): 5,
        ("quoted key",): 7,
        ("a", "b", "c"): 8,
        ("words",): 9,
        ("world",): 14,
        ("world", "speed"): 15,
        ("world", "deep", "k"): 18,
        ("rows", 0, "x"): 21,
        ("rows", 1, "x"): 24,
        ("rows", 1, "inner", "y"): 26,
    }
    assert {path: found.line(path) for path in lines} == lines


def test_a_missing_key_is_placed_at_its_table(tmp_path: Path) -> None:
    found = document(tmp_path, TEXT)
    assert found.line(("world", "missing")) == 14
    assert found.line(("missing",)) == 1


def test_windows_line_ends_count_as_lines(tmp_path: Path) -> None:
    file = tmp_path / "it.toml"
    file.write_bytes(b"a = 1\r\n[b]\r\nc = 2\r\n")
    found = parse(file, name="it.toml")
    assert isinstance(found, Document)
    assert found.line(("b", "c")) == 3


def test_malformed_toml_names_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "it.toml"
    file.write_text("a = 1\nb = = 2\n")
    found = parse(file, name="it.toml")
    assert isinstance(found, Finding)
    assert (found.line, found.column) == (2, 5)
    assert str(found).startswith("it.toml:2:5: not TOML: Invalid value")


def test_an_unfinished_file_is_placed_at_its_end(tmp_path: Path) -> None:
    file = tmp_path / "it.toml"
    file.write_text("a = 1\nb = [1,\n")
    found = parse(file, name="it.toml")
    assert isinstance(found, Finding)
    assert found.line == 3


def test_bytes_that_are_not_utf8_are_placed(tmp_path: Path) -> None:
    file = tmp_path / "it.toml"
    file.write_bytes(b"a = 1\nb = '\xff'\n")
    found = parse(file, name="it.toml")
    assert isinstance(found, Finding)
    assert (found.line, found.message) == (2, "is not UTF-8 text")


def test_missing_large_and_unreadable_files_are_findings(tmp_path: Path) -> None:
    (tmp_path / "large.toml").write_bytes(b"#" * (LARGEST + 1))
    (tmp_path / "folder.toml").mkdir()
    for name, message in {"none": "missing", "large": "larger than 256 kB", "folder": "is a folder"}.items():
        found = parse(tmp_path / f"{name}.toml", name=name)
        assert isinstance(found, Finding)
        assert message in found.message
