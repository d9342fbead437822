"""What is checked offline: whatever is done to a log or a receipt is found, with nothing but the public key."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from madang.account.check import check_export, check_receipt, read_head
from madang.account.export import Receipt, export, receipt
from madang.account.fault import LedgerError
from madang.account.head import Head
from madang.account.key import Key
from madang.account.ledger import Account, Note
from madang.cli import main
from madang.errors import BadRequestData, MadangError
from madang.store.memory.ledger import MemoryLedger

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
KEY = Key.fresh()
SCRIPT = Path(__file__).parents[3] / "docs" / "verify.py"


def note(n: int) -> Note:
    return Note(kind="outcome", at=AT, body={"n": n, "why": 'the "green" ended – 초록불 \t\u007f'})


async def grown(count: int, key: Key = KEY, first: int = 0) -> Account:
    account = Account(MemoryLedger(), key=key)
    await account.add([note(first + n) for n in range(count)])
    return account


async def lines_of(account: Account) -> list[bytes]:
    return b"".join([part async for part in export(account, lambda entry: entry.sequence % 3 != 0)]).splitlines(True)


@cache
def whole() -> list[bytes]:
    return asyncio.run(_whole())


async def _whole() -> list[bytes]:
    return await lines_of(await grown(21))


@cache
def proven() -> bytes:
    async def make() -> bytes:
        return msgspec.json.encode(await receipt(await grown(21), "outcome-8", opens=lambda _: True))

    return asyncio.run(make())


def test_what_was_not_touched_is_right() -> None:
    found = check_export(whole(), KEY.public)
    assert (found.entries, found.bodies) == (21, 14)
    assert check_receipt(proven(), KEY.public).bodies == 1


def same(one: bytes, other: bytes) -> bool:
    """The same JSON, written otherwise."""
    try:
        return bool(msgspec.json.decode(one) == msgspec.json.decode(other))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


@given(place=st.integers(0, 10**9), flip=st.integers(1, 255))
def test_any_changed_byte_of_a_log_is_found(place: int, flip: int) -> None:
    text = bytearray(b"".join(whole()))
    place %= len(text)
    text[place] ^= flip
    changed = bytes(text).splitlines(True)
    if b"".join(whole())[place : place + 1] in b"\r\n" and changed == whole():
        return
    if len(changed) == len(whole()) and all(map(same, changed, whole())):
        return
    with pytest.raises(MadangError):
        check_export(changed, KEY.public)


@given(place=st.integers(0, 10**9), flip=st.integers(1, 255))
def test_any_changed_byte_of_a_receipt_is_found(place: int, flip: int) -> None:
    text = bytearray(proven())
    text[place % len(text)] ^= flip
    if not same(bytes(text), proven()):
        with pytest.raises(MadangError):
            check_receipt(bytes(text), KEY.public)


@given(data=st.data())
def test_entries_that_are_dropped_moved_or_said_twice_are_found(data: st.DataObject) -> None:
    title, *rows = whole()
    order = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=len(rows) + 2))
    if order != list(range(len(rows))):
        with pytest.raises(LedgerError):
            check_export([title, *(rows[place] for place in order)], KEY.public)


async def test_a_log_that_was_cut_does_not_have_the_head_that_somebody_kept() -> None:
    account = await grown(30)
    kept = [await account.log.head(12), await account.log.head()]
    longer = await lines_of(account)
    assert check_export(longer, KEY.public, kept).entries == 30
    shorter = await lines_of(await grown(20))
    with pytest.raises(LedgerError):
        check_export(shorter, KEY.public, kept[1:])


async def test_a_fork_is_found_by_a_head_from_before_it() -> None:
    account = await grown(10)
    kept = await account.log.head()
    fork = await grown(25, first=1)
    with pytest.raises(LedgerError, match="first 10 entries"):
        check_export(await lines_of(fork), KEY.public, [kept])


async def test_another_key_does_not_pass() -> None:
    other = await grown(5, Key.fresh())
    with pytest.raises(LedgerError, match="another key"):
        check_export(await lines_of(other), KEY.public)
    one = await receipt(other, "outcome-2", opens=lambda _: True)
    forged = msgspec.structs.replace(one, key=KEY.public)
    for text in (one, forged):
        with pytest.raises(LedgerError):
            check_receipt(msgspec.json.encode(text), KEY.public)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff", b'{"format":"madang-ledger/1"}', b"[" * 100_000])
def test_what_is_none_is_said(text: bytes) -> None:
    with pytest.raises(BadRequestData):
        check_receipt(text, KEY.public)
    with pytest.raises(BadRequestData):
        check_export([text], KEY.public)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["verify", *arguments])


def test_the_command_checks_a_log_and_a_receipt(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"".join(whole()))
    (tmp_path / "receipt").write_bytes(proven())
    (tmp_path / "key").write_text(KEY.public + "\n")
    for name in ("log", "receipt"):
        assert run(str(tmp_path / name), "--key", str(tmp_path / "key")).exit_code == 0
        forged = (tmp_path / name).read_bytes().replace(b"outcome-8", b"outcome-9")
        (tmp_path / "forged").write_bytes(forged)
        result = run(str(tmp_path / "forged"), "--key", KEY.public)
        assert result.exit_code == 1 and "NOT" in result.output
    other = Key.fresh().public
    assert run(str(tmp_path / "log"), "--key", other).exit_code == 1
    (tmp_path / "head").write_bytes(proven())
    assert run(str(tmp_path / "log"), "--key", KEY.public, "--seen", str(tmp_path / "head")).exit_code == 1, "a fork"
    assert run(str(tmp_path / "log"), "--key", "no key").exit_code not in (0, 1)


@pytest.mark.parametrize("spoil", ["", '"n', "commitment", "path", "signature", "root", "index"])
def test_a_script_without_our_code_checks_a_receipt(tmp_path: Path, spoil: str) -> None:
    """`docs/verify.py` imports nothing of ours and is short enough to be read."""
    source = SCRIPT.read_text("utf-8")
    assert "madang." not in source.replace("madang-head", "") and len(source.splitlines()) < 60
    given: Any = msgspec.json.decode(proven())
    proof = given["proof"]
    match spoil:
        case '"n':
            given["body"] = given["body"].replace('"n', '"m')
        case "commitment":
            proof["leaf"]["commitment"] = "00" * 32
        case "path":
            proof["path"] = proof["path"][::-1]
        case "signature" | "root":
            proof["head"][spoil] = "00" * len(bytes.fromhex(proof["head"][spoil]))
        case "index":
            proof["index"] += 1
        case _:
            pass
    (tmp_path / "receipt.json").write_bytes(msgspec.json.encode(given))
    command = [sys.executable, "-I", str(SCRIPT), str(tmp_path / "receipt.json"), KEY.public]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode == 0) == (spoil == ""), done.stdout + done.stderr
    assert ("NOT PROVEN" in done.stderr) == (spoil != "")


async def test_a_head_is_read_from_what_carries_it() -> None:
    head = await (await grown(3)).log.head()
    assert read_head(msgspec.json.encode(head)) == head
    assert isinstance(read_head(proven()), Head) and isinstance(read_head(b"".join(whole())), Head)
    assert msgspec.json.decode(proven(), type=Receipt).proof.index == 7
    with pytest.raises(BadRequestData):
        read_head(b"{}")
