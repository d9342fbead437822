"""The page in a real browser on a real city: the map lives, a junction says why, all can read it, faults are said.

Needs Chromium and the built interface.
"""

import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from tests.journeys.visiting import ARGUMENTS, BROWSERS, PATIENCE_S, ROOT, RunningCity, Visit, like, picture, until

from madang.web import built

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
expect.set_options(timeout=1000 * PATIENCE_S)


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


@pytest.fixture
def visit(browser: Browser, city: RunningCity) -> Iterator[Callable[..., Visit]]:
    made: list[Visit] = []

    def begin(**context: Any) -> Visit:
        made.append(Visit(browser, city, **context))
        return made[-1]

    yield begin
    for each in made:
        each.context.close()


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

    def weighed() -> list[str]:
        # The first command at a junction takes over what is shown; it has nothing to weigh.
        decisions = city.get("/decisions?limit=100")["decisions"]
        return [made["target"].rpartition(":")[2] for made in decisions if len(made["alternatives"]) > 1]

    decided = until(weighed, "a command that weighed alternatives")[0]
    where = f"/ngsi-ld/v1/entities/urn:ngsi-ld:SignalLayout:{decided}?options=keyValues&pick=location"
    place = city.get(where)["location"]["coordinates"]
    # The panel about the effect is a card too: what is wanted is the junction's.
    card = page.locator(".card:has(#junction)")

    def clicked() -> bool:
        # As a person does: where the map moved under the finger, or was not drawn yet, one clicks again.
        x, y = page.evaluate("place => { const p = window.madang.map.project(place); return [p.x, p.y]; }", place)
        page.locator(".map .maplibregl-canvas").click(position={"x": x, "y": y})
        page.wait_for_timeout(500)
        return card.count() > 0

    until(clicked, "a card for the junction")
    expect(card.locator("blockquote")).not_to_be_empty()
    expect(card.locator(".permission")).to_contain_text("Permitted by mobility")
    until(lambda: card.locator(".alternatives tbody tr").count() >= 2, "its alternatives")
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


@pytest.mark.long
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


def test_a_visitor_looks_back_and_plays_on(visit: Callable[..., Visit], city: RunningCity) -> None:
    here = visit(viewport={"width": 1280, "height": 800})
    page = here.open_map("/?rate=20")
    kpi = "/ngsi-ld/v1/temporal/entities?type=TrafficKpi&attrs=meanDelay&timerel=after&timeAt=2020-01-01T00:00:00Z"
    # A figure every five seconds: the city has run for more than a minute.
    old = f"{kpi}&lastN=100&options=temporalValues"
    until(lambda: min(len(each["meanDelay"]["values"]) for each in city.get(old)) > 16, "a past to look at")
    page.get_by_role("button", name="−1 min").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Looking back at")).to_have_count(1)
    expect(page.locator(".time")).to_contain_text("Looking back")
    at = datetime.fromisoformat(parse_qs(urlsplit(page.url).query)["at"][0])
    row = page.locator(".lists button.row").nth(4)
    name = junctions(city)[4]
    expect(row).to_contain_text(stage(city, name, at))
    # The same address shows the same moment.
    page.reload()
    expect(page.locator(".time")).to_contain_text("Looking back")
    expect(page.locator(".lists button.row").nth(4)).to_contain_text(stage(city, name, at))
    page.get_by_role("button", name="Play", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    # A minute at twenty times its pace is over soon: then the page is live again.
    expect(page.locator(".timebar").get_by_role("button", name="Live")).to_be_disabled()
    until(lambda: "at=" not in page.url, "an address without the moment")
    until(lambda: here.map_state()["vehicles"] > 5, "the living city again")
    assert here.wrong == []


def junctions(city: RunningCity) -> list[str]:
    """The junctions as the page numbers them, from west to east."""
    found = city.get("/ngsi-ld/v1/entities?type=SignalLayout&options=keyValues&pick=id,location&limit=100")
    found.sort(key=lambda each: each["location"]["coordinates"][0])
    return [each["id"].rpartition(":")[2] for each in found]


def stage(city: RunningCity, name: str, at: datetime) -> str:
    """What the list says of the junction at that time, by the hub's history."""
    span = (
        f"timerel=between&timeAt={_text(at - timedelta(minutes=1))}&endTimeAt={_text(at + timedelta(milliseconds=1))}"
    )
    where = f"/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:TrafficSignal:{quote(name)}"
    told = city.get(f"{where}?attrs=stage&{span}&lastN=1&options=temporalValues")["stage"]["values"][-1][0]
    return f"Stage {told}" if told else "Changing"


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_a_visitor_asks_what_if_by_keyboard_on_a_phone(visit: Callable[..., Visit], city: RunningCity) -> None:
    here = visit(viewport={"width": 320, "height": 700})

    def weighed() -> list[str]:
        decisions = city.get("/decisions?limit=100")["decisions"]
        return [made["target"].rpartition(":")[2] for made in decisions if len(made["alternatives"]) > 1]

    name = until(weighed, "a command that weighed alternatives")[0]
    page = here.open(f"/?mode=what-if#{name}")
    plan = page.get_by_role("radio", name="The fixed plan")
    expect(plan).to_be_visible()
    stages = page.get_by_role("radio").count() - 1
    assert stages >= 2
    plan.focus()
    page.keyboard.press("Space")
    expect(page.locator(".instead thead")).to_contain_text("The fixed plan (a model's estimate)")
    expect(page.locator(".instead tr.all .number").nth(1)).not_to_be_empty()
    assert "choice=fixed-plan" in page.url and "mode=what-if" in page.url
    assert here.wide() <= 0, "a phone scrolls sideways"
    page.get_by_role("button", name="What if?").press("Enter")
    expect(page.locator(".card blockquote")).to_be_visible()
    assert "what-if" not in page.url.partition("#")[0]
    assert here.wrong == []


def test_who_waits_longer_than_in_the_twin_is_named(visit: Callable[..., Visit]) -> None:
    here = visit(viewport={"width": 1280, "height": 800})
    page = here.open_map("/?view=waits")
    expect(page.locator(".ranks rect").nth(10)).to_be_attached()
    # All of it at one moment: the page lives, and between two questions of a test it may have gone on.
    seen = """() => [
      [...document.querySelectorAll(".tally b")].map((one) => Number(one.innerText)),
      document.querySelectorAll(".ranks rect").length,
      ["They wait longer", "They wait less"].map((title) => {
        const heading = [...document.querySelectorAll("h3")].find((one) => one.textContent === title);
        const list = heading?.nextElementSibling;
        return list?.tagName === "OL" ? list.children.length : 0;
      }),
    ]"""
    counts, ranks, rows = page.evaluate(seen)
    assert sum(counts) == ranks
    assert rows == [min(count, 12) for count in counts[:2]]
    page.locator(".compared button").first.click()
    expect(page.locator(".card:has(#junction)")).to_be_visible()


def test_a_road_is_shown_through_time(visit: Callable[..., Visit]) -> None:
    here = visit(viewport={"width": 1280, "height": 800})
    page = here.open_map("/?view=road")
    expect(page.locator(".spacetime .green").nth(5)).to_be_attached()
    metres = [int(text.replace(",", "")) for text in page.locator(".card td:nth-child(2)").all_inner_texts()]
    assert len(metres) >= 5 and metres == sorted(metres, reverse=True) and metres[-1] == 0
    # Table and diagram at one moment: the page lives, and between two questions of a test it may have gone on.
    seen = """() => [
      [...document.querySelectorAll(".card td:nth-child(3)")].map((cell) => Number(cell.innerText.replace(",", ""))),
      document.querySelectorAll(".spacetime .green").length,
    ]"""
    greens, drawn = page.evaluate(seen)
    assert len(greens) == len(metres)
    assert sum(greens) == drawn


def test_the_operator_closes_a_road_and_opens_it(visit: Callable[..., Visit], city: RunningCity) -> None:
    here = visit(viewport={"width": 1280, "height": 800})
    here.sign_in()
    page = here.open_map("/?view=desk")
    expect(page.locator(".desk")).to_contain_text("service:signals")
    edges: dict[str, Any] = city.get("/ngsi-ld/v1/entities/urn:ngsi-ld:RoadNetwork:streets?options=keyValues")["edges"]
    edge = next(iter(edges["json"]))
    where = f"/ngsi-ld/v1/entities?type=RoadSegment&options=keyValues&q=edge==%22{quote(edge)}%22"
    page.get_by_label("Road to close").fill(edge)
    page.get_by_role("button", name="Close the road").press("Enter")
    expect(page.locator(".desk .alarms")).to_contain_text([edge])
    assert [each["status"] for each in city.get(where)] == ["closed"]
    page.get_by_role("button", name="Open again").press("Enter")
    expect(page.get_by_role("button", name="Open again")).to_have_count(0)
    assert [each["status"] for each in city.get(where)] == ["open"]
    assert here.wrong == []


def test_an_operator_takes_a_junction_from_its_service(visit: Callable[..., Visit], city: RunningCity) -> None:
    here = visit(viewport={"width": 1280, "height": 800})
    name = city.get("/decisions?service=signals&limit=1")["decisions"][0]["target"].rpartition(":")[2]
    here.sign_in()
    page = here.open_map(f"/#{quote(name)}")
    # The address names the junction, so the map is there.
    until(lambda: page.evaluate("window.madang.map.getZoom()") > 17, "the map at the junction")
    card = page.locator(".card:has(#junction)")
    card.get_by_text("Override", exact=True).click()
    expect(card.get_by_role("button", name="To its own plan")).to_be_disabled()
    card.get_by_label("Reason").fill("A burst <b>pipe</b>")
    card.get_by_role("button", name="To its own plan").click()
    expect(card.locator(".warn").filter(has_text="A burst <b>pipe</b>").first).to_be_visible()
    signals = f"/ngsi-ld/v1/entities/urn:ngsi-ld:TrafficSignal:{quote(name)}?options=keyValues"
    until(lambda: city.get(signals)["control"] == "plan", "the junction's own plan")
    expect(card.locator(".now")).to_contain_text("Fixed plan")
    # Signed out, the same browser reads and does nothing more.
    page.locator("a.who", has_text="operator").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.locator("a.who")).to_have_text("Sign in")
    assert here.wrong == []
    decided = city.get("/decisions?service=signals&limit=1")["decisions"][0]["id"]
    override = """id => fetch(`/decisions/${id}/override`, {
      method: "POST", headers: {"Content-Type": "application/json"}, body: '{"reason": "still here"}',
    }).then((answer) => answer.status)"""
    assert page.evaluate(override, decided) == 403


