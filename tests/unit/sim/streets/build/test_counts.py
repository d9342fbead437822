"""Counts are a table that people write: its mistakes are named by line, all at once."""

from pathlib import Path

import pytest

from madang.errors import BadRequestData, MadangError
from madang.sim.streets.build import counts


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "counts.csv"
    file.write_text(text, encoding=encoding)
    return file


def test_places_and_edges_and_both_ways_to_write_a_time(tmp_path: Path) -> None:
    rows = ["11.5,48.1,90,,07:00,08:00:00,120", ",,,e1,25200,28800,5.5", "11,48,,,7:00,8:00,0"]
    file = write(tmp_path, "\n".join(["lon,lat,bearing,edge,from,to,count", *rows]))
    first, second, third = counts.read(file)
    assert (first.place, first.bearing) == ((11.5, 48.1), 90)
    assert (first.begin_s, first.end_s, first.count) == (25200, 28800, 120)
    assert (second.edge, second.place, second.count, second.line) == ("e1", None, 5.5, 3)
    assert third.bearing is None


def test_columns_in_any_order_and_spreadsheets_separators(tmp_path: Path) -> None:
    found = counts.read(write(tmp_path, "Count;End;Begin;Edge\n7;3600;0;e\n", "utf-8-sig"))
    assert (found[0].count, found[0].begin_s, found[0].end_s, found[0].edge) == (7, 0, 3600, "e")


def test_a_spreadsheet_of_half_of_the_world_has_decimal_commas_and_empty_rows(tmp_path: Path) -> None:
    text = "lon;lat;bearing;from;to;count;note\n100,5;13,75;90,5;07:00;07:15;12,5;a, b\n;;;;;;\n"
    (found,) = counts.read(write(tmp_path, text))
    assert (found.place, found.bearing, found.count) == ((100.5, 13.75), 90.5, 12.5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("place,count\nx,1", "lacks the columns from, to, lon, lat; it has place, count"),
        ("edge,from,to,count\n", "a header and no counts"),
        ("edge,from,begin,to,count\ne,0,0,9,1", "more than one column from"),
        ("", "lacks the columns"),
    ],
)
def test_a_table_that_is_none_of_counts_says_what_it_needs(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadRequestData, match=says):
        counts.read(write(tmp_path, text))


def test_every_wrong_line_is_named(tmp_path: Path) -> None:
    wrong = ["11,48,0,3600,many", "11,48,3600,0,5", "11,480,0,3600,5", "11,48,0,3600,-5", "11,48,25:99,26:00,5"]
    wrong += ["11,48,0,3600,30001", "11,48"]
    lines = [*wrong, "11,48,0,3600,5"]
    with pytest.raises(BadRequestData) as refused:
        counts.read(write(tmp_path, "\n".join(["lon,lat,from,to,count", *lines])))
    said = refused.value.detail
    assert said.startswith("7 of the counts are wrong")
    expected = ["'many' is no number", "not after", "nowhere", "below 0", "no time", "no street carries", "is missing"]
    for line, what in enumerate(expected, start=2):
        assert any(part.startswith(f"counts.csv:{line}: ") and what in part for part in said.splitlines()), line


@pytest.mark.parametrize(
    "rows", ["e,0,3600,5\nf,0,900,5", "e,0,3600,5\nf,1800,5400,5"], ids=["two lengths", "overlapping"]
)
def test_intervals_that_do_not_fit_together_are_refused(tmp_path: Path, rows: str) -> None:
    with pytest.raises(BadRequestData, match="do not fit together"):
        counts.read(write(tmp_path, f"edge,from,to,count\n{rows}"))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(MadangError, match="CSV UTF-8"):
        counts.read(tmp_path / "counts.csv")
    with pytest.raises(MadangError, match=r"no file .*absent\.csv"):
        counts.read(tmp_path / "absent.csv")
