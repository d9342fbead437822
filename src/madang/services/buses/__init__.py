"""City service `buses`: late buses ask for green, bunched and early ones wait a little, blocked ones drive around."""

import msgspec

from madang.model.service import Service
from madang.services.buses.account import KPIS
from madang.services.buses.act import GUARDS, fallback
from madang.services.buses.decide import decide
from madang.services.buses.publish import PUBLISHES
from madang.services.buses.sense import BUS, READS
from madang.services.buses.settings import Settings

SERVICE = Service(
    name="buses",
    title="Buses that come when they should",
    version="0.1.0",
    reads=READS,
    writes=(BUS,),
    every_s=2.0,
    decide=decide,
    guards=GUARDS,
    fallback=fallback,
    kpis=KPIS,
    publishes=PUBLISHES,
    settings=msgspec.structs.asdict(Settings()),
)
