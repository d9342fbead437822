"""What a city acts on is chosen by its text and by settings."""

from pathlib import Path

import msgspec
import pytest

from madang import city as cities
from madang.act.snmp import Agent
from madang.app.field import acting, actuator, secrets
from madang.clock import WallClock
from madang.decide.loop import Loop
from madang.errors import BadRequestData, MissingExtra
from madang.model.city import City
from madang.model.field import Act, Broker, FieldSpec, Junction, Speaks, Version
from madang.settings import Settings

FIELD = FieldSpec(
    mqtt=Broker(host="127.0.0.1"),
    junctions={
        "a": Junction(speaks=Speaks.MQTT),
        "b": Junction(speaks=Speaks.NTCIP, host="127.0.0.1", stages={"s1": (2, 6)}),
    },
)


@pytest.fixture
def city(tmp_path: Path) -> City:
    cities.init(tmp_path / "c")
    return msgspec.structs.replace(cities.read(tmp_path / "c"), world=None)


@pytest.fixture
def loop() -> Loop:
    return Loop(None, (), told=lambda _: None)  # type: ignore[arg-type]


def acts(city: City, loop: Loop, *, socket: Path | None = None, settings: Settings | None = None) -> dict[str, str]:
    made = acting(city, settings or Settings(), loop, socket=socket, clock=WallClock())
    return {} if made is None else made.parts()["act"]


async def test_a_hub_alone_acts_on_nothing(city: City, loop: Loop) -> None:
    assert acts(city, loop) == {}


@pytest.mark.parametrize("dry", [False, True])
async def test_a_world_is_acted_on_or_rehearsed(city: City, loop: Loop, tmp_path: Path, dry: bool) -> None:
    found = acts(city, loop, socket=tmp_path / "s", settings=Settings(dry_run=dry))
    assert (found["status"], found["sends"]) == ("dry run" if dry else "running", "world")


@pytest.mark.parametrize(
    ("act", "dry_run", "status"),
    [(Act.FIELD, False, "running"), (Act.FIELD, True, "dry run"), (Act.DRY, False, "dry run")],
)
async def test_a_field_is_acted_on_or_rehearsed(city: City, loop: Loop, act: Act, dry_run: bool, status: str) -> None:
    with_field = msgspec.structs.replace(city, field=msgspec.structs.replace(FIELD, act=act))
    found = acts(with_field, loop, settings=Settings(dry_run=dry_run))
    assert (found["status"], found["sends"]) == (status, "field")


async def test_each_controller_has_its_part_of_health(city: City, loop: Loop) -> None:
    with_field = msgspec.structs.replace(city, field=FIELD)
    made = acting(with_field, Settings(), loop, socket=None, clock=WallClock())
    assert made is not None and not made.ready
    assert set(made.parts()) == {"field", "act", "controller:a", "controller:b"}


def test_secrets_are_named_in_the_city_and_kept_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text('broker = "x"\n', "utf-8")
    assert secrets(str(file)) == {"broker": "x"}
    assert secrets("") == {}
    named = msgspec.structs.replace(FIELD, mqtt=Broker(host="h", secret="brokr"))
    with pytest.raises(BadRequestData, match="names the secret 'brokr'"):
        actuator(named, {"broker": "x"})


@pytest.mark.parametrize("text", ["broker = 1", "broker", 'hidden = "tops3cret'])
def test_a_file_of_secrets_that_is_none_is_told_without_what_it_says(tmp_path: Path, text: str) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(BadRequestData, match="is no TOML file of names and texts") as told:
        secrets(str(file))
    assert "tops3cret" not in str(told.value)


def test_without_the_extra_ntcip_says_which_one_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madang.act.snmp._LIBRARY", "nosuchlibrary")
    with pytest.raises(MissingExtra, match=r"madang\[field\]"):
        Agent("127.0.0.1", 161, community="c", version=Version.V1)
