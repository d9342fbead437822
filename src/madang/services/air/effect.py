"""What a measure is expected to change: the part of the concentration that comes from the traffic here, times a share
that evaluations found, with its interval."""

from madang.model.service import Alternative
from madang.services.air.judge import Verdict
from madang.services.air.settings import Measure, Settings, Share

NOTHING: Share = (0.0, 0.0, 0.0)
UNIT = "µg/m³ expected at the place"


def traffic_part(verdict: Verdict, settings: Settings) -> float:
    """What is above the background, µg/m³."""
    return max(0.0, verdict.present - settings.background.get(verdict.limit.pollutant, 0.0))


def change(verdict: Verdict, measure: Measure | None, settings: Settings, *, metering: bool) -> Share:
    """What the measure changes in the concentration, µg/m³: low end, estimate, high end. Black carbon and particulates
    follow the exhaust particulates."""
    shares = NOTHING
    if measure is not None and verdict.limit.pollutant == "no2":
        shares = measure.metered_nox if metering else measure.nox
    elif measure is not None:
        shares = measure.metered_pm if metering else measure.pm
    part = traffic_part(verdict, settings)
    low, mid, high = (round(part * share, 3) + 0.0 for share in shares)
    return low, mid, high


def delayed(measure: Measure | None, *, metering: bool) -> Share:
    """What the measure changes in everybody's delay."""
    return NOTHING if measure is None else measure.metered_delay if metering else measure.delay


def expected(verdict: Verdict, measure: Measure | None, settings: Settings, *, metering: bool) -> dict[str, float]:
    """The record's expected effect against doing nothing."""
    low, mid, high = change(verdict, measure, settings, metering=metering)
    name = verdict.limit.pollutant
    delay = delayed(measure, metering=metering)
    return {
        f"{name}_ugm3": mid,
        f"{name}_ugm3_low": low,
        f"{name}_ugm3_high": high,
        "delay_share": delay[1],
        "delay_share_low": delay[0],
        "delay_share_high": delay[2],
    }


def alternatives(verdict: Verdict, settings: Settings, *, full: bool) -> tuple[Alternative, ...]:
    """Doing nothing, and each measure, with the concentration that it lets expect; `full`: the area would be metered
    where the measure does."""
    found: list[Alternative] = []
    for measure in (None, *settings.measures):
        metering = full and measure is not None and measure.inflow < 1
        low, mid, high = change(verdict, measure, settings, metering=metering)
        delay = list(delayed(measure, metering=metering))
        found.append(
            Alternative(
                label="no measure" if measure is None else measure.name,
                score=round(verdict.present + mid, 2),
                parameters={"change_ugm3": [low, mid, high], "delay_share": delay, "metering": metering},
            )
        )
    return tuple(found)
