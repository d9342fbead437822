"""The command from file to file: what it writes, what it refuses, and that nothing unproved is left behind."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from madang.app import anonymisation as files
from madang.cli import main
from madang.govern.anonymise import Release, Table, Wish, release

ROWS = [[str(20 + n % 30), ("서울", "부산", 'a "b"\nc')[n % 3], ("flu", "none")[n % 2], f"n{n}"] for n in range(300)]


@pytest.fixture
def people(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([["age", "도시", "ill", "name"], *ROWS])
    return file


def run(*args: object) -> Result:
    return CliRunner().invoke(main, ["anonymise", *map(str, args)])


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_file_with_quoted_newlines_and_hangul_comes_out_whole(people: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    result = run(people, "--quasi", "age,도시", "--sensitive", "ill", "--k", 5, "--l", 2, "--out", out)
    assert result.exit_code == 0, result.output
    names, *rows = read(out.read_text("utf-8"))
    assert names == ["age", "도시", "ill"]
    assert len(rows) == 300
    assert any("\nc" in row[1] for row in rows)
    assert "proved on the output: k = " in result.stderr


def test_the_table_goes_to_standard_output_and_the_report_beside_it(people: Path) -> None:
    result = run(people, "--quasi", "age", "--keep", "도시")
    assert len(read(result.stdout)) == 301
    assert "rows in" in result.stderr


def test_the_report_as_json_says_what_the_output_keeps(people: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    args = ("--quasi", "age,도시", "--sensitive", "ill", "--l", 2, "--t", 0.3, "--out", out, "--json")
    body = json.loads(run(people, *args).stdout)
    assert body["kept"]["k"] >= 5
    assert body["kept"]["sensitive"]["ill"]["distinct"] == 2
    assert body["kept"]["sensitive"]["ill"]["distance"] <= 0.3
    assert body["risk"]["attack"]["fewest"] >= 5
    assert body["rows"] == len(read(out.read_text("utf-8"))) - 1


@pytest.mark.parametrize("comma", [";", ","])
def test_hierarchies_are_read_as_arx_writes_them(people: Path, tmp_path: Path, comma: str) -> None:
    trees = tmp_path / "trees"
    trees.mkdir()
    lines = [comma.join((str(age), f"{age // 10}0s", "*")) for age in range(20, 50)]
    (trees / "age.csv").write_text("\n".join(lines), "utf-8")
    result = run(people, "--quasi", "age,도시", "--hierarchies", trees, "--k", 20)
    labels = {row[0] for row in read(result.stdout)[1:]}
    assert labels <= {*map(str, range(20, 50)), "20s", "30s", "40s", "*"}
    assert labels & {"20s", "30s", "40s"}


@pytest.mark.parametrize(
    ("text", "args", "message"),
    [
        ("", "--quasi age", "is empty"),
        ("age,age\n1,2\n", "--quasi age", "names a column twice"),
        ("age,ill\n1,2\n3\n", "--quasi age", "row 2 after the names: 1 cells, 2 columns"),
        ('age\n1\n"2\n', "--quasi age", "line"),
        ("age\n1\n", "--quasi age", "1 rows cannot be 5-anonymous"),
        ("age\n", "--quasi age", "a line of names and no row"),
        ("age\n1\n", "--quasi ages", "there is no column 'ages'; there are 'age'"),
        ("age\n1\n", "--quasi age --hierarchies nowhere", "no folder nowhere"),
    ],
)
def test_what_cannot_be_read_is_one_line_that_says_where(tmp_path: Path, text: str, args: str, message: str) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(text, "utf-8")
    result = run(file, *args.split(), "--out", out)
    assert result.exit_code != 0
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert sorted(tmp_path.iterdir()) == [file]


def test_what_is_no_text_or_not_there_is_said(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(b"age\n\xff\xfe\n")
    assert "is not UTF-8" in run(file, "--quasi", "age").stderr
    assert "no file" in run(tmp_path / "none.csv", "--quasi", "age").stderr


def test_a_folder_that_is_not_there_is_said(people: Path, tmp_path: Path) -> None:
    assert "cannot write" in run(people, "--quasi", "age", "--out", tmp_path / "no" / "out.csv").stderr


def test_a_fault_of_the_partition_is_stopped_by_the_gate(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(table: Table, wish: Wish) -> Release:
        made = release(table, wish)
        return made._replace(table={name: [*cells, "odd one out"] for name, cells in made.table.items()})

    monkeypatch.setattr(files, "release", faulty)
    out = tmp_path / "out.csv"
    out.write_text("what was there", "utf-8")
    for target in (("--out", out), ()):
        result = run(people, "--quasi", "age", "--sensitive", "ill", *target)
        assert result.exit_code != 0
        assert "not released: a class has 1 rows, k is 5" in result.stderr
        assert result.stdout == ""
    assert out.read_text("utf-8") == "what was there"
    assert sorted(tmp_path.iterdir()) == [out, people]


@pytest.mark.parametrize("mark", ["\t", ";"])
def test_cells_may_be_parted_by_tabs_or_semicolons(tmp_path: Path, mark: str) -> None:
    file = tmp_path / "people.txt"
    file.write_text(
        "".join(mark.join(("age", "place") if n < 0 else (str(n % 3), "x, y")) + "\n" for n in range(-1, 30))
    )
    result = run(file, "--quasi", "age", "--keep", "place")
    assert result.exit_code == 0, result.output
    assert read(result.stdout)[1][1] == "x, y"


@pytest.mark.parametrize(
    ("body", "out", "words"),
    [
        (b"age,city\n", "", "no row"),
        (b"\x1f\x8b\x08", "", "gunzip"),
        ("age,city\n1,2\n".encode("utf-16"), "", "UTF-16: save it as UTF-8"),
        (b"PK\x03\x04", "", "save the table as CSV"),
        (b"age,city\n1,2\n1,2\n", "people.csv", "is the file of persons itself"),
        (b"age,city\n1,2\n1,2\n", ".", "is a folder"),
    ],
)
def test_what_cannot_be_is_said_and_the_file_stays(tmp_path: Path, body: bytes, out: str, words: str) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(body)
    result = run(file, "--quasi", "age", "--k", 2, *(("--out", tmp_path / out) if out else ()))
    assert result.exit_code == 2 and words in result.stderr
    assert file.read_bytes() == body and [*tmp_path.iterdir()] == [file]
