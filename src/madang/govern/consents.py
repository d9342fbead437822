"""Who has agreed to what, as every read asks: a register in memory that a withdrawal changes at once."""

from collections.abc import Callable
from datetime import datetime

from madang.model.consent import Consent


class Consents:
    """The consents of one city. `now` tells the city's time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._by_id: dict[str, Consent] = {}
        self._given: dict[tuple[str, str, str], dict[str, Consent]] = {}

    def put(self, consent: Consent) -> None:
        """It is as it is now; before it may have been otherwise."""
        self.remove(consent.id)
        self._by_id[consent.id] = consent
        for key in _keys(consent):
            self._given.setdefault(key, {})[consent.id] = consent

    def remove(self, id: str) -> None:
        """There is no such consent (any more)."""
        known = self._by_id.pop(id, None)
        for key in _keys(known) if known is not None else ():
            self._given[key].pop(id)
            if not self._given[key]:
                del self._given[key]

    def given(self, dataset: str, purpose: str, subject: str) -> bool:
        """The subject agrees, now, that the dataset is used for the purpose."""
        found = self._given.get((dataset, purpose, subject))
        return found is not None and any(consent.holds(self._now()) for consent in found.values())

    def holding(self, dataset: str, purpose: str, subject: str) -> list[Consent]:
        """The subject's consents, as of now, to the dataset's use for the purpose."""
        found = self._given.get((dataset, purpose, subject), {})
        return [consent for consent in found.values() if consent.holds(self._now())]


def _keys(consent: Consent) -> list[tuple[str, str, str]]:
    return [(dataset, purpose, consent.subject) for dataset in consent.datasets for purpose in consent.purposes]
