"""A city's hub alone, in a process of its own, without streets: for journeys of residents."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from tests.journeys.visiting import ROOT, until

VISITS = """
title = { en = "Visits", de = "Besuche" }
type = "Visit"
attributes = ["person", "place"]
subject = "person"
owner = "library"
sensitivity = "personal"
legal_basis = "consent"
purposes = ["research"]
retention = "P1Y"
licence = "none"
grants = [{ roles = ["researcher"], purposes = ["research"] }]
"""


class HubAlone:
    """``madang serve`` on a copy of a built-in city without its world; `datasets` are declared besides."""

    def __init__(self, place: Path, **environment: str) -> None:
        self.folder = shutil.copytree(ROOT / "cities/ingolstadt", place / "ingolstadt")
        city = (self.folder / "city.toml").read_text()
        (self.folder / "city.toml").write_text(re.sub(r"\[world\].*", "", city, flags=re.DOTALL))
        (self.folder / "services.toml").write_text("")
        (self.folder / "datasets/visits.toml").write_text(VISITS)
        self.data = place / "data"
        self.environment = environment
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        self._log = (place / "log").open("w+b")
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "madang", "serve", str(self.folder)]
        command += ["--port", str(self.port), "--data", str(self.data)]
        self.process = subprocess.Popen(command, stdout=self._log, stderr=self._log, env=self._environment())
        try:
            until(self._answers, "a hub that answers")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said()}") from None

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(15)
            finally:
                self.process.kill()
            self.process = None

    def close(self) -> None:
        self.stop()
        self._log.close()

    def said(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-3000:]

    def key(self, name: str, *roles: str, **more: str) -> str:
        """A new key's text."""
        command = [
            sys.executable,
            "-m",
            "madang",
            "key",
            "add",
            str(self.folder),
            "--name",
            name,
            "--data",
            str(self.data),
        ]
        command += [part for role in roles for part in ("--role", role)]
        command += [part for option, value in more.items() for part in (f"--{option}", value)]
        made = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=self._environment())
        found = re.search(r"mdg_\w{12}_[\w-]{43}", made.stdout)
        assert found, made.stdout + made.stderr
        if self.process is not None:
            self._await(found[0])
        return found[0]

    def _await(self, key: str) -> None:
        """Until the hub heeds its file of keys, which it does within a second."""
        for _ in range(100):
            if self.get("/session", Authorization=f"Bearer {key}").status_code == 200:
                return
            time.sleep(0.1)
        raise AssertionError(f"the hub does not know its new key:\n{self.said()}")

    def person(self, name: str, *roles: str, subject: str) -> str:
        """Somebody who may sign in; their password."""
        command = [sys.executable, "-m", "madang", "people", "add", str(self.folder), "--data", str(self.data)]
        command += ["--name", name, "--subject", subject, "--generate"]
        command += [part for role in roles for part in ("--role", role)]
        made = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=self._environment())
        assert made.returncode == 0, made.stdout + made.stderr
        return made.stdout.rpartition("password: ")[2].split()[0]

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.address + path, headers=headers, timeout=20)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return httpx.post(self.address + path, json=body, headers=headers, timeout=20)

    def _answers(self) -> bool:
        assert self.process is not None and self.process.poll() is None, self.said()
        try:
            return self.get("/health").status_code == 200
        except httpx.HTTPError:
            return False

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}
