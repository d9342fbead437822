"""The servers that are measured: a city's hub as ``madang serve`` runs it, and the bare "hello" of the same stack."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from madang.listen import free_port

ROOT = Path(__file__).resolve().parents[3]

_HELLO = """
import sys
from litestar import Litestar, get
from madang.listen import listen, run

@get("/")
async def hello() -> dict[str, str]:
    return {"hello": "world"}

async def raw(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            kind = (await receive())["type"]
            await send({"type": kind + ".complete"})
            if kind == "lifespan.shutdown":
                return
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-type", b"application/json"), (b"content-length", b"17")]})
    await send({"type": "http.response.body", "body": b'{"hello":"world"}'})

app = Litestar([hello], openapi_config=None, logging_config=None) if sys.argv[1] == "framework" else raw
run(listen(app, "127.0.0.1", int(sys.argv[2]), beside=None))
"""

_DATASET = """
title = { en = "Stations" }
type = "TYPE"
owner = "bench"
sensitivity = "public"
legal_basis = "public-task"
purposes = ["public-information"]
history = ["no2", "pm25"]
retention = "P1Y"
licence = "CC0-1.0"
"""


@contextmanager
def hello(kind: str) -> Generator[tuple[str, subprocess.Popen[bytes]]]:
    """A bare server, ``framework`` or ``raw``; its address and its process."""
    port = free_port("127.0.0.1")
    with running([sys.executable, "-c", _HELLO, kind, str(port)], f"http://127.0.0.1:{port}/") as (address, process):
        yield address.rstrip("/"), process


@contextmanager
def receiver() -> Generator[str]:
    """A receiver of notifications; its address."""
    port = free_port("127.0.0.1")
    file = Path(__file__).with_name("receiver.py")
    with running([sys.executable, str(file), str(port)], f"http://127.0.0.1:{port}/") as (address, _):
        yield address


@contextmanager
def hub(folder: Path, *more: str) -> Generator[tuple[str, subprocess.Popen[bytes]]]:
    """The hub of a city in `folder`; its address and its process."""
    city, madang = folder / "bench", str(Path(sys.executable).with_name("madang"))
    if not city.exists():
        subprocess.run([madang, "init", str(city)], check=True, stdout=subprocess.DEVNULL)
        (city / "services.toml").write_text("")
        (city / "datasets/stations.toml").write_text(_DATASET.replace("TYPE", "AirQualityObserved"))
    port = free_port("127.0.0.1")
    command = [madang, "serve", str(city), "--port", str(port), "--data", str(folder / "data"), *more]
    with running(command, f"http://127.0.0.1:{port}/health") as (_, process):
        yield f"http://127.0.0.1:{port}", process


@contextmanager
def running(
    command: list[str], probe: str, *, patience_s: float = 10.0
) -> Generator[tuple[str, subprocess.Popen[bytes]]]:
    """A server that answers at `probe`, and its process."""
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "MADANG_LOG_LEVEL": "WARNING"})
    try:
        for _ in range(int(patience_s / 0.025)):
            try:
                urllib.request.urlopen(probe, timeout=5).close()
                break
            except OSError:
                time.sleep(0.025)
        else:
            raise RuntimeError(f"{command} did not answer")
        yield probe, process
    finally:
        process.terminate()
        process.wait(20)
