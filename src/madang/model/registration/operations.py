"""The names of the operations that a source may be asked for, and of groups of them (ETSI GS CIM 009 v1.9.1, 4.20)."""

from collections.abc import Iterable
from typing import Final


def _words(text: str) -> list[str]:
    return text.split()


_WRITING: Final = _words(
    """createEntity updateEntity appendAttrs updateAttrs deleteAttrs deleteEntity createBatch upsertBatch updateBatch
    deleteBatch upsertTemporal appendAttrsTemporal deleteAttrsTemporal updateAttrInstanceTemporal
    deleteAttrInstanceTemporal deleteTemporal mergeEntity replaceEntity replaceAttrs mergeBatch purgeEntity"""
)
_TYPES: Final = _words(
    """retrieveEntityTypes retrieveEntityTypeDetails retrieveEntityTypeInfo retrieveAttrTypes retrieveAttrTypeDetails
    retrieveAttrTypeInfo"""
)
_SUBSCRIBING: Final = _words(
    "createSubscription updateSubscription retrieveSubscription querySubscription deleteSubscription"
)
_MAPS: Final = _words("retrieveEntityMap updateEntityMap deleteEntityMap createEntityMapQueryEntity")
_LATEST: Final = ["retrieveEntity", "queryEntity", "queryBatch", *_TYPES]
_PAST: Final = ["retrieveTemporal", "queryTemporal", "createEntityMapQueryTemporal"]
_IDENTITY: Final = "retrieveContextSourceIdentity"

OPERATIONS: Final = frozenset((*_WRITING, *_LATEST, *_PAST, *_SUBSCRIBING, *_MAPS, _IDENTITY))
"""Every single operation."""

GROUPS: Final = {
    "federationOps": frozenset((*_LATEST, *_SUBSCRIBING, *_MAPS, _IDENTITY)),
    "associationOps": frozenset((*_LATEST, *_SUBSCRIBING, _IDENTITY)),
    "updateOps": frozenset(("updateEntity", "updateAttrs", "replaceEntity", "replaceAttrs")),
    "retrieveOps": frozenset(("retrieveEntity", "queryEntity")),
    "redirectionOps": frozenset(
        _words(
            """createEntity updateEntity appendAttrs updateAttrs deleteAttrs deleteEntity mergeEntity replaceEntity
            replaceAttrs retrieveEntity queryEntity purgeEntity"""
        )
    )
    | frozenset((*_TYPES, *_MAPS, _IDENTITY)),
}
"""Names of groups, with what they stand for (table 4.20-2)."""

DEFAULT: Final = "federationOps"
"""What a registration that names no operations offers."""


def single(names: Iterable[str]) -> frozenset[str]:
    """The single operations behind names of operations and of groups."""
    return frozenset(one for name in names for one in GROUPS.get(name, (name,)))
