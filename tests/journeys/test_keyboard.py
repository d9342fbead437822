"""By keyboard alone, from the top of the page: what if, on the living page and without a script; and releases, down to
the file. Nothing here is clicked, and nothing gets the focus but by the keys that a reader has.

Needs Chromium and the built interface."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from tests.journeys.visiting import ARGUMENTS, BROWSERS, PATIENCE_S, RunningCity, Visit, until

from madang.web import built

expect.set_options(timeout=1000 * PATIENCE_S)
_NAMED = """() => {
  const one = document.activeElement;
  const said = one.getAttribute("aria-label") ?? one.labels?.[0]?.innerText ?? one.innerText ?? one.tagName;
  return said.trim().split("\\n")[0];
}"""
_SEEN = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
  return box.width > 0 && box.bottom > 0 && box.top < innerHeight && style.outlineStyle !== "none";
}"""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCity]:
    running = RunningCity(tmp_path_factory.mktemp("keyboard"))
    try:
        until(running.has_decided, "a city that decides")
        yield running
    finally:
        running.close()


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


def go_to(page: Page, name: str, *, key: str = "Tab", most: int = 300) -> None:
    """Press the key until what has the focus is called so; it has to be seen that it has it."""
    passed: list[str] = []
    for _ in range(most):
        page.keyboard.press(key)
        passed.append(page.evaluate(_NAMED))
        if re.match(name, passed[-1]):
            assert page.evaluate(_SEEN), f"nobody sees that {passed[-1]!r} has the focus"
            return
    raise AssertionError(f"{most} times {key}, and never {name!r}: {passed[-40:]}")


def weighed(city: RunningCity) -> str:
    """A junction of which a decision weighed more than one choice."""

    def found() -> list[str]:
        decisions = city.get("/decisions?limit=100&service=signals")["decisions"]
        return [made["target"].rpartition(":")[2] for made in decisions if len(made["alternatives"]) > 1]

    return until(found, "a command that weighed alternatives")[0]


@pytest.mark.long
def test_what_if_on_the_living_page(browser: Browser, city: RunningCity) -> None:
    here = Visit(browser, city, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    name = weighed(city)
    page = here.open(f"/?lang=en#{name}")
    expect(page.locator(".card blockquote")).to_be_visible()
    go_to(page, "What if\\?")
    page.keyboard.press("Enter")
    expect(page.locator(".card.instead")).to_be_visible()
    expect(page.get_by_role("radio").first).to_be_visible()
    choices = page.get_by_role("radio").count()
    assert choices >= 3, "stages and the fixed plan"
    go_to(page, "Stage ")
    chosen: set[str] = set()
    for _ in range(choices):
        page.keyboard.press("ArrowDown")
        page.wait_for_function("() => location.search.includes('choice=')")
        page.wait_for_timeout(150)
        chosen.add(page.evaluate("new URL(location.href).searchParams.get('choice')"))
    assert len(chosen) == choices, "each choice is reached by the arrows"
    expect(page.locator(".instead tr.all .number").nth(1)).not_to_be_empty()
    # Back to what is: the same button, the other way round.
    go_to(page, "What if\\?", key="Shift+Tab")
    page.keyboard.press("Space")
    expect(page.locator(".instead")).to_have_count(0)
    assert "what-if" not in page.url.partition("#")[0]
    page.keyboard.press("Escape")
    expect(page.locator(".card #junction")).to_have_count(0)
    assert here.wrong == []
    here.context.close()


@pytest.mark.long
def test_what_if_without_a_script(browser: Browser, city: RunningCity) -> None:
    name = weighed(city)
    context = browser.new_context(java_script_enabled=False, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{city.address}/junctions/{name}?lang=en")
    press_to(page, page.get_by_role("link", name="What if it had shown something else?"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/what-if*")
    radios = page.get_by_role("radio")
    assert radios.count() >= 3
    press_to(page, page.locator("input[type=radio]:checked"))
    page.keyboard.press("ArrowUp")
    picked = page.locator("input[type=radio]:checked")
    assert picked.evaluate("(one) => one === document.activeElement")
    value = picked.get_attribute("value")
    press_to(page, page.get_by_role("button", name="Show", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**choice=*")
    assert page.locator("input[type=radio]:checked").get_attribute("value") == value
    expect(page.get_by_role("heading", name="Approach by approach")).to_be_visible()
    context.close()


def press_to(page: Page, wanted: Locator, most: int = 200) -> None:
    """Press Tab until that has the focus; the page has no script of its own, the test's may run."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"{most} times Tab, and never there: {wanted}")


@pytest.mark.long
def test_from_the_menu_to_a_releases_file(browser: Browser, city: RunningCity, tmp_path: Path) -> None:
    until(lambda: city.get("/releases.json")["releases"], "the first release")
    here = Visit(browser, city, viewport={"width": 320, "height": 640}, reduced_motion="reduce", accept_downloads=True)
    page = here.open("/releases?lang=en")
    go_to(page, "Skip to the content", most=1)
    page.keyboard.press("Enter")
    go_to(page, "Air quality, release", most=5)
    page.keyboard.press("Enter")
    page.wait_for_url("**/releases/1?lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Air quality, release 1")
    go_to(page, r"air-quality.*\.csv$")
    with page.expect_download() as fetched:
        page.keyboard.press("Enter")
    fetched.value.save_as(tmp_path / "file")
    sums = {one["name"]: one["sha256"] for one in city.get("/datasets/air-quality/releases/1.json")["files"]}
    assert hashlib.sha256((tmp_path / "file").read_bytes()).hexdigest() in sums.values()
    go_to(page, "← Releases", key="Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/releases?lang=en")
    assert here.wrong == [] and here.wide() <= 0
    here.context.close()
