"""Many idPatterns at once find what each finds alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from madang.hub import patterns
from madang.hub.patterns import Patterns
from madang.model import match

PIECES = some.sampled_from(["a", "b", ":", "1", ".", ".*", "[ab]", "a+", "^", "$", "", "(a|b)", "\\d", "(?i)A", "é"])
PATTERNS = some.lists(PIECES, max_size=4).map("".join)
IDS = some.text("abA:1é", max_size=6)


@given(some.lists(some.tuples(some.booleans(), PATTERNS), max_size=80), some.lists(IDS, min_size=1, max_size=4))
def test_they_find_what_each_finds_alone(steps: list[tuple[bool, str]], ids: list[str]) -> None:
    many, used = Patterns(), list[str]()
    for adds, pattern in steps:
        if adds:
            many.add(pattern)
            used.append(pattern)
        elif pattern in used:
            many.discard(pattern)
            used.remove(pattern)
        for id in ids:
            assert set(many.found_in(id)) == {one for one in used if match.pattern(one)(id)}


@pytest.mark.parametrize("memory", [1 << 10, 1 << 16])
def test_without_memory_they_run_one_by_one(memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_MEMORY", memory)
    many = Patterns()
    for n in range(500):
        many.add(f"^urn:.*:{n}[abc]{{1,20}}$")
    assert many.found_in("urn:x:77abc") == ("^urn:.*:77[abc]{1,20}$",)
    assert many.found_in("urn:x:78abc") == ("^urn:.*:78[abc]{1,20}$",)


def test_a_pattern_is_there_until_its_last_user_is_gone() -> None:
    many = Patterns()
    many.add("a")
    many.add("a")
    many.discard("a")
    assert many.found_in("cat") == ("a",)
    many.discard("a")
    assert many.found_in("cat") == ()
