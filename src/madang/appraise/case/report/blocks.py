"""A report before it has a form: headings, lines, tables and drawings, which HTML and PDF show each in its own way."""

from collections.abc import Sequence
from typing import Literal

import msgspec

Tone = Literal["", "good", "bad", "strong", "code"]


class Span(msgspec.Struct, frozen=True):
    """A part of a line. `link` is the `anchor` of another part of the same report; `lang` the language of words
    that are not in the report's."""

    text: str
    tone: Tone = ""
    link: str = ""
    anchor: str = ""
    lang: str = ""


Line = tuple[Span, ...]
Text = str | Span | Line
Cell = Text | float | None
"""What may stand in a table: words, money, or nothing to say."""


def line(text: Text) -> Line:
    """Text of any kind as a line."""
    if isinstance(text, str):
        return (Span(text),)
    return (text,) if isinstance(text, Span) else text


class Heading(msgspec.Struct, frozen=True, tag="heading"):
    """`level` 1 is the title of the report; `lang` as in a span."""

    level: int
    text: str
    anchor: str = ""
    lang: str = ""


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """A `note` is small."""

    line: Line
    note: bool = False


class Items(msgspec.Struct, frozen=True, tag="items"):
    """A list."""

    lines: tuple[Line, ...]


class Boxed(msgspec.Struct, frozen=True, tag="boxed"):
    """What a reader must not overlook."""

    line: Line
    lines: tuple[Line, ...] = ()


class Key(msgspec.Struct, frozen=True, tag="key"):
    """The figures that matter most: name and value."""

    pairs: tuple[tuple[str, str], ...]


class Table(msgspec.Struct, frozen=True, tag="table"):
    """Columns in `words` are text, the others numbers; `last`: the last row is a sum."""

    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    words: tuple[int, ...] = (0,)
    last: bool = False


class Label(msgspec.Struct, frozen=True):
    """Words in a drawing; `y` is their base line."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "start"
    dim: bool = False


class Figure(msgspec.Struct, frozen=True, tag="figure"):
    """A drawing: `shapes` are SVG elements without words, the words are in `labels`; `label` says what it shows."""

    shapes: str
    labels: tuple[Label, ...]
    width: float
    height: float
    label: str
    caption: str


Block = Heading | Paragraph | Items | Boxed | Key | Table | Figure


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A whole report; `language` is a BCP 47 tag."""

    title: str
    language: str
    blocks: tuple[Block, ...]


def note(text: Text) -> Paragraph:
    """A small line."""
    return Paragraph(line(text), note=True)


def paragraph(*parts: str | Span) -> Paragraph:
    """A line of these parts."""
    return Paragraph(tuple(Span(part) if isinstance(part, str) else part for part in parts))


def items(lines: Sequence[Text]) -> Items:
    """A list of these lines."""
    return Items(tuple(line(one) for one in lines))
