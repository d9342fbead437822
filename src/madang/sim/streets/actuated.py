"""The streets under SUMO's own actuated control, as a baseline: the greens of the built-in plan, each as long as
vehicles keep coming (gap-based, SUMO documentation "Traffic lights", type ``actuated``)."""

from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from madang.sim.streets.network import Program
from madang.sim.streets.stages import is_stage

MIN_GREEN_S = 7.0
"""The regulated minimum; SUMO's own default is 5 s."""
MAX_GREEN_S = 50.0
"""SUMO's default."""


def additional(programs: Mapping[str, tuple[Program, ...]]) -> str:
    """The SUMO additional file: for each signal the program that is in force (the last), actuated. What was loaded last
    is what runs."""
    return f"<additional>{''.join(_logic(found[-1]) for found in programs.values() if found)}</additional>"


def _logic(program: Program) -> str:
    phases = "".join(_phase(lamps, duration_s) for lamps, duration_s in program.phases)
    return (
        f'<tlLogic id={quoteattr(program.signal)} type="actuated" programID="actuated" '
        f'offset="{program.offset_s:g}">{phases}</tlLogic>'
    )


def _phase(lamps: str, duration_s: float) -> str:
    bounds = ""
    if is_stage(lamps):
        bounds = f' minDur="{min(MIN_GREEN_S, duration_s):g}" maxDur="{max(MAX_GREEN_S, duration_s):g}"'
    return f'<phase duration="{duration_s:g}" state={quoteattr(lamps)}{bounds}/>'
