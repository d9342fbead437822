"""What the service is judged by; the names are those of an evaluation (see ``evaluate/kpis``)."""

from madang.model.service import Kpi

KPIS = (
    Kpi(name="emergency_delay_s", title="Mean delay of emergency vehicles", unit="s"),
    Kpi(name="delay_s", title="Mean delay of all vehicles", unit="s"),
)
