"""CQL2 read into the hub's query: both languages mean the same, and a filter means what a naive reading of it means."""

import json
import subprocess
import sys
from typing import Any

import cql2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.errors import BadRequestData, MadangError, TooComplexQuery
from madang.model import geometry, match
from madang.model.entity import Attribute, Entity, Kind, point
from madang.publish import crs
from madang.publish.cql2 import understood
from madang.publish.expression import read_json, read_text

NAMES = ("no2", "name", "busy", "location")


def station(number: int, name: str, no2: float | None, place: tuple[float, float]) -> Entity:
    values: dict[str, Any] = {"name": name, "busy": number % 2 == 0, **({"no2": no2} if no2 is not None else {})}
    attributes = {key: (Attribute(value=value),) for key, value in values.items()}
    attributes["location"] = (Attribute(kind=Kind.GEO, value=point(*place)),)
    return Entity(id=f"urn:x:{number}", types=("Station",), attributes=attributes)


STATIONS = [
    station(0, "Nord", 10, (11.0, 48.0)),
    station(1, "Süd", 20, (11.1, 48.0)),
    station(2, "nordost", None, (11.2, 48.0)),
    station(3, "50%_a", 35.5, (11.3, 48.0)),
    station(4, "it's", -3, (11.4, 48.0)),
]


def found(text: str, **given: Any) -> list[int]:
    """The numbers of the stations that the filter finds: by what the store is asked and by what is left."""
    wanted = understood(read_text(text) if not text.startswith("{") else read_json(text), NAMES, **given)
    tests = [match.condition(wanted.where)] if wanted.where is not None else []
    tests += [geometry.test(wanted.geo)] if wanted.geo is not None else []
    tests += [wanted.rest] if wanted.rest is not None else []
    return [n for n, one in enumerate(STATIONS) if all(test(one) for test in tests)]


CASES = [
    ("no2 = 20", [1]),
    ("20 < no2", [3]),
    ("no2 <> 20", [0, 3, 4]),
    ("NOT no2 > 10", [0, 4]),
    ("NOT (no2 > 10 OR no2 < 0)", [0]),
    ("no2 IS NULL", [2]),
    ("no2 IS NOT NULL AND busy = true", [0, 4]),
    ("busy", [0, 2, 4]),
    ("no2 BETWEEN 10 AND 20", [0, 1]),
    ("no2 NOT BETWEEN 10 AND 20", [3, 4]),
    ("name IN ('Nord', 'it''s')", [0, 4]),
    ("name NOT IN ('Nord')", [1, 2, 3, 4]),
    ("name LIKE 'N%'", [0]),
    ("name LIKE '_ord'", [0]),
    (r"name LIKE '50\%\_%'", [3]),
    ("CASEI(name) LIKE CASEI('NORD%')", [0, 2]),
    ("CASEI(name) = CASEI('SÜD')", [1]),
    ("id = 'urn:x:3'", [3]),
    ("id IN ('urn:x:3', 'urn:x:0') AND no2 > 20", [3]),
    ("NOT id = 'urn:x:3'", [0, 1, 2, 4]),
    ("S_INTERSECTS(geometry, BBOX(11.05, 47, 11.25, 49))", [1, 2]),
    ("S_INTERSECTS(location, POINT(11.1 48)) OR no2 < 0", [1, 4]),
    ("NOT S_INTERSECTS(geometry, BBOX(11.05, 47, 11.25, 49))", [0, 3, 4]),
    ("S_WITHIN(geometry, POLYGON((10.9 47,11.15 47,11.15 49,10.9 49,10.9 47))) AND no2 > 10", [1]),
    ("S_DISJOINT(geometry, BBOX(11.05, 47, 12, 49))", [0]),
    ("S_INTERSECTS(geometry, BBOX(10,47,11.15,49)) AND S_INTERSECTS(geometry, BBOX(11.05,47,12,49))", [1]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_text_and_json_mean_the_same(text: str, expected: list[int]) -> None:
    assert found(text) == expected
    assert found(json.dumps(cql2.parse_text(text).to_json())) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no2 >", "no CQL2 text"),
        ("so2 > 3", "no property 'so2'"),
        ("no2 > name", "a value is"),
        ("no2 = 3 + 4", "a value is"),
        ("A_CONTAINS(name, ('a', 'b'))", "not understood here"),
        ("S_TOUCHES(geometry, POINT(1 1))", "not understood here"),
        ("S_INTERSECTS(POINT(1 1), geometry)", "a property and a geometry"),
        ("CASEI(name) > CASEI('a')", "compared with a value"),
        ('{"op": "="}', "'op' and 'args'"),
        ('{"op": "=", "args": [1]}', "two arguments"),
        ('{"op": "and", "args": []}', "join expressions"),
        ('{"op": "in", "args": [{"property": "no2"}, 3]}', "list of values"),
        ('{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [1]}]}', "filter"),
        ("{", "no CQL2 JSON"),
        ("{}", "'op' and 'args'"),
    ],
)
def test_what_is_not_understood_is_told(text: str, said: str) -> None:
    with pytest.raises(BadRequestData) as refused:
        found(text)
    assert said in refused.value.detail


