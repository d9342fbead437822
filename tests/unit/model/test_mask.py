"""What a plan leaves of entities, against the plain meaning of its words; also where names are made up without end."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from madang.model import mask as masks
from madang.model.entity import Attribute, Entity
from madang.model.mask import Mask
from madang.model.transform import Alter

START = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = "abcdef"


def doubled(one: Attribute) -> Attribute | None:
    return None if one.value > 5 else Attribute(value=one.value * 2)


def without_odd(one: Attribute) -> Attribute | None:
    return None if one.value % 2 else Attribute(value=one.value, dataset_id=one.dataset_id)


def meant(entity: Entity, shown: frozenset[str], altered: Mapping[str, list[Alter]]) -> Entity:
    """Word by word: hidden names go, altered ones go through each step, and times are of what is seen as it is."""
    seen: dict[str, tuple[Attribute, ...]] = {}
    times = [entity.created_at] if entity.created_at else []
    for name, instances in entity.attributes.items():
        if name in shown:
            left = list(instances)
            for step in altered.get(name, []):
                left = [one for one in map(step, left) if one is not None]
            if left:
                seen[name] = tuple(left)
            if name not in altered:
                times += [one.modified_at for one in instances if one.modified_at]
    if seen == entity.attributes:
        return entity
    return msgspec.structs.replace(entity, attributes=seen, modified_at=max(times, default=None))


times = st.none() | st.integers(0, 3).map(lambda hours: START + timedelta(hours=hours))
instances = st.lists(
    st.builds(Attribute, value=st.integers(0, 9), modified_at=times, created_at=times), min_size=1, max_size=2
).map(tuple)
entities = st.builds(
    Entity,
    id=st.just("urn:x:1"),
    types=st.just(("T",)),
    attributes=st.dictionaries(st.sampled_from(NAMES), instances),
    created_at=times,
    modified_at=times,
)
steps = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from([doubled, without_odd]), min_size=1))


@given(st.lists(entities, max_size=4), st.frozensets(st.sampled_from(NAMES)), steps)
def test_what_is_left_is_what_the_plan_says(
    found: list[Entity], shown: frozenset[str], altered: dict[str, list[Alter]]
) -> None:
    mask = Mask(shown.__contains__, altered)
    for entity in found:
        left, expected = mask.part(entity), meant(entity, shown, altered)
        assert left.attributes == expected.attributes
        if left is not entity and entity.modified_at is not entity.created_at:
            assert left.modified_at == expected.modified_at


def test_names_that_nobody_declared_fill_no_memory_and_are_judged_all_the_same() -> None:
    mask = Mask(lambda name: not name.startswith("secret"), {})
    for number in range(3 * masks.MOST_NAMES):
        one = Entity(id="urn:x:1", types=("T",), attributes={f"n{number}": (), f"secret{number}": ()})
        assert list(mask.part(one).attributes) == [f"n{number}"]
    assert len(mask._judged) <= masks.MOST_NAMES  # pyright: ignore[reportPrivateUsage]


def test_threads_that_meet_new_names_at_once_hide_each_of_them() -> None:
    mask = Mask(lambda name: not name.startswith("secret"), {})

    def read(number: int) -> list[str]:
        one = Entity(id="urn:x:1", types=("T",), attributes={f"secret{n}": () for n in range(number, number + 40)})
        return list(mask.part(one).attributes)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(400))) == [[]] * 400
