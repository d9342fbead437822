"""What is kept for who asks again is bounded, and what is asked for stays."""

from madang.model.recent import Recent


def test_what_is_asked_for_again_stays_and_the_rest_goes() -> None:
    recent: Recent[int, str] = Recent(10, len)
    recent.put(0, "often")
    for number in range(1, 100):
        recent.put(number, "once")
        assert recent.get(0) == "often"
    there = [number for number in range(1, 100) if recent.get(number) is not None]
    assert there == list(range(100 - len(there), 100))
    assert 1 <= len(there) <= 4


def test_a_value_larger_than_all_is_not_kept_nor_what_it_replaces() -> None:
    recent: Recent[str, str] = Recent(10, len)
    recent.put("a", "old")
    recent.put("a", "x" * 11)
    assert recent.get("a") is None


def test_a_newer_value_takes_the_place() -> None:
    recent: Recent[str, str] = Recent(10, len)
    recent.put("a", "old")
    recent.put("a", "new")
    assert recent.get("a") == "new"
