"""A column of texts of which many are the same: each text once, and each row's number of its text."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast, overload

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.intp]


class Coded(Sequence[str]):
    """Reads like a list of the texts. `texts` may have some that no row has, and one more than once."""

    def __init__(self, codes: Codes, texts: Sequence[str]) -> None:
        self.codes = codes
        self.texts = texts

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> "Coded": ...
    def __getitem__(self, place: int | slice) -> "str | Coded":
        return Coded(self.codes[place], self.texts) if isinstance(place, slice) else self.texts[int(self.codes[place])]

    def __iter__(self) -> Iterator[str]:
        return map(self.texts.__getitem__, cast(list[int], self.codes.tolist()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(cast(Sequence[Any], other))

    __hash__ = None  # pyright: ignore[reportAssignmentType] - it is compared by what it holds

    def used(self) -> list[int]:
        """The numbers of the texts that some row has."""
        return np.flatnonzero(np.bincount(self.codes, minlength=len(self.texts))).tolist()


class Book(dict[str, int]):
    """Gives each new text the next number."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number

    def numbers(self, cells: Sequence[str]) -> Codes:
        """The numbers of the cells."""
        return np.fromiter(map(self.__getitem__, cells), dtype=np.intp, count=len(cells))


def coded(cells: Sequence[str]) -> Coded:
    """The cells with each text once."""
    if isinstance(cells, Coded):
        return cells
    book = Book()
    return Coded(book.numbers(cells), list(book))


def in_columns(names: Sequence[str], pages: Iterable[Sequence[Sequence[str]]]) -> dict[str, Coded]:
    """Rows, page by page, as columns: memory has a page of rows and each text once."""
    books = [Book() for _ in names]
    parts: list[list[Codes]] = [[] for _ in names]
    for page in pages:
        for book, part, cells in zip(books, parts, zip(*page, strict=True), strict=True):
            part.append(book.numbers(cells))
    empty = np.zeros(0, dtype=np.intp)
    return {
        name: Coded(np.concatenate(part) if part else empty, list(book))
        for name, book, part in zip(names, books, parts, strict=True)
    }
