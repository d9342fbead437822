"""Controllers that speak NTCIP 1202 (v02, actuated signal controllers) over SNMP: the standard's phase-control objects.

The objects, below ``asc`` = 1.3.6.1.4.1.1206.4.2.1; each of a group G of eight phases a number with a bit for each.
The identifiers were compared with two public readings of the standard's MIB (NTCIP 1202 v02), not with the standard's
own file:

    phase status    1.4.1.C.G   reds 2, yellows 3, greens 4, ..., phases on 10, phases next 11
    phase control   1.5.1.C.G   omit 2, pedestrian omit 3, hold 4, force-off 5, vehicle call 6, pedestrian call 7
    unit            3.C.0       backup time 3, control status 5, flash status 6

The lease is the controller's own back-up timer: every SET of a control object starts it again, and when it ends after
`unitBackupTime` seconds the controller clears those objects and runs its own plan. No order and no renewal goes out
before that timer has been read and is as short as the lease.
"""

from datetime import datetime

from madang.act.phases import FREE, Phases, Phasing, Request, Wanted, mask, phases
from madang.act.reading import Reading
from madang.act.snmp import Agent, Oid
from madang.clock import WallClock, monotonic_s
from madang.errors import BadRequestData, Unavailable
from madang.model.field import Junction
from madang.model.world import Order

ASC: Oid = (1, 3, 6, 1, 4, 1, 1206, 4, 2, 1)

_STATUS: Oid = (*ASC, 1, 4, 1)
REDS, YELLOWS, GREENS = ((*_STATUS, column) for column in (2, 3, 4))

_CONTROL: Oid = (*ASC, 1, 5, 1)
OMIT, PED_OMIT, HOLD, FORCE_OFF, VEH_CALL, PED_CALL = ((*_CONTROL, column) for column in range(2, 8))

BACKUP_TIME: Oid = (*ASC, 3, 3, 0)
CONTROL_STATUS: Oid = (*ASC, 3, 5, 0)
FLASH_STATUS: Oid = (*ASC, 3, 6, 0)

NOT_FLASHING = 2
STATUSES = {
    1: "another mode than the standard knows",
    2: "the city's control",
    3: "the city's standby",
    4: "its own plan: no word from the city for its back-up time",
    5: "manual control at the cabinet",
    6: "its own plan by the time of day",
    7: "control by its interconnect",
    8: "its interconnect's back-up",
}
"""unitControlStatus."""
MANUAL = 5
NOT_OURS = frozenset((4, MANUAL))
TAKES_S = 2.0
"""A controller may take so long to say that it does what was ordered; wall seconds."""


