"""The controller in the cabinet at the junction: it takes requests for stages, never lamps, and keeps its streets safe.

It runs the intergreen and the minimum green itself and refuses what would break them. Control from the city is under a
lease: when no word comes for `LEASE_S` it goes back to its own fixed plan, by the same intergreen. It knows the time of
the world only, so a world that stands still does not age.
"""

from collections.abc import Mapping
from typing import Any

from madang.sim.streets.intergreen import ALL_RED_S, YELLOW_S, Transition, transition
from madang.sim.streets.lamps import Lamps
from madang.sim.streets.layout import Layout
from madang.sim.streets.plan import phase_at
from madang.sim.streets.stages import is_stage, repair

LEASE_S = 5.0
MIN_GREEN_S = 7.0


class Cabinet:
    """One junction's controller. Call `order` and `renew` as words come, `tick` once for each second that begins.

    `control` is ``plan`` or ``service``; `reason` says why in plain words; `lamps` what shows; `stage` the stage's id,
    empty on the way to one; `since_s` since when the stage shows.
    """

    def __init__(self, layout: Layout, *, now_s: float, lease_s: float = LEASE_S, min_green_s: float = MIN_GREEN_S):
        self.layout = layout
        self.control = "plan"
        self.reason = "its own fixed plan: nobody has asked for anything else"
        self.stage = ""
        self.since_s = now_s
        self._greens = {stage.id: stage.green for stage in layout.stages}
        self._names = _names(layout)
        self._sound = frozenset(self._greens.values())
        usual_s = YELLOW_S + ALL_RED_S
        self._lengths_s = sorted({0.0, YELLOW_S, usual_s, *(max(usual_s, each) for each in layout.clear_s)})
        self._lease_s = lease_s
        self._leased_until_s = now_s
        self._min_green_s = min_green_s
        self._on_plan = True
        self._released_s: float | None = None
        self._way: list[tuple[float, str]] = []
        self.lamps = Lamps(phase_at(layout.plan, now_s).lamps, now_s)
        self.stage = self._names.get(self.lamps.shown, "")

    @property
    def served(self) -> bool:
        """Whether the city answers for what shows: until the cabinet is back in its own plan."""
        return self.control != "plan" or not self._on_plan or bool(self._way)

    def renew(self, now_s: float) -> None:
        """The city keeps its lease."""
        self._leased_until_s = now_s + self._lease_s

    def order(self, action: str, parameters: Mapping[str, Any], now_s: float) -> str | None:
        """Take an order: ``stage`` {"stage": id} or ``release`` {}. Returns why it is refused, or None."""
        if action == "release":
            self._release("its own fixed plan: the city gave control back")
            return None
        if action != "stage":
            return f"unknown action '{action}': this controller takes 'stage' and 'release'"
        return self._request(parameters.get("stage"), now_s)

    def _request(self, stage: object, now_s: float) -> str | None:
        if not isinstance(stage, str) or stage not in self._greens:
            return f"unknown stage {stage!r}: this junction has {', '.join(self._greens) or 'none'}"
        if self._way or not is_stage(self.lamps.shown):
            return "an intergreen is in progress"
        wanted = self._greens[stage]
        way = self._way_to(wanted)
        if waits := self._waits(way, now_s):
            return waits
        self.control, self.reason, self._on_plan = "service", "the city's signal service", False
        self.renew(now_s)
        self._start(way, now_s)
        return None

    def _release(self, reason: str) -> None:
        if self.control != "plan":
            self.control, self.reason, self._released_s = "plan", reason, None

    def tick(self, now_s: float) -> str:
        """The lamps for the second that begins now."""
        if self.control == "service" and now_s > self._leased_until_s:
            self._release(f"its own fixed plan: no word from the city for {self._lease_s:.0f} s")
        self._advance(now_s)
        if self.control == "plan" and not self._way:
            self._follow(now_s)
        return self.lamps.shown

    def _follow(self, now_s: float) -> None:
        if not self._on_plan:
            self._enter(now_s)
        if self._on_plan and not self._way:
            self._show(phase_at(self.layout.plan, now_s).lamps, now_s)

    def _enter(self, now_s: float) -> None:
        """Step into the plan where it will be after the intergreen, if that phase then lasts a minimum green and has no
        protected foes; else hold the stage another second. A plan without such a phase is entered after a cycle."""
        plan = self.layout.plan
        if self._released_s is None:
            self._released_s = now_s
        late = now_s - self._released_s > sum(duration_s for _, duration_s in plan.phases)
        for ahead_s in sorted(
            {0.0, YELLOW_S, *(max(YELLOW_S + ALL_RED_S, each) for each in (0.0, *self.layout.clear_s))}
        ):
            phase = phase_at(plan, now_s + ahead_s)
            way = self._way_to(phase.lamps)
            if way.length_s != ahead_s or not is_stage(phase.lamps) or self._waits(way, now_s):
                continue
            sound = phase.lamps in self._sound and phase.end_s - (now_s + ahead_s) >= self._min_green_s
            if sound or late:
                self._on_plan = True
                self._start(way, now_s)
                return

    def _waits(self, way: Transition, now_s: float) -> str | None:
        """Why the transition may not begin yet, or None."""
        if (wait_s := self.lamps.green_left_s(way, now_s, self._min_green_s)) > 0:
            return f"minimum green: {wait_s:.0f} s more before this stage may end"
        if (wait_s := self.lamps.all_red_left_s(way, self.layout.foes, now_s, self.layout.clear_s)) > 0:
            return f"all-red: {wait_s:.0f} s more before a conflicting stream may start"
        return None

    def _way_to(self, wanted: str) -> Transition:
        return transition(self.lamps.shown, wanted, self.layout.foes, self.layout.clear_s)

    def _start(self, way: Transition, now_s: float) -> None:
        self._way = [(now_s + after_s, lamps) for after_s, lamps in way.steps]
        self._advance(now_s)

    def _advance(self, now_s: float) -> None:
        while self._way and self._way[0][0] <= now_s:
            self._show(self._way.pop(0)[1], now_s)

    def _show(self, lamps: str, now_s: float) -> None:
        self.lamps.show(lamps, now_s)
        self._rename(now_s)

    def _rename(self, now_s: float) -> None:
        name = "" if self._way else self._names.get(self.lamps.shown, "")
        if name != self.stage:
            self.stage, self.since_s = name, now_s


def _names(layout: Layout) -> dict[str, str]:
    """Stage ids by lamps: the stages', and the plan's phases as they are before repair."""
    by_green = {stage.green: stage.id for stage in layout.stages}
    phases = {lamps for lamps, _ in layout.plan.phases if is_stage(lamps)}
    return {lamps: by_green[repair(lamps, layout.foes, layout.yields)] for lamps in phases} | by_green
