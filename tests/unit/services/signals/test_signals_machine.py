"""Machine code that is kept on disk is never older than any of the files it was made of."""

import subprocess
import sys
from pathlib import Path

CALLED = "from madang.services.signals.machine import compiled\n\n\n@compiled\ndef inner(x):\n    return x + {}\n"
CALLS = (
    "from called import inner\nfrom madang.services.signals.machine import compiled\n\n\n"
    "@compiled\ndef outer(x):\n    return inner(x) * 2\n"
)
ASK = (
    "import calls; from madang.services.signals import machine; machine.load(); "
    "print(calls.outer(1), type(calls.outer))"
)


def ask(folder: Path) -> str:
    return subprocess.run([sys.executable, "-c", ASK], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_what_a_called_file_says_is_what_runs(tmp_path: Path) -> None:
    (tmp_path / "calls.py").write_text(CALLS)
    (tmp_path / "called.py").write_text(CALLED.format(10))
    first = ask(tmp_path)
    assert first.startswith("22") and "Dispatcher" in first
    assert list(tmp_path.glob("__pycache__/*.nbc")), "nothing was kept, so nothing could be stale"
    (tmp_path / "called.py").write_text(CALLED.format(700))
    assert ask(tmp_path).startswith("1402")
