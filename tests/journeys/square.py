"""A city at one moment, in a process of its own, in which what people and devices wrote is hostile: for tests that walk
over every page in a browser.

    .venv/bin/python -m tests.journeys.square PORT

Nothing moves, and nothing but a release is on disk, so it is there in a few seconds. Each text that somebody could have
written has markup in it which would say so if it ran (`HOSTILE`).
"""

import asyncio
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from msgspec.structs import replace
from tests.journeys.weighed import aired
from tests.unit.web.civic import known, record

from madang.web import routes

ROOT = Path(__file__).parents[2]
HOSTILE = '"\'><img src=x onerror="window.ran=1"><script>window.ran=2</script><svg onload="window.ran=3">{{7*7}}'
"""Markup that leaves an attribute, a text or a script if one of them is not escaped; what ran leaves its mark."""
NAMES: Mapping[str, str] = {
    "/junctions/{name:str}": "a",
    "/why/{id:str}": "signals-1",
    "/why/{id:str}/what-if": "AIRED",
    "/junctions/{name:str}/what-if": "",
    "/committees/{id:str}": "mobility",
    "/proposals/{id:str}": "PROPOSAL",
    "/proposals/letters/{token:str}": "LETTERS",
    "/worth/{project:str}": "signals",
    "/sign-in/{token:str}": "a-link",
    "/translation/{language:str}": "",
    "/worth/{project:str}/result": "",
    "/assets/{path:path}": "",
    "/fault": "",
    "/sign-in/with": "",
    "/sign-in/back": "",
    "/report/{token:str}": "REPORT",
    "/report/worker.js": "",
    "/desk/reports/{id:str}": "QUEUED",
    "/sensed/{id:str}": "urn:ngsi-ld:AirQualityObserved:x",
    "/sensed/{id:str}/sign.svg": "",
    "/datasets/{dataset:str}/about": "air-quality",
    "/datasets/{dataset:str}/releases/{version:str}": "RELEASE",
}
"""What stands in an address where its handler has a name; "": no page, or not one that a person goes to."""
OWN = ("/mine", "/staff", "/desk", "/why/", "/proposals/", "/committees/", "/sign-out")
WRONG = ("/nowhere", "/junctions/nope", "/decisions?limit=many")
_RELEASED = {"/datasets/{dataset:str}/releases/{version:str}": "/datasets/air-quality/releases/{version:str}"}
_GAP = re.compile(r"\{[^}]+\}")


def addresses(given: Mapping[str, str]) -> list[str]:
    """An address for each page that there is, and some that there are not. `given` are names that are known only when
    the city runs."""
    return sorted({*filter(None, (_address(path, given) for path in _paths())), *WRONG})


def owned(given: Mapping[str, str]) -> list[str]:
    """The addresses that show more to somebody whom the city knows."""
    return [path for path in addresses(given) if path.startswith(OWN)]


def nameless() -> list[str]:
    """Pages that nobody walks over, because `NAMES` does not say what stands in their address."""
    return [path for path in _paths() if _GAP.search(path) and path not in NAMES]


def _paths() -> list[str]:
    return sorted(path.removeprefix("/pages") for one in routes() if "GET" in one.http_methods for path in one.paths)


def _address(path: str, given: Mapping[str, str]) -> str:
    path = path.removeprefix("/pages")
    if path in NAMES or _GAP.search(path):
        name = NAMES.get(path, "")
        return _GAP.sub(given.get(name, name), _RELEASED.get(path, path)) if name else ""
    return path


@contextmanager
def square(errors: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a running city and the names of what is in it; what it logs goes to the file."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with errors.open("wb") as log:
        command = [sys.executable, "-m", "tests.journeys.square", str(port)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, env=dict(os.environ))
        try:
            assert process.stdout is not None
            line = process.stdout.readline().decode().split()
            assert line[:1] == ["ready"], errors.read_text("utf-8")[-3000:]
            yield f"http://127.0.0.1:{port}", dict(pair.split("=", 1) for pair in line[1:])
        finally:
            process.terminate()
            process.wait(15)


AT = datetime(2026, 11, 23, 17, 59, tzinfo=UTC)
LAYOUT = {
    "links": [
        {"index": 0, "from_lane": "n_0", "to_lane": "s_0", "direction": "s", "kind": "car"},
        {"index": 1, "from_lane": "e_0", "to_lane": "w_0", "direction": "l", "kind": "car"},
    ],
    "stages": [{"id": "s1", "green": "Gr"}],
    "lanes": {"n_0": {"length_m": 90.0, "speed_mps": 13.9}, "e_0": {"length_m": 60.0, "speed_mps": 13.9}},
}


def _entities() -> list[Any]:
    from madang.model.entity import observed, point  # noqa: PLC0415

    signal = {"lamps": "Gr", "stage": "s1", "since": "2026-11-23T17:58:40Z", "control": "plan"}
    seen = {"vehicles": {"n_0": [[4.0, 0.0, 0, "car", 31.0]], "e_0": []}, "queues": {"n_0": 1, "e_0": 0}}
    place, kpi = point(11.43, 48.76), {"arrived": 200, "running": 20}
    layout = {"layout": LAYOUT, "location": place, "name": f"Ring {HOSTILE}"}
    bus = {"vehicleType": "bus", "name": f"Bus {HOSTILE}", "speed": 9.0, "delay": 75.0, "location": place}
    air = {"no2": 31.5, "pm25": 11.0, "name": f"Air {HOSTILE}", "location": place}
    made = {
        "TrafficSignal:a": signal | {"controlReason": HOSTILE},
        "SignalLayout:a": layout,
        "ApproachObserved:a": seen,
        "Vehicle:b1": bus,
        "AirQualityObserved:x": air,
        "TrafficKpi:signals": {**kpi, "meanDelay": 31.0},
        "TrafficKpi:fixed": {**kpi, "meanDelay": 44.0},
        "CityService:signals": {"status": "fallback", "reason": HOSTILE},
    }
    json = ("layout", "vehicles", "queues")
    return [observed(f"urn:ngsi-ld:{id}", id.partition(":")[0], AT, values, json=json) for id, values in made.items()]


def _streets() -> dict[str, Any]:
    lanes = {"n_0": [[11.43, 48.762], [11.43, 48.76]], "e_0": [[11.433, 48.76], [11.43, 48.76]]}
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": line},
            "properties": {"layer": "lane", "id": lane},
        }
        for lane, line in lanes.items()
    ]
    return {"type": "FeatureCollection", "features": features}


