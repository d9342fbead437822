"""One declaration per dataset, enforced everywhere (architecture, 3)."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

Text = Mapping[str, str]
"""A text in several languages: BCP 47 language tag -> text; ``en`` is always there."""


class Sensitivity(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SPECIAL = "special"


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """A declared set of entities of one type, with one owner, sensitivity, purposes and licence.

    `type` and `attributes` are names in the canonical short form; an empty `attributes` allows any. `type` ``*`` is the
    default dataset: it takes the types that no other one declares. `units` gives each attribute's UN/CEFACT code.
    `retention` is an ISO 8601 duration. `history` names the attributes whose past is kept (empty: none; ``*``: all).
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
    release: Mapping[str, object] = {}
    description: Text = {}
