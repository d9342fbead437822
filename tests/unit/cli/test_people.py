"""``madang people``: added, listed, given another password, revoked; a link; and a hub that stays where it is safe."""

import re
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from madang.app.identity import check_exposure
from madang.app.people import Place
from madang.cli import main
from madang.cli.options import settings_of
from madang.clock import WallClock
from madang.errors import InvalidRequest
from madang.govern.caller import Somebody
from madang.govern.identity import Entrance, Sessions, link, totp
from madang.govern.identity.link import LASTS

PASSWORD = "four words in a row\n"


class City:
    """A new city, and the command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "mycity"
        self.data = folder / "data"
        assert self.run("init", str(self.folder), data=False).exit_code == 0
        self.place = Place(self.data / "mycity")

    def run(self, *words: str, input: str = "", data: bool = True, **environment: str) -> Result:
        more = ["--data", str(self.data)] if data else []
        return CliRunner().invoke(main, [*words, *more], input=input, env=environment)

    def people(self, word: str, *more: str, input: str = "") -> Result:
        return self.run("people", word, str(self.folder), *more, input=input)

    def entrance(self) -> Entrance:
        """Of a hub that was just started."""
        now, place = WallClock().now, Place(self.data / "mycity")
        return Entrance(Sessions(now, place.sessions), now, people=place.people, links=place.links)


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City(tmp_path)


async def test_a_person_is_added_and_signs_in(city: City) -> None:
    added = city.people("add", "--name", "kim", "--role", "operator", input=PASSWORD)
    assert added.exit_code == 0, added.output
    assert stat.S_IMODE((city.data / "mycity" / "people.json").stat().st_mode) == 0o600
    entrance = city.entrance()
    session = entrance.session(await entrance.by_password("kim", PASSWORD.strip()))
    assert session is not None and session.who.roles == ("operator",)
    assert "kim: operator for any purpose, by password, since" in city.people("list").output


async def test_a_password_and_a_second_factor_are_made_and_printed_once(city: City) -> None:
    added = city.people("add", "--name", "kim", "--role", "clerk", "--generate", "--totp").output
    password, secret = re.search(r"password: (\S+)", added), re.search(r"secret=(\w+)", added)
    assert password and secret
    assert password[1] not in (city.data / "mycity" / "people.json").read_text()
    code = totp.code(secret[1], int(WallClock().now().timestamp()) // totp.STEP_S)
    assert await city.entrance().by_password("kim", password[1], code)


async def test_another_password_ends_sessions_and_so_does_revoking(city: City) -> None:
    city.people("add", "--name", "kim", "--role", "operator", input=PASSWORD)
    before = await city.entrance().by_password("kim", PASSWORD.strip())
    assert city.people("reset", "kim", input="quite another one\n").exit_code == 0
    entrance = city.entrance()
    assert entrance.session(before) is None
    after = await entrance.by_password("kim", "quite another one")
    assert city.people("revoke", "kim").output == "'kim' opens nothing any more; sessions that ended: 1\n"
    assert city.entrance().session(after) is None
    assert city.people("list").output == ""


async def test_a_running_hub_notices_within_a_second(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    at = 1000.0
    for module in ("people", "private"):
        monkeypatch.setattr(f"madang.app.{module}.monotonic_s", lambda: at)
    city.people("add", "--name", "kim", "--role", "operator", input=PASSWORD)
    entrance = city.entrance()
    session = await entrance.by_password("kim", PASSWORD.strip())
    house = entrance.by_link(city.people("link").output.strip().rpartition("/")[2])
    assert entrance.session(session) and entrance.session(house)
    city.people("revoke", "kim")
    city.people("revoke", "operator")
    at += 1.0
    assert entrance.session(session) is None and entrance.session(house) is None


def test_a_link_is_printed_for_the_hubs_own_address(city: City) -> None:
    told = city.people("link", "--port", "8123", "--host", "0.0.0.0").output.strip()
    assert told.startswith("http://127.0.0.1:8123/sign-in/")
    token = told.rpartition("/")[2]
    assert city.entrance().by_link(token)
    kept = [each.read_text() for each in (city.data / "mycity").rglob("*.json")]
    assert not any(token in text for text in kept)


def test_old_links_are_swept_away(city: City) -> None:
    city.people("link")
    folder = city.data / "mycity" / "links"
    (old,) = folder.glob("*.json")
    later = WallClock().now() + LASTS + timedelta(seconds=1)
    made, _ = link.make("operator", later)
    city.place.links.add(made, later)
    assert [each.stem for each in folder.glob("*.json")] == [made.id] != [old.stem]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "--name", "kim", "--role", "x"), "is there already"),
        (("add", "--name", "Kim", "--role", "x"), "small letters"),
        (("add", "--name", "operator", "--role", "x"), "operator's link"),
        (("add", "--name", "lee", "--role", "x", "--country", "Korea"), "ISO 3166"),
        (("reset", "lee"), "nobody called 'lee'"),
        (("revoke", "lee"), "nobody called 'lee'"),
        (("link", "--name", "lee"), "nobody called 'lee'"),
    ],
)
def test_what_is_wrong_is_said(city: City, words: tuple[str, ...], told: str) -> None:
    if "kim" in words:
        city.people("add", "--name", "kim", "--role", "operator", input=PASSWORD)
    answer = city.people(words[0], *words[1:], input=PASSWORD)
    assert answer.exit_code == 2 and told in answer.output, answer.output


def test_a_weak_password_is_refused(city: City) -> None:
    answer = city.people("add", "--name", "kim", "--role", "operator", input="secret\n")
    assert answer.exit_code == 2 and "12 to 256 characters" in answer.output


@pytest.mark.parametrize("command", ["up", "serve"])
def test_a_hub_that_knows_nobody_stays_on_this_machine(city: City, command: str) -> None:
    answer = city.run(command, str(city.folder), "--host", "0.0.0.0", "--port", "1")
    assert answer.exit_code == 2
    assert "MADANG_IDENTITY=keys" in answer.output and "MADANG_EXPOSED=true" in answer.output


def test_nor_is_it_reached_under_a_name_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    for address, safe in (("https://city.example", False), ("http://localhost:8080", True), ("", True)):
        found = settings_of(address=address)
        if safe:
            check_exposure(found)
        else:
            with pytest.raises(InvalidRequest, match=r"city\.example"):
                check_exposure(found)


@pytest.mark.parametrize("environment", [{"MADANG_IDENTITY": "keys"}, {"MADANG_EXPOSED": "true"}])
def test_told_to_it_listens_wherever(city: City, environment: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    check_exposure(settings_of(host="0.0.0.0"))


def test_a_session_file_that_is_broken_is_nobodys(city: City) -> None:
    folder = city.data / "mycity" / "sessions"
    kept = Sessions(WallClock().now, city.place.sessions)
    text = kept.open("house", Somebody(name="operator"))
    (folder / f"{'0' * 64}.json").write_text("{")
    again = Sessions(WallClock().now, city.place.sessions)
    assert again.find(text) is not None
