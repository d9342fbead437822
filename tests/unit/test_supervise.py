"""The supervisor: a dead part is started again, a hopeless one ends everything, and nothing outlives the supervisor."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = """
import asyncio, sys
from madang import supervise

async def main():
    supervise.FIRST_PAUSE_S = 0.05
    parts = [supervise.Part(name=a, arguments=()) for a in sys.argv[1:]]
    real = asyncio.create_subprocess_exec
    async def child(*_, **more):
        name = parts.pop(0).name if parts else sys.argv[1]
        return await real(sys.executable, "-c", CHILD, name, **more)
    asyncio.create_subprocess_exec = child
    return await supervise.supervise(list(parts), told=lambda line: print("TOLD", line, flush=True))

CHILD = '''
import sys, os, time
from madang.supervise import follow_parent
follow_parent()
os.write(1, b"PID %d%s" % (os.getpid(), os.linesep.encode()))  # in one piece: another child writes here too
if sys.argv[1] == "hopeless": sys.exit(2)
time.sleep(60)
'''
sys.exit(asyncio.run(main()))
"""


def start(*names: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, *names], stdout=subprocess.PIPE, text=True)


def pid(supervisor: subprocess.Popen[str]) -> int:
    assert supervisor.stdout is not None
    for line in supervisor.stdout:
        if line.startswith("PID"):
            return int(line.split()[1])
    raise AssertionError("no child started")


def gone(pid: int) -> bool:
    """Whether the process has ended (a zombie that init has not yet collected has)."""
    for _ in range(100):
        try:
            if ") Z" in Path(f"/proc/{pid}/stat").read_text():
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_a_killed_part_is_started_again_and_ends_with_a_signal() -> None:
    supervisor = start("steady")
    try:
        first = pid(supervisor)
        os.kill(first, signal.SIGKILL)
        second = pid(supervisor)
        assert second != first
        supervisor.terminate()
        assert supervisor.wait(10) == 0
        assert gone(second)
    finally:
        supervisor.kill()


def test_a_part_does_not_outlive_a_killed_supervisor() -> None:
    supervisor = start("steady")
    child = pid(supervisor)
    supervisor.kill()
    supervisor.wait(10)
    assert gone(child)


def test_a_hopeless_part_ends_everything_with_its_code() -> None:
    supervisor = start("hopeless")
    assert supervisor.wait(10) == 2


def test_two_parts_end_together() -> None:
    supervisor = start("steady", "steady")
    try:
        children = [pid(supervisor), pid(supervisor)]
        supervisor.terminate()
        assert supervisor.wait(10) == 0
        assert all(gone(child) for child in children)
    finally:
        supervisor.kill()
