"""The figures that the service is judged by, as an evaluation names them."""

from madang.model.service import Kpi

KPIS = (
    Kpi(name="delay_s", title="Mean delay (time lost on the way and before it)", unit="s"),
    Kpi(name="delay_p95_s", title="Delay that one in twenty exceeds", unit="s"),
    Kpi(name="longest_wait_s", title="Longest wait", unit="s"),
    Kpi(name="stops", title="Stops per vehicle", unit="1"),
    Kpi(name="bus_delay_s", title="Mean delay of buses", unit="s"),
    Kpi(name="co2_kg", title="Carbon dioxide", unit="kg"),
    Kpi(name="nox_g", title="Nitrogen oxides", unit="g"),
)