def test_a_browser_on_this_machine_reads_until_it_signs_in(visit: Callable[..., Visit], city: RunningCity) -> None:
    here = visit(viewport={"width": 1280, "height": 800})
    page = here.open_map("/?view=desk")
    expect(page.locator(".desk")).to_contain_text("To act, an operator signs in.")
    expect(page.get_by_role("button", name="Close the road")).to_be_disabled()
    assert here.context.cookies() == [] and here.wrong == []


def test_no_page_has_a_barrier_that_axe_finds(
    visit: Callable[..., Visit], city: RunningCity, require_services: bool
) -> None:
    if not AXE.is_file():
        assert not require_services, "axe-core is not installed: in frontend/, npm ci"
        pytest.skip("axe-core is not installed: in frontend/, npm ci")
    here = visit(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = here.open_map("/?view=waits")
    page.evaluate(AXE.read_text("utf-8"))
    for view, shown in (("Who waits", ".tally"), ("Road", ".spacetime"), ("Desk", ".alarms, .desk .good")):
        page.get_by_role("button", name=view).click()
        expect(page.locator(shown).first).to_be_visible()
        assert barriers(here) == [], view
    page.locator(".lists button.row").nth(4).click()
    expect(page.locator(".card blockquote")).to_be_visible()
    assert barriers(here) == []
    page.get_by_role("button", name="What if?").click()
    expect(page.locator(".instead .choices, .instead .bad").first).to_be_visible()
    assert barriers(here) == [], "what if"
    # Without its script the page is what a reader without JavaScript has: scripts of tests run all the same.
    page.route("**/assets/main-*.js", lambda route: route.abort())
    fifth = f"/junctions/{junctions(city)[4]}"
    for path in ("/", fifth, f"{fifth}/what-if", "/junctions/nope"):
        here.open(path)
        page.evaluate(AXE.read_text("utf-8"))
        assert barriers(here) == [], path


def barriers(here: Visit) -> list[Any]:
    """What axe-core finds wrong, with where: everything on the light page, the contrasts on the dark one."""
    found: list[Any] = []
    for scheme, options in (("light", ""), ("dark", ", runOnly: ['color-contrast']")):
        here.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        told = here.page.evaluate(f"axe.run(document, {{resultTypes: ['violations']{options}}})")
        found += [(scheme, each["id"], [node["target"] for node in each["nodes"]]) for each in told["violations"]]
    return found


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
        expect(page.locator(".panels .badge")).to_be_visible()
        page.get_by_role("button", name="Desk").click()
        expect(page.locator(".alarms").first).to_contain_text("world")
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
