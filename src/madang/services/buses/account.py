"""What the service is judged by; the names are those of an evaluation (see ``evaluate/kpis``)."""

from madang.model.service import Kpi

KPIS = (
    Kpi(name="bus_delay_s", title="Mean bus delay", unit="s"),
    Kpi(name="bus_lateness_s", title="Mean bus lateness", unit="s", attribute="lateness"),
    Kpi(name="bus_headway_cv", title="Unevenness of headways", unit="1"),
    Kpi(name="bus_holds", title="Buses held", unit="1"),
    Kpi(name="delay_s", title="Mean delay of all vehicles", unit="s"),
)
