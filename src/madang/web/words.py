"""The words of the pages in a visitor's language: gettext catalogues (``locale/*/page.po``), numbers, times.

English is the language of the sources. The interface's script gets the same catalogue from the page that loads it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, format_time, format_timedelta
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

LOCALE = Path(__file__).parent / "locale"
_CATEGORIES: Final = ("zero", "one", "two", "few", "many", "other")
"""The plural categories of CLDR, in the order in which a catalogue has their forms."""

Unit = Literal["year", "month", "week", "day", "hour", "minute", "second"]
_SECONDS: Final[dict[str, int]] = {
    "year": 31_536_000,
    "month": 2_592_000,
    "week": 604_800,
    "day": 86_400,
    "hour": 3600,
    "minute": 60,
    "second": 1,
}

Texts = dict[str, str | tuple[str, ...]]
"""A message's text, or one text for each plural form of the language; the key of these is the English singular."""


class Words:
    """Speaks one language, in one time zone."""

    def __init__(self, language: str, zone: str = "UTC") -> None:
        self.language = language
        self.zone = ZoneInfo(zone)
        self._locale = Locale.parse(language)
        self._texts = texts(language)
        self._whole = str(self._locale.decimal_formats[None].pattern).partition(";")[0].partition(".")[0]

    def say(self, message: str, /, **values: object) -> str:
        """The message in the language, with ``{name}`` replaced by the values."""
        found = self._texts.get(message)
        text = found if isinstance(found, str) else message
        return text.format(**values) if values else text

    def counted(self, one: str, many: str, /, count: int, **values: object) -> str:
        """The message in the plural form that the language has for `count` (CLDR), which stands for ``{count}`` in it:
        ``counted("{count} vehicle waits", "{count} vehicles wait", 3)``."""
        found = self._texts.get(one)
        category = self._locale.plural_form(count)
        if isinstance(found, tuple):
            text = found[plural_forms(self.language).index(category)]
        else:
            text = one if Locale("en").plural_form(count) == "one" else many
        return text.format(count=self.number(count), **values)

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with that many decimals, grouped as the language does; a dash where there is none."""
        if value is None:
            return "–"
        return _decimal(value, self._whole + ("." + "0" * digits if digits else ""), self.language)

    def change(self, ratio: float) -> str:
        """A relative change as a percentage with its sign: -0.47 is −47 %."""
        text = format_percent(abs(ratio), locale=self._locale)
        return text if round(ratio, 2) == 0 else ("−" if ratio < 0 else "+") + text

    def clock(self, at: datetime) -> str:
        """The time of day in the city's zone, to the second."""
        return format_time(at, "HH:mm:ss", tzinfo=self.zone, locale=self._locale)

    def date(self, at: datetime) -> str:
        """The day and the time in the city's zone."""
        return format_datetime(at, "medium", tzinfo=self.zone, locale=self._locale)

    def span(self, seconds: float) -> str:
        """A duration in words, to its largest unit."""
        return format_timedelta(timedelta(seconds=max(0.0, seconds)), threshold=1.5, locale=self._locale)

    def counted_time(self, count: int, unit: Unit) -> str:
        """So many of that unit of time, in words: 90 days stay days, however many months or hours they are."""
        # Units by themselves lack long names in half of the languages (Babel); differences of time have them.
        whole = timedelta(seconds=count * _SECONDS[unit])
        return format_timedelta(whole, granularity=unit, threshold=1e12, locale=self._locale)


@lru_cache(maxsize=4096)
def _decimal(value: float, pattern: str, language: str) -> str:
    # A page of a thousand stations spent half its time here; values come again.
    return format_decimal(value or 0, pattern, locale=language)


@lru_cache(maxsize=16)
def texts(language: str) -> Texts:
    """The catalogue of a language, message to text; empty for English. A draft (fuzzy) counts as text."""
    found: Texts = {}
    for message in catalogue(language):
        if isinstance(message.id, str):
            if message.id and message.string:
                found[message.id] = str(message.string)
        elif all(_forms(message.string)):
            found[str(message.id[0])] = _forms(message.string)
    return found


def _forms(string: str | Sequence[str] | None) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ("",))


@lru_cache(maxsize=16)
def plural_forms(language: str) -> tuple[str, ...]:
    """The plural categories of a language, as its catalogue orders their forms: ``("one", "other")``."""
    tags = Locale.parse(language).plural_form.tags
    return tuple(category for category in _CATEGORIES if category in tags or category == "other")


@lru_cache(maxsize=16)
def drafts(language: str) -> tuple[int, int]:
    """How many texts of the catalogue are a machine's draft that nobody has read yet (fuzzy), and how many there are
    in all."""
    messages = [message for message in catalogue(language) if message.id]
    return sum(message.fuzzy for message in messages), len(messages)


def catalogue(language: str) -> Catalog:
    """The catalogue as it is written."""
    source = LOCALE / language / "page.po"
    if not source.is_file():
        return Catalog(locale=language)
    with source.open("rb") as file:
        return read_po(file, locale=language)
