"""A report that ``madang evaluate`` wrote, opened in a browser: on a phone and on a desk, light and dark."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.journeys.visiting import ARGUMENTS, BROWSERS

TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
SMALLEST_TEXT_PX = """
() => Math.min(...[...document.querySelectorAll('svg text')].map(text => {
  const svg = text.ownerSVGElement;
  return parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
}))
"""
CONTRAST = """
() => {
  const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(part => part / 255)
    .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = light(getComputedStyle(document.body).backgroundColor);
  const inks = [...document.querySelectorAll('p, td, th, span, strong, li, summary, caption, figcaption, h2, h3')]
    .map(each => light(getComputedStyle(each).color));
  return Math.min(...inks.map(ink => (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05)));
}
"""
"""The least contrast of a text with the page, after WCAG 2.2, 1.4.3."""


@pytest.fixture(scope="module")
def browser(require_services: bool) -> Iterator[Browser]:
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        assert not require_services, "no Chromium on this machine"
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    madang, town = [sys.executable, "-m", "madang"], folder / "town"
    subprocess.run([*madang, "init", str(town)], check=True, capture_output=True)
    file = town / "city.toml"
    file.write_text(file.read_text().replace('"cologne1"', '"cologne3"'))
    asked = [
        *["--seeds", "1", "--hours", "0.04", "--drain", "60", "--baselines", "none", "--disturb", "hub@60", "--html"],
        str(folder / "page.html"),
    ]
    done = subprocess.run(
        [*madang, "evaluate", str(town), *asked, "--out", str(folder)], capture_output=True, text=True
    )
    assert (folder / "page.html").exists(), done.stderr
    return folder / "page.html"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_report_is_read_on_a_phone_and_on_a_desk(browser: Browser, page: Path, theme: str) -> None:
    for width in (320, 768, 1440):
        seen = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=theme)  # pyright: ignore[reportArgumentType]
        asked: list[str] = []
        said: list[str] = []
        seen.on("request", lambda request, urls=asked: urls.append(request.url))
        seen.on("console", lambda message, texts=said: texts.append(message.text))
        seen.goto(page.as_uri())
        assert not seen.evaluate(TOO_WIDE), f"the page is wider than {width} pixels"
        for drawing in ("svg.diagram", "svg.map", "table.bars"):
            assert seen.locator(drawing).count() >= 2
        assert seen.evaluate(SMALLEST_TEXT_PX) >= 10
        assert seen.evaluate(CONTRAST) >= 4.5
        assert asked == [page.as_uri()]
        assert said == []
        seen.close()
