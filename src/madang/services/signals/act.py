"""Guards that no decision may cross, and the fallback that is always safe: the junction's own fixed plan.

A guard sees the same view as the decision and says why a command may not be sent, or None. The cabinet in the street
checks minimum green, intergreen and stage once more: both must agree before a lamp changes.
"""

from collections.abc import Sequence

from madang.model.service import Command, View
from madang.services.signals.choice import ready
from madang.services.signals.deadline import left_behind, waits
from madang.services.signals.sense import Missing, Scene, junction_of, read
from madang.services.signals.settings import Settings, settings_of

RELEASE, STAGE = "release", "stage"


def known_action(view: View, command: Command) -> str | None:
    """A signal takes a stage that its layout has, or a release."""
    if command.action == RELEASE:
        return None
    if command.action != STAGE:
        return f"a signal knows the actions {STAGE} and {RELEASE}, not {command.action}"
    try:
        junction = junction_of(view, command.target, _settings(view))
    except Missing as missing:
        return str(missing)
    if junction.stage(_wanted(command)) is None:
        return f"the junction has no stage {_wanted(command)!r}; it has {', '.join(junction.number)}"
    return None


def no_conflict(view: View, command: Command) -> str | None:
    """No stage shows two conflicting movements a protected green."""
    if command.action != STAGE:
        return None
    try:
        stage = junction_of(view, command.target, _settings(view)).stage(_wanted(command))
    except Missing as missing:
        return str(missing)
    if stage is not None and stage.conflict is not None:
        return (
            f"stage {stage.id} would give the conflicting movements {stage.conflict[0]} and {stage.conflict[1]} green"
        )
    return None


def complete_intergreen(view: View, command: Command) -> str | None:
    """No stage is asked for while the cabinet still changes to another one."""
    scene = _scene(view, command)
    if isinstance(scene, Scene):
        return None if scene.stage else "the junction is between two stages; yellow and all-red run their full time"
    return scene


def minimum_green(view: View, command: Command) -> str | None:
    """No movement ends before its minimum green, and none starts before what just ended is cleared."""
    scene = _scene(view, command)
    if not isinstance(scene, Scene):
        return scene
    settings = _settings(view)
    wanted, now = scene.junction.number.get(_wanted(command)), scene.junction.number.get(scene.stage)
    if wanted is None or now is None or wanted == now:
        return None
    if (wait_s := ready(scene, settings)[wanted]) > 0:
        return f"{wait_s:.0f} s more before this stage may begin: a green lasts at least {settings.min_green_s:.0f} s"
    return None


def no_override(view: View, command: Command) -> str | None:
    """What a person has taken over stays with that person."""
    entity = view.entities.get(command.target)
    if entity is not None and entity.value("control") == "override":
        return "a person controls this signal now"
    return None


def maximum_red(view: View, command: Command) -> str | None:
    """The stage that is asked for leaves nobody at red beyond the bound.

    The schedule that keeps it is in the decision (`deadline.py`), which remembers when each movement was first waited
    for. What the view alone can show is checked here again (`deadline.left_behind`).
    """
    scene = _scene(view, command)
    if not isinstance(scene, Scene):
        return scene
    stage = scene.junction.stage(_wanted(command))
    if stage is None or stage.id == scene.stage:
        return None
    settings = _settings(view)
    left_s = left_behind(scene.junction, waits(scene), stage.open, settings)
    if left_s is None:
        return None
    return f"somebody has waited at red for {left_s:.0f} s and could not be served within {settings.max_red_s:.0f} s"


GUARDS = (known_action, no_override, no_conflict, complete_intergreen, minimum_green, maximum_red)


def fallback(view: View, targets: Sequence[str]) -> tuple[Command, ...]:
    """Give the targets back to their cabinets, which enter their fixed plans by a full intergreen of their own."""
    return tuple(
        Command(
            target=target,
            action=RELEASE,
            parameters={},
            rule="fallback",
            reason="Back to the fixed plan: the service does not run now.",
            inputs=((target, "control"),),
        )
        for target in targets
    )


def _settings(view: View) -> Settings:
    return settings_of(view.settings)


def _wanted(command: Command) -> str:
    return str(command.parameters.get("stage", ""))


def _scene(view: View, command: Command) -> Scene | str | None:
    """The scene that a stage is asked for in; None for any other action, the reason where there is no scene."""
    if command.action != STAGE:
        return None
    try:
        return read(view, command.target, _settings(view))
    except Missing as missing:
        return str(missing)
