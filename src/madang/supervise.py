"""Keeps a city's processes running: starts them, starts them again when they die, ends them together.

The hub and the world are processes of their own, so that the death of one is the other's to bear and not its end. They
end when the supervisor does, even when it is killed: each watches its standard input, which closes then.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence

import msgspec

from madang.clock import monotonic_s

log = logging.getLogger(__name__)

HOPELESS = 2
"""The exit code of a process that would fail the same way again (a wrong city, a port in use): it is not restarted."""

FIRST_PAUSE_S, LONGEST_PAUSE_S, STEADY_S = 0.3, 10.0, 30.0
"""Pause before a restart, doubled from first to longest; a process that ran `STEADY_S` starts from the first again."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One process to keep: its name and the arguments of ``madang``."""

    name: str
    arguments: tuple[str, ...]


def follow_parent() -> None:
    """In a supervised process: end at once when the supervisor is gone (standard input closes)."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os._exit(0)

    threading.Thread(target=watch, name="follow-parent", daemon=True).start()


async def supervise(parts: Sequence[Part], *, told: Callable[[str], None]) -> int:
    """Keep the parts running until a signal (INT, TERM) or until one is hopeless; the exit code.

    `told` hears a line for people when a part died and when it is back.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(_keep(part, stop, told)) for part in parts]
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        codes = await asyncio.gather(*tasks)
    finally:
        stopped.cancel()
    return max(codes)


async def _keep(part: Part, stop: asyncio.Event, told: Callable[[str], None]) -> int:
    pause_s = FIRST_PAUSE_S
    while True:
        started_s = monotonic_s()
        code = await _live(part, stop)
        if stop.is_set():
            return 0
        if code == HOPELESS:
            return HOPELESS
        pause_s = FIRST_PAUSE_S if monotonic_s() - started_s > STEADY_S else min(LONGEST_PAUSE_S, pause_s * 2)
        told(f"{part.name} {_died(code)}; it starts again in {pause_s:g} s")
        try:
            async with asyncio.timeout(pause_s):
                await stop.wait()
            return 0
        except TimeoutError:
            continue


async def _live(part: Part, stop: asyncio.Event) -> int:
    """One life of a part, from start to end; its exit code. Ends it gently when `stop` is set."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "madang", *part.arguments, stdin=-1)
    ended = asyncio.create_task(process.wait())
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([ended, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not ended.done():
        process.terminate()
        try:
            async with asyncio.timeout(5):
                await asyncio.shield(ended)
        except TimeoutError:
            process.kill()
    return await ended


def _died(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
