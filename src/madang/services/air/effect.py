"""What a measure is expected to change: the part of the concentration that comes from the traffic here, times a share
that evaluations found, with its interval."""

from collections.abc import Mapping

from madang.model.service import Alternative
from madang.services.air.judge import Verdict
from madang.services.air.settings import Measure, Settings, Share

NOTHING: Share = (0.0, 0.0, 0.0)
UNIT = "µg/m³ expected at the place"


def traffic_part(verdict: Verdict, settings: Settings) -> float:
    """What is above the background, µg/m³."""
    return max(0.0, verdict.present - settings.background.get(verdict.limit.pollutant, 0.0))


def change(verdict: Verdict, measure: Measure | None, settings: Settings) -> Share:
    """What the measure changes in the concentration, µg/m³: low end, estimate, high end. Black carbon and particulates
    follow the exhaust particulates."""
    shares = NOTHING if measure is None else measure.nox if verdict.limit.pollutant == "no2" else measure.pm
    part = traffic_part(verdict, settings)
    low, mid, high = (round(part * share, 3) + 0.0 for share in shares)
    return low, mid, high


def expected(verdict: Verdict, measure: Measure | None, settings: Settings) -> dict[str, float]:
    """The record's expected effect against doing nothing."""
    low, mid, high = change(verdict, measure, settings)
    name = verdict.limit.pollutant
    delay = NOTHING if measure is None else measure.delay
    return {
        f"{name}_ugm3": mid,
        f"{name}_ugm3_low": low,
        f"{name}_ugm3_high": high,
        "delay_share": delay[1],
        "delay_share_low": delay[0],
        "delay_share_high": delay[2],
    }


def alternatives(verdict: Verdict, settings: Settings) -> tuple[Alternative, ...]:
    """Doing nothing, and each measure, with the concentration that it lets expect."""
    return tuple(
        Alternative(
            label="no measure" if measure is None else measure.name,
            score=round(verdict.present + change(verdict, measure, settings)[1], 2),
            parameters=_told(verdict, measure, settings),
        )
        for measure in (None, *settings.measures)
    )


def _told(verdict: Verdict, measure: Measure | None, settings: Settings) -> Mapping[str, object]:
    low, mid, high = change(verdict, measure, settings)
    delay = NOTHING if measure is None else measure.delay
    return {"change_ugm3": [low, mid, high], "delay_share": list(delay)}
