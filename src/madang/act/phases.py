"""From an order to what a phase controller understands: hold, force-off, calls and omits of phases, never lamps.

A stage becomes a hold and a vehicle call of its phases and a force-off of all others. The controller serves what is
called, in the sequence of its rings, with its own minimum greens, clearances and barriers; a hold has an effect on a
phase that is green, a force-off on one that is green and not held (NTCIP 1202 v02, 2.2.5).

A ring goes back to an earlier phase, or to the other side of a barrier, only together with the other rings. While one
has to, nothing is held: a held phase of the next stage would keep the ring that has to leave from leaving.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec

from madang.errors import BadRequestData
from madang.model.field import Junction

Phases = frozenset[int]

NONE: Phases = frozenset()


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Which phases have which control. All empty: the controller is free."""

    hold: Phases = NONE
    force_off: Phases = NONE
    call: Phases = NONE
    omit: Phases = NONE


FREE = Request()


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What was ordered: the phases of a `stage`, to which the way depends on what is green, or else the request itself,
    which is meant `once` or again with every renewal."""

    stage: Phases = NONE
    request: Request = FREE
    once: bool = False


class Phasing:
    """What the phases of one junction are and which of them a stage has."""

    def __init__(self, junction: Junction) -> None:
        self.known: Phases = frozenset(phase for ring in junction.rings for phase in ring)
        self._stages = {stage: frozenset(phases) for stage, phases in junction.stages.items()}
        self._rings = junction.rings
        self._sides = tuple(map(frozenset, junction.barriers))
        self._omit = junction.omit

    def wanted(self, action: str, parameters: Mapping[str, Any]) -> Wanted:
        """What an order wants.

        Actions: ``stage`` {"stage": id}; ``hold``, ``force_off`` and ``call``, each {"phases": [number, ...]};
        ``release`` {}. A force-off and a release are meant once. Raises BadRequestData that says what the controller
        takes.
        """
        if action == "release":
            return Wanted(once=True)
        if action == "stage":
            return Wanted(stage=self._stage(parameters.get("stage")))
        if action not in ("hold", "force_off", "call"):
            raise BadRequestData(
                f"unknown action {action!r}: this controller takes 'stage', 'hold', 'force_off', 'call' and 'release'"
            )
        request = Request(**{action: self._phases(parameters.get("phases"))})
        return Wanted(request=request, once=action == "force_off")

    def request(self, wanted: Wanted, greens: Phases) -> Request:
        """What to ask for now that these phases are green. A stage is asked for whole every time, so that phases that
        come before it in the sequence are ended too."""
        if not wanted.stage:
            return wanted.request
        others = self.known - wanted.stage
        omit = others if self._omit else NONE
        if any(self._leaves(ring, wanted.stage, greens) for ring in self._rings):
            return Request(call=wanted.stage, force_off=self.known, omit=omit)
        return Request(hold=wanted.stage, call=wanted.stage, force_off=others, omit=omit)

    def _leaves(self, ring: Sequence[int], stage: Phases, greens: Phases) -> bool:
        """Whether the ring has to cross a barrier, be it back to where it is, to come to the stage."""
        now = next((place for place, phase in enumerate(ring) if phase in greens), None)
        if now is None or ring[now] in stage:
            return False
        side = next((side for side in self._sides if ring[now] in side), NONE)
        return not any(phase in stage & side for phase in ring[now + 1 :])

    def stage(self, greens: Iterable[int]) -> str:
        """The stage in which exactly these phases are green; empty where none has."""
        shown = frozenset(greens)
        return next((stage for stage, phases in self._stages.items() if phases == shown), "")

    def _stage(self, stage: object) -> Phases:
        if not isinstance(stage, str) or stage not in self._stages:
            raise BadRequestData(f"unknown stage {stage!r}: field.toml has {', '.join(self._stages)} for this signal")
        return self._stages[stage]

    def _phases(self, given: object) -> Phases:
        listed = list(cast(Sequence[object], given)) if isinstance(given, list | tuple) else []
        found = frozenset(phase for phase in listed if isinstance(phase, int) and phase in self.known)
        if not listed or len(found) != len(listed):
            known = ", ".join(map(str, sorted(self.known)))
            raise BadRequestData(f"'phases' must be a list of some of {known}, not {given!r}")
        return found


def mask(phases: Iterable[int], group: int) -> int:
    """The phases of a group of eight as bits: bit 0 is phase 1 of group 1, phase 9 of group 2 (NTCIP 1202, 2.2.5)."""
    return sum(1 << (phase - 1) % 8 for phase in set(phases) if (phase - 1) // 8 + 1 == group)


def phases(masks: Iterable[int]) -> Phases:
    """The phases whose bits are set; a mask for each group, in order."""
    return frozenset(8 * group + bit + 1 for group, value in enumerate(masks) for bit in range(8) if value >> bit & 1)
