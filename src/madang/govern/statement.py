"""What governance decided about a read, as a statement that can be shown to others: which datasets were open to whom,
for which purpose, on which legal basis, how coarse; and by which declarations.

How many entities were withheld it does not say: who could ask that of any query would read from the numbers what it
may not see. What the declarations withhold (datasets, attributes) it counts.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from madang.govern.caller import Caller
from madang.govern.opening import Terms, granted, opening
from madang.govern.regimes import regime_of
from madang.model.dataset import Dataset

_LETTERS: Final[Mapping[str, str]] = {
    "consent": "a",
    "contract": "b",
    "legal-obligation": "c",
    "vital-interests": "d",
    "public-task": "e",
    "legitimate-interests": "f",
}
"""Regulation (EU) 2016/679, article 6(1)."""


def policy_hash(datasets: Sequence[Dataset]) -> str:
    """SHA-256 (hex) of the declarations, as canonical JSON in the order of their ids."""
    told = [msgspec.to_builtins(one) for one in sorted(datasets, key=lambda one: one.id)]
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


def statement(datasets: Sequence[Dataset], caller: Caller, terms: Terms, types: Collection[str]) -> dict[str, Any]:
    """The statement about a read of entities of these types (none: of any)."""
    declared = {one.type for one in datasets}
    asked = [one for one in datasets if not types or one.type in types or (one.type == "*" and set(types) - declared)]
    parts = [_part(one, caller, terms) for one in asked]
    said = {part["decision"] for part in parts}
    whole = said.pop() if len(said) == 1 else "partly" if said else "denied"
    return {
        "decision": whole,
        "purpose": caller.purpose,
        "caller": {"role": caller.role, "roles": list(caller.roles), "country": caller.country},
        "jurisdiction": terms.jurisdiction,
        "datasets": parts,
        "withheld": {
            "datasets": sum(part["decision"] == "denied" for part in parts),
            "attributes": sum(len(part["withheld"]) for part in parts),
        },
        "policy": policy_hash(datasets),
    }


def commitment(terms: Terms, caller: Caller, told: Mapping[str, Collection[str]]) -> dict[str, str] | None:
    """What binds a read to the consents that it stood on, those of the people whom it told of (by dataset), and says
    nothing of them: SHA-256 of a nonce and the consents' ids, a line each, sorted. None: it stood on none."""
    holding = terms.consents.holding
    ids = {
        one.id for dataset, people in told.items() for who in people for one in holding(dataset, caller.purpose, who)
    }
    if not ids:
        return None
    nonce = secrets.token_hex(16)
    return {"nonce": nonce, "sha256": hashlib.sha256("\n".join((nonce, *sorted(ids))).encode()).hexdigest()}


def _part(dataset: Dataset, caller: Caller, terms: Terms) -> dict[str, Any]:
    found, grant = opening(dataset, caller, terms), granted(dataset, caller)
    seen = found.attributes if found is not None else frozenset[str]()
    withheld = [] if found is not None and seen is None else [n for n in dataset.attributes if n not in (seen or ())]
    altered = dict(grant.transform) if found is not None and grant is not None else {}
    selected = found is not None and found.admits is not None
    decision = "denied" if found is None else "partly" if withheld or altered or selected else "allowed"
    return {
        "id": dataset.id,
        "type": dataset.type,
        "decision": decision,
        "sensitivity": str(dataset.sensitivity),
        "basis": _basis(dataset, terms),
        "transforms": altered,
        "withheld": withheld,
        "consent": "each person's, asked at this read" if selected else "",
    }


def _basis(dataset: Dataset, terms: Terms) -> dict[str, str]:
    """The legal basis with its article in the city's regime, and how sure the matrix is of that."""
    code = regime_of(terms.jurisdiction)
    regime = terms.regimes.get(code)
    basis = {"name": dataset.legal_basis, "regime": code, "law": "", "article": "", "certainty": "U"}
    if regime is None:
        return basis
    cell = regime.cells.get("lawful_basis")
    letter = _LETTERS.get(dataset.legal_basis, "")
    article = "" if cell is None else f"Art 6(1)({letter})" if code == "EU" and letter else cell.article
    # A basis that the law's cell does not list by this name may exist under another: that is unsure.
    sure = cell is not None and _plain(dataset.legal_basis) in {_plain(one) for one in _texts(cell.value)}
    return {**basis, "law": regime.law, "article": article, "certainty": cell.certainty if cell and sure else "U"}


def _texts(value: object) -> list[str]:
    return [str(one) for one in cast(list[object], value)] if isinstance(value, list) else []


def _plain(basis: str) -> str:
    """A basis as the matrix and the declarations write it: ``vital_interests`` and ``vital`` are one."""
    return basis.replace("-", "_").removesuffix("_interests").removesuffix("_interest")
