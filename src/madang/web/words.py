"""The words of the pages in a visitor's language: gettext catalogues (``locale/*/page.po``), numbers, times.

English is the language of the sources. The interface's script gets the same catalogue from the page that loads it.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, format_time, format_timedelta
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

LOCALE = Path(__file__).parent / "locale"


class Words:
    """Speaks one language, in one time zone."""

    def __init__(self, language: str, zone: str = "UTC") -> None:
        self.language = language
        self.zone = ZoneInfo(zone)
        self._locale = Locale.parse(language)
        self._texts = texts(language)

    def say(self, message: str, /, **values: object) -> str:
        """The message in the language, with ``{name}`` replaced by the values."""
        text = self._texts.get(message) or message
        return text.format(**values) if values else text

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with that many decimals; a dash where there is none."""
        if value is None:
            return "–"
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(value, pattern, locale=self._locale)

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


@lru_cache(maxsize=16)
def texts(language: str) -> dict[str, str]:
    """The catalogue of a language, message to text; empty for English. A draft (fuzzy) counts as text."""
    return {str(message.id): str(message.string) for message in catalogue(language) if message.id and message.string}


def catalogue(language: str) -> Catalog:
    """The catalogue as it is written."""
    source = LOCALE / language / "page.po"
    if not source.is_file():
        return Catalog(locale=language)
    with source.open("rb") as file:
        return read_po(file, locale=language)
