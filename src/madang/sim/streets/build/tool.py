"""SUMO's own programs and scripts, from the wheel: run to their end, with what they said kept for the reader."""

import importlib.metadata
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from madang.clock import monotonic_s
from madang.errors import MadangError, MissingExtra

Told = Callable[[str], None]
"""Hears a line for people about how far the work is."""

LAST_LINES = 12
PULSE_S = 10.0
"""So often a step that takes long says that it still runs."""

# Whoever starts a program holds its standard input: when that closes, however the one who started it has ended, the
# program and all that it started end, too.
_HELD = (
    "import os, signal, sys, threading; watch = lambda: (os.read(0, 1), os.killpg(0, signal.SIGKILL)); "
    "threading.Thread(target=watch, daemon=True).start(); "
)
# The wheel's own door finds its programs and its data and sets the environment that they want.
_PROGRAM = _HELD + "import sumo; getattr(sumo, sys.argv.pop(1))()"
_SCRIPT = _HELD + "import runpy, sumo; del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"


class StepFailed(MadangError):
    """A program of SUMO did not do its part; the detail has its last words, `members["log"]` names its log."""

    status = 422
    type = "about:blank"
    title = "Step failed"


def home() -> Path:
    """The folder of SUMO's data and tools. Raises MissingExtra."""
    # The distribution is asked, not imported: importing it changes this process's environment.
    try:
        found = importlib.metadata.distribution("eclipse-sumo")
    except importlib.metadata.PackageNotFoundError as missing:
        raise MissingExtra("streets", "Making streets") from missing
    return Path(str(found.locate_file("sumo")))


def program(name: str, arguments: Sequence[str | Path], *, log: Path, told: Told, advice: str) -> str:
    """Run a program (``netconvert``); what it said, all of which is in `log`.

    Raises StepFailed with `advice`, and MissingExtra.
    """
    home()
    return _run(name, [_PROGRAM, name, *map(str, arguments)], log=log, told=told, advice=advice)


def script(name: str, arguments: Sequence[str | Path], *, log: Path, told: Told, advice: str) -> str:
    """The same for a script among SUMO's tools (``randomTrips.py``)."""
    file = home() / "tools" / name
    return _run(name, [_SCRIPT, str(file), *map(str, arguments)], log=log, told=told, advice=advice)


def _run(name: str, arguments: Sequence[str], *, log: Path, told: Told, advice: str) -> str:
    # -P: a folder that happens to be called sumo is not taken for the package.
    command = [sys.executable, "-P", "-c", *arguments]
    started_s = monotonic_s()
    with log.open("wb") as said:
        # In a session of its own: the program that the door starts ends with it when we are interrupted.
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            while _waits(process):
                told(f"  {name} runs, {monotonic_s() - started_s:.0f} s")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            assert process.stdin is not None
            process.stdin.close()
    text = log.read_text("utf-8", errors="replace")
    if process.returncode:
        raise StepFailed(f"{name} ended with code {process.returncode}:\n{_last(text)}\n{advice}", log=str(log))
    return text


def _waits(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(PULSE_S)
    except subprocess.TimeoutExpired:
        return True
    return False


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("Warning")]
    return "\n".join(f"    {line}" for line in lines[-LAST_LINES:]) or "    it said nothing"
