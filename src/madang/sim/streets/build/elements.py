"""XML read as a stream: one start or end tag after the other, whatever the file's size, compressed with gzip or not.

Files come from strangers. Entities are refused before they can grow, and a single tag may not fill the memory.
"""

import gzip
from collections.abc import Callable, Iterator, Mapping
from io import BufferedIOBase
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

from madang.errors import BadRequestData, ResourceNotFound

CHUNK = 1 << 18
"""Bytes read at once."""

LONGEST = 1 << 26
"""Bytes of a single tag: a route of a million edges has less."""

Started = Callable[[str, Mapping[str, str]], None]
Ended = Callable[[str], None]


def is_packed(file: Path) -> bool:
    """Whether it is gzip: its first bytes tell, not its name."""
    with file.open("rb") as probe:
        return probe.read(2) == b"\x1f\x8b"


def opened(file: Path) -> BufferedIOBase:
    """The file's content, unpacked where it is packed.

    Raises ResourceNotFound and BadRequestData where there is nothing to read.
    """
    try:
        return gzip.open(file, "rb") if is_packed(file) else file.open("rb")
    except FileNotFoundError as missing:
        raise ResourceNotFound(f"There is no file {file}.") from missing
    except OSError as error:
        raise BadRequestData(f"{file} cannot be read: {error.strerror or error}.") from error


def read(file: Path, started: Started, ended: Ended | None = None) -> None:
    """Tell `started` of every start tag with its attributes and `ended` of every end tag, in order.

    Raises BadRequestData where the file is no well-formed XML, declares entities, or has a tag beyond `LONGEST`.
    """
    parser = expat.ParserCreate()
    parser.StartElementHandler = started
    if ended is not None:
        parser.EndElementHandler = ended

    def refuse(*_: Any) -> NoReturn:
        raise BadRequestData(f"{file.name} declares XML entities: no file of SUMO does, so it is not read.")

    parser.EntityDeclHandler = refuse
    fed = 0
    with opened(file) as stream:
        try:
            for chunk in _chunks(stream):
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - max(0, parser.CurrentByteIndex) > LONGEST:
                    raise BadRequestData(f"{file.name} has a tag of more than {LONGEST >> 20} MB: that is no model.")
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise BadRequestData(f"{file.name} is no well-formed XML: {error}.") from error
        except (OSError, EOFError) as error:
            raise BadRequestData(f"{file.name} cannot be read to its end: {error}.") from error


def _chunks(stream: BufferedIOBase) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk
