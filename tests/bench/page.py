"""What the page costs a browser with 1,000 junctions and 5,000 vehicles at 1 Hz: CPU time a second, frames, lag.

A stand-in for the hub serves the built interface and invented streets: a grid of junctions, each with a camera that
sees five vehicles. Run: ``.venv/bin/python tests/bench/page.py [--junctions 1000] [--seconds 20]``. It needs Chromium.
Frames are drawn in software where the machine has no graphics card; the CPU time of the page's own thread is the
figure that says what a machine with one could do (30 frames a second need less than one second of it a second).
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import shutil
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Litestar, Response, get
from litestar.response import Stream
from playwright.sync_api import Error, sync_playwright

from madang.listen import listen, run
from madang.web import built

STEP = 0.002
LANE = 0.0012
CENTRE = (11.42, 48.76)
START = datetime(2026, 5, 4, 7, tzinfo=UTC)
SEEN = 5
LINKS = "GGrr", "yyrr", "rrGG", "rryy"
SIDES = ((0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0))


LAG = """(() => {
  window.gaps = [];
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    window.gaps.push(now - last - 20);
    last = now;
  }, 20);
})()"""


def place(number: int, side: int) -> tuple[float, float]:
    """Where a junction of the grid is."""
    return CENTRE[0] + STEP * (number % side - side / 2), CENTRE[1] + STEP * (number // side - side / 2)


def streets(count: int) -> dict[str, Any]:
    """Four lanes that lead to each junction, with a signal at the end of each."""
    side, features = int(count**0.5) + 1, []
    for number in range(count):
        lon, lat = place(number, side)
        for index, (east, north) in enumerate(SIDES):
            lane, end = f"e{number}s{index}_0", [lon + 0.0001 * east, lat + 0.0001 * north]
            line = [[lon + LANE * east, lat + LANE * north], end]
            properties = {"layer": "lane", "id": lane, "edge": lane[:-2], "tls": f"j{number}", "width_m": 3.2}
            features.append(feature("LineString", line, {**properties, "kind": "car"}))
            features.append(
                feature("Point", end, {"layer": "signal", "tls": f"j{number}", "index": index, "lane": lane})
            )
    return {"type": "FeatureCollection", "features": features}


def feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def layout(number: int, side: int) -> dict[str, Any]:
    """What is said of a junction once."""
    lanes = [f"e{number}s{index}_0" for index in range(4)]
    links = [
        {"index": i, "from_lane": lane, "to_lane": lanes[(i + 2) % 4], "direction": "s", "kind": "car"}
        for i, lane in enumerate(lanes)
    ]
    known = {lane: {"length_m": 120.0, "speed_mps": 13.9} for lane in lanes}
    return {
        "id": f"urn:ngsi-ld:SignalLayout:j{number}",
        "type": "SignalLayout",
        "name": f"j{number}",
        "location": {"type": "Point", "coordinates": place(number, side)},
        "layout": {"json": {"links": links, "stages": [], "lanes": known}},
    }


def second(count: int, passed: int) -> list[dict[str, Any]]:
    """What a second brings: what each camera sees, and the lamps of every fourth junction."""
    now = (START + timedelta(seconds=passed)).isoformat().replace("+00:00", "Z")
    found: list[dict[str, Any]] = []
    for number in range(count):
        lane = f"e{number}s{passed // 20 % 4}_0"
        vehicles = [[8.0 * i + 10 - passed % 10, 9.0 if i else 0.0, 0, "car", passed % 40] for i in range(SEEN)]
        name = f"ApproachObserved:j{number}"
        found.append({"id": f"urn:ngsi-ld:{name}", "type": "ApproachObserved", "vehicles": {"json": {lane: vehicles}}})
        found[-1]["queues"] = {"json": {lane: 1 + passed % 5}}
        if (number + passed) % 4 == 0:
            lamps = LINKS[(passed // 4) % 4]
            signal = {"id": f"urn:ngsi-ld:TrafficSignal:j{number}", "type": "TrafficSignal", "lamps": lamps}
            found.append({**signal, "stage": "s1", "since": now, "control": "service"})
    return found


def app(count: int) -> Litestar:
    """The part of the hub's API that the page needs, with the page."""
    from madang.web import routes  # noqa: PLC0415

    side, map_ = int(count**0.5) + 1, json.dumps(streets(count)).encode()

    @get("/city")
    async def city() -> dict[str, Any]:
        return {"name": "Grid", "centre": CENTRE, "time_zone": "UTC", "speed": 1.0}

    @get("/health")
    async def health() -> dict[str, Any]:
        return {"live": True, "ready": True, "parts": {"world": {"status": "running"}}}

    @get("/streets.geojson")
    async def geojson() -> Response[bytes]:
        return Response(map_, media_type="application/geo+json")

    async def feed() -> AsyncIterator[bytes]:
        yield b"".join(event(layout(number, side)) for number in range(count))
        loop, passed = asyncio.get_running_loop(), 0
        begun = loop.time()
        while True:
            yield b"".join(event(each) for each in second(count, passed))
            passed += 1
            await asyncio.sleep(max(0.0, begun + passed - loop.time()))

    @get("/events")
    async def events() -> Stream:
        return Stream(feed(), media_type="text/event-stream")

    return Litestar([city, health, geojson, events, *routes()], openapi_config=None, logging_config=None)


