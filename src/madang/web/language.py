"""Which language a visitor reads: what the address asks for, else what the browser says (RFC 9110, 12.5.4)."""

from madang.model.wishes import best, primary

LANGUAGES: dict[str, str] = {
    "en": "English",
    "ko": "한국어",
    "de": "Deutsch",
    "hi": "हिन्दी",
    "id": "Bahasa Indonesia",
    "vi": "Tiếng Việt",
    "th": "ไทย",
}
"""The languages that the pages speak, each by its own name. The first is the one to fall back on."""

_DEFAULT = next(iter(LANGUAGES))


def choose(asked: str | None, accept: str) -> str:
    """The best language of `LANGUAGES`: `asked` (from ``?lang=``) if it is one, else the one of the highest quality in
    the Accept-Language header, else English."""
    said = primary(asked) if asked is not None else ""
    return said if said in LANGUAGES else best(accept, LANGUAGES, _DEFAULT)
