"""The reason is a sentence about people and streets, not about scores."""

from collections.abc import Callable

from madang.services.signals.choice import FORCED, PLAN, Choice
from madang.services.signals.reason import of_change
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings

from .conftest import AT, LAYOUT, queue

Make = Callable[..., Scene]
SETTINGS = Settings()
LEFT, WEST = 1, 2


def choice(stage: int, *, rule: str = PLAN, calls: dict[int, float] | None = None) -> Choice:
    return Choice(stage=stage, rule=rule, method=PLAN, scores={}, calls=calls or {})


def test_streets_are_named_where_the_layout_names_them(scene: Make) -> None:
    links = [{**link, "street": "Westliche Ringstraße"} for link in LAYOUT["links"]]
    found = scene({"west_0": queue(1, 3, waited_s=5.0)}, layout={**LAYOUT, "links": links})
    assert of_change(found, choice(WEST), SETTINGS) == (
        "1 vehicle waits, up to 5 s, on Westliche Ringstraße; nobody is seen on the other approaches."
    )


def test_waiting_and_coming_are_told_apart(scene: Make) -> None:
    vehicles = {"west_0": [*queue(2, 3), *queue(1, 3, speed_mps=9.0, first_m=90.0)], "south_0": queue(2, 2)}
    assert of_change(scene(vehicles), choice(WEST), SETTINGS) == (
        "2 vehicles wait, up to 20 s, and 1 vehicle comes on west; "
        "2 vehicles wait, up to 20 s, on the other approaches."
    )


def test_an_empty_approach_is_served_for_those_unseen(scene: Make) -> None:
    assert "nobody unseen is forgotten" in of_change(scene(), choice(LEFT), SETTINGS)


def test_a_forced_change_says_how_long_somebody_waited(scene: Make) -> None:
    calls = {3: AT.timestamp() - 110.0}
    assert of_change(scene({"west_0": queue(1, 3)}), choice(WEST, rule=FORCED, calls=calls), SETTINGS) == (
        "Somebody has waited at red for 110 s on west; nobody may wait longer than 120 s."
    )
