"""What can be wrong with a data directory is said in words, and one process alone writes to it."""

import asyncio
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from madang.errors import BadRequestData, MadangError, Unavailable
from madang.model.change import Edited
from madang.model.entity import Attribute, Entity
from madang.store.sqlite import SqliteStore
from madang.store.sqlite.writer import NOTHING

HOLD = """
import sys, pathlib
from madang.store.sqlite import SqliteStore
store = SqliteStore(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def large(n: int) -> Entity:
    return Entity(id=f"urn:x:{n}", types=("T",), attributes={"a": (Attribute(value="x" * 20_000),)})


async def put(store: SqliteStore, one: Entity) -> object:
    return (await store.write([(one.id, lambda old: Edited(one))]))[0]


def test_a_second_writer_is_refused_until_the_first_one_is_dead(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Unavailable, match=f"in use by process {holder.pid}; stop that one"):
            SqliteStore(tmp_path)
        holder.kill()
    SqliteStore(tmp_path).close()


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    await put(store, large(1))
    await put(store.tenant("North", create=True), large(2))
    store.close()
    again = SqliteStore(tmp_path)
    assert await again.get("urn:x:1") == large(1)
    assert await again.get("urn:x:2") is None
    assert await again.tenant("North").get("urn:x:2") == large(2)
    with pytest.raises(MadangError):
        again.tenant("north")
    again.close()


@pytest.mark.parametrize("content", [b"this is no database at all, " * 200, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "city.sqlite").write_bytes(content)
    with pytest.raises(Unavailable, match=r"city.sqlite is not a sound database .* move it away"):
        SqliteStore(tmp_path)
    (tmp_path / "city.sqlite").unlink()
    SqliteStore(tmp_path).close()


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    other = apsw.Connection(str(tmp_path / "city.sqlite"))
    other.execute("CREATE TABLE t (a)")
    other.close()
    with pytest.raises(Unavailable, match="not one of Madang"):
        SqliteStore(tmp_path)


def test_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    SqliteStore(tmp_path).close()
    newer = apsw.Connection(str(tmp_path / "city.sqlite"))
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(Unavailable, match="newer Madang"):
        SqliteStore(tmp_path)


def test_a_path_that_cannot_be_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be used"):
        SqliteStore(tmp_path / "file" / "data")


@pytest.mark.parametrize("name", ["../x", "a/b", "", "ü", "a" * 65, "a b"])
async def test_a_tenant_name_cannot_lead_out_of_the_directory(tmp_path: Path, name: str) -> None:
    store = SqliteStore(tmp_path)
    if name:
        with pytest.raises(BadRequestData, match="make a name"):
            store.tenant(name, create=True)
    store.close()


async def test_a_full_disk_is_said_and_the_store_goes_on_when_there_is_room(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    writer = store.writer
    await writer.run(lambda connection: (connection.execute("PRAGMA max_page_count = 60").fetchall(), NOTHING))
    with pytest.raises(Unavailable, match="is full; free some space"):
        for n in range(100):
            await put(store, large(n))
    written = (await store.types())["T"]
    assert 0 < written < 100
    # A group in which one is too large still stores the small ones.
    outcomes = await asyncio.gather(
        put(store, Entity(id="urn:x:small", types=("T",))), put(store, large(500)), return_exceptions=True
    )
    assert not isinstance(outcomes[0], Exception)
    assert isinstance(outcomes[1], Unavailable)
    await writer.run(lambda connection: (connection.execute("PRAGMA max_page_count = 100000").fetchall(), NOTHING))
    await put(store, large(500))
    assert await store.get("urn:x:500") == large(500)
    store.close()


async def test_a_mistake_in_an_edit_reaches_its_caller_and_nobody_else(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)

    def mistake(old: Entity | None) -> Edited:
        raise ZeroDivisionError

    one = Entity(id="urn:x:1", types=("T",))
    wrong, right = await asyncio.gather(
        store.write([("urn:x:2", lambda old: Edited(one)), ("urn:x:1", mistake)]),
        put(store, one),
        return_exceptions=True,
    )
    assert isinstance(wrong, ZeroDivisionError)
    assert not isinstance(right, Exception)
    assert await store.get("urn:x:2") is None, "what an edit broke off is undone as a whole"
    store.close()


async def test_the_log_is_copied_and_starts_anew(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    for n in range(40):
        await asyncio.gather(*[put(store, large(i)) for i in range(n, n + 40)])
    store.close()
    assert not (tmp_path / "city.sqlite-wal").exists()
    assert (tmp_path / "city.sqlite").stat().st_size > 40 * 20_000
