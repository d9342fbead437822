"""May personal data go from one jurisdiction to another? Allowed only by a cell that is sure; everything else is no."""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast

from madang.govern.regimes.regime import SURE, Certainty, Mechanism, Regime, kinds, regime_of

ANONYMISED = "anonymised"
CONTROLLERS = ("public", "private")

_PLAIN: Final = frozenset((ANONYMISED, "pseudonymised", "personal", "sensitive", "location", "unique_id", "children"))
"""Categories that need no law to list them."""

_PLACE: Final = re.compile(r"(?!AA|Q[M-Z]|X[A-Z]|ZZ)[A-Z]{2}")
"""The code of a country (ISO 3166), or EU; not one that the standard leaves to its users."""


class Answer(NamedTuple):
    """Yes or no, with what it stands on."""

    allowed: bool
    why: str
    article: str
    certainty: Certainty
    missing: tuple[str, ...] = ()
    """Mechanisms that would allow it; empty when it is allowed, or none is known."""
    needs: str = ""
    """What must be done besides, when it is allowed."""
    also: tuple[str, ...] = ()
    """Other articles that bind this category."""


def can_transfer(
    regimes: Mapping[str, Regime], origin: str, to: str, *, category: str, controller: str, basis: str | None
) -> Answer:
    """Whether a `controller` ("public" or "private") under `origin`'s law may send data of a `category` to `to`.

    `origin` and `to` are jurisdictions (ISO 3166, parts of countries too), or codes of regimes; `category` is
    "anonymised", "pseudonymised", "personal", or one that some law lists ("health"); `basis` the mechanism it stands
    on, by its name in the matrix, or None. Never raises: what is not known is denied.
    """
    origin, to = regime_of(origin), regime_of(to)
    law = regimes.get(origin)
    if law is None:
        return Answer(False, f"the matrix has no regime {origin}", "", "U")
    if controller not in CONTROLLERS:
        return Answer(False, f"a controller is public or private, not {controller}", "", "U")
    if category not in _categories(regimes):
        return Answer(False, f"no law of the matrix knows data of the category '{category[:80]}'", "", "U")
    if not _PLACE.fullmatch(to):
        return Answer(False, f"'{to[:80]}' is no country's code (ISO 3166)", "", "U")
    cell = law.cells["transfer"]
    if origin == to:
        return Answer(True, "it stays in the jurisdiction", cell.article, cell.certainty)
    if controller in law.outside:
        public = law.cells["public_sector"]
        return Answer(False, f"{law.outside[controller]}: unsure is no", public.article, "U")
    if category == ANONYMISED:
        return _anonymised(law)
    return _with_articles(
        law, category, _across(regimes, law, to, category=category, controller=controller, basis=basis)
    )


def _categories(regimes: Mapping[str, Regime]) -> frozenset[str]:
    """Every category that something is known of."""
    laws = regimes.values()
    exempt = (category for law in laws for mechanism in law.mechanisms for category in mechanism.never)
    return _PLAIN.union(exempt, *(kinds(law.cells["sensitive"]) for law in laws))


def _anonymised(law: Regime) -> Answer:
    cell = law.cells["anonymised"]
    value = cast(dict[str, Any], cell.value or {})
    if value.get("exempt") is not True:
        why = f"{law.code} does not plainly exempt anonymised data"
        return Answer(False, why, cell.article, cell.certainty)
    if cell.certainty not in SURE:
        return Answer(False, "that anonymised data is exempt is not sure enough", cell.article, cell.certainty)
    return Answer(
        True, "anonymised data is exempt", cell.article, cell.certainty, needs=f"test: {value.get('test', '')}"
    )


def _across(
    regimes: Mapping[str, Regime], law: Regime, to: str, *, category: str, controller: str, basis: str | None
) -> Answer:
    cell = law.cells["transfer"]
    open_ = tuple(
        mechanism.name
        for mechanism in law.mechanisms
        if not _hindrance(regimes, law, mechanism, to, category=category, controller=controller)
    )
    chosen = next((mechanism for mechanism in law.mechanisms if mechanism.name == basis), None)
    if chosen is None:
        said = "no mechanism is named" if basis is None else f"{law.code} knows no mechanism {basis}"
        return Answer(False, said, cell.article, cell.certainty, open_)
    article, certainty = chosen.article or cell.article, chosen.certainty or cell.certainty
    hindrance = _hindrance(regimes, law, chosen, to, category=category, controller=controller)
    if hindrance:
        return Answer(False, hindrance, article, "U" if chosen.to == () else certainty, open_)
    return Answer(True, f"by {chosen.name}", article, certainty, needs=chosen.needs)


def _hindrance(
    regimes: Mapping[str, Regime], law: Regime, mechanism: Mechanism, to: str, *, category: str, controller: str
) -> str:
    """Why a mechanism does not serve; empty when it does."""
    if (mechanism.certainty or law.cells["transfer"].certainty) not in SURE:
        return mechanism.why or f"{mechanism.name} is not sure enough"
    if controller not in mechanism.controllers:
        return f"{mechanism.name} is not for a {controller} controller"
    if category in mechanism.never:
        return f"{mechanism.name} does not cover {category}"
    if mechanism.to is not None and to not in mechanism.to:
        return mechanism.why or f"{mechanism.name} does not lead to {to}"
    if mechanism.to_cbpr and not (to in regimes and regimes[to].in_cbpr):
        return f"{to} is not known as a member of the Global CBPR Forum"
    return ""


def _with_articles(law: Regime, category: str, answer: Answer) -> Answer:
    cell = law.cells["sensitive"]
    named = category in kinds(cell) or category == "sensitive"
    return answer._replace(also=(cell.article,)) if named and cell.article else answer
