"""Load from wrk (Debian, Ubuntu: ``apt-get install wrk``), a process of its own: requests from a Lua script, figures as
JSON. Loopback only, bounded in time."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

_DONE = """
function done(summary, latency, requests)
  io.write(string.format('\\n{"requests":%d,"seconds":%.6f,"p50":%.3f,"p95":%.3f,"p99":%.3f,"most":%.3f,"bad":%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3, summary.errors.status + summary.errors.connect
    + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""


class Figures(NamedTuple):
    """Answers a second; latencies in milliseconds; answers of status 400 or above, and broken connections."""

    rate: float
    p50: float
    p95: float
    p99: float
    most: float
    bad: int
    answers: int


def installed() -> bool:
    """Whether wrk is here."""
    return shutil.which("wrk") is not None


def load(url: str, script: str, *, connections: int, seconds: float) -> Figures:
    """Send what the Lua `script` makes (a function ``request``) for so long over so many connections."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "script.lua"
        file.write_text(script + _DONE)
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{max(1, round(seconds))}s",
            "--timeout",
            "20s",
            "-s",
            str(file),
            url,
        ]
        output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    found = json.loads(next(line for line in output.splitlines() if line.startswith("{")))
    rate = found["requests"] / found["seconds"]
    return Figures(rate, found["p50"], found["p95"], found["p99"], found["most"], found["bad"], found["requests"])


def get(path: str) -> str:
    """A script that asks for one path; ``%d`` in it becomes a number drawn from 0 to `COUNT` - 1."""
    return f'function request() return wrk.format("GET", string.format({path!r}, math.random(0, COUNT - 1))) end\n'


def script(count: int, text: str) -> str:
    """The script with the number of entities it draws from."""
    return f"COUNT = {count}\nmath.randomseed(1)\n{text}"
