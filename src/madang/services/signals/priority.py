"""What it changes that somebody goes first: weights in the plan, the words of the reason, its cost, and what is owed.

A bus that asks, and a vehicle under blue light, count for more than a car where the plan weighs who waits; those who
stand before them in their lane have to be gone first, so the plan clears the way in time. Nobody commands a lamp:
minimum green, intergreen and maximum red hold as ever. Who was kept waiting for a corridor is remembered, and counts
for more when it has ended, until that movement had its green.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.services.signals.arrivals import DISPERSION
from madang.services.signals.calls import HALTED_MPS, Calls
from madang.services.signals.change import GREEN
from madang.services.signals.claims import CORRIDOR, Claim, Heard
from madang.services.signals.junction import Junction
from madang.services.signals.outlook import Outlook
from madang.services.signals.sense import Favour, Scene, Vehicle
from madang.services.signals.settings import Settings

LEAD_S = 4.0
"""A vehicle under blue light is to see green so long before it comes: it does not brake then."""
LAG_S = 2.0
"""Where it has green already it is taken to come so much later: a plan that ends the green just behind it ends it just
before it as often as not."""
FRESH_S = 3.0
"""A vehicle that should be at the line, that no camera sees and that has not told of itself for so long has passed."""
NEAR_M = 15.0
"""A vehicle of another kind this near to where the claim says is taken to be the one: cameras mix up kinds."""
FASTEST_MPS = 25.0
RECOVERY_S = 90.0
LIKE = 0.5
"""Who is to leave the junction before with at least this share of the claim's weight is taken to be its vehicle."""

Owed = Mapping[int, float]
"""By movement that was kept at red for a corridor, when (POSIX s) that corridor was last heard of."""


def owed_of(memory: Any) -> Owed:
    """What a target's slice of memory says is owed: `{"owed": {link: POSIX s}}`."""
    if not isinstance(memory, Mapping):
        return {}
    slice: Mapping[str, Any] = memory  # pyright: ignore[reportUnknownVariableType]
    return {int(link): at_s for link, at_s in slice.get("owed", {}).items()}


def owing(owed: Owed, scene: Scene, calls: Calls, heard: Heard) -> dict[int, float]:
    """What is owed now: who waits at red while a corridor is on, until they had their green or went away."""
    led = {claim.link for claim in heard.taken if claim.corridor}
    if not led and not owed:
        return {}
    kept = {
        link: at_s
        for link, at_s in owed.items()
        if link in calls.call and scene.lamps[link] not in GREEN and scene.at_s - at_s <= RECOVERY_S
    }
    if led:
        kept |= {link: scene.at_s for link in calls.call if link not in led}
    return kept


def favoured(scene: Scene, heard: Heard, owed: Owed, before: Mapping[str, Outlook], settings: Settings) -> Scene:
    """The scene with what these vehicles count: those that the camera sees by their rows, the others as announced.
    `before` are the outlooks of the junctions a second ago."""
    favour: dict[Vehicle, Favour] = {}
    announced: dict[str, list[tuple[float, int, float]]] = {}
    if owed and not heard.corridor:
        favour = dict.fromkeys(_waiting(scene, owed), (settings.recovery_weight, 0.0))
    for claim in heard.taken:
        lead_s = _lead_s(scene, claim)
        row = _seen(scene, claim, favour)
        if row is not None:
            favour[row] = (claim.weight, lead_s)
        elif (at_s := _comes_s(scene, claim, before)) is not None:
            place = announced.setdefault(scene.junction.queue_of[claim.link], [])
            place.append((max(0.0, at_s - lead_s), claim.link, claim.weight))
    return msgspec.structs.replace(scene, favour=favour, announced=announced)


def _lead_s(scene: Scene, claim: Claim) -> float:
    if not claim.corridor:
        return 0.0
    return -LAG_S if scene.lamps[claim.link] in GREEN else LEAD_S


def alike(scene: Scene) -> Scene:
    """The scene as if nobody went first: a bus, or a vehicle under blue light, is a vehicle as all are."""
    return msgspec.structs.replace(scene, favour=dict.fromkeys(scene.favour, (1.0, 0.0)), announced={})


def _waiting(scene: Scene, owed: Owed) -> list[Vehicle]:
    lanes = {lane for lane, links in scene.junction.lane_links.items() if not owed.keys().isdisjoint(links)}
    return [
        row for lane in sorted(lanes) for row in scene.vehicles.get(lane, ()) if row[1] < HALTED_MPS and row[2] in owed
    ]


