"""What a city's ``field.toml`` must agree on with itself: brokers, addresses, and stages with rings and barriers."""

from collections.abc import Iterator, Sequence

from madang.city.finding import Path
from madang.city.rules import Mistakes
from madang.model.field import FieldSpec, Junction, Speaks

_NO_TOPIC = frozenset("+#/ \t\n\0")


def field(spec: FieldSpec, *, simulated: bool) -> Mistakes:
    """Mistakes of the whole file; `simulated` says that the city has a [world] too."""
    if simulated:
        yield (), "the city has a [world] too: it acts on a simulated world or on its field", "remove one of them"
    if not spec.junctions:
        yield ("junctions",), "'junctions' is empty", "name at least one controller, or remove the file"
    if spec.mqtt is not None and _NO_TOPIC.difference("/") & set(spec.mqtt.prefix):
        yield ("mqtt", "prefix"), f"{spec.mqtt.prefix!r} cannot begin a topic", "no spaces, '+' or '#'"
    for name, junction in spec.junctions.items():
        path: Path = ("junctions", name)
        if junction.speaks is Speaks.MQTT:
            yield from _mqtt(name, junction, path, broker=spec.mqtt is not None)
        else:
            yield from _ntcip(junction, path)


def _mqtt(name: str, junction: Junction, path: Path, *, broker: bool) -> Mistakes:
    if not broker:
        yield (*path, "speaks"), "speaks MQTT, and there is no broker", '[mqtt] with host = "..."'
    if _NO_TOPIC & set(name):
        yield path, f"{name!r} cannot be part of a topic", "no spaces, '/', '+' or '#'"
    if junction.host:
        yield (*path, "host"), "a controller on MQTT has no host of its own", "the broker's is under [mqtt]"


def _ntcip(junction: Junction, path: Path) -> Mistakes:
    if not junction.host:
        yield path, "'host' is missing", "the controller's address"
    if not junction.stages:
        yield path, "'stages' is missing", "which phases are green in each stage: stages = { s1 = [2, 6] }"
    known = [phase for ring in junction.rings for phase in ring]
    yield from _once(known, (*path, "rings"))
    yield from _once([phase for group in junction.barriers for phase in group], (*path, "barriers"))
    sided = {phase for group in junction.barriers for phase in group}
    for phase in sorted(set(known) - sided):
        yield (*path, "barriers"), f"phase {phase} is on no side of a barrier", ""
    for phase in sorted(sided - set(known)):
        yield (*path, "rings"), f"phase {phase} is in no ring", ""
    for place, phase in enumerate(junction.links):
        if phase and phase not in known:
            yield (*path, "links", place), f"phase {phase} is in no ring", f"known: {_list(known)}"
    for stage, phases in junction.stages.items():
        yield from _stage(stage, phases, junction, (*path, "stages", stage))


def _stage(stage: str, phases: Sequence[int], junction: Junction, path: Path) -> Mistakes:
    """A stage's phases may be green together: of different rings, on one side of each barrier."""
    if not phases:
        yield path, f"the stage {stage!r} has no phase", ""
    known = [phase for ring in junction.rings for phase in ring]
    for phase in phases:
        if phase not in known:
            yield path, f"phase {phase} of {stage!r} is in no ring", f"known: {_list(known)}"
    for ring in junction.rings:
        if len(same := sorted(set(phases) & set(ring))) > 1:
            yield path, f"phases {_list(same)} of {stage!r} are in one ring: they are never green together", ""
    sides = [sorted(set(phases) & set(group)) for group in junction.barriers if set(phases) & set(group)]
    if len(sides) > 1:
        apart = " and ".join(_list(side) for side in sides)
        yield path, f"phases {apart} of {stage!r} are on different sides of a barrier: they conflict", ""


def _once(phases: Sequence[int], path: Path) -> Iterator[tuple[Path, str, str]]:
    for phase in sorted({phase for phase in phases if phases.count(phase) > 1}):
        yield path, f"phase {phase} is named twice", ""


def _list(phases: Sequence[int]) -> str:
    return ", ".join(map(str, phases))
