"""Whoever a change concerns is among the candidates: whatever else they are spared, it is never one too few."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from madang.hub.candidates import Candidates
from madang.hub.difference import difference
from madang.hub.watch import Watch
from madang.model.access import EVERYTHING
from madang.model.change import Change
from madang.model.context import CORE
from madang.model.entity import Attribute, Entity, Kind
from madang.model.subscription import Subscription, read_members

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

SELECTORS = some.fixed_dictionaries(
    {"type": some.sampled_from(["A", "B", "A,B", "(A;B)", "*"])},
    optional={
        "id": some.sampled_from(["urn:x:1", ["urn:x:1", "urn:x:2"]]),
        "idPattern": some.sampled_from(["1$", "^urn", "[2-3]"]),
    },
)
CONDITIONS = some.sampled_from(
    [
        "a==1",
        "a>1",
        "a<1",
        "a>=2;b<=0",
        'a=="x"',
        "a!=1",
        "a",
        "!a",
        "a==true",
        "a>1|b==1",
        "b.c==1",
        "a==1;b>0",
        "a==1..2",
    ]
)
PLACES = some.builds(
    lambda georel, at: {"georel": georel, "geometry": "Point", "coordinates": [at, 48]},
    some.sampled_from(["near;maxDistance==5000", "near;minDistance==5000", "intersects", "disjoint", "within"]),
    some.sampled_from([11.0, 11.001, 11.1]),
)
BODIES = some.fixed_dictionaries(
    {"entities": some.lists(SELECTORS, min_size=1, max_size=2)},
    optional={
        "watchedAttributes": some.lists(some.sampled_from(["a", "b", "location"]), min_size=1, max_size=2),
        "notificationTrigger": some.just(["entityUpdated", "entityCreated", "entityDeleted"]),
        "q": CONDITIONS,
        "geoQ": PLACES,
    },
)
VALUES = some.sampled_from([0, 1, 1.5, 2, True, "x", [1, "y"], {"c": 1}])


def a_watch(number: int, body: dict[str, Any]) -> Watch:
    told = {"endpoint": {"uri": "http://127.0.0.1:9/x"}}
    members, phrases = read_members({"type": "Subscription", "notification": told, **body}, CORE)
    subscription = Subscription(id=f"urn:x:s{number}", document=members, phrases=phrases)
    return Watch("", subscription, EVERYTHING, CORE)


@some.composite
def changes(draw: some.DrawFn) -> Change:
    id, types = (
        draw(some.sampled_from(["urn:x:1", "urn:x:2", "urn:y:3"])),
        draw(some.sampled_from([("A",), ("B", "A")])),
    )

    def entity() -> Entity | None:
        if draw(some.integers(0, 4)) == 0:
            return None
        attributes = {
            name: (Attribute(kind=Kind.PROPERTY, value=draw(VALUES)),) for name in ("a", "b") if draw(some.booleans())
        }
        if draw(some.booleans()):
            point = {"type": "Point", "coordinates": [draw(some.sampled_from([11.0, 11.0009, 11.1])), 48]}
            attributes["location"] = (Attribute(kind=Kind.GEO, value=point),)
        return Entity(id=id, types=types, attributes=attributes)

    before, after = entity(), entity()
    names = tuple({**(before.attributes if before else {}), **(after.attributes if after else {})})
    return Change(id, types, before, after, names)


def concerned(watch: Watch, change: Change) -> bool:
    return watch.wants(change, difference(change)) and watch.holds(change)


@settings(max_examples=400, deadline=None)
@given(
    some.lists(BODIES, max_size=30), some.lists(some.integers(0, 29), max_size=10), some.lists(changes(), max_size=6)
)
def test_it_names_all_that_are_concerned(bodies: list[Any], gone: list[int], met: list[Change]) -> None:
    table, watches = Candidates(), {n: a_watch(n, body) for n, body in enumerate(bodies)}
    for watch in watches.values():
        table.put(watch)
    for number in gone:
        if number in watches:
            table.remove(watches.pop(number).id)
    for change in met:
        named = [watch.id for watch in table.of(change)]
        assert len(named) == len(set(named))
        assert {watch.id for watch in watches.values() if concerned(watch, change)} <= set(named)
        assert set(named) <= {watch.id for watch in watches.values()}


def test_it_spares_those_that_ask_for_something_else() -> None:
    table = Candidates()
    point = {"geometry": "Point", "georel": "near;maxDistance==50"}
    for n in range(200):
        ways: list[dict[str, Any]] = [
            {"q": f"a=={n}"},
            {"q": f"a>{n}"},
            {"q": f"a<{n}"},
            {"watchedAttributes": [f"a{n}"]},
            {"geoQ": {**point, "coordinates": [n / 10, 48]}},
            {"entities": [{"type": "A", "idPattern": f":{n}$"}]},
            {"entities": [{"type": "A", "id": f"urn:x:{n}"}]},
            {"entities": [{"type": f"A{n}"}]},
        ]
        for way, body in enumerate(ways):
            table.put(a_watch(n * 10 + way, {"entities": [{"type": "A"}], **body}))
    place = {"type": "Point", "coordinates": [5.0, 48.0]}
    attributes = {"a": (Attribute(kind=Kind.PROPERTY, value=3),), "location": (Attribute(kind=Kind.GEO, value=place),)}
    change = Change("urn:x:7", ("A",), None, Entity(id="urn:x:7", types=("A",), attributes=attributes))
    named = {watch.id.removeprefix("urn:x:s") for watch in table.of(change)}
    rising, falling = {f"{n}1" for n in (0, 1, 2, 3)}, {f"{n}2" for n in range(3, 200)}
    assert named == {"30", "504", "75", "76"} | {one.lstrip("0") or "0" for one in rising} | falling


def test_it_is_as_it_was_when_all_are_gone() -> None:
    table = Candidates()
    bodies: list[dict[str, Any]] = [
        {"q": "a==1"},
        {"q": "a>1"},
        {"geoQ": {"geometry": "Point", "georel": "near;maxDistance==50", "coordinates": [1, 48]}},
        {"entities": [{"type": "A", "idPattern": "1"}, {"type": "B", "idPattern": "2"}]},
    ]
    change = Change("urn:x:1", ("A",), None, Entity(id="urn:x:1", types=("A",), attributes={}))
    for _ in range(2):
        for n, body in enumerate(bodies):
            table.put(a_watch(n, {"entities": [{"type": "A"}], **body}))
    table.of(change)
    assert table._by_name
    for n in range(len(bodies)):
        table.remove(f"urn:x:s{n}")
    table.of(change)
    assert not table._by_name
    assert not table._forms._taken
    assert not table._patterns._users
