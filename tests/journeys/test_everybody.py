"""Every page for everybody: no barrier that axe-core finds, in every language, light and dark, with and without script,
on a phone; by keyboard; what strangers wrote stays text, and no stranger's page can use ours.

Needs Chromium and the built interface. The whole matrix: tests/bench/barriers.py.
"""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright
from tests.journeys.square import HOSTILE, addresses, nameless, owned, square
from tests.journeys.visiting import ARGUMENTS, BROWSERS, PATIENCE_S, until
from tests.journeys.walking import AXE, Stop, covering, walk, wrong

from madang.web import built
from madang.web.language import LANGUAGES

FIRST_PAINT_BYTES = 500_000
expect.set_options(timeout=1000 * PATIENCE_S)
ELSEWHERE = "http://elsewhere.test/"
LETTERS = {"ko": "Noto Sans KR Variable", "hi": "Noto Sans Devanagari Variable", "th": "Noto Sans Thai Variable"}
_FETCHED = """() => document.fonts.ready.then(() => ({
  families: [...document.fonts].filter((one) => one.status === "loaded").map((one) => one.family.replace(/"/g, "")),
  files: performance.getEntriesByType("resource").map((one) => [one.name.split("/").at(-1), one.encodedBodySize]),
  page: performance.getEntriesByType("navigation")[0].encodedBodySize,
}))"""


