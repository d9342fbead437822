"""Values that a page cannot use are missing; none of them breaks it."""

from datetime import UTC, datetime

from madang.web.values import amount, array, mapping, moment, of, text, total


def test_what_is_no_number_is_missing() -> None:
    assert amount(3) == 3.0
    assert [amount(value) for value in ("3", None, True, float("nan"), float("inf"), [1])] == [None] * 6
    assert total([1, "x", 2.5, None]) == 3.5


def test_what_is_no_object_or_array_is_empty() -> None:
    assert mapping([1]) == {} and mapping({"a": 1}) == {"a": 1}
    assert array("ab") == [] and array([1]) == [1]


def test_a_time_without_a_zone_is_utc() -> None:
    assert moment("2026-03-01T07:00:00") == datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert moment("yesterday") is None and moment(None) is None


def test_the_best_text_for_the_reader() -> None:
    assert text({"en": "Air", "de": "Luft"}, "de") == "Luft"
    assert text({"en": "Air"}, "ko") == "Air"
    assert text({"fr": "Air pur"}, "ko") == "Air pur"
    assert text(None, "ko") == "" and text("Luft", "ko") == "Luft"


def test_entities_of_a_type_by_id_also_where_they_have_several() -> None:
    found = of([{"id": "b", "type": "A"}, {"id": "c", "type": "B"}, {"id": "a", "type": ["A", "C"]}], "A")
    assert [entity["id"] for entity in found] == ["a", "b"]
