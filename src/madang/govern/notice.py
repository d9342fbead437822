"""What a person is told before agreeing, made from the dataset's declaration: so that it says what is enforced.

Fields after ISO/IEC TS 27560:2023, 5.3, and ISO/IEC 29184:2020; purposes and rights in the terms of the W3C Data
Privacy Vocabulary (DPV 2).
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from madang.govern.regimes import Regime, regime_of
from madang.govern.regimes.regime import SURE
from madang.model.dataset import Dataset

ADULT: Final = 18
"""The age from which nobody needs a guardian where the law's own is not known for sure."""

_RIGHTS: Final = (
    "dpv:Withdrawal",
    "dpv:Access",
    "dpv:Rectification",
    "dpv:Erasure",
    "dpv:Portability",
    "dpv:Objection",
)


def notice(dataset: Dataset, jurisdiction: str, regimes: Mapping[str, Regime]) -> dict[str, Any]:
    """The notice of a dataset, and the hash that a consent names: another declaration is another notice."""
    law = regimes.get(regime_of(jurisdiction))
    body: dict[str, Any] = {
        "dataset": dataset.id,
        "title": dict(dataset.title),
        "description": dict(dataset.description),
        "controller": dataset.owner,
        "jurisdiction": jurisdiction,
        "law": law.law if law else None,
        "legalBasis": "dpv:Consent",
        "purposes": list(dataset.purposes),
        "items": list(dataset.attributes) or ["anything that is sent"],
        "retention": dataset.retention,
        "recipients": [
            {"roles": list(grant.roles), "to": list(grant.to), "purposes": list(grant.purposes or dataset.purposes),
             "items": list(grant.attributes or dataset.attributes), "transforms": dict(grant.transform)}
            for grant in dataset.grants
        ],
        "rights": list(_RIGHTS),
        "refusal": "nothing else depends on it",
        "guardianBelow": guardian_below(jurisdiction, regimes),
        "languages": list(dataset.title),
    }  # fmt: skip
    return {**body, "hash": hashlib.sha256(msgspec.json.encode(body, order="deterministic")).hexdigest()}


def guardian_below(jurisdiction: str, regimes: Mapping[str, Regime]) -> int:
    """The age in years below which a guardian has to agree: the law's where it is sure, else the age of majority."""
    law = regimes.get(regime_of(jurisdiction))
    cell = law.cells.get("child_age") if law else None
    return cell.value if cell is not None and isinstance(cell.value, int) and cell.certainty in SURE else ADULT
