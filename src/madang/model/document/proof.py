"""The seal of an entity: `ngsildproof`, a property with two members of its own (ETSI GS CIM 009 v1.9.1, 4.5.2.2, C.11).

They are kept as attributes of the attribute, and written as the bare texts that they are.
"""

from typing import Any, Final, cast

import msgspec

from madang.errors import BadRequestData
from madang.model.context import Context, is_uri
from madang.model.document.attribute import Mode, read_instances
from madang.model.entity import Attribute, Kind

PROOF: Final = "ngsildproof"
SEALED: Final = frozenset({"entityIdSealed", "entityTypeSealed"})


def read_proof(given: Any, context: Context, mode: Mode) -> tuple[Attribute, ...]:
    """The proof. Raises BadRequestData where its value is no object, or a sealed member no text."""
    where = f"attribute {PROOF!r}"
    if not isinstance(given, dict):
        raise BadRequestData(f"{where} is a Property whose value is an object")
    parts = cast(dict[str, Any], given)
    rest = {name: value for name, value in parts.items() if name not in SEALED}
    found = read_instances(rest, context, mode, where=where)[0]
    if found.kind is not Kind.PROPERTY or not isinstance(found.value, dict):
        raise BadRequestData(f"{where} is a Property whose value is an object: a data integrity proof")
    sealed = {name: (Attribute(value=_sealed(name, parts[name], context)),) for name in sorted(SEALED & parts.keys())}
    return (msgspec.structs.replace(found, attributes={**found.attributes, **sealed}),)


def _sealed(name: str, given: Any, context: Context) -> str:
    if name == "entityTypeSealed" and isinstance(given, str) and given:
        return context.expand(given)
    if name == "entityIdSealed" and is_uri(given):
        return given
    raise BadRequestData(f"{PROOF}.{name} is the {'type' if 'Type' in name else 'id'} of the entity that was sealed")
