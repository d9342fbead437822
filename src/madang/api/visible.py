"""What of the ledger a reader may see: records rest on data, and data that a reader may not see is not shown in them
either. The log's leaves are for everybody; they say nothing about what was committed to."""

import msgspec

from madang.account.ledger import decode
from madang.api.caller import reader
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.model.access import Access
from madang.model.decision import DecisionRecord, Input
from madang.model.ledger import Entry

OPEN = frozenset({"outcome", "resolution", "override", "answer", "erasure", "breach"})
"""Kinds of entries that anybody may read: they are public acts."""

WITHHELD = "rests on data that is not public"


def sight(request: Call) -> Access:
    """What the caller may see."""
    return rooms(request).policy.read(reader(request))


def masked(record: DecisionRecord, access: Access) -> DecisionRecord:
    """The record without the values that the reader may not see; why is said in their place. What the service
    remembered and the state before are left out with them, for they may follow from them."""
    inputs = tuple(_masked(given, access) for given in record.inputs)
    if inputs == record.inputs:
        return record
    return msgspec.structs.replace(
        record, inputs=inputs, memory={"withheld": WITHHELD}, previous={"withheld": WITHHELD}
    )


def opens(entry: Entry, access: Access) -> bool:
    """Whether the reader may see the whole body of an entry."""
    if entry.kind != "decision":
        return entry.kind in OPEN
    return bool(entry.body) and all(_shows(given, access) for given in decode(entry).inputs)


def _shows(given: Input, access: Access) -> bool:
    """As it is: what is seen only where somebody agreed is not shown in a record, which asks nobody any more."""
    if given.withheld is not None:
        return True
    return access.tells((given.type,), given.attribute) and not access.asks(given.type)


def _masked(given: Input, access: Access) -> Input:
    if _shows(given, access):
        return given
    return msgspec.structs.replace(given, value=None, digest=None, observed_at=None, withheld=access.reason)
