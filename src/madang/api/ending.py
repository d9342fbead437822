"""The end of a gzip stream that is put together of parts made for many: the check and the length of all that was in it
(RFC 1952, 2.3.1).

Of two texts in a row the check follows from the checks of both and the length of the second. CRC-32 is linear: the
first is multiplied by x to the power of the second's bits, modulo the polynomial (Adler, zlib, crc32_combine). Where a
crowd has a part, what that does to a check is worked out once and looked up, a byte at a time, for each reader.
"""

import zlib
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Final

_POLYNOMIAL: Final = 0xEDB88320
_ONE: Final = 1 << 31
"""Coefficients are written from the highest bit down."""
_FEW: Final = 30
"""So many products take as long as to work out the table."""
_LAST_BLOCK: Final = b"\x03\x00"
"""Of DEFLATE: the last one, and empty (RFC 1951, 3.2.6)."""


class Sum:
    """What a text, or some in a row, adds to a stream: its check, and its length in bytes."""

    def __init__(self, check: int = 0, length: int = 0) -> None:
        self.check = check
        self.length = length
        self._asked = 0

    def after(self, check: int) -> int:
        """The check of what had this one, and of this text after it."""
        self._asked += 1
        if self._asked < _FEW:
            return _times(self._factor, check) ^ self.check
        first, second, third, fourth = self._moves
        moved = first[check & 255] ^ second[check >> 8 & 255] ^ third[check >> 16 & 255] ^ fourth[check >> 24]
        return moved ^ self.check

    @cached_property
    def _factor(self) -> int:
        return _power(self.length)

    @cached_property
    def _moves(self) -> tuple[list[int], ...]:
        bits = [_times(self._factor, 1 << place) for place in range(32)]
        return tuple([_spread(bits[start : start + 8]) for start in (0, 8, 16, 24)])


def sum_of(text: bytes) -> Sum:
    """What the text adds."""
    return Sum(zlib.crc32(text), len(text))


def in_a_row(sums: Iterable[Sum]) -> Sum:
    """What they add together."""
    whole = Ending()
    for one in sums:
        whole.add(one)
    return whole.sum()


class Ending:
    """What was in one reader's stream so far."""

    def __init__(self) -> None:
        self._check = self._length = 0

    def add(self, one: Sum) -> None:
        """This is in it now, after all else."""
        self._check = one.after(self._check)
        self._length += one.length

    def sum(self) -> Sum:
        """All of it."""
        return Sum(self._check, self._length)

    def trailer(self) -> bytes:
        """How the stream ends."""
        return _LAST_BLOCK + self._check.to_bytes(4, "little") + (self._length & 0xFFFFFFFF).to_bytes(4, "little")


def _spread(bits: list[int]) -> list[int]:
    """For each byte what its bits come to together."""
    found = [0]
    for bit in bits:
        found += [one ^ bit for one in found]
    return found


def _times(one: int, other: int) -> int:
    """The product of two polynomials, modulo the check's."""
    product, place = 0, _ONE
    while one:
        if one & place:
            product ^= other
            one ^= place
        place >>= 1
        other = (other >> 1) ^ _POLYNOMIAL if other & 1 else other >> 1
    return product


@lru_cache(maxsize=64)
def _square(times: int) -> int:
    """x squared so many times."""
    return _ONE >> 1 if not times else _times(_square(times - 1), _square(times - 1))


def _power(length: int) -> int:
    """x to the power of the bits in so many bytes."""
    found, squared = _ONE, 3
    while length:
        if length & 1:
            found = _times(_square(squared), found)
        length >>= 1
        squared += 1
    return found
