"""What was answered about a person is on record, whenever the hub is killed: ``docs/governance.md`` says so.

A real hub, readers of people's data at full speed, `kill -9` in their midst, several times over. Then whoever's data
was in an answer that arrived has an entry, and the log holds.
"""

import asyncio
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import msgspec

from madang.account.ledger import Account
from madang.app.account import kept_ledger
from madang.city import read
from madang.settings import Settings

from .test_kills import Hub

HOMES = """
title = { en = "Homes" }
type = "Home"
attributes = ["rooms"]
owner = "city"
sensitivity = "personal"
legal_basis = "public-task"
subject = "id"
purposes = ["care"]
retention = "P1Y"
licence = "none"
"""
KILLS, PEOPLE = 3, 300
ROOT = "/ngsi-ld/v1/entities"


def person(n: int) -> str:
    return f"urn:ngsi-ld:Person:{n:04}"


class Reader(threading.Thread):
    """Reads one person after the other; remembers of whom it was told."""

    def __init__(self, hub: Hub, key: str, people: list[int]) -> None:
        super().__init__(daemon=True)
        self.told: list[str] = []
        self._hub, self._key, self._people = hub, key, people

    def run(self) -> None:
        headers = {"Authorization": f"Bearer {self._key}"}
        with httpx.Client(base_url=self._hub.address, headers=headers, timeout=30) as http:
            for n in self._people:
                try:
                    answer = http.get(f"{ROOT}/{person(n)}")
                except httpx.HTTPError:
                    return
                if answer.status_code == 200:
                    self.told.append(answer.json()["id"])


def test_nobody_was_told_of_who_is_not_on_record(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    (hub.city / "datasets/homes.toml").write_text(HOMES)
    key = ["key", "add", str(hub.city), "--name", "nurse", "--role", "operator", "--purpose", "care"]
    made = subprocess.run(
        [sys.executable, "-m", "madang", *key, "--data", str(hub.data)], check=True, capture_output=True, text=True
    )
    text = next(word for word in made.stdout.split() if word.startswith("mdg_"))
    draw, told = random.Random(7), set[str]()
    for kill in range(KILLS):
        hub.start()
        if not kill:
            homes = [
                {"id": person(n), "type": "Home", "rooms": {"type": "Property", "value": 3}} for n in range(PEOPLE)
            ]
            sent = httpx.post(f"{hub.address}/ngsi-ld/v1/entityOperations/create", json=homes, timeout=30)
            assert sent.status_code == 201, sent.text
        readers = [Reader(hub, text, [n for n in range(PEOPLE) if n % 4 == one]) for one in range(4)]
        for one in readers:
            draw.shuffle(one._people)
            one.start()
        until = time.monotonic() + 30
        while sum(len(one.told) for one in readers) < 10 + draw.randrange(80) and time.monotonic() < until:
            time.sleep(0.001)
        hub.kill()
        for one in readers:
            one.join(30)
            told |= set(one.told)
    assert len(told) > 30

    async def on_record() -> set[str]:
        with kept_ledger(read(hub.city), Settings(data=hub.data)) as ledger:
            account = Account(ledger)
            await account.verify()
            found = await account.find("use", service="homes", limit=100_000)
            return {msgspec.json.decode(one.body)["subject"] for one in found}

    kept = asyncio.run(on_record())
    assert told - kept == set()
