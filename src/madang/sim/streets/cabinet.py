"""The controller in the cabinet at the junction: it takes requests for stages, never lamps, and keeps its streets safe.

It runs the intergreen and the minimum green itself and refuses what would break them. Control from the city is under a
lease: when no word comes for `LEASE_S` it goes back to its own fixed plan, by the same intergreen. It knows the time of
the world only, so a world that stands still does not age.
"""

from collections.abc import Mapping
from typing import Any

from madang.sim.streets.intergreen import Transition, too_early, transition
from madang.sim.streets.layout import Layout
from madang.sim.streets.plan import Phase, green_until, phase_at
from madang.sim.streets.stages import GREEN, is_stage, repair

LEASE_S = 5.0
MIN_GREEN_S = 7.0


class Cabinet:
    """One junction's controller. Call `order` and `renew` as words come, `lamps` once for each second that begins.

    `control` is ``plan`` or ``service``; `reason` says why in plain words; `stage` the stage's id, empty on the way to
    one; `since_s` since when the stage shows; `green_since_s` and `red_since_s` by link, None where it is not so.
    """

    def __init__(self, layout: Layout, *, now_s: float, lease_s: float = LEASE_S, min_green_s: float = MIN_GREEN_S):
        self.layout = layout
        self.control = "plan"
        self.reason = "its own fixed plan: nobody has asked for anything else"
        self.stage = ""
        self.since_s = now_s
        self._greens = {stage.id: stage.green for stage in layout.stages}
        self._names = _names(layout)
        self._lease_s = lease_s
        self._leased_until_s = now_s
        self._min_green_s = min_green_s
        self._on_plan = True
        self._released_s: float | None = None
        self._way: list[tuple[float, str]] = []
        self._shown = phase_at(layout.plan, now_s).lamps
        # The lamps were on before this world began: what shows now has shown for long.
        long_ago_s = now_s - 60.0
        self.green_since_s = [long_ago_s if lamp in GREEN else None for lamp in self._shown]
        self.red_since_s = [now_s if lamp in "rs" else None for lamp in self._shown]
        self.stage = self._names.get(self._shown, "")

    @property
    def shown(self) -> str:
        """The lamps that show now."""
        return self._shown

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
        if self._way or not is_stage(self._shown):
            return "an intergreen is in progress"
        wanted = self._greens[stage]
        way = transition(self._shown, wanted, self.layout.foes)
        wait_s = too_early(way.ending, self.green_since_s, now_s, self._min_green_s)
        if wait_s > 0:
            return f"minimum green: {wait_s:.0f} s more before this stage may end"
        self.control, self.reason, self._on_plan = "service", "the city's signal service", False
        self.renew(now_s)
        self._start(way, now_s)
        return None

    def _release(self, reason: str) -> None:
        if self.control != "plan":
            self.control, self.reason, self._released_s = "plan", reason, None

    def lamps(self, now_s: float) -> str:
        """The lamps for the second that begins now."""
        if self.control == "service" and now_s > self._leased_until_s:
            self._release(f"its own fixed plan: no word from the city for {self._lease_s:.0f} s")
        self._advance(now_s)
        if self.control == "plan" and not self._way:
            self._follow(now_s)
        return self._shown

    def _follow(self, now_s: float) -> None:
        if not self._on_plan:
            self._enter(now_s)
        if self._on_plan and not self._way:
            self._show(phase_at(self.layout.plan, now_s).lamps, now_s)

    def _enter(self, now_s: float) -> None:
        """Step into the plan where it will be after the intergreen, once that serves every green its minimum; else hold
        the stage another second. A plan too hurried for that is entered after a cycle without it."""
        plan = self.layout.plan
        if self._released_s is None:
            self._released_s = now_s
        hurried = now_s - self._released_s > sum(duration_s for _, duration_s in plan.phases)
        for ahead_s in (0.0, 3.0, 5.0):
            phase = phase_at(plan, now_s + ahead_s)
            way = transition(self._shown, phase.lamps, self.layout.foes)
            if way.length_s != ahead_s or not is_stage(phase.lamps):
                continue
            if too_early(way.ending, self.green_since_s, now_s, self._min_green_s) > 0:
                continue
            starts_s = now_s + way.length_s
            greens = [link for link, lamp in enumerate(phase.lamps) if lamp in GREEN]
            if hurried or all(self._lasts(phase, link, starts_s) for link in greens):
                self._on_plan = True
                self._start(way, now_s)
                return

    def _lasts(self, phase: Phase, link: int, starts_s: float) -> bool:
        since_s = self.green_since_s[link]
        begin_s = starts_s if since_s is None else since_s
        return green_until(self.layout.plan, phase, link) - begin_s >= self._min_green_s

    def _start(self, way: Transition, now_s: float) -> None:
        self._way = [(now_s + after_s, lamps) for after_s, lamps in way.steps]
        self._advance(now_s)

    def _advance(self, now_s: float) -> None:
        while self._way and self._way[0][0] <= now_s:
            self._show(self._way.pop(0)[1], now_s)

    def _show(self, lamps: str, now_s: float) -> None:
        if lamps == self._shown:
            self._rename(now_s)
            return
        for link, (before, after) in enumerate(zip(self._shown, lamps, strict=True)):
            if before != after:
                self._mark(link, after, now_s)
        self._shown = lamps
        self._rename(now_s)

    def _mark(self, link: int, lamp: str, now_s: float) -> None:
        if lamp not in GREEN:
            self.green_since_s[link] = None
        elif self.green_since_s[link] is None:
            self.green_since_s[link] = now_s
        if lamp in GREEN or lamp == "y":
            self.red_since_s[link] = None
        elif self.red_since_s[link] is None:
            self.red_since_s[link] = now_s

    def _rename(self, now_s: float) -> None:
        name = "" if self._way else self._names.get(self._shown, "")
        if name != self.stage:
            self.stage, self.since_s = name, now_s


def _names(layout: Layout) -> dict[str, str]:
    """Stage ids by lamps: the stages', and the plan's phases as they are before repair."""
    by_green = {stage.green: stage.id for stage in layout.stages}
    phases = {lamps for lamps, _ in layout.plan.phases if is_stage(lamps)}
    return {lamps: by_green[repair(lamps, layout.foes, layout.yields)] for lamps in phases} | by_green
