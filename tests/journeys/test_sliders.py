"""A lender doubts an input: the page answers while the slider is dragged, as the API does, and without JavaScript."""

from collections.abc import Iterator
from shutil import which

import httpx
import pytest
from playwright.sync_api import Page, sync_playwright
from tests.journeys.square import square
from tests.journeys.visiting import ARGUMENTS, BROWSERS

WAIT_MS = 60_000


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with square(tmp_path_factory.mktemp("sliders") / "log") as (address, _):
        yield address


def visit(city: str, *, script: bool, required: bool) -> Iterator[Page]:
    found = next((path for name in BROWSERS if (path := which(name))), None)
    if found is None:
        assert not required, "no Chromium on this machine"
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*ARGUMENTS])
        page = browser.new_context(locale="en-GB", java_script_enabled=script).new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(f"{city}/worth/signals")
        yield page
        browser.close()


@pytest.fixture
def lively(city: str, require_services: bool) -> Iterator[Page]:
    yield from visit(city, script=True, required=require_services)


@pytest.fixture
def plain(city: str, require_services: bool) -> Iterator[Page]:
    yield from visit(city, script=False, required=require_services)


def answered(city: str, hours: float) -> str:
    """The ENPV that the API tells, as the page writes it."""
    body = {"values": {"hours like this one": hours}}
    moved = httpx.post(f"{city}/projects/signals/position", json=body, timeout=60).raise_for_status().json()
    return f"{round(moved['enpv']):,} EUR"


def test_a_slider_that_is_dragged_by_keys_is_answered_at_once(lively: Page, city: str) -> None:
    slider = lively.get_by_role("slider", name="hours like this one")
    first = lively.locator(".kpis dd").first
    before = first.inner_text()
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    hours = float(slider.input_value())
    assert hours > 900
    wanted = answered(city, hours)
    assert wanted != before
    lively.wait_for_function(
        "wanted => document.querySelector('.kpis dd').textContent === wanted", arg=wanted, timeout=WAIT_MS
    )
    assert f"hours+like+this+one={hours:g}" in lively.url, "what is seen can be sent to somebody"
    assert lively.get_by_label("hours like this one").first.input_value() == f"{hours:g}"


def test_without_javascript_the_form_is_answered(plain: Page, city: str) -> None:
    assert plain.get_by_role("slider").count() == 0
    plain.get_by_label("hours like this one").fill("1300")
    plain.get_by_role("button", name="Answer").click()
    assert plain.locator(".kpis dd").first.inner_text() == answered(city, 1300)
