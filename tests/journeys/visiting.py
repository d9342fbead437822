"""A running city, a browser that visits it, and what is in a picture of the page: for the journeys over the page."""

import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, BrowserContext, Page

from madang.app.people import new_link
from madang.settings import Settings

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = (
    # WebGL drawn in software: a test machine has no graphics card.
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    # A container's root, and no calls home.
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE_S = 120.0
"""Long: a busy machine is slow, and what never comes fails all the same."""


class RunningCity:
    """``madang up`` as a stranger starts it."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        command = [sys.executable, "-m", "madang", "up", str(ROOT / "cities/ingolstadt"), "--no-browser"]
        self._log = (data / "log").open("w+b")
        self.process = subprocess.Popen(
            [*command, "--port", str(port), "--data", str(data), "--speed", "4"], stdout=self._log, stderr=self._log
        )
        self.address = f"http://127.0.0.1:{port}"
        self.settings = Settings(port=port, data=data)

    def get(self, path: str) -> Any:
        return httpx.get(self.address + path, timeout=10).raise_for_status().json()

    def has_decided(self) -> bool:
        try:
            return len(self.get("/decisions?limit=10")["decisions"]) == 10 and self.get("/health")["ready"]
        except (httpx.HTTPError, KeyError):
            return False

    def signal(self, part: str, number: signal.Signals) -> None:
        """Send the signal to the child whose command line has the words."""
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and part in _command(folder) and _parent(folder) == self.process.pid:
                os.kill(int(folder.name), number)
                return
        raise AssertionError(f"no child of this city has '{part}' in its command line")

    def said(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-3000:]

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        finally:
            self.process.kill()
            self._log.close()


def _parent(folder: Path) -> int:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return -1


def _command(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def until(holds: Callable[[], Any], what: str, *, within_s: float = PATIENCE_S) -> Any:
    """What it gives as soon as that is true of it."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := holds():
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {within_s} s")


class Visit:
    """A page in a browser of its own, and what it did that no page here may do."""

    def __init__(self, browser: Browser, city: RunningCity, **context: Any) -> None:
        self.context: BrowserContext = browser.new_context(locale="en-GB", **context)
        self.city = city
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(1000 * PATIENCE_S)
        self.wrong: list[str] = []
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self._look(request.url))

    def _look(self, url: str) -> None:
        if url.startswith(("data:", "blob:")):
            return
        if urlsplit(url).netloc != urlsplit(self.city.address).netloc:
            self.wrong.append(f"asked another host: {url}")

    def open(self, path: str = "/") -> Page:
        self.page.goto(self.city.address + path)
        return self.page

    def sign_in(self) -> None:
        """As the operator, by a link that the machine prints."""
        self.page.goto(new_link("ingolstadt", self.city.settings))
        self.page.get_by_role("button", name="Sign in here").click()
        self.page.wait_for_url(f"{self.city.address}/?lang=en")

    def map_state(self) -> dict[str, Any]:
        return self.page.evaluate("window.madang ? window.madang.state : {}")

    def open_map(self, path: str = "/") -> Page:
        """Open, and wait until the map shows streets, lamps and vehicles."""
        self.open(path)
        until(lambda: (s := self.map_state()).get("ready") and s["vehicles"] and s["lamps"] >= 21, "a living map")
        return self.page

    def wide(self) -> int:
        """Pixels by which the page is wider than its window."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def colours(browser: Browser, image: bytes) -> dict[tuple[int, int, int], int]:
    """The colours of a PNG and how many pixels have each, as a browser decodes it."""
    script = """async (data) => {
      const image = new Image();
      image.src = "data:image/png;base64," + data;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const drawing = canvas.getContext("2d");
      drawing.drawImage(image, 0, 0);
      const pixels = drawing.getImageData(0, 0, image.width, image.height).data;
      const counts = {};
      for (let i = 0; i < pixels.length; i += 4) {
        const colour = [pixels[i], pixels[i + 1], pixels[i + 2]].join();
        counts[colour] = (counts[colour] ?? 0) + 1;
      }
      return counts;
    }"""
    page = browser.new_page()
    counts: dict[str, int] = page.evaluate(script, base64.b64encode(image).decode())
    page.close()
    return {(int(r), int(g), int(b)): n for text, n in counts.items() for r, g, b in [text.split(",")]}


def like(counts: dict[tuple[int, int, int], int], wanted: str) -> int:
    """Pixels whose colour is that one (#rrggbb), give or take the mixing at edges."""
    target = [int(wanted[i : i + 2], 16) for i in (1, 3, 5)]
    near = (n for c, n in counts.items() if all(abs(a - b) <= 14 for a, b in zip(c, target, strict=True)))
    return sum(near)


def picture(visit: Visit, browser: Browser) -> dict[tuple[int, int, int], int]:
    return colours(browser, visit.page.locator(".map .maplibregl-canvas").screenshot())
