"""The guards: what no decision may cross."""

from collections.abc import Callable

import msgspec
import pytest

from madang.model.service import Command, View
from madang.services.signals.act import GUARDS, fallback

from .conftest import LAYOUT, TARGET, queue

Make = Callable[..., View]


def ask(stage: object, action: str = "stage") -> Command:
    return Command(target=TARGET, action=action, parameters={"stage": stage}, rule="-", reason="-")


def refusals(view: View, command: Command) -> list[str]:
    return [why for guard in GUARDS if (why := guard(view, command)) is not None]


def test_what_is_right_passes(make: Make) -> None:
    assert refusals(make({"west_0": queue(3, 3)}), ask("w")) == []


@pytest.mark.parametrize(
    ("state", "command", "why"),
    [
        ({}, ask("nowhere"), "no stage 'nowhere'"),
        ({}, ask("w", "lamps"), "not lamps"),
        ({"shown_s": 5.0}, ask("w"), "2 s more before this stage may begin"),
        ({"stage": "", "lamps": "yyyr"}, ask("w"), "between two stages"),
        ({"control": "override"}, ask("w"), "a person controls"),
        ({"seen_s": 30.0}, ask("w"), "30 s old"),
    ],
)
def test_what_is_wrong_is_refused(make: Make, state: dict[str, object], command: Command, why: str) -> None:
    assert any(why in each for each in refusals(make(**state), command))


def test_a_stage_with_two_conflicting_protected_greens_is_refused(make: Make) -> None:
    layout = {**LAYOUT, "stages": [*LAYOUT["stages"], {"id": "bad", "green": "GrrG"}]}
    assert refusals(make(layout=layout), ask("bad")) == ["stage bad would give the conflicting movements 0 and 3 green"]


def test_a_stage_that_leaves_somebody_beyond_the_bound_is_refused(make: Make) -> None:
    vehicles = {"west_0": queue(1, 3, waited_s=104.0), "north_0": queue(3, 1, waited_s=10.0)}
    view = make(vehicles, shown_s=110.0)
    assert any("104 s" in why for why in refusals(view, ask("left")))
    assert refusals(view, ask("w")) == []


def test_a_wait_at_an_earlier_red_does_not_count(make: Make) -> None:
    vehicles = {"west_0": queue(1, 3, waited_s=104.0)}
    assert refusals(make(vehicles, shown_s=30.0), ask("left")) == []


def test_the_stage_that_is_shown_may_be_taken_over_early(make: Make) -> None:
    assert refusals(make(shown_s=2.0, control="plan"), ask("ns")) == []


def test_the_fallback_gives_every_target_back(make: Make) -> None:
    (command,) = fallback(make(seen_s=600.0), [TARGET])
    assert (command.target, command.action) == (TARGET, "release")
    assert refusals(make(seen_s=600.0), command) == []
    assert msgspec.json.encode(command)
