"""The page in a real browser on a real city: the map lives, a junction says why, all can read it, faults are said.

Needs Chromium and the built interface.
"""

import base64
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from madang.web import built

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
expect.set_options(timeout=1000 * PATIENCE_S)


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


@pytest.fixture(scope="module")
def browser(require_services: bool) -> Iterator[Browser]:
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    missing = "no Chromium on this machine" if program is None else ""
    if built.read().script is None:
        missing = "the interface is not built: in frontend/, npm ci && npm run build"
    if missing:
        assert not require_services, missing
        pytest.skip(missing)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def city(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCity]:
    running = RunningCity(tmp_path_factory.mktemp("city"))
    try:
        try:
            until(running.has_decided, "a city that decides")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{running.said()}") from None
        yield running
    finally:
        running.close()


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


@pytest.fixture
def visit(browser: Browser, city: RunningCity) -> Iterator[Callable[..., Visit]]:
    made: list[Visit] = []

    def begin(**context: Any) -> Visit:
        made.append(Visit(browser, city, **context))
        return made[-1]

    yield begin
    for each in made:
        each.context.close()


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
    return colours(browser, visit.page.locator(".map canvas").screenshot())


@pytest.mark.parametrize(
    ("scheme", "ground", "street"), [("light", "#f3f2ee", "#cccec9"), ("dark", "#11161a", "#2f383e")]
)
def test_the_map_shows_the_living_city(
    visit: Callable[..., Visit], browser: Browser, scheme: str, ground: str, street: str
) -> None:
    here = visit(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    here.open_map()
    seen = until(lambda: (p := picture(here, browser)) and like(p, street) > 2000 and p, "streets in the picture")
    everything = sum(seen.values())
    assert like(seen, ground) > 0.3 * everything, "the ground has another colour"
    assert len(seen) > 50, "a picture with so few colours is no map"
    shown = here.page.locator(".lists .rows").inner_text()
    until(lambda: here.page.locator(".lists .rows").inner_text() != shown, "a list that lives as the map does")
    frames = here.map_state()["frames"]
    until(lambda: here.map_state()["frames"] > frames + 3, "vehicles that move")
    assert here.wrong == []


def test_a_click_on_a_junction_says_what_it_decided_and_why(
    visit: Callable[..., Visit], browser: Browser, city: RunningCity
) -> None:
    here = visit(viewport={"width": 1280, "height": 800})
    page = here.open_map()
    decided = city.get("/decisions?limit=30")["decisions"][0]["target"].rpartition(":")[2]
    where = f"/ngsi-ld/v1/entities/urn:ngsi-ld:SignalLayout:{decided}?options=keyValues&pick=location"
    place = city.get(where)["location"]["coordinates"]
    # The panel about the effect is a card too: what is wanted is the junction's.
    card = page.locator(".card:has(#junction)")

    def clicked() -> bool:
        # As a person does: where the map moved under the finger, or was not drawn yet, one clicks again.
        x, y = page.evaluate("place => { const p = window.madang.map.project(place); return [p.x, p.y]; }", place)
        page.locator(".map canvas").click(position={"x": x, "y": y})
        page.wait_for_timeout(500)
        return card.count() > 0

    until(clicked, "a card for the junction")
    expect(card.locator("blockquote")).not_to_be_empty()
    expect(card.locator(".permission")).to_contain_text("Permitted by mobility")
    assert card.locator(".alternatives tbody tr").count() >= 2
    assert card.locator(".approaches li").count() >= 2
    expect(card.locator(".now")).to_contain_text("since")
    until(lambda: here.page.evaluate("window.madang.map.getZoom()") > 17, "the map goes there")
    lamps = ("#0c9a5b", "#e0a100", "#d23b3b")
    until(lambda: sum(like(picture(here, browser), lamp) for lamp in lamps) > 60, "lamps in the picture")
    assert here.wrong == []


def test_the_list_does_it_by_keyboard(visit: Callable[..., Visit]) -> None:
    here = visit(viewport={"width": 1280, "height": 800})
    page = here.open_map()
    page.get_by_role("button", name="Junctions").focus()
    first = page.locator(".lists button.row").first
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".card h2")).to_be_focused()
    expect(page.locator(".card .approaches li").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#effect")).to_be_visible()


def test_the_effect_is_shown_against_the_twin(visit: Callable[..., Visit]) -> None:
    here = visit(viewport={"width": 1280, "height": 800})
    page = here.open_map()
    expect(page.locator(".effect .figure")).to_contain_text("%")
    expect(page.locator(".effect")).to_contain_text("simulated twin")
    assert page.locator(".card tbody tr").count() >= 5


@pytest.mark.parametrize("width", [320, 375, 768, 1440])
def test_nothing_is_wider_than_the_window(visit: Callable[..., Visit], width: int) -> None:
    here = visit(viewport={"width": width, "height": 800})
    page = here.open_map()
    assert here.wide() <= 0
    page.locator(".lists button.row").nth(2).click()
    expect(page.locator(".card .approaches li").first).to_be_visible()
    assert here.wide() <= 0
    assert here.wrong == []


@pytest.mark.parametrize("width", [320, 1280])
def test_without_javascript_the_list_and_the_reasons_are_there(visit: Callable[..., Visit], width: int) -> None:
    here = visit(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = here.open()
    assert page.locator(".rows .row").count() >= 21
    assert page.locator(".rows .row .reason").count() >= 10
    page.locator(".rows .row a").first.click()
    expect(page.get_by_role("heading", name="What it senses")).to_be_visible()
    expect(page.locator("section .reason")).not_to_be_empty()
    assert page.locator("table tbody tr").count() >= 3


def test_the_documentation_is_served_from_here(visit: Callable[..., Visit]) -> None:
    here = visit()
    page = here.open("/docs")
    expect(page.locator(".opblock").first).to_be_visible()
    assert not [what for what in here.wrong if "another host" in what]


def test_the_page_says_that_the_world_is_gone_and_that_it_is_back(
    visit: Callable[..., Visit], city: RunningCity
) -> None:
    here = visit(viewport={"width": 1280, "height": 800})
    page = here.open_map()
    expect(page.locator(".banners")).to_be_empty()
    # Stopped, not killed: a world that is killed may be back before anyone misses it.
    city.signal("madang world", signal.SIGSTOP)
    try:
        expect(page.locator(".banners")).to_contain_text("fixed plan")
    finally:
        city.signal("madang world", signal.SIGCONT)
    expect(page.locator(".banners")).to_be_empty()


def test_the_page_says_that_the_hub_is_gone_and_finds_it_again(visit: Callable[..., Visit], city: RunningCity) -> None:
    here = visit(viewport={"width": 1280, "height": 800})
    page = here.open_map()
    city.signal("madang serve", signal.SIGKILL)
    expect(page.locator(".banners")).to_contain_text("Connection lost since")
    expect(page.locator("main")).to_have_class("stage stale")
    expect(page.locator(".banners")).to_be_empty()
    until(lambda: here.map_state()["vehicles"] > 0, "vehicles again")
