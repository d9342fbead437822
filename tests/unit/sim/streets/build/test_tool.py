"""SUMO's programs end with whoever started them, however that ended."""

import subprocess
import sys
import time
from pathlib import Path

BUILDER = """
import sys
from pathlib import Path
from madang.sim.streets.build import tool

tool._run("sleeper", [tool._HELD + sys.argv[1], sys.argv[2]], log=Path(sys.argv[3]), told=print, advice="")
"""
SLEEPER = "import subprocess; subprocess.run([sys.executable, '-c', sys.argv[1]])"
BEATING = "import time\nfor _ in range(1200): print('.', flush=True); time.sleep(0.05)"


def grows(file: Path, *, for_s: float) -> bool:
    before = file.stat().st_size
    time.sleep(for_s)
    return file.stat().st_size > before


def test_a_killed_builder_leaves_nothing_running(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    builder = subprocess.Popen([sys.executable, "-c", BUILDER, SLEEPER, BEATING, str(log)], stdout=subprocess.DEVNULL)
    until = time.monotonic() + 30
    while not (log.exists() and log.stat().st_size):
        assert time.monotonic() < until and builder.poll() is None
        time.sleep(0.05)
    builder.kill()
    builder.wait()
    while grows(log, for_s=1.0):
        assert time.monotonic() < until, "what the builder started runs on"
