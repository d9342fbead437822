"""The figures of a run, in the order of the table: their names in the results, titles, units and decimals."""

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a run; the unit is the one that its name ends with."""

    name: str
    title: str
    unit: str
    decimals: int = 1
    less_is_better: bool = True


FIGURES = (
    Figure(name="delay_s", title="Mean delay", unit="s"),
    Figure(name="delay_median_s", title="Median delay", unit="s"),
    Figure(name="delay_p95_s", title="95th percentile of delay", unit="s"),
    Figure(name="waiting_s", title="Mean waiting", unit="s"),
    Figure(name="longest_wait_s", title="Longest wait", unit="s", decimals=0),
    Figure(name="stops", title="Stops per vehicle", unit="", decimals=2),
    Figure(name="car_delay_s", title="Mean delay of cars", unit="s"),
    Figure(name="bus_delay_s", title="Mean bus delay", unit="s"),
    Figure(name="bus_lateness_s", title="Mean bus lateness", unit="s"),
    Figure(name="bus_headway_cv", title="Unevenness of headways", unit="", decimals=2),
    Figure(name="bus_holds", title="Buses held", unit="", decimals=0),
    Figure(name="emergency_delay_s", title="Mean delay of emergency vehicles", unit="s"),
    Figure(name="emergency_way_s", title="Mean way of emergency vehicles", unit="s"),
    Figure(name="pedestrian_delay_s", title="Mean delay of people on foot", unit="s"),
    Figure(name="co2_kg", title="CO2", unit="kg", decimals=0),
    Figure(name="fuel_kg", title="Fuel", unit="kg", decimals=0),
    Figure(name="nox_g", title="NOx", unit="g", decimals=0),
    Figure(name="pmx_g", title="PMx (exhaust)", unit="g"),
    Figure(name="place_nox_g", title="NOx near sensitive places", unit="g"),
    Figure(name="place_pmx_g", title="PMx (exhaust) near sensitive places", unit="g", decimals=2),
    Figure(name="vehicles", title="Vehicles", unit="", decimals=0, less_is_better=False),
    Figure(name="arrived", title="Arrived", unit="", decimals=0, less_is_better=False),
    Figure(name="never_inserted", title="Never inserted", unit="", decimals=0),
    Figure(name="teleports", title="Teleports", unit="", decimals=0),
    Figure(name="gridlocked", title="Gridlocked runs (share)", unit="", decimals=2),
    Figure(name="conflicts", title="Conflicting greens", unit="", decimals=0),
    Figure(name="guards_broken", title="Guards broken", unit="", decimals=0),
)

NAMES = tuple(figure.name for figure in FIGURES)
