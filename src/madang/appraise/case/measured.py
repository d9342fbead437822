"""What an evaluation measured, as an input of an appraisal: a gain per evaluated hour with its standard deviation.

The gain is the figure of the fixed plan (or of another control) less the service's on the same seeds: less delay is a
gain. Figures that are means over vehicles are multiplied by the vehicles of the same seed before they are averaged. The
interval is by Student's t over seeds; draws take a normal distribution whose central 95 % is that interval, so few
seeds are wide.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any, Literal

import msgspec
from scipy.special import stdtrit  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from madang.appraise.distribution import Distribution
from madang.errors import AppraisalInvalid

NORMAL_95 = 1.959963984540054
"""Half the width of the central 95 % of a standard normal distribution."""
FEW_SEEDS = 3
SHORT_HOURS = 1.0


class Scale(msgspec.Struct, frozen=True):
    """From a figure of the evidence to a gain: what it is a figure of, what one of it is of the unit, and the unit."""

    of: Literal["vehicle", "counted", "run"]
    factor: float
    unit: str


SCALES: Mapping[str, Scale] = {
    "delay_s": Scale("vehicle", 1 / 3600, "vehicle-hours / evaluated h"),
    "waiting_s": Scale("vehicle", 1 / 3600, "vehicle-hours / evaluated h"),
    "stops": Scale("vehicle", 1.0, "stops / evaluated h"),
    "bus_delay_s": Scale("counted", 1 / 3600, "bus-hours / evaluated h"),
    "bus_lateness_s": Scale("counted", 1 / 3600, "bus-hours late / evaluated h"),
    "emergency_delay_s": Scale("counted", 1 / 3600, "vehicle-hours / evaluated h"),
    "co2_kg": Scale("run", 1e-3, "t CO2 / evaluated h"),
    "fuel_kg": Scale("run", 1.0, "kg fuel / evaluated h"),
    "nox_g": Scale("run", 1e-3, "kg NOx / evaluated h"),
    "pmx_g": Scale("run", 1e-3, "kg particles / evaluated h"),
}


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """Where a measured value comes from, so that a reader can make it again. `without` and `with_service` are the
    figure's means over seeds, `gains` by seed and `interval` of their mean in the unit of the gain."""

    evidence: str
    file: str
    sha256: str
    figure: str
    service: str
    city: str
    scenario: str
    hours: float
    seeds: tuple[int, ...]
    made_at: str
    code_sha256: str
    scenario_sha256: str
    madang: str
    unit: str
    against: str
    without: float
    with_service: float
    gains: tuple[float, ...]
    interval: tuple[float, float]


class Gain(msgspec.Struct, frozen=True, kw_only=True):
    """The mean gain in `unit`, its distribution as a factor, and its trail."""

    value: float
    unit: str
    spread: Distribution
    trail: Trail


class Missing(AppraisalInvalid):
    """The evidence does not give that figure: what is wrong, and what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} ({remedy})")
        self.message = message
        self.remedy = remedy


def gain(
    content: Mapping[str, Any],
    figure: str,
    *,
    name: str,
    file: str,
    sha256: str,
    count: float | None = None,
    against: str = "fixed",
) -> Gain:
    """The gain that the evidence's content gives, `against` that variant of control. Raises Missing."""
    content = _paired(content, against)
    scale = _scale(content, figure, count)
    gains = _gains(content, figure, scale=scale, count=count)
    mean = fmean(gains)
    if mean == 0:
        raise Missing(f"{figure} did not change at all", "a stream cannot rest on it: leave it out")
    low, high = _interval(gains)
    told = content.get("provenance", {})
    trail = Trail(
        evidence=name,
        file=file,
        sha256=sha256,
        figure=figure,
        service=str(content.get("service", "")),
        city=str(content.get("city", "")),
        scenario=str(content.get("scenario", "")),
        hours=float(content["hours"]),
        seeds=tuple(content["seeds"]),
        made_at=str(told.get("made_at", "")),
        code_sha256=str(told.get("code_sha256", "")),
        scenario_sha256=str(told.get("scenario_sha256", "")),
        madang=str(told.get("madang", "")),
        unit=scale.unit,
        against=against,
        without=_mean(content, against, figure),
        with_service=_mean(content, str(content.get("service", "")), figure),
        gains=tuple(gains),
        interval=(low, high),
    )
    spread = Distribution("normal", (1.0, (high - low) / 2 / NORMAL_95 / abs(mean)))
    return Gain(value=mean, unit=scale.unit, spread=spread, trail=trail)


