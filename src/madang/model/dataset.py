"""One declaration per dataset, enforced everywhere (architecture, 3)."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from madang.model.release import ReleaseSpec

Text = Mapping[str, str]
"""A text in several languages: BCP 47 language tag -> text; ``en`` is always there."""


def text_of(texts: Text, language: str = "en") -> str:
    """The text in a language, in English where there is none."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


class Sensitivity(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SPECIAL = "special"


class Aggregate(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader gets that may know of many and of nobody: statistics, in which a group of fewer than `minimum` is
    withheld. About people they have noise: each reader has `epsilon` (and `delta`) to spend in the time of `renew` (ISO
    8601; none: once and for all), and a person counts with at most `contributions` entities."""

    minimum: int = 10
    epsilon: float = 0.0
    delta: float = 0.0
    renew: str = ""
    contributions: int = 1


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a dataset lets read which part of it, for what.

    `roles` are those of identified callers, or ``public``, ``operator``, ``service``. `purposes` left out are the
    dataset's (of data that is about nobody: any); `attributes` left out are all. `to` has the jurisdictions (ISO 3166)
    of readers abroad, and `mechanism` what a transfer of personal data there stands on, by its name in the matrix of
    regimes. `transform` says how an attribute is made coarser first (``model/transform``). With
    `aggregate` no entity is seen: only statistics over them.
    """

    roles: tuple[str, ...]
    purposes: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    mechanism: str = ""
    transform: Mapping[str, str] = {}
    aggregate: Aggregate | None = None


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """A declared set of entities of one type, with one owner, sensitivity, purposes and licence.

    `type` and `attributes` are names in the canonical short form; an empty `attributes` allows any. `type` ``*`` is the
    default dataset: it takes the types that no other one declares. `units` gives each attribute's UN/CEFACT code.
    `retention` is an ISO 8601 duration. `history` names the attributes whose past is kept (empty: none; ``*``: all).
    `subject` is the attribute that names whom an entity is about (``id``: it is that person); with `legal_basis`
    ``consent`` that person's opt-in is asked at every read. `grants`: the first that fits a caller counts; without any,
    public data is open, services see what names them as a purpose, and operators see what is about nobody. `writers`
    are roles that may write it besides operators. `technology` says how it is sensed or made (DTPR).
    """

    id: str
    title: Text
    type: str
    attributes: tuple[str, ...] = ()
    units: Mapping[str, str] = {}
    history: tuple[str, ...] = ()
    owner: str
    sensitivity: Sensitivity
    legal_basis: str
    purposes: tuple[str, ...]
    retention: str
    licence: str
    release: ReleaseSpec | None = None
    description: Text = {}
    subject: str = ""
    grants: tuple[Grant, ...] = ()
    writers: tuple[str, ...] = ()
    technology: Text = {}

    @property
    def personal(self) -> bool:
        """It is about people."""
        return self.sensitivity in (Sensitivity.PERSONAL, Sensitivity.SPECIAL)
