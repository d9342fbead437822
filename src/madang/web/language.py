"""Which language a visitor reads: what the address asks for, else what the browser says (RFC 9110, 12.5.4)."""

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
_FORMER = {"in": "id"}
"""Tags that old browsers send for a language which has another one now (BCP 47)."""


def choose(asked: str | None, accept: str) -> str:
    """The best language of `LANGUAGES`: `asked` (from ``?lang=``) if it is one, else the one of the highest quality in
    the Accept-Language header, else English."""
    if asked is not None and (said := _known(asked)) is not None:
        return said
    wishes = sorted(_wishes(accept), key=lambda wish: -wish[1])
    spoken = [known for tag, quality in wishes if quality > 0 and (known := _known(tag)) is not None]
    return spoken[0] if spoken else _DEFAULT


def _known(tag: str) -> str | None:
    primary = tag.strip().lower().partition("-")[0]
    primary = _FORMER.get(primary, primary)
    return primary if primary in LANGUAGES else None


def _wishes(accept: str) -> list[tuple[str, float]]:
    wishes: list[tuple[str, float]] = []
    for item in accept.split(",")[:20]:
        tag, _, weight = item.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            quality = 0.0
        wishes.append((tag, quality))
    return wishes
