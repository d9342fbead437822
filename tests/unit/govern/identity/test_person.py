"""Names and passwords that are refused before anybody has them (OWASP ASVS 5.0, 6.2)."""

import pytest

from madang.errors import BadRequestData
from madang.govern.identity.person import check_password, check_person


@pytest.mark.parametrize(
    "password", ["short", "aaaaaaaaaaaaaaaa", "12345678901234", "kim-kim-kim-go", "madang-2026-x", "x" * 257]
)
def test_a_password_that_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(BadRequestData):
        check_password(password, "kim")


def test_any_characters_and_length_do() -> None:
    for password in ("four words in a row", "비밀번호는 길어야 좋다", "a-b-c-d-e-f-g", "Ein Satz " * 20):
        check_password(password, "kim")


def test_the_operators_name_is_nobodys() -> None:
    with pytest.raises(BadRequestData, match="operator"):
        check_person("operator", roles=("resident",))
