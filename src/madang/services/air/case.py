"""One place at one moment with all that its terms rest on, and the command that puts a step of them on record."""

from collections.abc import Mapping, Sequence

import msgspec

from madang.model.service import Command
from madang.services.air import effect, reason, sense
from madang.services.air.act import RELEASE, TERMS
from madang.services.air.area import Area
from madang.services.air.judge import Verdict
from madang.services.air.level import Course
from madang.services.air.publish import gates
from madang.services.air.sense import Place
from madang.services.air.settings import Measure, Settings


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A place, its area now, the course of its measures after this moment, how its limits stand (`found`, the most
    endangered first)."""

    place: Place
    area: Area
    course: Course
    found: tuple[Verdict, ...]
    settings: Settings

    @property
    def measure(self) -> Measure | None:
        """The measure in force."""
        return self.settings.measures[self.course.level - 1] if self.course.level else None

    def reason(self, rule: str) -> str:
        """Why the course stepped by that rule, or (empty) why the terms are as they are."""
        if not rule:
            return reason.standing(self.place, self.found, self.measure, self.course, self.settings)
        return reason.of_step(self.place, self.found, self.measure, self.course, rule, self.settings)

    def command(self, rule: str, told: str, stations: Sequence[str]) -> Command:
        """The step as a command; `stations` are all that were asked."""
        settings, measure, here = self.settings, self.measure, self.area
        worst, full = self.found[0] if self.found else None, self.course.standing >= settings.full
        metering = self.course.metering
        return Command(
            target=self.place.id,
            action=TERMS if measure else RELEASE,
            parameters=self._parameters(),
            rule=rule,
            reason=told,
            inputs=(
                *((self.place.id, name) for name in ("name", "category", "location")),
                *sense.station_inputs(stations, settings),
                *((id, name) for id in here.layouts for name in ("layout", "location")),
                *((id, "queues") for id in here.cameras),
            ),
            alternatives=effect.alternatives(worst, settings, full=full) if worst else (),
            score_unit=effect.UNIT if worst else "",
            expected=effect.expected(worst, measure, settings, metering=metering) if worst else {},
            memory_keys=tuple(stations),
        )

    def _parameters(self) -> Mapping[str, object]:
        measure = self.measure
        if measure is None:
            return {}
        return {
            "level": measure.name,
            "inflow": measure.inflow,
            "stopWeight": measure.stop_weight,
            "avoidDiesel": measure.avoid_diesel,
            "inside": list(self.area.inside),
            "gates": gates(self.area, measure, self.course),
        }
