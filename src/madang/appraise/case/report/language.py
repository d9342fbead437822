"""A report's words and numbers in a language: gettext catalogues (``appraise/locale/*/report.po``) and the locale.

English is the language of the sources. What a project file says stays as it was written; sentences that a computation
wrote are recognised (``sentences``) and said in the language.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import resources
from io import BytesIO

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_decimal

from madang.appraise.case.report.blocks import Cell, Line, Span, Table, line
from madang.appraise.case.report.sentences import SENTENCES, recognised
from madang.errors import AppraisalInvalid

ENGLISH = "en"


class Language:
    """Speaks one language. Raises AppraisalInvalid for one that has no catalogue."""

    def __init__(self, tag: str = ENGLISH, *, files: str = "") -> None:
        """`files` is the language of the project file's own words, where it is another."""
        if tag not in languages():
            raise AppraisalInvalid(f"no report is written in {tag!r} (one of: {', '.join(languages())})")
        self.tag = tag
        self.files = "" if files == tag else files
        self.english = tag == ENGLISH
        self._locale = Locale.parse(tag)
        self._whole = str(self._locale.decimal_formats[None].pattern).partition(".")[0]
        self._texts = _texts(tag)
        self.draft = not self.english and any(message.fuzzy for message in catalogue(tag) if message.id)

    def say(self, message: str, /, **values: object) -> str:
        """The message in the language, with ``{name}`` replaced by the values."""
        text = self._texts.get(message) or message
        return text.format(**values) if values else text

    def told(self, sentence: str) -> str:
        """A sentence that a computation wrote, in the language; as it is where it is not known."""
        if self.english:
            return sentence
        found = recognised(sentence)
        if found is None:
            return self.say(sentence)
        template, values = found
        return self.say(template, **{name: self._inner(value) for name, value in values.items()})

    def _inner(self, value: str) -> str:
        return self.told(value) if value in SENTENCES or value in self._texts else value

    def own(self, words: str) -> Span:
        """What a project file says, in its own language."""
        return Span(words, lang=self.files if words else "")

    def name(self, word: str) -> str:
        """A word that a file may hold (a tier, a mark, a state) as a reader of the language calls it."""
        return self.say(word.replace("_", " "))

    def number(self, value: float, decimals: int = 0, *, unit: str = "") -> str:
        """A number with that many decimals."""
        if self.english:
            return _minus(f"{value:z,.{decimals}f}{unit}")
        pattern = self._whole + ("." + "0" * decimals if decimals else "")
        written = format_decimal(round(value, decimals) + 0.0, pattern, locale=self._locale)
        return _minus(written + unit)

    def money(self, value: float | None) -> str:
        """Whole units with thousands apart."""
        return self.say("none") if value is None else self.number(value)

    def percent(self, value: float | None, decimals: int = 1) -> str:
        """A share as per cent."""
        return self.say("none") if value is None else self.number(100 * value, decimals, unit=" %")

    def rate(self, written: str) -> str:
        """A discount rate, or rates that decline, as a schedule writes them: 0.035:30,0.03."""
        found: list[str] = []
        for part in written.split(","):
            share, _, until = part.partition(":")
            said = self.percent(float(share), 2)
            found.append(self.say("{rate} to year {year}", rate=said, year=until) if until else said)
        return ", ".join(found)

    def ratio(self, value: float | None) -> str:
        """Two decimals."""
        return self.say("none") if value is None else self.number(value, 2)

    def rates(self, values: Sequence[float]) -> str:
        """Every rate, or that there is none."""
        return ", ".join(self.percent(value, 2) for value in values) or self.say("none")

    def years(self, value: float | None) -> str:
        """A time to pay back."""
        return self.say("never") if value is None else self.say("{count} years", count=self.number(value, 1))

    def plain(self, value: float) -> str:
        """A number as it was written, more or less."""
        if self.english:
            return _minus(f"{value:,.6g}")
        return _minus(format_decimal(float(f"{value:.6g}"), self._whole + ".######", locale=self._locale))

    def short(self, value: float) -> str:
        """For an axis: 1.2 M, 350 k."""
        if not self.english:
            return _minus(format_compact_decimal(value, fraction_digits=1, locale=self._locale))
        size = abs(value)
        for limit, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
            if size >= limit:
                return _minus(f"{value / limit:,.3g} {letter}")
        return _minus(f"{value:,.3g}")

    def span(self, low: float, high: float) -> str:
        """From low to high."""
        return self.say("{low} to {high}", low=self.plain(low), high=self.plain(high))

    def table(
        self, head: Sequence[str], rows: Iterable[Sequence[Cell]], *, words: Sequence[int] = (0,), last: bool = False
    ) -> Table:
        """A table whose bare numbers are money."""
        made = tuple(tuple(self._cell(cell) for cell in row) for row in rows)
        return Table(tuple(head), made, tuple(words), last)

    def _cell(self, cell: Cell) -> Line:
        if isinstance(cell, str | Span | tuple):
            return line(cell)
        return line(self.money(cell))


def languages() -> tuple[str, ...]:
    """The languages that reports are written in, English first."""
    folder = resources.files("madang.appraise") / "locale"
    return (ENGLISH, *sorted(one.name for one in folder.iterdir() if (one / "report.po").is_file()))


@lru_cache(maxsize=16)
def _texts(tag: str) -> dict[str, str]:
    """Message to text; a machine's draft (fuzzy) counts as text."""
    return {str(message.id): str(message.string) for message in catalogue(tag) if message.id and message.string}


@lru_cache(maxsize=16)
def catalogue(tag: str) -> Catalog:
    """The catalogue as it is written; an empty one for English."""
    if tag == ENGLISH:
        return Catalog(locale=tag)
    file = resources.files("madang.appraise") / "locale" / tag / "report.po"
    return read_po(BytesIO(file.read_bytes()), locale=tag)


def _minus(written: str) -> str:
    return written.replace("-", "−")
