"""A resident reads why a signal did what it did and objects; a committee answers, suspends the signals, and in the next
cycle the streets run their own plans, with a banner on every page. In a browser without JavaScript, on a real city.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.journeys.visiting import ARGUMENTS, BROWSERS, PATIENCE_S, ROOT, RunningCity, Visit, until

expect.set_options(timeout=1000 * PATIENCE_S)
MEMBERS = ("chair", "residents", "public-transport")


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
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The members' keys by their names; "" has the folder of the city's data."""
    data = tmp_path_factory.mktemp("city")
    found = {"": str(data)}
    for member in MEMBERS:
        given = ("--name", member, "--role", f"mobility-{member}", "--data", str(data))
        command = [sys.executable, "-m", "madang", "key", "add", str(ROOT / "cities/ingolstadt"), *given]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        found[member] = next(word for word in said.split() if word.startswith("mdg_"))
    return found


@pytest.fixture(scope="module")
def city(browser: Browser, keys: dict[str, str]) -> Iterator[RunningCity]:
    running = RunningCity(Path(keys[""]))
    try:
        until(running.has_decided, "a city that decides")
        yield running
    finally:
        running.close()


@pytest.fixture
def page(browser: Browser, city: RunningCity) -> Iterator[Page]:
    visit = Visit(browser, city, java_script_enabled=False)
    yield visit.page
    assert visit.wrong == []
    visit.context.close()


def controls(city: RunningCity) -> set[str]:
    """Who controls the signals."""
    found = city.get("/ngsi-ld/v1/entities?type=TrafficSignal&options=keyValues&limit=100")
    return {signal["control"] for signal in found}


def test_a_resident_reads_why_and_objects(page: Page, city: RunningCity, keys: dict[str, str]) -> None:
    (newest, *_) = city.get("/decisions?service=signals&limit=1")["decisions"]
    page.goto(f"{city.address}/junctions/{newest['target'].rpartition(':')[2]}")
    page.get_by_role("link", name="The whole record").click()
    expect(page.get_by_role("heading", name="Why this was decided")).to_be_visible()
    expect(page.get_by_role("link", name="Permitted by mobility, resolution 2026-07/14")).to_be_visible()
    page.get_by_label("What is wrong with the decision").fill("My street <b>waits</b> for minutes.")
    page.get_by_role("button", name="Object", exact=True).click()
    expect(page.get_by_text("My street <b>waits</b> for minutes.")).to_be_visible()
    page.get_by_role("link", name="Permitted by mobility").click()
    expect(page.get_by_text("2 weeks left")).to_be_visible()
    page.get_by_text("Answer for the committee").click()
    form = page.locator("#objections ~ article form").first
    form.get_by_label("Why").fill("The longest red is shorter from Monday on.")
    form.get_by_label("Your key, if you have not signed in").fill(keys["residents"])
    form.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("None.")).to_be_visible()
    (answer, *_) = city.get("/committees/mobility/minutes")["minutes"]
    assert (answer["kind"], answer["text"]) == ("answer", "The longest red is shorter from Monday on.")


def test_a_committee_suspends_the_signals(page: Page, city: RunningCity, keys: dict[str, str]) -> None:
    until(lambda: "service" in controls(city), "signals that the service controls")
    page.goto(f"{city.address}/committees/mobility")
    page.get_by_label("Reference").fill("2026-11/3")
    page.get_by_label("What to do").select_option("suspend")
    page.get_by_label("Reason").fill("the complaints of the eastern district")
    page.locator("#key-table").fill(keys["chair"])
    page.get_by_role("button", name="Put it to the vote").click()
    for member in MEMBERS:
        page.locator("article.motion input[name=key]").fill(keys[member])
        page.get_by_role("button", name="For", exact=True).click()
    expect(page.get_by_text("No motion is open.")).to_be_visible()
    until(lambda: controls(city) == {"plan"}, "streets on their own plans", within_s=30)
    for path in ("/", "/proposals", "/committees"):
        page.goto(city.address + path)
        banner = page.get_by_text("signals is suspended until it is approved again, by mobility, resolution 2026-11/3")
        expect(banner).to_be_visible()