class NtcipController:
    """One controller: an agent, and what its phases mean."""

    def __init__(self, agent: Agent, junction: Junction, *, lease_s: int) -> None:
        self._agent = agent
        self._phasing = Phasing(junction)
        self._links = junction.links
        self._lease_s = lease_s
        self._groups = tuple(range(1, (max(self._phasing.known) - 1) // 8 + 2))
        self._again: Wanted | None = None
        self._greens: Phases = frozenset()
        self._ordered_s = self._kept_s = 0.0
        self._shown = _Shown(len(self._links))
        self._clock = WallClock()

    async def order(self, order: Order) -> str | None:
        try:
            wanted = self._phasing.wanted(order.action, order.parameters)
        except BadRequestData as error:
            return error.detail
        asked = [(*GREENS, group) for group in self._groups]
        *greens, backup_s, status, flash = await self._agent.get([*asked, BACKUP_TIME, CONTROL_STATUS, FLASH_STATUS])
        if flash > NOT_FLASHING:
            return "the controller flashes"
        if status == MANUAL:
            return f"the controller is under {STATUSES[MANUAL]}"
        await self._lease(backup_s)
        # Should an answer get lost, the lease is not renewed, and what was taken ends with it.
        self._again = None
        request = self._phasing.request(wanted, phases(greens))
        await self._write(request)
        if (why := await self._compare(request)) is not None:
            await self._write(FREE)
            return why
        self._again, self._ordered_s = None if wanted.once else wanted, monotonic_s()
        return None

    async def renew(self) -> None:
        if monotonic_s() - self._kept_s > self._lease_s:
            # It runs its own plan by now: a renewal keeps control and does not take it.
            self._again = None
        if self._again is not None:
            # Each time: a controller that was off for a moment may have forgotten its back-up time, and nobody noticed.
            await self._lease(*await self._agent.get([BACKUP_TIME]))
            await self._write(self._phasing.request(self._again, self._greens))

    async def read(self) -> Reading:
        oids = [(*column, group) for column in (YELLOWS, GREENS) for group in self._groups]
        values = await self._agent.get([*oids, CONTROL_STATUS])
        yellows, greens = (phases(values[n : n + len(self._groups)]) for n in (0, len(self._groups)))
        self._greens, status = greens, values[-1]
        if status in NOT_OURS and monotonic_s() - self._ordered_s > TAKES_S:
            self._again = None
        ours = self._again is not None
        now = self._clock.now()
        stage = "" if yellows else self._phasing.stage(greens)
        self._shown.take(stage, self._lamps(greens, yellows), now)
        return Reading(
            control="service" if ours else "plan",
            reason="the city's signal service" if ours else STATUSES.get(status, f"mode {status}"),
            stage=stage,
            since=self._shown.since,
            lamps=self._shown.lamps,
            green_since=tuple(self._shown.greens),
            red_since=tuple(self._shown.reds),
        )

    async def close(self) -> None:
        self._agent.close()

    async def _lease(self, backup_s: int) -> None:
        """See to it that the controller gives up the city's orders by itself; its back-up time is `backup_s` now.
        Raises Unavailable where it does not, AgentRefused where it does not let that be set."""
        if not 0 < backup_s <= self._lease_s:
            await self._agent.set([(BACKUP_TIME, self._lease_s)])
            (backup_s,) = await self._agent.get([BACKUP_TIME])
        if not 0 < backup_s <= self._lease_s:
            raise Unavailable(
                f"its back-up time is {backup_s} s and cannot be set: without one of 1 to {self._lease_s} s it would "
                "keep what the city ordered when it hears nothing more"
            )

    async def _write(self, wanted: Request) -> None:
        """One SET, all or none: the holds come before the force-offs that they shield from."""
        columns = ((OMIT, wanted.omit), (HOLD, wanted.hold), (VEH_CALL, wanted.call), (FORCE_OFF, wanted.force_off))
        values = [((*oid, group), mask(named, group)) for oid, named in columns for group in self._groups]
        await self._agent.set(values)
        self._kept_s = monotonic_s()

    async def _compare(self, wanted: Request) -> str | None:
        """Read back what was set. A force-off is cleared by the controller when its phase ends: fewer are well."""
        columns = (OMIT, HOLD, VEH_CALL, FORCE_OFF)
        values = await self._agent.get([(*oid, group) for oid in columns for group in self._groups])
        size = len(self._groups)
        omit, hold, call, force_off = (phases(values[n * size : (n + 1) * size]) for n in range(4))
        if (omit, hold, call) != (wanted.omit, wanted.hold, wanted.call) or not force_off <= wanted.force_off:
            return "the controller did not keep what was set: it reads back other phases"
        return None

    def _lamps(self, greens: frozenset[int], yellows: frozenset[int]) -> str:
        return "".join("G" if phase in greens else "y" if phase in yellows else "r" for phase in self._links)


class _Shown:
    """What was seen of the lamps, and since when."""

    def __init__(self, links: int) -> None:
        self.stage = ""
        self.since: datetime | None = None
        self.lamps = ""
        self.greens: list[datetime | None] = [None] * links
        self.reds: list[datetime | None] = [None] * links

    def take(self, stage: str, lamps: str, now: datetime) -> None:
        if self.since is None or stage != self.stage:
            self.stage, self.since = stage, now
        if lamps != self.lamps:
            self.greens = _since(self.greens, lamps, "G", now)
            self.reds = _since(self.reds, lamps, "r", now)
            self.lamps = lamps


def _since(times: list[datetime | None], lamps: str, lamp: str, now: datetime) -> list[datetime | None]:
    return [(before or now) if shown == lamp else None for before, shown in zip(times, lamps, strict=True)]