def weak(trail: Trail) -> str | None:
    """Why the evidence is too little for more than a draft, or None."""
    if len(trail.seeds) < FEW_SEEDS or trail.hours < SHORT_HOURS:
        return (
            f"{trail.file}: {len(trail.seeds)} seeds of {trail.hours:g} h "
            f"(measure {FEW_SEEDS} seeds and {SHORT_HOURS:g} h or more)"
        )
    return None


def _paired(content: Mapping[str, Any], against: str) -> dict[str, Any]:
    """The content with `effect` the service less that variant, and `before` the variant's own figures."""
    effects = {"fixed": content.get("effect"), **content.get("against", {})}
    if not isinstance(effects.get(against), Mapping):
        there = ", ".join(name for name, found in effects.items() if isinstance(found, Mapping))
        raise Missing(f"the evidence has no {against!r} to compare with", f"one of: {there}")
    return {**content, "effect": effects[against], "before": content.get("runs", {}).get(against, {})}


def _scale(content: Mapping[str, Any], figure: str, count: float | None) -> Scale:
    there = [name for name in SCALES if name in content.get("effect", {})]
    if figure not in there:
        raise Missing(f"{figure!r} is no figure of this evidence that has a scale", f"one of: {', '.join(there)}")
    scale = SCALES[figure]
    if count is not None and count <= 0:
        raise Missing(f"count is {count:g}", "write the vehicles an hour, above 0")
    if (scale.of == "counted") != (count is not None):
        need = "write count, the vehicles an hour that it is a mean of" if count is None else "leave out count"
        raise Missing(f"{figure} is a mean over {'some' if count is None else 'all'} vehicles", need)
    return scale


def _gains(content: Mapping[str, Any], figure: str, *, scale: Scale, count: float | None) -> list[float]:
    """By seed, per evaluated hour."""
    try:
        changes = [float(value) for value in content["effect"][figure]["values"]]
        hours = float(content["hours"])
        vehicles = [float(value) for value in content["before"]["vehicles"]["values"]]
        seeds = len(content["seeds"])
    except (KeyError, TypeError, ValueError) as error:
        raise Missing(f"the evidence lacks {error}", "measure again with this version of madang evaluate") from error
    if len(changes) < 2 or len(changes) != seeds or len(vehicles) != seeds or hours <= 0:
        raise Missing(
            f"{len(changes)} seeds: no interval", "measure three seeds or more: madang evaluate --seeds 1,2,3"
        )
    if scale.of == "vehicle":
        per_hour = [number / hours for number in vehicles]
    else:
        per_hour = [count if count is not None else 1 / hours] * seeds
    return [-change * each * scale.factor for change, each in zip(changes, per_hour, strict=True)]


def _mean(content: Mapping[str, Any], variant: str, figure: str) -> float:
    try:
        return float(content["runs"][variant][figure]["mean"])
    except (KeyError, TypeError, ValueError) as error:
        raise Missing(f"the evidence lacks {figure} of {variant!r}", "measure again with madang evaluate") from error


def _interval(values: Sequence[float]) -> tuple[float, float]:
    quantile = float(stdtrit(len(values) - 1, 0.975))  # pyright: ignore[reportUnknownArgumentType]
    half = quantile * stdev(values) / math.sqrt(len(values))
    return fmean(values) - half, fmean(values) + half
