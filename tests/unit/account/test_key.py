"""The key: made once, readable by its owner alone, and what it signs is not taken for anything else."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from madang.account.key import Key, is_signed, key_id, open_key, read_public
from madang.errors import BadRequestData, Unavailable


def test_a_key_is_made_at_the_first_start_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "new" / "ledger.key"
    key = open_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert open_key(file).public == key.public
    assert [each.name for each in file.parent.iterdir()] == ["ledger.key"]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    open_key(tmp_path / "ledger.key")
    (tmp_path / "ledger.key").chmod(0o640)
    with pytest.raises(Unavailable, match="chmod 600"):
        open_key(tmp_path / "ledger.key")


def test_what_is_no_key_is_refused_and_left(tmp_path: Path) -> None:
    file = tmp_path / "ledger.key"
    file.touch(mode=0o600)
    with pytest.raises(Unavailable, match="is no key"):
        open_key(file)
    assert file.read_bytes() == b""


def test_a_signature_is_of_one_value_of_one_kind_by_one_key() -> None:
    key = Key.fresh()
    signature = key.sign("head", {"a": 1})
    assert is_signed(key.public, signature, what="head", value={"a": 1})
    assert not is_signed(key.public, signature, what="receipt", value={"a": 1})
    assert not is_signed(key.public, signature, what="head", value={"a": 2})
    assert not is_signed(Key.fresh().public, signature, what="head", value={"a": 1})
    assert not is_signed(key.public, "zz", what="head", value={"a": 1})
    assert not is_signed(key.public, signature.upper(), what="head", value={"a": 1})


def test_a_public_key_is_read_however_it_is_written() -> None:
    key = Key.fresh()
    private = load_pem_private_key(key.pem(), None)
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for text in (key.public, f" {key.public}\n", pem, f'{{"public": "{key.public}"}}'):
        assert read_public(text) == key.public
    assert key_id(key.public) == key.id
    for text in ("", "abc", key.public[2:], "{}", "-----BEGIN PUBLIC KEY-----", "{"):
        with pytest.raises(BadRequestData):
            read_public(text)