def event(body: dict[str, Any]) -> bytes:
    return b"event: entity\ndata: %b\n\n" % json.dumps(body).encode()


def measure(address: str, seconds: int) -> dict[str, float]:
    """The page's own account over so many seconds of a running feed."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    arguments = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*arguments, "--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        for _ in range(50):
            with contextlib.suppress(Error):
                page.goto(address)
                break
            page.wait_for_timeout(200)
        while not page.evaluate("Boolean(window.madang?.state.ready && window.madang.state.vehicles)"):
            page.wait_for_timeout(500)
        page.wait_for_timeout(5000)
        account = page.context.new_cdp_session(page)
        account.send("Performance.enable", {"timeDomain": "threadTicks"})

        def read() -> dict[str, float]:
            told = {each["name"]: each["value"] for each in account.send("Performance.getMetrics")["metrics"]}
            return {**told, "frames": page.evaluate("window.madang.state.frames")}

        page.evaluate(LAG)
        before = read()
        page.wait_for_timeout(1000 * seconds)
        after, gaps = read(), sorted(page.evaluate("window.gaps"))
        state = page.evaluate("window.madang.state")
        browser.close()
    names = {"TaskDuration": "thread_s", "ScriptDuration": "script_s", "frames": "frames"}
    found = {short: (after[name] - before[name]) / seconds for name, short in names.items()}
    return {**found, "lag_p95_ms": gaps[int(0.95 * len(gaps))], "vehicles": state["vehicles"]}


def serve(junctions: int, port: int) -> None:
    run(listen(app(junctions), "127.0.0.1", port, beside=None))


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("--junctions", type=int, default=1000)
    given.add_argument("--seconds", type=int, default=20)
    arguments = given.parse_args()
    if built.read().script is None:
        raise SystemExit("the interface is not built: in frontend/, npm ci && npm run build")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = multiprocessing.Process(target=serve, args=(arguments.junctions, port), daemon=True)
    server.start()
    found = measure(f"http://127.0.0.1:{port}", arguments.seconds)
    print(f"{arguments.junctions} junctions, {found['vehicles']:.0f} vehicles, each second of the feed:")
    print(f"  the page's thread {found['thread_s']:.2f} s, of it script {found['script_s']:.2f} s")
    print(f"  {found['frames']:.1f} frames drawn; a timer of 20 ms is late by {found['lag_p95_ms']:.0f} ms (p95)")


if __name__ == "__main__":
    main()