def _seen(scene: Scene, claim: Claim, taken: Mapping[Vehicle, Favour]) -> Vehicle | None:
    """The claim's vehicle among those that the camera sees."""
    queue = scene.junction.queues[scene.junction.queue_of[claim.link]]
    kind = "emergency" if claim.corridor else "bus"
    nearest_m = claim.distance_m - FASTEST_MPS * (claim.age_s + FRESH_S)
    rows = [
        row
        for lane in queue.lanes
        for row in scene.vehicles.get(lane, ())
        if row[2] in (claim.link, -1) and nearest_m <= row[0] <= claim.distance_m + NEAR_M
    ]
    able = [row for row in rows if row[3] == kind and taken.get(row, (0.0, 0.0))[0] < claim.weight]
    if not able and not _may_have_passed(scene, claim):
        able = [row for row in rows if abs(row[0] - claim.distance_m) <= NEAR_M and row not in taken]
    return min(able, key=lambda row: (abs(row[0] - claim.distance_m), row), default=None)


def _may_have_passed(scene: Scene, claim: Claim) -> bool:
    """Whether the claim's vehicle may be over the line already, if no camera sees it: its time has come and it has
    green, or it has not told of itself for a while. Else whoever follows it would be given its weight."""
    return claim.arrival_s <= 0 and (claim.age_s > FRESH_S or scene.lamps[claim.link] in GREEN)


def _comes_s(scene: Scene, claim: Claim, before: Mapping[str, Outlook]) -> float | None:
    """In how many seconds the claim's vehicle, which no camera sees here, is at the line; None where it has passed, or
    as long as the signal before it does not say when it lets it go: a vehicle that stands there keeps nobody waiting
    here."""
    if _may_have_passed(scene, claim):
        return None
    junction = scene.junction
    feeders = [
        feeder
        for edge, links in junction.links_from.items()
        if claim.link in links
        for feeder in junction.feeders.get(edge, ())
        if feeder.target in before and claim.distance_m > feeder.distance_m + NEAR_M
    ]
    if not feeders:
        return claim.arrival_s
    leaves = [
        leave_s - scene.at_s + DISPERSION * feeder.time_s
        for feeder in feeders
        for leave_s, weight, _ in before[feeder.target].leaving.get(feeder.link, ())
        if weight > 1.0 and weight >= LIKE * claim.weight
    ]
    return max(claim.arrival_s, min(leaves)) if leaves else None


def cross_cost(junction: Junction, heard: Heard, led: Mapping[str, float], plain: Mapping[str, float]) -> float:
    """What the claims cost those on the other lanes, in vehicle-seconds of the next minute: what these wait under the
    plan with the claims (`led`, by queue) less what they wait under the plan without."""
    ours = {junction.queue_of[claim.link] for claim in heard.taken}
    return round(sum(wait_s - plain.get(name, 0.0) for name, wait_s in led.items() if name not in ours), 1)


def words(heard: Heard, owed: Owed, opened: frozenset[int], cost: float | None) -> str:
    """What the reason says of those who go first, of those left aside, and of those to whom green was owed."""
    served = [claim for claim in heard.taken if claim.link in opened]
    told = [_who(claim) for claim in served[:3]]
    if len(served) > len(told):
        told.append(f"{len(served) - len(told)} more asked to go first.")
    if cost and served:
        more = "more" if cost >= 0 else "less"
        told.append(f"The others wait {abs(cost):.0f} vehicle-seconds {more} than without.")
    if not heard.corridor and not opened.isdisjoint(owed):
        told.append("Some here were kept waiting for a vehicle under blue light.")
    if heard.aside:
        told.append(_left(heard.aside))
    return "".join(f" {each}" for each in told)


def _who(claim: Claim) -> str:
    when = f"comes in {claim.arrival_s:.0f} s" if claim.arrival_s >= 1 else "is here"
    if claim.corridor:
        return f"A vehicle under blue light {when}."
    line = f"A bus of line {claim.line[:20]}" if claim.line else "A bus"
    return f"{line}, {claim.lateness_s:.0f} s late, {when} and counts as {claim.weight:.3g} cars."


def _left(aside: Sequence[tuple[str, str]]) -> str:
    id, why = aside[0]
    others = f", and {len(aside) - 1} more" if len(aside) > 1 else ""
    # Reasons are public; which vehicle is under blue light is not.
    who = "a corridor" if f":{CORRIDOR}:" in id else id.split(":", 3)[-1][:40]
    return f"Left aside: {who} ({why[:120]}){others}."
