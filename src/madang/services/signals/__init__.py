"""City service `signals`: gives green where most vehicles can go, and to everybody within two minutes."""

import msgspec

from madang.model.service import Baseline, Service
from madang.services.signals.account import KPIS
from madang.services.signals.act import GUARDS, fallback
from madang.services.signals.claims import READS as ASKED
from madang.services.signals.decide import decide
from madang.services.signals.expect import expect
from madang.services.signals.plan import prepare
from madang.services.signals.publish import ASSESSMENT
from madang.services.signals.sense import READS, SIGNAL
from madang.services.signals.settings import Settings
from madang.services.signals.terms import READ as AIR

ALONE = {"corridors": False, "emergency_weight": 1.0}
"""The signals do not know who is under blue light."""

SERVICE = Service(
    name="signals",
    title="Traffic signals that see who waits",
    version="0.3.0",
    reads=(*READS, *ASKED, AIR),
    writes=(SIGNAL,),
    every_s=1.0,
    decide=decide,
    guards=GUARDS,
    fallback=fallback,
    kpis=KPIS,
    publishes=(ASSESSMENT,),
    settings=msgspec.structs.asdict(Settings()),
    prepare=prepare,
    expect=expect,
    baselines=(
        Baseline(name="actuated", actuated=True),
        Baseline(name="max-pressure", settings={"method": "max-pressure", "added_stages": False, "infer": False}),
        Baseline(name="no-priority", settings={"priority": False, **ALONE}, asked=True),
        Baseline(name="no-corridors", settings=ALONE, asked=True),
        Baseline(name="no-air", settings={"air": False}, asked=True),
    ),
)
