"""City service `air`: where the air beside a school or a hospital is bad, it sets terms that signals and buses keep."""

import msgspec

from madang.model.service import Service
from madang.services.air.account import KPIS
from madang.services.air.act import GUARDS, fallback
from madang.services.air.decide import decide
from madang.services.air.publish import TERMS
from madang.services.air.sense import PLACE, READS
from madang.services.air.settings import Settings

SERVICE = Service(
    name="air",
    title="Less exhaust where children and patients breathe",
    version="0.1.0",
    reads=READS,
    writes=(PLACE,),
    every_s=10.0,
    decide=decide,
    guards=GUARDS,
    fallback=fallback,
    kpis=KPIS,
    publishes=(TERMS,),
    settings=msgspec.to_builtins(Settings()),
    field=False,
)
