"""What the OpenAPI document says can be sent, and much that it says cannot: no answer is a fault of the hub."""

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from madang.listen import free_port

BIN = Path(sys.executable).parent
EXAMPLES = 3


@pytest.mark.long
def test_no_request_is_answered_with_a_fault_of_the_hub(tmp_path: Path) -> None:
    city = tmp_path / "town"
    subprocess.run([BIN / "madang", "init", city], check=True, stdout=subprocess.DEVNULL)
    (city / "services.toml").write_text("")
    port = free_port("127.0.0.1")
    command = [BIN / "madang", "serve", city, "--port", str(port), "--data", tmp_path / "data"]
    log = tmp_path / "log"
    with log.open("wb") as out, subprocess.Popen(command, stderr=out) as hub:
        try:
            wait(f"http://127.0.0.1:{port}/health")
            fuzz(f"http://127.0.0.1:{port}/openapi.json", tmp_path)
            assert hub.poll() is None
            assert httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200
        finally:
            hub.terminate()
    said = log.read_text()
    assert " ERROR " not in said, said[-2000:]


def fuzz(document: str, folder: Path) -> None:
    # A stream of events has no end, so it is tried elsewhere (test_live_events).
    options = ["--exclude-path", "/events", "--max-examples", str(EXAMPLES), "--seed", "1", "--no-color"]
    options += ["--checks", "not_a_server_error", "--suppress-health-check", "all", "--request-timeout", "20"]
    done = subprocess.run(
        [BIN / "schemathesis", "run", document, *options], cwd=folder, capture_output=True, text=True, timeout=250
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert "Test cases:" in done.stdout


def wait(url: str) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(retries=0)) as client:
        for _ in range(200):
            try:
                client.get(url)
                return
            except httpx.HTTPError:
                time.sleep(0.1)
    raise AssertionError("the hub does not answer")
