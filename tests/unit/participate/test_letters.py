"""What people write stays as they wrote it, in every script; what would make it look like something else does not."""

import pytest

from madang.errors import BadRequestData
from madang.participate.letters import readable, words


@pytest.mark.parametrize(
    "text",
    [
        "한국어 ภาษาไทย हिन्दी Tiếng Việt Bahasa",
        "שלום \u200fעולם\u200f، مرحبا\u200e\u061c",
        "क्\u200dष and \U0001f469\u200d\U0001f469\u200d\U0001f467",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "one\n\ttwo",
        "<script>alert(1)</script>",
    ],
)
def test_what_can_be_read_stays(text: str) -> None:
    assert readable(text, what="text") == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("soft\u00adhyphen", "softhyphen"),
        ("\ufeffpasted", "pasted"),
        ("\u2068Kim\u2069", "Kim"),
        ("a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_what_nobody_sees_goes(text: str, kept: str) -> None:
    assert readable(text, what="text") == kept


@pytest.mark.parametrize("text", ["a\u202eb", "a\u202ab", "a\x00b", "a\x1bb", "a\ue000b", "a\U000e0067b"])
def test_what_turns_or_hides_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(BadRequestData, match=rf"description: the character U\+{ord(text[1]):04X}"):
        readable(text, what="description")


def test_words_are_some_and_not_too_many() -> None:
    assert words("  a ", what="reason") == "a"
    for text in ("", " \u200b\n ", "x" * 4001):
        with pytest.raises(BadRequestData, match="reason"):
            words(text, what="reason")
