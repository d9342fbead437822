"""What the page costs with 1,000 junctions and 5,000 vehicles at 1 Hz, from the hub's stream to the picture.

The real hub with an invented grid (``parts/grid``) and the built interface in Chromium. Told are: bytes of the stream a
second; the page's own thread, its frames, and the processor time of the hub, the page's process and the one that draws.
Beside it, in the same run, an empty page that clears a canvas of the same size thirty times a second: the least that a
frame costs on this machine. Where there is no graphics card all frames are drawn by the processor (SwiftShader), and it
is the drawing process that sets the frames a second; the page's own thread is the figure that carries over.

    .venv/bin/python tests/bench/page.py [--junctions 1000] [--seconds 20]
"""

import argparse
import http.client
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from parts.servers import running
from playwright.sync_api import Browser, Page, sync_playwright

from madang.listen import free_port
from madang.web import built

ARGUMENTS = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
SIZE = (1280, 800)
STREAM = "/events?type=TrafficSignal,ApproachObserved&format=keyValues"
READY = "Boolean(window.madang?.state.ready && window.madang.state.vehicles)"
LAG = """(() => {
  window.gaps = [];
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    window.gaps.push(now - last - 20);
    last = now;
  }, 20);
})()"""
EMPTY = """<body style="margin:0"><canvas width=%d height=%d></canvas>"""
CLEAR = """(() => {
  const canvas = document.querySelector("canvas"), gl = canvas.getContext("webgl2", { antialias: false });
  let last = 0;
  window.frames_ = 0;
  const frame = now => {
    if (now - last > 25) {
      last = now;
      gl.clearColor(window.frames_++ % 2, 0, 0, 1);
      gl.clear(gl.COLOR_BUFFER_BIT);
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})()"""
TICKS = os.sysconf("SC_CLK_TCK")


def stream(address: str, seconds: int, coding: str) -> tuple[float, float]:
    """Bytes a second of the live changes as the page asks for them, and events a second; `coding` is accepted."""
    host = urlsplit(address)
    line = http.client.HTTPConnection(host.hostname or "", host.port, timeout=30)
    line.request("GET", STREAM, headers={"Accept-Encoding": coding, "Accept": "text/event-stream"})
    answer = line.getresponse()
    size = events = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        part = answer.read1(1 << 20)
        size += len(part)
        events += part.count(b"event: ")
    line.close()
    return size / seconds, events / seconds


def processes() -> dict[str, float]:
    """Processor seconds so far of what this bench has started, by kind: ``renderer``, ``gpu-process``, ``hub``."""
    parents, names, used = {}, {}, {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            names[folder.name] = (folder / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        parents[folder.name], used[folder.name] = fields[1], (int(fields[11]) + int(fields[12])) / TICKS
    found: dict[str, float] = {}
    for process, name in names.items():
        if _is_ours(process, parents):
            found[_kind(name)] = found.get(_kind(name), 0.0) + used[process]
    return found


def _is_ours(process: str, parents: dict[str, str]) -> bool:
    while process in parents and process != str(os.getpid()):
        process = parents[process]
    return process == str(os.getpid())


def _kind(name: str) -> str:
    if "parts.grid" in name:
        return "hub"
    return next((kind for kind in ("renderer", "gpu-process") if f"--type={kind}" in name), "other")


def watched(page: Page, seconds: int, frames: str) -> dict[str, float]:
    """What a page does in so many seconds, each figure a second of them; `frames` counts what it has drawn."""
    account = page.context.new_cdp_session(page)
    account.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate(LAG)

    def read() -> dict[str, float]:
        told = {each["name"]: each["value"] for each in account.send("Performance.getMetrics")["metrics"]}
        return {**told, **processes(), "frames": page.evaluate(frames)}

    before, begun = read(), time.monotonic()
    page.wait_for_timeout(1000 * seconds)
    after, length_s = read(), time.monotonic() - begun
    gaps = sorted(page.evaluate("window.gaps"))
    names = ("TaskDuration", "ScriptDuration", "LayoutDuration", "renderer", "gpu-process", "hub", "frames")
    found = {name: (after.get(name, 0.0) - before.get(name, 0.0)) / length_s for name in names}
    return {**found, "late_ms": gaps[int(0.95 * len(gaps))]}


def city(browser: Browser, address: str, seconds: int) -> tuple[dict[str, float], Any]:
    """The page over the running grid, and its first second: when it painted, and the bytes that came before the map."""
    page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
    page.goto(address)
    while not page.evaluate(READY):
        page.wait_for_timeout(500)
    first = page.evaluate(
        """(() => {
          const paint = performance.getEntriesByType("paint").find(one => one.name === "first-contentful-paint");
          const map = /(view|maplibre)[^/]*$|geojson|events/;
          const before = performance.getEntries().filter(one => one.transferSize && !map.test(one.name));
          return [paint?.startTime, before.reduce((sum, one) => sum + one.transferSize, 0)];
        })()"""
    )
    page.wait_for_timeout(5000)
    found = watched(page, seconds, "window.madang.state.frames")
    found["vehicles"] = page.evaluate("window.madang.state.vehicles")
    page.close()
    return found, first


def empty(browser: Browser, seconds: int) -> dict[str, float]:
    """A page that does nothing but clear a canvas."""
    page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
    page.set_content(EMPTY % SIZE)
    page.evaluate(CLEAR)
    found = watched(page, seconds, "window.frames_")
    page.close()
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, "--no-sandbox"])
        yield browser
        browser.close()


def tell(name: str, found: dict[str, float]) -> None:
    frames = found["frames"]
    drawn_ms = 1000 * (found["gpu-process"] + found["renderer"] - found["TaskDuration"]) / frames if frames else 0.0
    print(f"{name}: {frames:.1f} frames a second, each {drawn_ms:.1f} ms of processor to draw")
    print(
        f"  the page's own thread {1000 * found['TaskDuration']:.0f} ms a second (script "
        f"{1000 * found['ScriptDuration']:.0f}, layout {1000 * found['LayoutDuration']:.0f}); "
        f"a timer of 20 ms is late by {found['late_ms']:.0f} ms (p95)"
    )
    print(
        f"  processes, seconds a second: drawing {found['gpu-process']:.2f}, page {found['renderer']:.2f}, "
        f"hub {found['hub']:.2f}"
    )


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("--junctions", type=int, default=1000)
    given.add_argument("--seconds", type=int, default=20)
    arguments = given.parse_args()
    if built.read().script is None:
        raise SystemExit("the interface is not built: in frontend/, npm ci && npm run build")
    port = free_port("127.0.0.1")
    command = [sys.executable, "-m", "tests.bench.parts.grid", str(port), str(arguments.junctions)]
    with running(command, f"http://127.0.0.1:{port}/health", patience_s=60) as (address, _), chromium() as browser:
        address = address.removesuffix("/health")
        print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for coding in ("identity", "gzip"):
            size, events = stream(address, 5, coding)
            told = f", {events:.0f} events" if coding == "identity" else ""
            print(f"the stream, {coding}: {size / 1000:.0f} kB a second{told}")
        tell("an empty page", empty(browser, arguments.seconds))
        found, (paint_ms, size) = city(browser, address, arguments.seconds)
        tell(f"the page with {arguments.junctions} junctions and {found['vehicles']:.0f} vehicles", found)
        print(f"  first paint after {paint_ms:.0f} ms, {size / 1000:.0f} kB before the map's library and streets")


if __name__ == "__main__":
    main()
