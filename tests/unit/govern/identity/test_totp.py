"""Codes of the second factor: RFC 6238's own examples, a clock that drifts, a code that holds once."""

import base64

import pytest

from madang.govern.identity.totp import address, code, new_secret, step_of

RFC = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at_s", "expected"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_the_examples_of_the_standard(at_s: int, expected: str) -> None:
    assert code(RFC, at_s // 30, digits=8) == expected


def test_a_code_holds_in_its_step_and_beside_it_and_once() -> None:
    secret = new_secret()
    given = code(secret, 1000)
    assert step_of(secret, given, 30_000) == step_of(secret, given, 30_045) == step_of(secret, given, 29_990) == 1000
    assert step_of(secret, given, 30_061) is None
    assert step_of(secret, given, 30_000, after=1000) is None
    assert step_of(secret, f"{given[:3]} {given[3:]}", 30_000) == 1000
    assert [step_of(secret, wrong, 30_000) for wrong in ("", "000000000", "a" * 6, "é")] == [None] * 4


def test_an_app_reads_the_address() -> None:
    assert address("AB", "kim", "Ingolstadt am See").startswith("otpauth://totp/Ingolstadt%20am%20See%3Akim?secret=AB&")
