"""A phase controller behind an SNMP agent, in a process of its own: NTCIP 1202's objects, read and set over UDP.

    python agent.py PORT [--speed 10] [--backup 0] [--locked]

`--speed` lets the signals run faster than the wall, not the back-up timer. `--locked` refuses to set unitBackupTime.
Each change of what the phases show is a line of JSON on standard output: seconds of the signals, greens, yellows, and
whether the city controls.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import cmdrsp, context
from pysnmp.proto.rfc1902 import Integer32
from pysnmp.smi import error, instrum

sys.path.insert(0, str(Path(__file__).parent))
from rings import Controller

ASC = (1, 3, 6, 1, 4, 1, 1206, 4, 2, 1)
CONTROLS = {2: "omit", 4: "hold", 5: "force_off", 6: "call"}
STEP_S = 0.05


class Objects(instrum.AbstractMibInstrumController):
    """The standard's objects over one controller, for group 1: phases 1 to 8."""

    def __init__(self, controller: Controller, *, locked: bool) -> None:
        self._controller = controller
        self._locked = locked

    def read_variables(self, *objects: Any, **_: Any) -> list[tuple[Any, Any]]:
        return [(oid, Integer32(self._value(tuple(oid)))) for oid, _ in objects]

    def write_variables(self, *objects: Any, **asked: Any) -> list[tuple[Any, Any]]:
        for number, (oid, value) in enumerate(objects):
            if asked["acFun"]("write", (oid, value), idx=number, **asked):
                raise error.NoAccessError(name=oid, idx=number)
            self._check(tuple(oid), int(value), number)
        for oid, value in objects:
            self._set(tuple(oid), int(value))
        return list(objects)

    def _value(self, oid: tuple[int, ...]) -> int:
        it = self._controller
        match oid[len(ASC) :]:
            case (1, 4, 1, column, 1) if column in (2, 3, 4):
                interval = {3: "yellow", 4: "green"}.get(column)
                if interval:
                    return bits(it.showing(interval))
                return 255 - bits(it.showing("green") | it.showing("yellow"))
            case (1, 5, 1, column, 1) if column in CONTROLS:
                return bits(getattr(it, CONTROLS[column]))
            case (3, 3, 0):
                return it.backup_s
            case (3, 5, 0):
                return 2 if it.controlled else 4
            case (3, 6, 0):
                return 2
            case _:
                raise error.NoSuchInstanceError(name=oid, idx=0)

    def _check(self, oid: tuple[int, ...], value: int, number: int) -> None:
        match oid[len(ASC) :]:
            case (1, 5, 1, column, 1) if column in CONTROLS and 0 <= value <= 255:
                return
            case (3, 3, 0) if not self._locked and 0 <= value <= 65535:
                return
            case _:
                raise error.NotWritableError(name=oid, idx=number)

    def _set(self, oid: tuple[int, ...], value: int) -> None:
        it, below = self._controller, oid[len(ASC) :]
        if below == (3, 3, 0):
            it.backup_s = value
            return
        setattr(it, CONTROLS[below[3]], frozenset(bit + 1 for bit in range(8) if value >> bit & 1))
        it.heard()


def bits(phases: frozenset[int]) -> int:
    return sum(1 << phase - 1 for phase in phases)


def serve(port: int, objects: Objects) -> engine.SnmpEngine:
    """The agent on loopback, versions 1 and 2c; `public` may read, `city` may set as well."""
    made = engine.SnmpEngine()
    config.add_transport(made, udp.DOMAIN_NAME, udp.UdpTransport().open_server_mode(("127.0.0.1", port)))
    for community, writes in (("public", (1, 3, 6, 1, 6)), ("city", ASC)):
        config.add_v1_system(made, community, community)
        for model in (1, 2):
            config.add_vacm_user(made, model, community, "noAuthNoPriv", ASC, writes)
    known = context.SnmpContext(made)
    known.unregister_context_name(b"")
    known.register_context_name(b"", objects)
    cmdrsp.GetCommandResponder(made, known)
    cmdrsp.SetCommandResponder(made, known)
    return made


async def run(port: int, *, speed: float, backup_s: int, locked: bool) -> None:
    controller = Controller()
    controller.backup_s = backup_s
    agent = serve(port, Objects(controller, locked=locked))
    agent.transport_dispatcher.job_started(1)
    print("ready", flush=True)
    began = before = time.monotonic()
    told: object = None
    while True:
        await asyncio.sleep(STEP_S / speed if speed > 1 else STEP_S)
        now = time.monotonic()
        controller.step((now - before) * speed, wall_s=now - before)
        before = now
        shown = [sorted(controller.showing("green")), sorted(controller.showing("yellow")), controller.controlled]
        if shown != told:
            told = shown
            print(json.dumps([round((now - began) * speed, 2), *shown]), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--backup", type=int, default=0)
    parser.add_argument("--locked", action="store_true")
    given = parser.parse_args()
    asyncio.run(run(given.port, speed=given.speed, backup_s=given.backup, locked=given.locked))
