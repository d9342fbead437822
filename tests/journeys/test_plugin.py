"""A package of third parties beside Madang: installed into an environment of its own, found, and run."""

import socket
import subprocess
from pathlib import Path
from typing import Any

import httpx
from tests.house.test_documents import environment
from tests.journeys.visiting import until

ROOT = Path(__file__).parents[2]
LAMPS = "id,longitude,latitude,on\nL1,11.42,48.76,1\nL2,11.43,48.76,0\nL3,nowhere,48.76,0\n"
MANDATE = '{ committee = "mobility", resolution = "lamps-1", from = 2026-01-01, until = 2090-12-31 }'
FIELD = 'act = "dry"\n[mqtt]\nhost = "127.0.0.1"\nport = 1\n[junctions.a]\nspeaks = "mqtt"\n'


def do(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def town(python: Path, folder: Path) -> Path:
    """A city of its own with lamps, and a field instead of simulated streets."""
    do(python, "-m", "madang", "init", "town", folder=folder)
    made = folder / "town"
    (made / "city.toml").write_text((made / "city.toml").read_text().partition("# The world")[0])
    (made / "field.toml").write_text(FIELD)
    (made / "services.toml").write_text(f"[lamps]\nmandate = {MANDATE}\n")
    (made / "sources.toml").write_text('[lamps]\nfile = "lamps.csv"\nevery_s = 0.2\n')
    (made / "lamps.csv").write_text(LAMPS)
    default = made / "datasets" / "default.toml"
    default.write_text(default.read_text().replace('"signals"]', '"signals", "lamps"]'))
    return made


def test_a_package_brings_a_source_and_a_service(tmp_path: Path) -> None:
    environment(tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    package = ROOT / "examples" / "lamps"
    do(
        tmp_path / "venv" / "bin" / "uv",
        "pip",
        "install",
        "--no-deps",
        "--quiet",
        "--python",
        python,
        package,
        folder=ROOT,
    )
    made = town(python, tmp_path)
    assert "all well" in do(python, "-m", "madang", "check", "town", folder=tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path / "log").open("w+b")
    command = [python, "-m", "madang", "serve", "town", "--port", str(port), "--data", "data"]
    hub = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)

    def entities(type: str) -> list[dict[str, Any]]:
        assert hub.poll() is None, (tmp_path / "log").read_text()[-3000:]
        try:
            answer = httpx.get(
                f"http://127.0.0.1:{port}/ngsi-ld/v1/entities",
                params={"type": type, "options": "keyValues"},
                timeout=10,
            )
        except httpx.HTTPError:
            return []
        return answer.json() if answer.status_code == 200 else []

    try:
        until(lambda: len(entities("Streetlight")) == 2, "the source's lamps")
        (outage,) = until(lambda: entities("StreetlightOutage"), "the service's outage")
        assert outage["id"] == "urn:ngsi-ld:StreetlightOutage:L2" and outage["reason"] == "the lamp is off"
        (made / "lamps.csv").write_text(LAMPS.replace("L1,11.42,48.76,1", "L1,11.42,48.76,0"))
        until(lambda: len(entities("StreetlightOutage")) == 2, "what the table says later")
        (made / "lamps.csv").unlink()
        until(lambda: b"the source 'lamps' failed" in (tmp_path / "log").read_bytes(), "the failure, told")
        assert len(entities("Streetlight")) == 2, "a source that fails takes nothing down"
    finally:
        hub.terminate()
        try:
            hub.wait(15)
        finally:
            hub.kill()
            log.close()
