"""The end of a stream of parts is the end of all of them in one: as zlib would have made it."""

import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st

from madang.api.ending import Ending, in_a_row, sum_of

HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
texts = st.lists(st.binary(max_size=300) | st.integers(0, 70_000).map(lambda size: b"event" * size), max_size=5)


@given(texts)
def test_parts_in_a_row_add_up(parts: list[bytes]) -> None:
    whole = b"".join(parts)
    found = in_a_row(map(sum_of, parts))
    assert (found.check, found.length) == (zlib.crc32(whole), len(whole))


@given(st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=40), st.binary(max_size=50))
def test_a_part_that_a_crowd_has_is_the_same_to_each(before: list[bytes], shared: bytes) -> None:
    part = sum_of(shared)
    for text in before:
        assert part.after(zlib.crc32(text)) == zlib.crc32(text + shared)


@given(texts)
def test_a_stream_with_its_end_is_gzip(parts: list[bytes]) -> None:
    ending, stream = Ending(), HEADER
    for text in parts:
        made = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
        stream += made.compress(text) + made.flush(zlib.Z_SYNC_FLUSH)
        ending.add(sum_of(text))
    assert gzip.decompress(stream + ending.trailer()) == b"".join(parts)
