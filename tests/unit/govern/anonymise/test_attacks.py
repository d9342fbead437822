"""Attacks on released tables: they find what k alone leaves open, and find nothing where l closes it."""

import random
from collections.abc import Sequence

import pytest
from tests.unit.govern.anonymise import slow

from madang.errors import BadRequestData
from madang.govern.anonymise import Release, Wish, check, prove, release
from madang.govern.anonymise.differencing import check_apart

QUASI = ("age", "post")


@pytest.fixture(scope="module")
def town() -> dict[str, list[str]]:
    """3,000 people whose illness goes with where they live: the case that k-anonymity is weak for."""
    chance = random.Random(7)
    posts = [chance.randrange(40) for _ in range(3000)]
    return {
        "age": [str(chance.randrange(18, 95)) for _ in posts],
        "post": [f"{10_000 + post}x" for post in posts],
        "ill": ["flu" if post < 20 or chance.random() < 0.02 else "none" for post in posts],
    }


def candidates(made: Release, person: Sequence[str]) -> list[int]:
    """The released rows that a person could be, for an attacker who knows every quasi-identifier."""
    columns = [made.table[name] for name in QUASI]
    return [
        row
        for row in range(len(columns[0]))
        if all(slow.admits(cells[row], value) for cells, value in zip(columns, person, strict=True))
    ]


def certain(made: Release, people: Sequence[tuple[str, ...]]) -> int:
    """Homogeneity: people whose illness the attacker now knows."""
    return sum(len({made.table["ill"][row] for row in candidates(made, person)}) == 1 for person in people)


def test_linkage_finds_at_least_k_candidates_and_the_report_says_as_much(town: dict[str, list[str]]) -> None:
    made = release(town, Wish(QUASI, ("ill",), k=5))
    people = list(zip(town["age"], town["post"], strict=True))[::40]
    found = [len(candidates(made, person)) for person in people]
    assert min(found) >= 5
    assert made.risk.prosecutor == pytest.approx(1 / slow.smallest(made.table, QUASI))
    assert made.risk.attack.fewest >= 5
    assert made.risk.attack.success <= made.risk.prosecutor
    assert sum(1 / n for n in found) / len(found) == pytest.approx(made.risk.attack.success, abs=0.04)


def test_homogeneity_betrays_k_and_not_l(town: dict[str, list[str]]) -> None:
    people = list(zip(town["age"], town["post"], strict=True))[::40]
    by_k = release(town, Wish(QUASI, ("ill",), k=5))
    assert certain(by_k, people) > len(people) / 4
    assert by_k.risk.attack.known["ill"] > 50, "and the report says that it does"
    by_l = release(town, Wish(QUASI, ("ill",), k=5, l=2))
    assert certain(by_l, people) == 0
    assert by_l.risk.attack.known["ill"] == 0


def test_differencing_two_releases_betrays_the_newcomer_as_the_document_warns(town: dict[str, list[str]]) -> None:
    """No single release can stop this; it is here so that nobody believes that one does."""
    more = {"age": [*town["age"], "41"], "post": [*town["post"], "10003x"], "ill": [*town["ill"], "rare"]}
    before, after = (release(table, Wish(QUASI, ("ill",), k=5, l=2)) for table in (town, more))
    assert "rare" not in before.table["ill"]
    rows = [row for row in candidates(after, ("41", "10003x")) if after.table["ill"][row] not in before.table["ill"]]
    assert len(rows) == 1


def test_skewness_betrays_l_and_not_t(town: dict[str, list[str]]) -> None:
    share = town["ill"].count("flu") / 3000
    by_t = release(town, Wish(QUASI, ("ill",), k=5, t=0.15))
    for rows in slow.classes(by_t.table, QUASI).values():
        own = sum(by_t.table["ill"][row] == "flu" for row in rows) / len(rows)
        assert abs(own - share) <= 0.15 + 1e-9


@pytest.mark.parametrize("fault", ["a class loses a row", "a class loses its second value", "a class is skewed"])
def test_the_gate_catches_a_spoilt_output(town: dict[str, list[str]], fault: str) -> None:
    made = release(town, Wish(QUASI, ("ill",), k=5, l=2, t=0.4))
    table = {name: list(cells) for name, cells in made.table.items()}
    rows = min(slow.classes(table, QUASI).values(), key=len)
    if fault == "a class loses a row":
        for cells in table.values():
            del cells[rows[0] : rows[-1] - 2]
    elif fault == "a class loses its second value":
        for row in rows:
            table["ill"][row] = "flu"
    else:
        for row in rows:
            table["ill"][row] = "none" if row != rows[0] else "flu"
        table["ill"] = ["flu" if cell == "none" and row not in rows else cell for row, cell in enumerate(table["ill"])]
    proof = prove([table[name] for name in QUASI], {"ill": table["ill"]}, made.ordered)
    with pytest.raises(BadRequestData, match="not released"):
        check(proof, made.terms)


@pytest.mark.parametrize(
    ("more", "fewer", "said"),
    [
        ([("a", "flu")], [], "the whole table differs in fewer than 4 rows"),
        ([], [("a", "none")], "the whole table differs in fewer than 4 rows"),
        # Enough in the whole; not in their classes.
        ([("a", "flu")] * 3 + [("b", "none")], [], "a class differs in fewer than 4 rows"),
        ([("b", "flu")] * 4, [], "say fewer than 2 things"),
        ([("a", "flu"), ("a", "none")] * 2, [], ""),
        ([("a", "flu")], [("a", "flu")], ""),
    ],
)
def test_differencing_across_releases(more: list[tuple[str, str]], fewer: list[tuple[str, str]], said: str) -> None:
    same = [("a", "flu"), ("a", "none"), ("b", "flu"), ("b", "none")] * 5
    one = [((labels,), (cells,)) for labels, cells in [*same, *fewer]]
    other = [((labels,), (cells,)) for labels, cells in [*same, *more]]
    if not said:
        return check_apart(one, other, k=4, l=2, what="release 1")
    with pytest.raises(BadRequestData, match=said):
        check_apart(one, other, k=4, l=2, what="release 1")