DEEP = [
    "(" * 3000 + "no2=1" + ")" * 3000,
    "NOT " * 900 + "no2=1",
    "no2=" + "-" * 3000 + "1",
    "no2=1" + "+1" * 2000,
    "no2=1" + " AND no2=1" * 700,
    "no2=" + "casei(" * 1000 + "'x'" + ")" * 1000,
    "x" * 8001,
    '{"op":"not","args":[' * 200 + '{"op":"isNull","args":[{"property":"no2"}]}' + "]}" * 200,
]


@pytest.mark.parametrize("text", DEEP, ids=lambda text: text[:12])
def test_what_is_nested_too_deeply_is_refused(text: str) -> None:
    with pytest.raises(TooComplexQuery):
        found(text)


HOSTILE = """
import random, sys, threading
from madang.errors import MadangError
from madang.publish.expression import read_text
pieces = ["(", ")", "NOT ", "-", "--", "+", "no2", "="]
pieces += ["1", "'", "''", '"', ",", " AND ", " OR ", "casei(", "^", "IN", " "]
def run():
    dice = random.Random(int(sys.argv[1]))
    for _ in range(300):
        some = [dice.choice(pieces) for _ in range(4)]
        size = dice.randint(1, 3000)
        text = "".join(dice.choice(some if dice.random() < 0.9 else pieces) for _ in range(size))
        try:
            read_text(text)
        except MadangError:
            pass
    print("alive")
threading.stack_size(4 * 2**20)
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


def test_no_text_ends_the_process() -> None:
    """The parser's stack is half as long here as in a hub: text that nests would end the process, not raise."""
    done = subprocess.run([sys.executable, "-c", HOSTILE, "7"], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "alive", done.stderr[-500:]


@given(st.text(alphabet="no2name()='<>%_- ANDORT,15\\\"", max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        found(text)
    except MadangError as refused:
        assert refused.detail


@pytest.mark.parametrize("name", crs.KNOWN)
@given(st.floats(-180, 180), st.floats(-85, 85))
@settings(max_examples=50, deadline=None)
def test_places_come_back(name: str, longitude: float, latitude: float) -> None:
    there = crs.there(point(longitude, latitude), name)
    back = crs.back(there, name)["coordinates"]
    assert back == pytest.approx([longitude, latitude], abs=2e-8)


def test_known_places() -> None:
    """EPSG Guidance Note 7-2's example of the pseudo-Mercator: 24°22'54.433"N 100°20'00"W."""
    there = crs.there(point(-100.3333333333, 24.3817869444), crs.WEB)["coordinates"]
    assert there == pytest.approx([-11169055.58, 2800000.00], abs=0.02)
    assert found("S_INTERSECTS(geometry, POINT(48 11.1))", crs=crs.LATITUDE_FIRST) == [1]
    assert [crs.named(text, what="crs") for text in ("EPSG:3857", "[EPSG:4326]", None)] == [
        *crs.KNOWN[:0:-1],
        crs.CRS84,
    ]
