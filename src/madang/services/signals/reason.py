"""Why a signal changes, in words that a resident understands."""

from madang.services.signals.arrivals import HALTED_MPS, PEDESTRIAN
from madang.services.signals.choice import FORCED, PLAN, Choice
from madang.services.signals.deadline import bounds_s
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings


def of_change(scene: Scene, choice: Choice, settings: Settings) -> str:
    """The reason for showing the chosen stage: who waits or comes there, who on the other approaches, what it saves.

    >>> # "12 vehicles wait, up to 48 s, on Westliche Ringstraße; 3 vehicles come on the other approaches. Stage s3 now
    >>> # costs 41 vehicle-seconds less than holding s1."
    """
    junction, stage, calls = scene.junction, choice.stage, choice.calls
    if junction.stages[stage].id == scene.stage:
        return "The service takes over from the fixed plan; the stage that is shown is the right one now."
    opened = junction.stages[stage].open
    ours, theirs = _count(scene, opened), _count(scene, frozenset(range(junction.size)) - opened)
    if choice.rule == FORCED:
        overdue = min((link for link in calls if link in opened), key=lambda link: calls[link], default=None)
        if overdue is not None:
            waited_s = scene.at_s - calls[overdue]
            fair_s, where = bounds_s(settings)[0], _streets(scene, frozenset((overdue,)))
            must, bound_s = ("should", fair_s) if waited_s < fair_s else ("may", settings.max_red_s)
            waited = f"Somebody has waited at red for {waited_s:.0f} s on {where}"
            return f"{waited}; nobody {must} wait longer than {bound_s:.0f} s."
    people = _people(scene, opened)
    if people and not ours[0] and not ours[1]:
        return f"{_crossing(people)}; {_who(theirs).lower()} on the other approaches.{_saving(scene, choice)}"
    if not ours[0] and not ours[1] and any(row[1] in opened for rows in scene.announced.values() for row in rows):
        return f"Nobody is seen yet on {_streets(scene, opened)}, but somebody who goes first comes there."
    if not ours[0] and not ours[1]:
        return f"Nobody is seen on {_streets(scene, opened)}; it gets green now so that nobody unseen is forgotten."
    who = f"{_who(ours)} on {_streets(scene, opened)}; {_who(theirs).lower()} on the other approaches."
    walk = f" {_crossing(people)}." if people else ""
    return f"{who}{walk}{_saving(scene, choice)}"


def _people(scene: Scene, links: frozenset[int]) -> int:
    """Those who wait to cross on foot."""
    return sum(row[3] == PEDESTRIAN and row[2] in links for rows in scene.vehicles.values() for row in rows)


def _crossing(people: int) -> str:
    return "1 person waits to cross" if people == 1 else f"{people} people wait to cross"


def _saving(scene: Scene, choice: Choice) -> str:
    """What the change saves against holding on, where the plan weighed both."""
    held = choice.scores.get(scene.junction.number[scene.stage])
    taken = choice.scores.get(choice.stage)
    if choice.method != PLAN or held is None or taken is None or held < taken:
        return ""
    name = scene.junction.stages[choice.stage].id
    return f" Stage {name} now costs {held - taken:.0f} vehicle-seconds less than holding {scene.stage}."


def _count(scene: Scene, links: frozenset[int]) -> tuple[int, int, float]:
    """Vehicles that wait for these movements, vehicles that come, and the longest wait in seconds."""
    waiting = coming = 0
    longest_s = 0.0
    for lane, here in scene.junction.lane_links.items():
        for _, speed_mps, link, kind, waited_s in scene.vehicles.get(lane, ()):
            if (link if link >= 0 else here[0]) not in links or kind == PEDESTRIAN:
                continue
            if speed_mps < HALTED_MPS:
                waiting += 1
                longest_s = max(longest_s, waited_s)
            else:
                coming += 1
    return waiting, coming, longest_s


def _who(count: tuple[int, int, float]) -> str:
    waiting, coming, longest_s = count
    if not waiting and not coming:
        return "Nobody is seen"
    come = _vehicles(coming, "comes", "come")
    if not waiting:
        return come
    wait = _vehicles(waiting, "waits", "wait") + (f", up to {longest_s:.0f} s," if longest_s >= 1 else "")
    return f"{wait} and {come}" if coming else wait.rstrip(",") if waiting and longest_s < 1 else wait


def _vehicles(count: int, one: str, many: str) -> str:
    return f"1 vehicle {one}" if count == 1 else f"{count} vehicles {many}"


def _streets(scene: Scene, links: frozenset[int]) -> str:
    """The streets that lead to these movements, those with most vehicles first, at most three."""
    junction = scene.junction
    busy: dict[str, int] = {}
    for lane, here in junction.lane_links.items():
        if links.isdisjoint(here):
            continue
        going = sum(1 for row in scene.vehicles.get(lane, ()) if row[2] in links or row[2] < 0)
        street = junction.streets[lane]
        busy[street] = busy.get(street, 0) + going
    names = sorted(busy, key=lambda street: (-busy[street], street))
    shown = [name for name in names if busy[name]][:3] or names[:1]
    return " and ".join(shown) or "this approach"
