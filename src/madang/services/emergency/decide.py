"""The decision: for each vehicle with right of way, when each junction on its way must be green, and whom that costs.

The green begins so early that those who stand before the vehicle are gone when it comes. The cost is what those who
stand on the other lanes lose while they are kept there for it: an upper bound, for some of them would have had to wait
all the same.
"""

from collections.abc import Mapping

from madang.model.ahead import Ahead, queues
from madang.model.service import Decision, Memory, View
from madang.services.emergency.publish import corridor
from madang.services.emergency.sense import responders
from madang.services.emergency.settings import Settings, settings_of
from madang.services.emergency.window import Window


def decide(view: View, memory: Memory) -> Decision:
    """A corridor for every vehicle; it commands nothing: the signals' service answers for what they show. Pure."""
    settings = settings_of(view.settings)
    found = [
        corridor(view, vehicle, windows(view, vehicle.way.signals, vehicle.age_s, settings), settings)
        for vehicle in responders(view, settings)
    ]
    return Decision(commands=(), memory=memory, published=tuple(found))


def windows(view: View, signals: tuple[Ahead, ...], age_s: float, settings: Settings) -> list[Window]:
    """The junctions within reach, in the order of the way."""
    found: list[Window] = []
    for ahead in signals:
        arrival_s = max(0.0, ahead.seconds - age_s)
        if arrival_s > settings.reach_s:
            break
        found.append(_window(ahead, arrival_s, queues(view, ahead.signal), settings))
    return found


def _window(ahead: Ahead, arrival_s: float, standing: Mapping[str, float], settings: Settings) -> Window:
    before = standing.get(ahead.lane, 0.0)
    clearing_s = settings.start_loss_s + before * settings.headway_s if before else 0.0
    from_s = max(0.0, arrival_s - clearing_s - settings.margin_s)
    # Who stands before the vehicle has to be gone first, however late that is.
    until_s = max(arrival_s, from_s + clearing_s) + settings.margin_s
    others = sum(queue for lane, queue in standing.items() if lane != ahead.lane)
    return Window(ahead=ahead, arrival_s=arrival_s, from_s=from_s, until_s=until_s, cost=others * (until_s - from_s))
