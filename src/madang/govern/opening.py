"""What a dataset's declaration opens to a caller: which attributes, how coarse, of whom; and why, or why not.

One answer for (role, dataset, purpose, recipient's jurisdiction). What is unsure is closed.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, cast

from madang.govern.caller import Caller
from madang.govern.consents import Consents
from madang.govern.regimes import Regime, can_transfer, regime_of
from madang.model.access import Admit
from madang.model.dataset import Aggregate, Dataset, Grant, Sensitivity
from madang.model.entity import Attribute, Entity, Kind
from madang.model.transform import Alter, alter, parse

CONSENT: Final = "consent"

_RELATIONSHIPS: Final = (Kind.RELATIONSHIP, Kind.LIST_RELATIONSHIP)

DEFAULT: Final = Grant(roles=("public", "member", "operator", "service"))
"""What a dataset opens that declares no grants: as it is, for any of its purposes."""


class Opening(NamedTuple):
    """The part of a dataset that is open. `attributes` None: all of it."""

    why: str
    attributes: frozenset[str] | None = None
    altered: Mapping[str, Alter] = {}
    admits: Admit | None = None


class Terms(NamedTuple):
    """What the answers depend on besides the declarations: the city's jurisdiction (ISO 3166), the matrix of regimes,
    the secret of its pseudonyms, and who has agreed to what."""

    jurisdiction: str
    regimes: Mapping[str, Regime]
    secret: bytes
    consents: Consents


def opening(dataset: Dataset, caller: Caller, terms: Terms) -> Opening | None:
    """The part of the dataset that is open to the caller, or None."""
    grant = granted(dataset, caller)
    if grant is None or grant.aggregate is not None or not _crosses(dataset, grant, caller, terms):
        return None
    return _opened(dataset, grant, caller, terms)


def counting(dataset: Dataset, caller: Caller, terms: Terms) -> tuple[Aggregate, Opening] | None:
    """What the caller may ask statistics of, and of which part of the dataset; None where its grant allows none."""
    grant = granted(dataset, caller)
    if grant is None or grant.aggregate is None or not _crosses(dataset, grant, caller, terms):
        return None
    return grant.aggregate, _opened(dataset, grant, caller, terms)


def releasing(dataset: Dataset, terms: Terms, purpose: str) -> Opening:
    """What a release under a guarantee is made of: all of the dataset, of those who have agreed to that purpose."""
    return _opened(dataset, Grant(roles=("system",)), Caller("release", "system", purpose), terms)


def _opened(dataset: Dataset, grant: Grant, caller: Caller, terms: Terms) -> Opening:
    key = _key(dataset, caller, terms.secret)
    return Opening(
        why=f"{dataset.id}: {caller.purpose or 'any purpose'}, {dataset.legal_basis}",
        attributes=frozenset(grant.attributes) or None,
        altered={name: alter(parse(steps), key) for name, steps in grant.transform.items()},
        admits=_admits(dataset, caller, terms.consents) if dataset.legal_basis == CONSENT else None,
    )


def granted(dataset: Dataset, caller: Caller) -> Grant | None:
    """The first grant that fits the caller and its purpose."""
    if not dataset.grants:
        return DEFAULT if _open_by_default(dataset, caller) else None
    held = {caller.role, *caller.roles, "public"}
    for grant in dataset.grants:
        purposes = grant.purposes or (dataset.purposes if dataset.personal or caller.role == "service" else ())
        if not held.isdisjoint(grant.roles) and (not purposes or caller.purpose in purposes):
            return grant
    return None


def _open_by_default(dataset: Dataset, caller: Caller) -> bool:
    if caller.role == "service":
        return caller.name in dataset.purposes
    if dataset.sensitivity == Sensitivity.PUBLIC:
        return True
    return caller.role == "operator" and (not dataset.personal or caller.purpose in dataset.purposes)


def _crosses(dataset: Dataset, grant: Grant, caller: Caller, terms: Terms) -> bool:
    """It stays in the country, is about nobody and open there, or may go where the caller is."""
    if not caller.country or dataset.sensitivity == Sensitivity.PUBLIC:
        return True
    home, there = regime_of(terms.jurisdiction), regime_of(caller.country)
    if terms.jurisdiction == caller.country or (home == there and home):
        return True
    if caller.country not in grant.to:
        return False
    if not dataset.personal:
        return True
    category = "sensitive" if dataset.sensitivity == Sensitivity.SPECIAL else "personal"
    basis = grant.mechanism or None
    return can_transfer(terms.regimes, home, there, category=category, controller="public", basis=basis).allowed


def _admits(dataset: Dataset, caller: Caller, consents: Consents) -> Admit:
    """Whether whom an entity is about has agreed; where nobody is named, nobody has."""
    subjects = subjects_of(dataset.subject)

    def admits(entity: Entity) -> bool:
        found = subjects(entity)
        return bool(found) and all(
            one == caller.subject or consents.given(dataset.id, caller.purpose, one) for one in found
        )

    return admits


def subjects_of(name: str) -> Callable[[Entity], list[str]]:
    """Tells whom an entity is about, by the attribute that names it (``id``: the entity itself); a part of it that is
    no name of anybody as ""."""
    if name == "id":
        return lambda entity: [entity.id]

    def subjects(entity: Entity) -> list[str]:
        return [one for instance in entity.attributes.get(name, ()) for one in _named(instance)]

    return subjects


def _named(instance: Attribute) -> list[str]:
    """Who is named. What is no name of anybody counts as somebody who has not agreed."""
    many: list[Any] = [instance.value]
    if instance.kind in _RELATIONSHIPS and isinstance(many[0], list):
        many = cast(list[Any], many[0])
    return [one if isinstance(one, str) else "" for one in many]


def _key(dataset: Dataset, caller: Caller, secret: bytes) -> bytes:
    """The key of this reader's pseudonyms: two readers, or one for two purposes, cannot put theirs together."""
    about = "\0".join((dataset.id, caller.purpose, caller.role, caller.name))
    return hmac.new(secret, about.encode(), hashlib.sha256).digest()
