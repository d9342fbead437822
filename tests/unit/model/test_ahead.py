"""What a vehicle tells of the signals before it, and what is seen there: malformed or missing, it is nothing."""

from datetime import UTC, datetime

from madang.model.ahead import Ahead, converted, exits, queues, written
from madang.model.entity import observed
from madang.model.service import View

AT = datetime(2026, 11, 2, 8, tzinfo=UTC)
SIGNAL = "urn:ngsi-ld:TrafficSignal:x"


def seen(**values: object) -> View:
    camera = observed("urn:ngsi-ld:ApproachObserved:x", "ApproachObserved", AT, values, json=tuple(values))
    return View(at=AT, entities={camera.id: camera})


def test_the_camera_at_the_signal_says_what_stands() -> None:
    view = seen(queues={"a": 3}, exits={"b": [2, 1, 0.5, 0.8]})
    assert queues(view, SIGNAL) == {"a": 3.0}
    assert exits(view, SIGNAL) == {"b": (2.0, 1.0, 0.5, 0.8)}


def test_what_nobody_sees_or_is_malformed_is_nothing() -> None:
    assert queues(seen(queues={"a": "many"}), SIGNAL) == {}
    assert exits(seen(queues={"a": 3}), SIGNAL) == {}
    assert queues(View(at=AT, entities={}), SIGNAL) == {}
    assert converted({"signal": SIGNAL, "link": "left"}, Ahead) is None


def test_times_are_written_to_the_millisecond() -> None:
    assert written(AT) == "2026-11-02T08:00:00.000Z"
