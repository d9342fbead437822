"""An area's terms: what leads in has its share of green and no more, stops inside cost more; and safety first."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.unit.services.signals.conftest import AT, TARGET, Make, queue

from madang.model.entity import Entity, observed
from madang.model.service import View
from madang.services.signals import SERVICE, terms
from madang.services.signals.claims import NOTHING, Claim, Heard
from madang.services.signals.sense import Scene, read
from madang.services.signals.settings import Settings, settings_of

WEST = 3


def asked(
    *, share: Any = 0.3, link: Any = WEST, inside: Any = (), valid_s: float = 45.0, name: str = "school", **more: Any
) -> Entity:
    until = (AT + timedelta(seconds=valid_s)).isoformat().replace("+00:00", "Z")
    gates = [{"refSignal": TARGET, "movement": link, "greenShare": share}] if share is not None else []
    values = {"level": "medium", "gates": gates, "inside": list(inside), "stopWeight": 3.0, "validUntil": until, **more}
    return observed(f"urn:ngsi-ld:AirTerms:{name}", "AirTerms", AT, values, json=("gates", "inside"))


def under(view: View, *entities: Entity) -> View:
    return msgspec.structs.replace(view, entities={**view.entities, **{each.id: each for each in entities}})


def kept(view: View, memory: Mapping[str, Any] | None = None, heard: Heard = NOTHING) -> terms.Kept:
    scene: Scene = read(view, TARGET, settings_of(view.settings))
    return terms.kept(terms.heard(view).get(TARGET, ()), view, scene, heard, memory)


def wanted(view: View, air: float | None = None) -> str:
    """The stage that the service then asks for; empty: none."""
    slice: dict[str, Any] = {} if air is None else {"air": {str(WEST): air}}
    found = SERVICE.decide(view, {TARGET: slice}).commands
    return found[0].parameters["stage"] if found else ""


@pytest.mark.parametrize("method", ["plan", "max-pressure"])
def test_a_metered_movement_gets_no_green_of_its_own(make: Make, method: str) -> None:
    traffic = {"west_0": queue(8, WEST), "north_0": queue(1, 0, speed_mps=10.0, first_m=120.0)}
    view = make(traffic, settings={"method": method})
    assert wanted(view) == "w"
    assert wanted(under(view, asked()), air=0.1) == "w", "below its share it goes as ever"
    assert wanted(under(view, asked()), air=0.6) == ""
    free = make(traffic, settings={"method": method, "air": False})
    assert wanted(under(free, asked()), air=0.6) == "w", "a city may do without"


def test_the_maximum_red_wins(make: Make) -> None:
    waiting = {"west_0": queue(3, WEST, waited_s=112.0), "north_0": queue(6, 0, waited_s=5.0)}
    view = under(make(waiting, red_s=112.0), asked())
    memory = {"call": {str(WEST): [AT.timestamp() - 112.0, AT.timestamp()]}, "air": {str(WEST): 0.9}}
    (command,) = SERVICE.decide(view, {TARGET: memory}).commands
    assert command.parameters["stage"] == "w" and command.rule == "maximum-red"


def test_who_fills_the_street_or_goes_first_is_not_metered(make: Make) -> None:
    over = {"air": {str(WEST): 0.9}}
    few, many = make({"west_0": queue(8, WEST)}), make({"west_0": queue(22, WEST)})
    assert kept(under(few, asked()), over).metered == {WEST}
    assert kept(under(many, asked()), over).metered == frozenset()
    bus = Claim(vehicle="b", link=WEST, arrival_s=5.0, distance_m=60.0, age_s=0.0, weight=4.0)
    assert kept(under(few, asked()), over, Heard(taken=(bus,))).metered == frozenset()


def test_the_share_is_that_of_the_last_minutes(make: Make) -> None:
    green, red = under(make(stage="w"), asked()), under(make(stage="ns"), asked())
    found: terms.Kept = kept(green)
    for _ in range(90):
        found = kept(green, terms.remembered(found))
    assert 0.5 < found.greens[WEST] < 0.65 and found.metered
    for _ in range(180):
        found = kept(red, terms.remembered(found))
    assert found.greens[WEST] < 0.3 and not found.metered


def test_stops_inside_cost_more_and_never_too_much(make: Make) -> None:
    view = make({"west_0": queue(2, WEST)})
    inside = kept(under(view, asked(share=None, inside=[TARGET])))
    assert terms.costs(Settings(), inside).stop_cost == 3 * Settings().stop_cost
    most = kept(under(view, asked(share=None, inside=[TARGET], stopWeight=1000.0)))
    assert terms.costs(Settings(), most).stop_cost == 5 * Settings().stop_cost
    outside = kept(under(view, asked()))
    assert terms.costs(Settings(), outside) == Settings()


def test_of_several_terms_the_strictest_counts(make: Make) -> None:
    found = kept(under(make(), asked(), asked(share=0.2, name="clinic")))
    assert found.terms.shares == {WEST: 0.2} and found.terms.areas == ("clinic", "school")


@pytest.mark.parametrize(
    "wrong",
    [
        {"valid_s": -1.0},
        {"valid_s": 1e6},
        {"share": 0.0},
        {"share": 7.0},
        {"share": "half"},
        {"link": 99},
        {"link": -1},
        {"validUntil": "soon"},
        {"validUntil": None},
    ],
)
def test_what_has_ended_or_is_malformed_binds_nobody(make: Make, wrong: dict[str, Any]) -> None:
    view = under(make({"west_0": queue(8, WEST)}), asked(inside=[TARGET], **wrong))
    assert kept(view, {"air": {str(WEST): 0.9}}).terms.shares == {}
    assert wanted(view, air=0.9) == "w"


def test_the_record_names_the_terms_and_computes_again(make: Make) -> None:
    view = under(make({"west_0": queue(8, WEST)}), asked(inside=[TARGET]))
    memory = {TARGET: {"air": {str(WEST): 0.1}}}
    (command,) = SERVICE.decide(view, memory).commands
    assert "Terms for the air of school: nobody is metered now; a stop counts 3 times." in command.reason
    assert ("urn:ngsi-ld:AirTerms:school", "gates") in command.inputs
    entities = {id: view.entities[id] for id, _ in command.inputs if id in view.entities}
    again = SERVICE.decide(msgspec.structs.replace(view, entities=entities), memory).commands
    assert again == (command,)
    late = under(make({"west_0": queue(8, WEST)}), asked(valid_s=-3.0))
    assert "Left aside: school (expired 3 s ago)" in SERVICE.decide(late, memory).commands[0].reason
