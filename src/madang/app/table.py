"""Tables as CSV files: read into columns that hold each text once, and written from them.

A file without a quotation mark is lines and commas; Arrow reads such a one several times as fast as Python's reader,
where it is installed. Whatever it does not take, Python's reader takes, or says what is wrong with it and where.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np

from madang.errors import InvalidRequest, ResourceNotFound
from madang.govern.anonymise import Table
from madang.govern.anonymise.coded import Coded, coded, in_columns

_PAGE: Final = 5_000
"""Rows that are read or written at once."""

_QUICK: Final = 1 << 30
"""Bytes of a file that is read whole."""

_SPECIAL: Final = re.compile('[,"\r\n]')
_BOM: Final = b"\xef\xbb\xbf"
_OTHERS: Final = {
    b"\x1f\x8b": "it is compressed: unpack it first (gunzip)",
    b"PK": "it is an archive or a workbook: save the table as CSV",
    b"\xff\xfe": "it is UTF-16: save it as UTF-8",
    b"\xfe\xff": "it is UTF-16: save it as UTF-8",
}
"""What files that are no text in UTF-8 begin with, and what to do then."""

csv.field_size_limit(1 << 24)


def write(table: Table, stream: TextIO) -> None:
    """The table as CSV (RFC 4180) with a line of names."""
    writer = csv.writer(stream)
    writer.writerow(table)
    columns = [coded(cells) for cells in table.values()]
    if len(columns) < 2:
        # The only cell of a row is quoted where it is empty: the writer knows.
        writer.writerows(zip(*columns, strict=True))
        return
    written = [np.array(_all_quoted(column.texts), dtype=object) for column in columns]
    for first in range(0, len(columns[0]), _PAGE):
        cells = [
            texts[column.codes[first : first + _PAGE]].tolist() for texts, column in zip(written, columns, strict=True)
        ]
        stream.write("\r\n".join(map(",".join, zip(*cells, strict=True))) + "\r\n")


def _all_quoted(texts: Sequence[str]) -> list[str]:
    """Each as it is written. Labels of classes are the same few again and again."""
    known = {text: _quoted(text) for text in set(texts)}
    return [known[text] for text in texts]


def _quoted(text: str) -> str:
    """A cell as the writer writes it."""
    if not _SPECIAL.search(text):
        return text
    out = io.StringIO(newline="")
    csv.writer(out).writerow([text, ""])
    return out.getvalue().removesuffix(",\r\n")


def read_table(file: Path) -> dict[str, Coded]:
    """A CSV file with a line of names, by columns; parted by tabs or semicolons where the names are. Raises
    ResourceNotFound, InvalidRequest with the line."""
    try:
        # A pipe can be read once.
        if file.is_file():
            _check_text(file)
            if (found := _quickly(file)) is not None:
                return found
        with file.open(encoding="utf-8-sig", newline="") as stream:
            names = stream.readline()
            return read_rows(chain((names,), stream), str(file), parted=_parted(names))
    except (FileNotFoundError, IsADirectoryError) as error:
        raise ResourceNotFound(f"no file {file}") from error
    except OSError as error:
        raise InvalidRequest(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{file} is not UTF-8 at byte {error.start:,}: save it as UTF-8") from error


def _check_text(file: Path) -> None:
    """Raises InvalidRequest for a file that begins as something else than text."""
    with file.open("rb") as stream:
        begins = stream.read(2)
    if begins in _OTHERS:
        raise InvalidRequest(f"{file} is no CSV: {_OTHERS[begins]}")


def _parted(names: str) -> str:
    """By what the cells of a line of names are parted."""
    return next((mark for mark in ",\t;" if mark in names), ",")


def read_rows(lines: Iterable[str], what: str, *, parted: str = ",") -> dict[str, Coded]:
    """As read_table, of lines; `what` names them in errors."""
    reader = csv.reader(lines, delimiter=parted, strict=True)
    try:
        names = next(reader, None)
        if not names:
            raise InvalidRequest(f"{what} is empty: its first line names the columns")
        if len(set(names)) < len(names):
            raise InvalidRequest(f"{what} names a column twice")
        return in_columns(names, _pages(reader, len(names), what))
    except csv.Error as error:
        raise InvalidRequest(f"{what}, line {reader.line_num}: {error}") from error


def _pages(reader: Iterator[list[str]], width: int, what: str) -> Iterator[list[list[str]]]:
    """Rows, some at a time, without empty lines. Raises InvalidRequest for one of another width."""
    done = 0
    while page := list(islice(reader, _PAGE)):
        rows = list(filter(None, page))
        if set(map(len, rows)) - {width}:
            number = next(number for number, row in enumerate(rows, done + 1) if len(row) != width)
            cells = len(rows[number - done - 1])
            raise InvalidRequest(f"{what}, row {number:,} after the names: {cells} cells, {width} columns")
        done += len(rows)
        if rows:
            yield rows


def _quickly(file: Path) -> dict[str, Coded] | None:
    """The file by Arrow; None where it is not as plain as that, or something is wrong with it."""
    if find_spec("pyarrow") is None or file.stat().st_size > _QUICK:
        return None
    body = file.read_bytes().removeprefix(_BOM)
    names = body.partition(b"\n")[0].rstrip(b"\r").decode().split(",")
    plain = not any(mark in body for mark in (b'"', b"\0")) and body.count(b"\r") == body.count(b"\r\n")
    if not plain or len(names) < 2 or not all(names) or len(set(names)) < len(names):
        return None
    pa: Any = import_module("pyarrow")
    read: Any = import_module("pyarrow.csv")
    texts = pa.dictionary(pa.int32(), pa.string())
    try:
        table = read.read_csv(
            pa.BufferReader(body),
            read_options=read.ReadOptions(use_threads=False, column_names=names, skip_rows=1),
            parse_options=read.ParseOptions(quote_char=False),
            convert_options=read.ConvertOptions(
                column_types=dict.fromkeys(names, texts), strings_can_be_null=False, null_values=[]
            ),
        ).unify_dictionaries()
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    return {name: _column(table.column(name)) for name in names}


def _column(chunked: Any) -> Coded:
    """A column of a dictionary's numbers, in chunks that share it."""
    chunks: Sequence[Any] = chunked.chunks
    if not chunks:
        return Coded(np.zeros(0, dtype=np.intp), [])
    codes = np.concatenate([np.asarray(chunk.indices) for chunk in chunks]).astype(np.intp)
    return Coded(codes, chunks[0].dictionary.to_pylist())
