"""The pages over the real API and a hub in memory: without JavaScript, in a visitor's language, with parts missing."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from madang import city as cities
from madang.account import Account
from madang.api import build
from madang.bus.local import LocalBus
from madang.clock import WorldClock
from madang.govern import Policy
from madang.govern.caller import SYSTEM
from madang.hub import Hub
from madang.model.decision import DecisionRecord, Permission
from madang.model.entity import Entity, observed, point
from madang.model.service import Alternative
from madang.store.memory import MemoryLedger, MemoryStore
from madang.web import overview, routes
from madang.web.language import LANGUAGES
from madang.web.words import LOCALE

AT = datetime(2026, 7, 1, 10, 5, 9, tzinfo=UTC)
SIGNAL = "urn:ngsi-ld:TrafficSignal:a"
LAYOUT = {
    "links": [
        {"index": 0, "from_lane": "n_0", "to_lane": "s_0", "direction": "s", "kind": "car"},
        {"index": 1, "from_lane": "e_0", "to_lane": "w_0", "direction": "l", "kind": "car"},
    ],
    "stages": [{"id": "s1", "green": "Gr"}],
    "lanes": {},
}


def entities(*, mean_delay: Any = 40.0) -> list[Entity]:
    signal = {"lamps": "Gr", "stage": "s1", "since": "2026-07-01T10:05:00Z", "control": "service", "controlReason": "x"}
    seen = {"vehicles": {"n_0": [[4.0, 0.0, 0, "car", 31.0], [12.0, 0.0, 0, "car", 9.0]]}, "queues": {"n_0": 2}}
    kpi = {"signals": {"meanDelay": mean_delay}, "fixed": {"meanDelay": 80.0}}
    return [
        observed(SIGNAL, "TrafficSignal", AT, signal),
        observed(
            "urn:ngsi-ld:SignalLayout:a",
            "SignalLayout",
            None,
            {"layout": LAYOUT, "location": point(11.4, 48.7), "name": "a"},
            json=("layout",),
        ),
        observed("urn:ngsi-ld:ApproachObserved:a", "ApproachObserved", AT, seen, json=("vehicles", "queues")),
        observed("urn:ngsi-ld:Vehicle:b1", "Vehicle", AT, {"vehicleType": "bus", "speed": 10.0, "delay": 75.0}),
        observed("urn:ngsi-ld:AirQualityObserved:x", "AirQualityObserved", AT, {"no2": 31.5}),
        *(observed(f"urn:ngsi-ld:TrafficKpi:{name}", "TrafficKpi", AT, values) for name, values in kpi.items()),
    ]


def record(reason: str = "Four vehicles wait <b>long</b>.") -> DecisionRecord:
    return DecisionRecord(
        id="",
        service="signals",
        version="1",
        at=AT,
        target=SIGNAL,
        action="stage",
        parameters={"stage": "s1"},
        rule="pressure",
        reason=reason,
        previous={},
        inputs=(),
        alternatives=(
            Alternative(label="stage s2", score=0.4, parameters={"stage": "s2"}),
            Alternative(label="stage s1", score=0.8, parameters={"stage": "s1"}),
        ),
        score_unit="vehicles per second",
        expected={},
        permission=Permission(committee="mobility", resolution="2026-07/14", until=AT),
        memory={},
        settings={},
    )


class Pages:
    """The application with its pages, its hub and what `/health` says."""

    def __init__(self, root: Path, dist: Path) -> None:
        city = cities.read(root / "cities" / "ingolstadt")
        self.parts: dict[str, Mapping[str, str]] = {"world": {"status": "running"}}
        self.hub = Hub(MemoryStore(), Policy(city.datasets), WorldClock(AT, speed=0), LocalBus())
        self.account = Account(MemoryLedger())
        app = build(
            hub=self.hub,
            account=self.account,
            city=city,
            status=lambda: {"ready": True, "parts": self.parts},
            attribution="Streets: somebody",
            page=routes(dist=dist),
        )
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")

    async def text(self, path: str, *, status: int = 200, **headers: str) -> str:
        answer = await self.http.get(path, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.text

    async def fill(self, *given: Entity) -> None:
        await self.hub.batch.upsert(SYSTEM, list(given or entities()))


@pytest.fixture
async def pages(root: Path, tmp_path: Path) -> AsyncIterator[Pages]:
    made = Pages(root, tmp_path)
    yield made
    await made.http.aclose()


async def test_an_empty_city_has_a_page_that_says_so(pages: Pages) -> None:
    text = await pages.text("/")
    assert "Ingolstadt" in text and "No junction has reported yet." in text
    assert "No bus is under way." in text and "No air station has reported yet." in text


async def test_without_the_built_interface_the_page_says_how_to_build_it(pages: Pages) -> None:
    text = await pages.text("/")
    assert "npm ci" in text and 'type="module"' not in text


async def test_the_city_can_be_read_without_javascript(pages: Pages) -> None:
    await pages.fill()
    await pages.account.write([record()])
    text = await pages.text("/")
    assert "−50%" in text and "simulated twin" in text
    assert "Junction 1" in text and "Waiting: 2" in text and "since 12:05:00" in text
    assert 'href="/junctions/a?lang=en"' in text
    assert "delay 75 s" in text and "36 km/h" in text and "31.5" in text
    assert "Streets: somebody" in text


async def test_what_others_wrote_is_inert(pages: Pages) -> None:
    await pages.fill()
    await pages.account.write([record()])
    for path in ("/", "/junctions/a"):
        text = await pages.text(path)
        assert "&lt;b&gt;long&lt;/b&gt;" in text and "<b>long" not in text


async def test_a_junction_says_what_it_senses_and_why_it_decided(pages: Pages) -> None:
    await pages.fill()
    await pages.account.write([record("An older reason."), record()])
    text = await pages.text("/junctions/a")
    assert "Four vehicles wait" in text and "An older reason." in text
    assert text.index("stage s1") < text.index("stage s2") and "chosen" in text
    assert "Permitted by mobility, resolution 2026-07/14" in text
    assert 'href="/why/signals-2?lang=en"' in text
    assert "green" in text and "red" in text and "31" in text


async def test_an_unknown_junction_is_a_problem(pages: Pages) -> None:
    answer = await pages.http.get("/junctions/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")


BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/junctions/no%3Cb%3Epe", 404, "Nicht gefunden"),
        ("/no<b>pe", 404, "Nicht gefunden"),
        ("/decisions/no%3Cb%3Epe", 404, "Nicht gefunden"),
        ("/decisions?limit=no%3Cb%3Epe", 400, "Das hat nicht geklappt"),
        ("/fault", 404, "Nicht gefunden"),
    ],
)
async def test_what_goes_wrong_is_a_page_for_a_browser_in_its_language(
    pages: Pages, path: str, status: int, title: str
) -> None:
    answer = await pages.http.get(path, headers={**BROWSER, "accept-language": "de"})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert f"<h1>{title}</h1>" in answer.text and "<b>pe" not in answer.text
    assert path == "/fault" or "no&lt;b&gt;pe" in answer.text
    program = await pages.http.get(path)
    assert program.status_code == status
    assert program.headers["content-type"] == "application/problem+json"


async def test_a_fault_of_ours_is_told_with_its_number_in_the_log(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(overview, "see", fail)
    answer = await pages.http.get("/", headers=BROWSER)
    assert answer.status_code == 500
    assert "<h1>Something went wrong</h1>" in answer.text and "under the id" in answer.text
    assert "secret" not in answer.text


async def test_where_the_page_about_a_problem_fails_too_the_problem_goes_out(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(overview, "city", fail)
    answer = await pages.http.get("/nowhere", headers=BROWSER)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_another_language_keeps_what_was_asked(pages: Pages) -> None:
    text = await pages.text("/translation?sort=name&lang=de")
    assert '<html lang="de">' in text
    assert 'href="/translation?sort=name&amp;lang=ko" lang="ko"' in text
    assert (await pages.text("/nowhere?a=1", status=404, **BROWSER)).count('href="/nowhere?a=1&amp;lang=') == 7


async def test_a_translation_can_be_taken_home(pages: Pages) -> None:
    text = await pages.text("/translation")
    for tag in list(LANGUAGES)[1:]:
        assert f'href="/translation/{tag}"' in text
    answer = await pages.http.get("/translation/vi")
    assert answer.headers["content-disposition"] == 'attachment; filename="madang-vi.po"'
    assert answer.content == (LOCALE / "vi/page.po").read_bytes()
    for nobody in ("en", "xx", "..%2f..%2fwords.py"):
        assert (await pages.http.get(f"/translation/{nobody}")).status_code == 404


async def test_a_draft_says_that_it_is_one(pages: Pages) -> None:
    assert "/translation?lang=ko" in await pages.text("/?lang=ko")
    assert 'href="/translation?' not in await pages.text("/?lang=en")


async def test_the_words_of_services_are_marked_as_english(pages: Pages) -> None:
    await pages.fill()
    await pages.account.write([record("An older reason."), record()])
    assert '<p class="reason" lang="en">Four' in await pages.text("/?lang=de")
    german = await pages.text("/junctions/a?lang=de")
    for text in ("Four vehicles wait", "An older reason.", "stage s2", "pressure", "x</p>"):
        assert f'lang="en">{text}' in german, text


@pytest.mark.parametrize(
    ("ours", "fixed", "early"),
    [((29, 10), (40, 0), True), ((40, 60), (40, 10), True), ((40, 10), (40, 5), False), ((400, 10), (31, 500), False)],
)
async def test_too_few_vehicles_are_not_compared(
    pages: Pages, ours: tuple[int, int], fixed: tuple[int, int], early: bool
) -> None:
    for name, (arrived, running), delay in (("signals", ours, 40.0), ("fixed", fixed, 80.0)):
        values = {"meanDelay": delay, "arrived": arrived, "running": running}
        await pages.fill(observed(f"urn:ngsi-ld:TrafficKpi:{name}", "TrafficKpi", AT, values))
    text = await pages.text("/")
    assert ("too early to compare" in text, "−50%" in text) == (early, not early)


async def test_a_page_speaks_the_visitors_language(pages: Pages) -> None:
    await pages.fill()
    german = await pages.text("/", **{"accept-language": "de-DE,de;q=0.9"})
    assert '<html lang="de">' in german and "Kreuzung 1" in german and "Wartend: 2" in german
    assert "대기: 2" in await pages.text("/?lang=ko", **{"accept-language": "de"})


async def test_the_page_says_that_the_world_is_gone_and_the_plan_runs(pages: Pages) -> None:
    await pages.fill()
    service = {"status": "fallback", "reason": "its process died"}
    await pages.fill(observed("urn:ngsi-ld:CityService:signals", "CityService", AT, service))
    pages.parts["world"] = {"status": "gone"}
    text = await pages.text("/")
    assert "The streets do not report (gone)" in text and "its process died" in text


@pytest.mark.parametrize("parts", [{"store": {"status": "running"}}, {"field": {"status": "running"}}])
async def test_a_city_without_simulated_streets_misses_none(pages: Pages, parts: dict[str, Any]) -> None:
    pages.parts = parts
    assert "do not report" not in await pages.text("/")


async def test_the_page_says_that_nothing_is_sent_in_a_dry_run(pages: Pages) -> None:
    assert "Dry run" not in await pages.text("/")
    pages.parts["act"] = {"status": "dry run", "reason": "orders are recorded and not sent"}
    assert "Dry run: what the services want is recorded" in await pages.text("/")


@pytest.mark.parametrize("nonsense", ["a lot", None, True, [1], {"a": 1}])
async def test_a_figure_that_is_no_number_does_not_break_the_page(pages: Pages, nonsense: object) -> None:
    await pages.fill(*entities(mean_delay=nonsense))
    assert "comparison with the fixed plan begins" in await pages.text("/")


async def test_assets_are_kept_for_ever_and_the_viewer_for_an_hour(pages: Pages, tmp_path: Path) -> None:
    (tmp_path / "assets" / "docs").mkdir(parents=True)
    (tmp_path / "assets" / "worker-1.mjs").write_text("1")
    (tmp_path / "assets" / "docs" / "swagger-ui.css").write_text("a{}")
    worker = await pages.http.get("/assets/worker-1.mjs")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert "immutable" in worker.headers["cache-control"]
    viewer = await pages.http.get("/assets/docs/swagger-ui.css")
    assert "immutable" not in viewer.headers["cache-control"]


async def test_scripts_and_styles_come_compressed_to_who_can_read_that(pages: Pages, tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir(exist_ok=True)
    (tmp_path / "assets" / "main-1.js").write_text("// long\n" * 500)
    packed = await pages.http.get("/assets/main-1.js", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip" and int(packed.headers["content-length"]) < 500
    plain = await pages.http.get("/assets/main-1.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.headers["vary"] == "Accept-Encoding"
    assert plain.text == packed.text == "// long\n" * 500


@pytest.mark.parametrize("path", ["/assets/../secret", "/assets/..%2f..%2fsecret", "/assets/none.js", "/assets/%00"])
async def test_no_other_file_is_given(pages: Pages, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("no")
    assert (await pages.http.get(path)).status_code == 404


async def test_the_page_runs_no_inline_script_and_loads_from_this_host_only(pages: Pages) -> None:
    answer = await pages.http.get("/")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "http://" not in answer.text and "https://" not in answer.text
    assert " onclick" not in answer.text and "<style" not in answer.text
