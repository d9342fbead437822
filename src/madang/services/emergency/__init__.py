"""City service `emergency`: tells the signals on the way of a vehicle with right of way when it will be there."""

import msgspec

from madang.model.service import Service
from madang.services.emergency.account import KPIS
from madang.services.emergency.act import GUARDS, fallback
from madang.services.emergency.decide import decide
from madang.services.emergency.publish import CORRIDOR
from madang.services.emergency.sense import READS
from madang.services.emergency.settings import Settings

SERVICE = Service(
    name="emergency",
    title="A clear way for those who help",
    version="0.1.0",
    reads=READS,
    writes=(),
    every_s=1.0,
    decide=decide,
    guards=GUARDS,
    fallback=fallback,
    kpis=KPIS,
    publishes=(CORRIDOR,),
    settings=msgspec.structs.asdict(Settings()),
)
