"""The gate reads what was written, not what was meant: a file that does not keep the guarantee does not leave, and the
ledger says why."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from madang.account import Account
from madang.account.budgets import Budgets
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.errors import BadRequestData, Forbidden
from madang.govern import SYSTEM, Policy
from madang.hub import Hub
from madang.model.city import City
from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import Attribute, Entity
from madang.model.release import Anonymity, Privacy, ReleaseSpec
from madang.model.statistic import Statistic
from madang.publish.archive import Archive
from madang.publish.material import Material, anonymous
from madang.publish.noisy import private
from madang.publish.releases import KIND, Releases
from madang.publish.sheet import write_ndjson
from madang.store.memory import MemoryLedger, MemoryStore

PEOPLE = Dataset(
    id="people", title={"en": "People"}, type="Human", attributes=("age", "income"), owner="o", subject="id",
    sensitivity=Sensitivity.PERSONAL, legal_basis="public-task", purposes=("public-information",), retention="P1Y",
    licence="CC0-1.0",
)  # fmt: skip
ANONYMITY = Anonymity(quasi=("age",), sensitive=("income",), k=3, l=2)
PRIVACY = Privacy(epsilon=1.0, budget=1.0, statistics=(Statistic(by="income", values=("0", "1", "2")),))


async def hub_of(dataset: Dataset, people: int = 30) -> Hub:
    hub = Hub(MemoryStore(), Policy([dataset]), WallClock(), LocalBus())
    for n in range(people):
        values = {"age": (Attribute(value=20 + n),), "income": (Attribute(value=n % 3),)}
        await hub.entities.create(SYSTEM, Entity(id=f"urn:x:{n:03}", types=("Human",), attributes=values))
    return hub


def tampered(made: Material, folder: Path, change: Any) -> Path:
    """The material's file, with its first row as `change` makes it."""
    file = folder / "rows"
    write_ndjson(made.sheet, file)
    first, *others = file.read_bytes().splitlines(keepends=True)
    row = msgspec.json.decode(first)
    row["properties"] |= change
    file.write_bytes(msgspec.json.encode(row) + b"\n" + b"".join(others))
    return file


async def test_rows_that_are_not_alike_do_not_leave(tmp_path: Path) -> None:
    spec = ReleaseSpec(anonymity=ANONYMITY)
    made = await anonymous(await hub_of(PEOPLE), PEOPLE, spec, ANONYMITY, tmp_path)
    assert made.gate is not None
    assert made.gate(tampered(made, tmp_path, {}))["k"] >= 3
    with pytest.raises(BadRequestData, match="not released: a class has 1 rows"):
        made.gate(tampered(made, tmp_path, {"age": "47"}))


async def test_a_statistic_without_its_noise_does_not_leave(tmp_path: Path) -> None:
    budgets = Budgets(Account(MemoryLedger()))
    made = await private(await hub_of(PEOPLE), budgets, PEOPLE, ReleaseSpec(privacy=PRIVACY), PRIVACY)
    assert made.gate is not None
    assert made.gate(tampered(made, tmp_path, {}))["groups"] == 3
    for change in ({"value": 10_000}, {"group": "somebody"}):
        with pytest.raises(BadRequestData, match="not released"):
            made.gate(tampered(made, tmp_path, change))


def releases(hub: Hub, account: Account, dataset: Dataset, folder: Path) -> Releases:
    city = City(
        id="town", folder=folder, name={"en": "Town"}, jurisdiction="DE", time_zone="UTC", languages=("en",),
        population=1, centre=(11.0, 48.0), world=None, datasets=(dataset,), services={}, committees={},
    )  # fmt: skip
    archive = Archive(folder / "releases")
    return Releases(
        hub, account, Budgets(account), archive, city, clock=WallClock(), now=lambda: datetime(2026, 3, 1, tzinfo=UTC)
    )


async def test_a_refusal_leaves_nothing_but_an_entry(tmp_path: Path) -> None:
    """Too few people for k; and personal data that declares no guarantee (a folder that was never checked)."""
    for spec, error, said in (
        (ReleaseSpec(anonymity=Anonymity(quasi=("age",), k=50)), BadRequestData, "cannot be 50-anonymous"),
        (ReleaseSpec(), Forbidden, "needs a guarantee"),
    ):
        dataset = msgspec.structs.replace(PEOPLE, release=spec)
        account = Account(MemoryLedger())
        made = releases(await hub_of(dataset), account, dataset, tmp_path)
        with pytest.raises(error, match=said):
            await made.make("people", by="operator")
        assert made.of("people") == []
        assert not list((tmp_path / "releases" / "people").iterdir())
        (entry,) = await account.find(KIND)
        assert msgspec.json.decode(entry.body)["act"] == "refused"


async def test_what_is_over_is_let_go_but_for_the_newest(tmp_path: Path) -> None:
    dataset = msgspec.structs.replace(PEOPLE, release=ReleaseSpec(anonymity=ANONYMITY, every="P1D", keep="P7D"))
    account = Account(MemoryLedger())
    made = releases(await hub_of(dataset), account, dataset, tmp_path)
    day = datetime(2026, 3, 1, tzinfo=UTC)
    made._now = lambda: day  # pyright: ignore[reportPrivateUsage]
    assert made.due() == ["people"] and made.due() == [], "named once, made or not"
    await made.make("people", by="schedule")
    day = day.replace(day=2)
    assert made.due() == ["people"]
    await made.make("people", by="schedule")
    assert await made.retire() == []
    day = day.replace(day=20)
    assert await made.retire() == [("people", 1)]
    assert [kept.whole for kept in made.of("people")] == [True, False]
    assert await made.retire() == []


async def test_differencing_two_releases_of_nearly_the_same_people_is_refused(tmp_path: Path) -> None:
    """The attack: who knows that one person came between two releases subtracts one from the other."""
    dataset = msgspec.structs.replace(PEOPLE, release=ReleaseSpec(anonymity=ANONYMITY))
    account, hub = Account(MemoryLedger()), await hub_of(dataset)
    made = releases(hub, account, dataset, tmp_path)

    async def come(first: int, many: int) -> None:
        for n in range(first, first + many):
            values = {"age": (Attribute(value=20 + n % 30),), "income": (Attribute(value=n % 3),)}
            await hub.entities.create(SYSTEM, Entity(id=f"urn:x:{n:03}", types=("Human",), attributes=values))

    await made.make("people", by="operator")
    await made.make("people", by="operator")
    assert made.of("people")[0].manifest.guarantee["kept"]["heldAgainst"] == [1], "nothing changed, nothing is told"  # pyright: ignore[reportOptionalSubscript]
    await come(30, 1)
    with pytest.raises(BadRequestData, match=r"held against release 2, the whole table differs in fewer than 3 rows"):
        await made.make("people", by="operator")
    assert len(made.of("people")) == 2
    await come(31, 89)
    done = await made.make("people", by="operator")
    assert done.manifest.version == 3
    await hub.entities.delete(SYSTEM, "urn:x:007")
    with pytest.raises(BadRequestData, match="held against release 3"):
        await made.make("people", by="operator")
