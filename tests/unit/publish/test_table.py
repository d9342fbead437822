"""The columns of a table, learnt from facts of entities, are those learnt from the entities; and lines are CSV."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import Attribute, Entity, Kind
from madang.publish.table import Shape, line

DATASET = Dataset(
    id="stations",
    title={"en": "Stations"},
    type="Station",
    owner="o",
    sensitivity=Sensitivity.PUBLIC,
    legal_basis="public-task",
    purposes=("p",),
    retention="P1Y",
    licence="CC0-1.0",
)
values = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-1, 1) | st.text(max_size=4) | st.just({"a": [1]})
attributes = st.builds(
    lambda value, kind, seen: (Attribute(kind=kind, value=value, observed_at=seen),),
    values,
    st.sampled_from([Kind.PROPERTY, Kind.GEO]),
    st.none() | st.just(datetime(2026, 3, 1, tzinfo=UTC)),
)
entities = st.builds(
    lambda found: Entity(id="urn:x:1", types=("Station",), attributes=found),
    st.dictionaries(st.sampled_from(["a", "b", "location"]), attributes, max_size=3),
)
cells = st.none() | st.text(alphabet='a",;\r\n é', max_size=6)


@given(st.lists(entities, max_size=4))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_facts_teach_what_the_entities_do(found: list[Entity]) -> None:
    whole, told = Shape(DATASET), Shape(DATASET)
    for one in found:
        whole.add(one)
    for facts in {told.facts(one) for one in found}:
        told.learn(facts)
    assert {one.name: one for one in told.columns()} == {one.name: one for one in whole.columns()}


@given(st.lists(cells, min_size=2, max_size=4), st.sampled_from([",", "\t"]))
def test_a_line_is_read_back(row: list[Any], delimiter: str) -> None:
    read = list(csv.reader(io.StringIO(line(row, delimiter).decode(), newline=""), delimiter=delimiter))
    assert read == [["" if cell is None else cell for cell in row]]