async def _serve(port: int, folder: Path) -> None:
    from madang import city as cities  # noqa: PLC0415
    from madang.account import Account  # noqa: PLC0415
    from madang.account.budgets import Budgets  # noqa: PLC0415
    from madang.api import build  # noqa: PLC0415
    from madang.api.outside import Outside  # noqa: PLC0415
    from madang.app.projects import ProjectFiles  # noqa: PLC0415
    from madang.bus.local import LocalBus  # noqa: PLC0415
    from madang.govern import Policy  # noqa: PLC0415
    from madang.govern.caller import SYSTEM  # noqa: PLC0415
    from madang.hub import Hub  # noqa: PLC0415
    from madang.listen import listen  # noqa: PLC0415
    from madang.model.world import Hello  # noqa: PLC0415
    from madang.publish.archive import Archive  # noqa: PLC0415
    from madang.publish.releases import Releases  # noqa: PLC0415
    from madang.store.memory import MemoryLedger, MemoryStore  # noqa: PLC0415

    city = cities.read(ROOT / "cities/ingolstadt")
    hub = Hub(MemoryStore(), Policy(city.datasets), _Now(), LocalBus())
    account = Account(MemoryLedger())
    # The reason of a decision may quote what a device called itself.
    refused = replace(record(), reason=f"Four vehicles wait {HOSTILE}", rule=HOSTILE, refused=HOSTILE)
    records = await account.write([refused, aired(f"School {HOSTILE}")])
    archive = Archive(folder)
    releases = Releases(hub, account, Budgets(account), archive, city, clock=_Now(), now=_Now().now)
    hello = Hello(scenario="square", scenario_hash="0" * 64, seed=1, at=AT, speed=1.0, entities=(), streets=_streets())
    app = build(
        hub=hub,
        account=account,
        city=city,
        clock=_Now(),
        world=lambda: hello,
        status=lambda: {"ready": True, "parts": {"world": {"status": "gone", "since": AT.isoformat()}}},
        attribution="Streets: somebody",
        page=routes(),
        known=known,
        projects=ProjectFiles(city.folder / "projects"),
        releases=releases,
        outside=Outside(address=f"http://127.0.0.1:{port}", mail=True),
    )

    async def fill() -> None:
        await hub.batch.upsert(SYSTEM, _entities())
        transport = httpx.ASGITransport(app=app, client=("203.0.113.9", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as people:
            names = {**await _written(people), "AIRED": records[1].id}
            names["LETTERS"] = await _wished(people, hub, names["PROPOSAL"])
            names["RELEASE"] = str((await releases.make("air-quality", by="the test")).manifest.version)
        print("ready", *(f"{name}={value}" for name, value in names.items()), flush=True)
        await asyncio.Event().wait()

    await listen(app, "127.0.0.1", port, beside=fill)


class _Now:
    """A clock that stands, a minute after what was seen."""

    def now(self) -> datetime:
        return AT + timedelta(minutes=1)


async def _written(people: httpx.AsyncClient) -> dict[str, str]:
    """What people write: an objection, a proposal, a motion, a report."""
    (await people.post("/decisions/signals-1/objections", json={"text": f"I wait {HOSTILE}"})).raise_for_status()
    evidence = [{"path": "/data/air-quality.csv", "says": HOSTILE}]
    proposal = {"title": f"Green {HOSTILE}", "text": HOSTILE, "evidence": evidence}
    made = (await people.post("/proposals", json=proposal)).raise_for_status().json()
    hole = {"kind": "pothole", "description": f"A hole {HOSTILE}", "lat": 48.77, "long": 11.43, "channel": "web"}
    filed = (await people.post("/reports", json=hole)).raise_for_status().json()
    return {"PROPOSAL": made["id"], "REPORT": filed["token"], "QUEUED": filed["token"].partition(".")[0]}


async def _wished(people: httpx.AsyncClient, hub: Any, proposal: str) -> str:
    """Somebody wants letters about the proposal: the secret of the link that they would have been sent."""
    from madang.govern.caller import SYSTEM  # noqa: PLC0415
    from madang.model.query import EntityQuery  # noqa: PLC0415
    from madang.participate.followers import URN, Followers  # noqa: PLC0415

    wish = {"email": "kim@example.org", "language": "ko"}
    (await people.post(f"/proposals/{proposal}/letters", json=wish)).raise_for_status()
    page = await hub.entities.query(SYSTEM, EntityQuery(types=(("ProposalFollower",),)))
    link = Followers(hub, "", "UTC").link(page.entities[0].id.removeprefix(URN))
    return link.rpartition("/")[2]


if __name__ == "__main__":
    from madang.listen import run

    with TemporaryDirectory() as kept:
        run(_serve(int(sys.argv[1]), Path(kept)))