@pytest.fixture(scope="module")
def browser(require_services: bool) -> Iterator[Browser]:
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    missing = "no Chromium on this machine" if program is None else ""
    if built.read().script is None or not AXE.is_file():
        missing = "the interface is not built: in frontend/, npm ci && npm run build"
    if missing:
        assert not require_services, missing
        pytest.skip(missing)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def city(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    with square(tmp_path_factory.mktemp("square") / "log") as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def test_every_page_is_walked_over() -> None:
    assert nameless() == [], "say in tests/journeys/square.py what stands in the address of these pages"


def test_no_page_bars_anybodys_way(browser: Browser, city: tuple[str, dict[str, str]]) -> None:
    place, names = city
    with walk(browser, place) as walked:
        assert wrong(walked, covering(addresses(names), owned(names), LANGUAGES)) == {}


def test_the_walk_sees_what_is_wrong(browser: Browser, city: tuple[str, dict[str, str]]) -> None:
    with walk(browser, city[0]) as walked:
        spoiled = '<p style="color: #eee; background: #fff; width: 500px">Hardly to be read</p></main>'
        walked.page.route(
            "**/translation?*",
            lambda route: route.fulfill(body=route.fetch().text().replace("</main>", spoiled), headers={}),
        )
        found = walked.see(Stop("/translation"))
    assert any(one.startswith("color-contrast") for one in found)
    assert any("wider than 320" in one for one in found)


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_the_first_paint_is_light_and_has_its_own_letters(
    page: Page, city: tuple[str, dict[str, str]], language: str
) -> None:
    page.goto(f"{city[0]}/?lang={language}")
    page.locator(".lists button.row").first.wait_for()
    seen = page.evaluate(_FETCHED)
    wanted = {"Inter Variable"} | ({LETTERS[language]} if language in LETTERS else set())
    assert wanted <= set(seen["families"])
    others = set(LETTERS.values()) - wanted
    assert not others & set(seen["families"]), "letters that the page does not show"
    first = {name: size for name, size in seen["files"] if not name.startswith(("view-", "maplibre", "streets"))}
    assert 50_000 < seen["page"] + sum(first.values()) < FIRST_PAINT_BYTES, first


def focused(page: Page) -> str:
    return page.evaluate("(document.activeElement.innerText || document.activeElement.tagName).trim().split('\\n')[0]")


def test_all_of_a_page_is_reached_by_keyboard_in_its_order(page: Page, city: tuple[str, dict[str, str]]) -> None:
    page.goto(f"{city[0]}/committees?lang=en")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    page.goto(f"{city[0]}/committees?lang=en")
    order = "() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]"
    wanted: int = page.evaluate(
        f"({order})().filter((one) => one.checkVisibility({{ visibilityProperty: true }})).length"
    )
    tops: list[tuple[float, float]] = []
    for _ in range(wanted):
        page.keyboard.press("Tab")
        box, outline = page.evaluate("""() => {
          const one = document.activeElement, box = one.getBoundingClientRect();
          return [[box.top + scrollY, box.left], getComputedStyle(one).outlineStyle];
        }""")
        assert outline != "none", f"nobody sees that {focused(page)} has the focus"
        tops.append((box[0], box[1]))
    assert len(set(tops)) == wanted, "each once"
    header = page.evaluate("document.querySelector('.top').getBoundingClientRect().bottom")
    below = [top for top, _ in tops if top > header]
    assert below == sorted(below), "from top to bottom"


def test_a_language_is_chosen_by_keyboard_and_the_page_stays(page: Page, city: tuple[str, dict[str, str]]) -> None:
    page.goto(f"{city[0]}/junctions/a?lang=en")
    page.locator(".languages summary").focus()
    page.keyboard.press("Enter")
    for _ in range(list(LANGUAGES).index("vi") + 1):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    assert "/junctions/a?" in page.url


def test_the_live_page_keeps_what_is_shown_in_another_language(page: Page, city: tuple[str, dict[str, str]]) -> None:
    page.goto(f"{city[0]}/?lang=en&view=waits#a")
    expect(page.locator(".card #junction")).to_be_visible()
    page.locator(".languages summary").click()
    page.locator(".languages a[lang=id]").click()
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(page.locator(".card #junction")).to_be_visible()
    assert "view=waits" in page.url and page.url.endswith("#a")


def test_who_wants_no_motion_has_none(browser: Browser, city: tuple[str, dict[str, str]]) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{city[0]}/")
    page.locator(".lists button.row").first.wait_for()
    moving = """() => [...document.querySelectorAll("*")].filter((one) => {
      const style = getComputedStyle(one);
      const lasts = `${style.transitionDuration},${style.animationDuration}`.split(",");
      return lasts.some((each) => parseFloat(each) > 0.001);
    }).map((one) => one.className)"""
    assert page.evaluate(moving) == []
    context.close()


def test_what_strangers_wrote_is_text_on_the_living_page(page: Page, city: tuple[str, dict[str, str]]) -> None:
    page.goto(f"{city[0]}/?lang=en#a")
    card = page.locator(".card:has(#junction)")
    expect(card.locator("h2")).to_contain_text(HOSTILE)
    expect(card.locator("blockquote")).to_contain_text(HOSTILE)
    page.get_by_role("button", name="Air", exact=True).click()
    expect(page.locator(".lists")).to_contain_text(HOSTILE)
    expect(page.locator(".banners")).to_contain_text(HOSTILE)
    assert page.evaluate("[window.ran ?? null, document.querySelectorAll('img[src=x], #app script').length]") == [
        None,
        0,
    ]


def test_the_policy_runs_no_script_but_the_pages_own(page: Page, city: tuple[str, dict[str, str]]) -> None:
    page.goto(f"{city[0]}/translation")
    with pytest.raises(Error):
        page.add_script_tag(content="window.ran = 1")
    with pytest.raises(Error):
        page.add_script_tag(url=f"{ELSEWHERE}evil.js")
    tried = page.evaluate("""async () => {
      document.body.insertAdjacentHTML("beforeend", `
        <img src="/x" onerror="window.ran = 2"><a id="bad" href="javascript:window.ran = 3">x</a>
        <style>h1 { color: rgb(1, 2, 3) }</style>
        <form id="away" method="post" action="http://elsewhere.test/"></form>`);
      document.getElementById("bad").click();
      document.getElementById("away").submit();
      await new Promise((resolve) => setTimeout(resolve, 300));
      let made = "ran";
      try { new Function("return 1")(); } catch (error) { made = error.name; }
      const styled = getComputedStyle(document.querySelector("h1")).color === "rgb(1, 2, 3)";
      return [window.ran ?? null, made, styled, location.pathname];
    }""")
    assert tried == [None, "EvalError", False, "/translation"]


@contextmanager
def elsewhere(folder: Path) -> Iterator[str]:
    """Another site, with the files of the folder: a real one on this machine, or the browser would not let it near."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, "another site")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(15)


def test_no_other_site_shows_our_page_in_its_own(page: Page, city: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    paths = ["/", "/sign-in", "/committees/mobility", "/report", "/nowhere"]
    frames = "".join(f'<iframe src="{city[0]}{path}"></iframe>' for path in paths)
    (tmp_path / "index.html").write_text(f"<!doctype html><title>Win</title>{frames}<iframe src=own.html></iframe>")
    (tmp_path / "own.html").write_text("<!doctype html><header>Mine</header>")
    refused: dict[str, str | None] = {}
    page.on("requestfailed", lambda request: refused.update({request.url: request.failure}))
    with elsewhere(tmp_path) as site:
        page.goto(site)
        expect(page.frame_locator("iframe").last.locator("header")).to_have_text("Mine")
        until(lambda: page.wait_for_timeout(100) or len(refused) == len(paths), "frames that are refused")
    assert refused == {city[0] + path: "net::ERR_BLOCKED_BY_RESPONSE" for path in paths}
