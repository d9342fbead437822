"""A pothole in a real browser: reported without a network, synced, routed, closed by the staff, opened again by a
stranger; and what strangers write or send stays what it is: text and pictures.

Needs Chromium and the built interface.
"""
# ruff: noqa: F811 - a fixture is imported, and asked for by its name

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import skimage
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.journeys.residing import HubAlone
from tests.journeys.test_page import browser  # noqa: F401 - the fixture
from tests.journeys.visiting import PATIENCE_S, until

WAITING = "#drafts .waiting"
SENT = "#drafts .sent a"


@pytest.fixture(scope="module")
def hub(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubAlone]:
    running = HubAlone(tmp_path_factory.mktemp("hub"))
    yield running
    running.close()


def visit(browser: Browser, **more: Any) -> tuple[BrowserContext, list[str]]:
    """A visitor with a browser of their own, and what went wrong in it."""
    context = browser.new_context(locale="en-GB", **more)
    context.set_default_timeout(1000 * PATIENCE_S)
    wrong: list[str] = []
    context.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    return context, wrong


def ready(page: Page) -> bool:
    """The worker is there, and has the form of potholes for when there is no network."""
    return page.evaluate(
        """async () => {
          const ready = await navigator.serviceWorker.getRegistration("/report");
          const form = new URL("/report?kind=pothole&lang=en", location.href).href;
          const kept = await caches.match(form, { ignoreVary: true });
          return Boolean(ready?.active && navigator.serviceWorker.controller && kept);
        }"""
    )


def test_a_pothole_is_reported_offline_synced_routed_closed_and_opened_again(browser: Browser, hub: HubAlone) -> None:
    resident, wrong = visit(browser)
    page = resident.new_page()
    page.goto(f"{hub.address}/report?lang=en")
    until(lambda: ready(page), "a form for when there is no network")

    # There is no network, and not even the hub runs: the page comes from this device.
    resident.set_offline(True)
    hub.stop()
    page.goto(f"{hub.address}/report?kind=pothole&lang=en")
    page.get_by_label("What is the matter?").fill("A hole <img src=x onerror=alert(1)>")
    page.get_by_label("How deep is it?").select_option("deep")
    page.get_by_text("Or its coordinates").click()
    page.get_by_label("Latitude").fill("48.77")
    page.get_by_label("Longitude").fill("11.43")
    page.get_by_label("A photo").set_input_files(Path(skimage.__file__).parent / "data" / "coffee.png")
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator(WAITING)).to_contain_text("Pothole")
    expect(page.locator("#drafts .banner")).to_contain_text("There is no network")
    # It is on the device, not in the page.
    page.reload()
    expect(page.locator(WAITING)).to_have_count(1)
    assert page.get_by_label("What is the matter?").input_value() == ""

    hub.start()
    resident.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(SENT)).to_have_count(1)
    assert not [each for each in wrong if "Failed to load resource" not in each and "fetch" not in each], wrong
    page.locator(SENT).click()
    expect(page.locator("h1")).to_have_text("Pothole")
    expect(page.locator(".reason")).to_have_text("A hole <img src=x onerror=alert(1)>")
    expect(page.get_by_role("img")).to_have_count(1)
    link = page.url
    id = re.search(r"/report/(\w{12})\.", link)
    assert id, link

    # The staff finds it in the queue, sent to whom it concerns, and closes it.
    staff, _ = visit(browser, extra_http_headers={"Authorization": f"Bearer {hub.key('office', 'operator')}"})
    desk = staff.new_page()
    desk.goto(f"{hub.address}/desk/reports?lang=en&agency=road-maintenance")
    desk.get_by_role("link", name="Pothole").click()
    expect(desk.get_by_text("deep", exact=False).first).to_be_visible()
    desk.get_by_label("Whose work it is").fill("team 3")
    desk.get_by_role("button", name="Assign it").click()
    expect(desk.locator("#log + ol")).to_contain_text("team 3")
    desk.get_by_label("What you say").fill("It is filled.")
    desk.get_by_role("button", name="Close it").click()
    expect(desk.locator(".facts .strong")).to_have_text("Closed")

    page.reload()
    expect(page.locator("#state")).to_have_text("Closed")
    expect(page.locator("#log + ol")).to_contain_text("It is filled.")

    # Somebody who has neither account, link nor JavaScript opens it again.
    stranger, _ = visit(browser, java_script_enabled=False)
    other = stranger.new_page()
    other.goto(f"{hub.address}/report/{id[1]}?lang=en")
    expect(other.get_by_text("deep")).to_have_count(0)
    other.get_by_label("Why should it be opened again?").fill("The hole is back")
    other.get_by_role("button", name="Open it again").click()
    expect(other.locator("#state")).to_have_text("Open")
    page.reload()
    expect(page.locator("#log + ol")).to_contain_text("The hole is back")
    assert stranger.cookies() == [] and resident.cookies() == []
    for context in (resident, staff, stranger):
        context.close()


def test_a_report_that_the_city_refuses_says_so_and_is_not_sent_for_ever(browser: Browser, hub: HubAlone) -> None:
    resident, _ = visit(browser)
    page = resident.new_page()
    page.goto(f"{hub.address}/report?lang=en")
    until(lambda: ready(page), "a form for when there is no network")
    page.goto(f"{hub.address}/report?kind=pothole&lang=en")
    resident.set_offline(True)
    page.get_by_label("What is the matter?").fill("A hole, and nobody knows where")
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator(WAITING)).to_have_count(1)
    resident.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#drafts .refused")).to_contain_text("where: lat and long")
    page.get_by_role("button", name="Forget it").click()
    expect(page.locator("#drafts .refused")).to_have_count(0)
    resident.close()


def test_the_form_works_without_javascript_and_shows_the_same_nearby(browser: Browser, hub: HubAlone) -> None:
    resident, _ = visit(browser, java_script_enabled=False)
    page = resident.new_page()
    for words in ("A dark lamp", "The same lamp"):
        page.goto(f"{hub.address}/report?lang=en")
        page.get_by_role("link", name="Signal out of order").click()
        page.get_by_label("What is the matter?").fill(words)
        page.get_by_text("Or its coordinates").click()
        page.get_by_label("Latitude").fill("48.75")
        page.get_by_label("Longitude").fill("11.40")
        page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Is it one of these?")).to_be_visible()
    assert page.get_by_label("What is the matter?").input_value() == "The same lamp"
    page.get_by_role("button", name="It is this one: join it").click()
    expect(page.get_by_text("1 person joined")).to_be_visible()
    expect(page.locator(".reason")).to_have_text("A dark lamp")
    resident.close()
