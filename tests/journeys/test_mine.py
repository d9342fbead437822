"""A resident's own page in a real browser, without JavaScript: agrees, sees who used it, withdraws, and the hub stops
within one read; asks for deletion, and it is done."""
# ruff: noqa: F811 - a fixture is imported, and asked for by its name

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.journeys.residing import HubAlone
from tests.journeys.test_page import browser  # noqa: F401 - the fixture
from tests.journeys.visiting import PATIENCE_S

KIM, LEE = "urn:ngsi-ld:Person:kim", "urn:ngsi-ld:Person:lee"
VISIT = "urn:ngsi-ld:Visit:1"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubAlone]:
    running = HubAlone(tmp_path_factory.mktemp("hub"))
    for number, person in ((1, KIM), (2, LEE)):
        visit = {"id": f"urn:ngsi-ld:Visit:{number}", "type": "Visit"}
        visit |= {
            name: {"type": "Property", "value": value} for name, value in (("person", person), ("place", "library"))
        }
        assert running.post("/ngsi-ld/v1/entities", visit).status_code == 201
    yield running
    running.close()


def page_of(browser: Browser, hub: HubAlone, key: str) -> Page:
    headers = {"Authorization": f"Bearer {key}"}
    context = browser.new_context(locale="en-GB", java_script_enabled=False, extra_http_headers=headers)
    context.set_default_timeout(1000 * PATIENCE_S)
    return context.new_page()


def seen(hub: HubAlone, key: str) -> list[str]:
    answer = hub.get("/ngsi-ld/v1/entities?type=Visit", Authorization=f"Bearer {key}")
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()]


def test_a_resident_withdraws_consent_and_the_hub_stops_within_one_read(browser: Browser, hub: HubAlone) -> None:
    kim = hub.key("kim", "resident", subject=KIM)
    study = hub.key("study-7", "researcher", purpose="research")
    assert seen(hub, study) == []
    page = page_of(browser, hub, kim)
    page.goto(f"{hub.address}/mine?lang=en")
    expect(page.get_by_text("Nobody so far.")).to_be_visible()
    expect(page.locator("#held ~ ul").first).to_contain_text("person, place")
    page.get_by_label("research").check()
    page.get_by_role("button", name="Agree").click()
    expect(page.get_by_role("button", name="Withdraw: Visits")).to_be_visible()
    assert seen(hub, study) == [VISIT]

    page.reload()
    used = page.locator("#uses ~ table tbody tr").first
    expect(used).to_contain_text("study-7")
    expect(used).to_contain_text("research")
    page.get_by_role("button", name="Withdraw: Visits").click()
    assert seen(hub, study) == [], "the very next read"
    expect(page.get_by_text("Nothing now.")).to_be_visible()
    assert page.context.cookies() == []
    page.context.close()


def test_a_resident_asks_for_deletion_and_sees_the_clock_and_the_answer(browser: Browser, hub: HubAlone) -> None:
    kim = hub.key("kim-too", "resident", subject=KIM)
    page = page_of(browser, hub, kim)
    report: dict[str, Any] = {
        "kind": "pothole",
        "description": "A hole of mine",
        "address": "Here",
        "email": "kim@example.org",
    }
    filed = hub.post("/reports", report, Authorization=f"Bearer {kim}")
    assert filed.status_code == 201, filed.text
    page.goto(f"{hub.address}/mine?lang=en")
    expect(page.locator("#reports ~ ul")).to_contain_text("A hole of mine")
    page.get_by_label("I want this of the city:").select_option("erasure")
    page.get_by_label("In my own words").fill("I <b>moved</b> away")
    page.get_by_role("button", name="Ask for it").click()
    asked = page.locator("#requests ~ ul")
    expect(asked).to_contain_text("Delete it")
    expect(asked).to_contain_text("Answer until")
    expect(asked).to_contain_text("I <b>moved</b> away")

    (queued,) = [one for one in hub.get(f"/subjects/requests?subject={KIM}").json() if one["wish"] == "erasure"]
    granted = hub.post(f"/subjects/requests/{queued['id']}/answer", {"granted": True, "words": "Done today"})
    assert granted.status_code == 200, granted.text
    page.reload()
    expect(page.locator("#requests ~ ul")).to_contain_text("Done today")
    expect(page.get_by_text("Nothing that is about you alone.")).to_be_visible()
    assert hub.get(f"/reports/{filed.json()['id']}").status_code == 404
    page.context.close()


def test_who_signs_in_with_a_password_agrees_too_and_no_other_site_does_it_for_them(
    browser: Browser, hub: HubAlone
) -> None:
    password = hub.person("ada", "resident", subject="urn:ngsi-ld:Person:ada")
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    context.set_default_timeout(1000 * PATIENCE_S)
    page = context.new_page()
    page.goto(f"{hub.address}/mine?lang=en")
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("urn:ngsi-ld:Person:ada")).to_be_visible()
    page.get_by_label("research").check()
    page.get_by_role("button", name="Agree").click()
    expect(page.get_by_role("button", name="Withdraw: Visits")).to_be_visible()
    (cookie,) = context.cookies()
    form = {"wish": "erasure", "words": "no wish of mine"}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        sent = {"Cookie": f"{cookie['name']}={cookie['value']}", "User-Agent": "Mozilla/5.0", **headers}
        answer = httpx.post(f"{hub.address}/mine/requests", data=form, headers=sent, timeout=20)
        assert answer.status_code in (400, 403), answer.text[:500]
    page.reload()
    expect(page.get_by_text("no wish of mine")).to_have_count(0)
    context.close()


def test_nobody_sees_another_persons_page(browser: Browser, hub: HubAlone) -> None:
    lee = hub.key("lee", "resident", subject=LEE)
    assert hub.get("/mine", Authorization=f"Bearer {lee}").json()["subject"] == LEE
    for path in ("/subjects/data", "/subjects/uses", "/consents", "/subjects/requests"):
        assert hub.get(f"{path}?subject={KIM}", Authorization=f"Bearer {lee}").status_code == 403, path
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{hub.address}/mine?lang=en")
    expect(page.get_by_role("link", name="Sign in").last).to_be_visible()
    assert "Person" not in page.content() and context.cookies() == []
    context.close()
