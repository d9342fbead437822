"""XML is read as a stream; what could harm the reader is refused."""

import gzip
import tracemalloc
from collections.abc import Mapping
from pathlib import Path

import pytest

from madang.errors import BadRequestData, MadangError, ResourceNotFound
from madang.sim.streets.build import elements


def names(file: Path) -> list[str]:
    found: list[str] = []

    def started(name: str, _: Mapping[str, str]) -> None:
        found.append(name)

    elements.read(file, started, lambda name: found.append(f"/{name}"))
    return found


@pytest.mark.parametrize("packed", [False, True])
def test_tags_come_in_order_packed_or_not(tmp_path: Path, packed: bool) -> None:
    text = b"<routes><vehicle id='a'><route edges='e'/></vehicle></routes>"
    (tmp_path / "x").write_bytes(gzip.compress(text) if packed else text)
    assert names(tmp_path / "x") == ["routes", "vehicle", "route", "/route", "/vehicle", "/routes"]


BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><r x="&b;"/>'
OUTSIDE = '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]><r>&a;</r>'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BOMB, "declares XML entities"),
        (OUTSIDE, "declares XML entities"),
        ("<routes><vehicle>", "no well-formed XML"),
        ("", "no well-formed XML"),
        ("just words", "no well-formed XML"),
    ],
)
def test_what_is_no_plain_xml_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "x.xml").write_text(text)
    with pytest.raises(BadRequestData, match=f"x.xml.*{says}"):
        names(tmp_path / "x.xml")


def test_a_cut_off_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"<r>" + b"<a/>" * 10_000 + b"</r>")[:-20])
    with pytest.raises(BadRequestData, match="to its end"):
        names(tmp_path / "x.gz")


def test_one_tag_may_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "LONGEST", 1 << 20)
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"<r a='" + b"a" * (1 << 22)))
    with pytest.raises(BadRequestData, match="a tag of more than 1 MB"):
        names(tmp_path / "x.gz")


def test_a_large_file_is_not_loaded_whole(tmp_path: Path) -> None:
    file, count = tmp_path / "x.xml.gz", 0
    with gzip.open(file, "wb") as out:
        out.write(b"<routes>")
        for number in range(200_000):
            out.write(b"<vehicle id='%d' depart='%d'><route edges='a b c d e f g h'/></vehicle>\n" % (number, number))
        out.write(b"</routes>")

    def started(_: str, __: Mapping[str, str]) -> None:
        nonlocal count
        count += 1

    tracemalloc.start()
    elements.read(file, started)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 400_001
    assert peak < 4_000_000


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResourceNotFound, match=r"absent\.xml"):
        names(tmp_path / "absent.xml")
    with pytest.raises(MadangError):
        names(tmp_path)
