"""What the service is judged by; the names are those of an evaluation (see ``evaluate/kpis``)."""

from madang.model.service import Kpi

KPIS = (
    Kpi(name="place_nox_g", title="Nitrogen oxides emitted near sensitive places", unit="g"),
    Kpi(name="place_pmx_g", title="Exhaust particulates emitted near sensitive places", unit="g"),
    Kpi(name="nox_g", title="Nitrogen oxides emitted by all trips", unit="g"),
    Kpi(name="delay_s", title="Mean delay of all vehicles", unit="s"),
)
