"""Walks over pages in a browser and tells what bars anybody's way: what axe-core finds, a page wider than a phone, what
the browser refused to run."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec
from playwright.sync_api import Browser, BrowserContext, Page
from tests.journeys.visiting import PATIENCE_S, ROOT

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
THEMES = ("light", "dark")
OPERATOR = "clerk"
"""The key of somebody whom the city knows: an operator who is a person, too."""
PHONE = {"width": 320, "height": 640}
"""CSS pixels: what a page has at 1280 when it is enlarged four times (WCAG 2.2, 1.4.10)."""
_RULES = """async (contrast) => {
  const rules = { "target-size": { enabled: true } };
  const options = contrast ? { runOnly: ["color-contrast"] } : { rules };
  const told = await axe.run(document, { resultTypes: ["violations"], ...options });
  return told.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.target.join(" ")).join(", ")}`);
}"""
_FLOWS = """() => {
  const most = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth - most;
  if (wide <= 0) return "";
  const over = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > most + 1);
  return `${wide} px wider than ${most}: ` + over.slice(-3).map((one) => one.outerHTML.slice(0, 90)).join(" | ");
}"""


class Stop(msgspec.Struct, frozen=True):
    """One page in one language, light or dark, with or without its script; `by` somebody with that key, or anybody."""

    path: str
    language: str = "en"
    theme: str = "light"
    script: bool = False
    by: str = ""

    @property
    def address(self) -> str:
        return f"{self.path}{'&' if '?' in self.path else '?'}lang={self.language}"

    def __str__(self) -> str:
        who = f" by {self.by}" if self.by else ""
        return f"{self.address} {self.theme} {'with' if self.script else 'without'} script{who}"


class Walk:
    """A browser that goes from stop to stop of one city."""

    def __init__(self, browser: Browser, city: str) -> None:
        self._city = city
        self.context: BrowserContext = browser.new_context(locale="en-GB", reduced_motion="reduce")
        # Before each page, and whatever it lets run: axe is the walk's, as a reader's extension is the reader's.
        self.context.add_init_script(path=AXE)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(1000 * PATIENCE_S)
        self._said: list[str] = []
        self.page.on("console", lambda said: self._said.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self._said.append(str(error)))
        self.page.on("request", lambda request: self._look(request.url))
        # A reader without JavaScript has the page as it came; the tests' own scripts run all the same.
        self._quiet = False
        self.page.route("**/assets/*.js", lambda route: route.abort() if self._quiet else route.continue_())

    def _look(self, url: str) -> None:
        if not url.startswith((self._city + "/", "data:", "blob:")):
            self._said.append(f"asked another host: {url}")

    def see(self, stop: Stop) -> list[str]:
        """What is wrong there."""
        self._arrive(stop)
        return self._axe(contrast=False) + self._rest(stop)

    def see_both(self, stop: Stop) -> tuple[list[str], list[str]]:
        """What is wrong there, light and dark: the page comes once, and of its dark side only colours are another's."""
        self._arrive(msgspec.structs.replace(stop, theme="light"))
        light = self._axe(contrast=False)
        self._light(on=False)
        dark = self._axe(contrast=True)
        self._light(on=True)
        return light + self._rest(stop), dark

    @property
    def has_script(self) -> bool:
        """Whether the page that was seen last is another one with its script."""
        return self.page.evaluate("[...document.scripts].some((one) => one.src)")

    def _arrive(self, stop: Stop) -> None:
        self._said.clear()
        self._quiet = not stop.script
        self.context.set_extra_http_headers({"Authorization": f"Bearer {stop.by}"} if stop.by else {})
        self._light(on=stop.theme == "light")
        self.page.set_viewport_size({"width": 1280, "height": 800})
        self.page.goto(self._city + stop.address)
        if stop.script and stop.path == "/":
            self.page.locator(".lists button.row").first.wait_for()

    def _light(self, *, on: bool) -> None:
        self.page.emulate_media(color_scheme="light" if on else "dark", reduced_motion="reduce")

    def _axe(self, *, contrast: bool) -> list[str]:
        return self.page.evaluate(_RULES, contrast)

    def _rest(self, stop: Stop) -> list[str]:
        """What axe does not look at."""
        spoken = self.page.evaluate("document.documentElement.lang")
        found = [f"<html lang={spoken!r}>"] if spoken != stop.language else []
        self.page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        flows: str = self.page.evaluate(_FLOWS)
        found += [flows] if flows else []
        # What a browser did not run or load it says, and says so of a page that is an error, too.
        found += [said for said in self._said if "ERR_FAILED" not in said and "status of 4" not in said]
        found += [f"a cookie: {cookie['name']}" for cookie in self.context.cookies()]
        ran = self.page.evaluate("window.ran ?? null")
        return found + ([f"markup of others ran: {ran}"] if ran is not None else [])

    def close(self) -> None:
        self.context.close()


@contextmanager
def walk(browser: Browser, city: str) -> Iterator[Walk]:
    made = Walk(browser, city)
    try:
        yield made
    finally:
        made.close()


def wrong(walked: Walk, stops: Iterable[Stop]) -> dict[str, list[str]]:
    """What is wrong, by stop."""
    return {str(stop): found for stop in stops if (found := walked.see(stop))}


def every(paths: Iterable[str], languages: Iterable[str]) -> list[Stop]:
    """The whole matrix: every page, language and theme, with and without its script."""
    tags = list(languages)
    return [
        Stop(path, language, theme, script)
        for path in paths
        for language in tags
        for theme in THEMES
        for script in (True, False)
    ]


def covering(paths: Iterable[str], own: Iterable[str], languages: Iterable[str]) -> list[Stop]:
    """Every page once, with languages, themes and script in turn, those of somebody's own (`own`) as an operator;
    and the city's page in every language."""
    tags, paths = list(languages), list(paths)
    turns = [Stop(path, tags[n % len(tags)], THEMES[n % 2], n % 3 == 0) for n, path in enumerate(paths)]
    turns += [Stop(path, tags[n % len(tags)], THEMES[n % 2], n % 3 == 0, OPERATOR) for n, path in enumerate(own)]
    return turns + [Stop("/", language, THEMES[n % 2], n % 3 > 0) for n, language in enumerate(tags)]
