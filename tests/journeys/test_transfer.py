"""A city's data out of its store and into another: exported, imported, backed up, beside a hub that writes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MADANG = str(Path(sys.executable).with_name("madang"))
STATION = "urn:ngsi-ld:Station:{n}"


def madang(*words: str | Path, given: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([MADANG, *map(str, words)], input=given, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture
def city(tmp_path: Path) -> Path:
    madang("init", tmp_path / "town")
    return tmp_path / "town"


def stations(count: int) -> str:
    lines = [
        {
            "id": STATION.format(n=n),
            "type": "Station",
            "no2": {
                "type": "Property",
                "value": n / 8,
                "unitCode": "GQ",
                "observedAt": f"2026-03-01T07:{n % 60:02}:00Z",
            },
            "name": {"type": "LanguageProperty", "languageMap": {"en": f"Station {n}", "ko": f"{n}번"}},
            "near": {"type": "Relationship", "object": STATION.format(n=n + 1)},
        }
        for n in range(count)
    ]
    return "\n".join(map(json.dumps, lines))


def lines(text: str, *without: str) -> list[object]:
    def clean(item: object) -> object:
        if isinstance(item, dict):
            return {name: clean(value) for name, value in item.items() if name not in without}
        return [clean(one) for one in item] if isinstance(item, list) else item

    return [clean(json.loads(line)) for line in text.splitlines()]


STAMPS = ("createdAt", "modifiedAt", "instanceId")


def test_what_is_exported_is_imported_elsewhere(city: Path, tmp_path: Path) -> None:
    there, here = ("--data", tmp_path / "there"), ("--data", tmp_path / "here")
    assert "1,234 entities read, 0 lines left out" in madang("import", city, *there, given=stations(1234)).stderr
    first, past = madang("export", city, *there).stdout, madang("export", city, "--past", *there).stdout
    assert len(first.splitlines()) == 1234
    madang("import", city, *here, given=first)
    madang("import", city, "--past", *here, given=past)
    assert lines(madang("export", city, *here).stdout, *STAMPS) == lines(first, *STAMPS)
    # A sample without a time of its own gets that of the import, so only the observed ones are the same.
    timeless = (*STAMPS, "name", "near")
    assert lines(madang("export", city, "--past", *here).stdout, *timeless) == lines(past, *timeless)


def test_a_bad_line_is_named_and_the_others_are_read(city: Path, tmp_path: Path) -> None:
    good = stations(3).splitlines()
    bad = ['{"id": "no uri", "type": "A"}', "not json", "[1]", '{"id": "urn:a:b"}']
    given = "\n".join([good[0], *bad, "", good[1], good[2]])
    done = madang("import", city, "--data", tmp_path / "data", given=given, code=1)
    assert [line.split(":")[0] for line in done.stderr.splitlines()[:4]] == ["line 2", "line 3", "line 4", "line 5"]
    assert "3 entities read, 4 lines left out" in done.stderr


def test_an_unknown_tenant_and_no_data_are_said(city: Path, tmp_path: Path) -> None:
    data = ("--data", tmp_path / "data")
    assert "no data" in madang("export", city, *data, code=2).stderr
    madang("import", city, *data, given=stations(1))
    assert "tenant 'nobody'" in madang("export", city, *data, "--tenant", "nobody", code=2).stderr


def test_a_tenant_is_its_own(city: Path, tmp_path: Path) -> None:
    data = ("--data", tmp_path / "data")
    madang("import", city, *data, given=stations(2))
    madang("import", city, *data, "--tenant", "harbour", given=stations(5))
    assert len(madang("export", city, *data, "--tenant", "harbour").stdout.splitlines()) == 5
    assert len(madang("export", city, *data).stdout.splitlines()) == 2


def test_a_backup_is_a_data_directory(city: Path, tmp_path: Path) -> None:
    data = ("--data", tmp_path / "data")
    madang("import", city, *data, given=stations(50))
    madang("import", city, *data, "--tenant", "Harbour", given=stations(5))
    copied = madang("backup", city, tmp_path / "copies" / "town", *data).stdout.splitlines()
    assert len(copied) == 2
    copies = ("--data", tmp_path / "copies")
    assert madang("export", city, *copies).stdout == madang("export", city, *data).stdout
    assert len(madang("export", city, *copies, "--tenant", "Harbour").stdout.splitlines()) == 5
    assert "is there already" in madang("backup", city, tmp_path / "copies" / "town", *data, code=2).stderr
