"""Tables come back as they were written, whichever reader takes them; what is no table is refused with its place."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from madang.app.table import read_rows, read_table, write
from madang.errors import InvalidRequest, ResourceNotFound
from madang.govern.anonymise.coded import Coded, coded

cell = st.text(alphabet='ab,";\r\n é\u00a0\ufeff길01', max_size=4)
plain = st.text(alphabet="ab; é길01#", max_size=4)


def as_python_writes(table: dict[str, list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(table)
    csv.writer(out).writerows(zip(*table.values(), strict=True))
    return out.getvalue()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cell, cell, cell), max_size=6) | st.lists(st.tuples(plain, plain, plain), max_size=6))
@example([("", "", ""), ("a", "", "a")])
def test_a_table_comes_back(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    table = {name: [row[place] for row in rows] for place, name in enumerate(("x", "y z", "길"))}
    file = tmp_path / "table.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        write({name: coded(cells) for name, cells in table.items()}, stream)
    assert file.read_bytes().decode() == as_python_writes(table)
    slowly = read_rows(io.StringIO(file.read_bytes().decode(), newline=""), "it")
    for found in (read_table(file), slowly):
        assert {name: list(cells) for name, cells in found.items()} == table


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", ""])
def test_lines_end_as_they_like(end: str, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes(b"\xef\xbb\xbf" + (end or "\n").join(["a,b", "1,", ",2"]).encode() + end.encode())
    assert {name: list(cells) for name, cells in read_table(file).items()} == {"a": ["1", ""], "b": ["", "2"]}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is empty"),
        (b"a,a\n1,2\n", "twice"),
        (b"a,b\n1,2\n3\n", "row 2 after the names: 1 cells, 2 columns"),
        (b"a,b\n" + b"1,2\n" * 6000 + b"1,2,3\n", "row 6,001 after the names: 3 cells"),
        (b'a,b\n1,"2\n', "unexpected end of data"),
        (b"a,b\n1,\xff\n", "not UTF-8 at byte"),
        (b"a\xff,b\n1,2\n", "not UTF-8 at byte"),
    ],
)
def test_what_is_no_table_is_refused(body: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes(body)
    with pytest.raises(InvalidRequest, match=said):
        read_table(file)
    with pytest.raises(ResourceNotFound):
        read_table(tmp_path)


def test_a_coded_column_reads_like_a_list() -> None:
    column = coded(["b", "a", "b"])
    assert (column[1], list(column[1:]), column.used(), len(column)) == ("a", ["a", "b"], [0, 1], 3)
    assert column == ["b", "a", "b"] and column != ["b"]
    assert Coded(column.codes[:1], column.texts).used() == [0]
