"""Queues and lamps on the map in a real browser: each kind is one call of the graphics card, however many there are,
and none of them is an instance; and they are seen in their colours.

Needs Chromium and the built interface.
"""

import shutil
import sys

import pytest
from playwright.sync_api import sync_playwright
from tests.bench.parts.servers import running
from tests.journeys.visiting import ARGUMENTS, BROWSERS, colours, like, until

from madang.listen import free_port
from madang.web import built

COUNT = """(() => {
  const calls = window.calls = { drawElements: 0, drawArraysInstanced: 0, drawElementsInstanced: 0 };
  for (const name of Object.keys(calls)) {
    const draw = WebGL2RenderingContext.prototype[name];
    WebGL2RenderingContext.prototype[name] = function (...given) {
      if (this.canvas.className === "overlay") calls[name] += 1;
      return draw.apply(this, given);
    };
  }
})()"""
FRAMES = "window.madang.state.frames"


def test_queues_and_lamps_are_a_call_each_and_are_seen(require_services: bool) -> None:
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None or built.read().script is None:
        assert not require_services, "no Chromium, or the interface is not built"
        pytest.skip("no Chromium, or the interface is not built")
    port = free_port("127.0.0.1")
    command = [sys.executable, "-m", "tests.bench.parts.grid", str(port), "9"]
    with running(command, f"http://127.0.0.1:{port}/health", patience_s=60) as (address, _), sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(COUNT)
        page.goto(address.removesuffix("/health"))
        until(lambda: page.evaluate("window.madang?.state.ready && window.madang.state.queues > 0"), "queues")
        # As near as the page goes by itself: lamps are as large as their lanes.
        page.get_by_text("Junction 5").first.click()
        seen = until(
            lambda: (
                (found := colours(browser, page.locator(".map .maplibregl-canvas").screenshot()))
                and like(found, "#d23b3b") > 40
                and found
            ),
            "a red lamp",
        )
        assert like(seen, "#e0a100") + like(seen, "#0c9a5b") > 40, "no lamp but red ones"
        page.evaluate("Object.assign(window.calls, { drawElements: 0 })")
        before = page.evaluate(FRAMES)
        page.wait_for_timeout(2000)
        calls, frames = page.evaluate("({ ...window.calls })"), page.evaluate(FRAMES) - before
        browser.close()
    assert calls["drawArraysInstanced"] == calls["drawElementsInstanced"] == 0
    assert 0 < calls["drawElements"] <= 2 * (frames + 2)
