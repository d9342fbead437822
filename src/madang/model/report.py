"""What residents may report to a city, as its ``reports.toml`` says; and a report."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from madang.model.dataset import Text

TYPE: Final = "ServiceRequest"
"""The type of the entities that reports are."""

OPEN: Final = (
    "serviceCode", "status", "statusNotes", "description", "requestedAt", "updatedAt", "expectedAt", "agency",
    "channel", "address", "addressId", "mediaUrl", "answers", "location",
)  # fmt: skip
"""Their attributes that anybody may read."""


class QuestionKind(StrEnum):
    """How a question is answered, as GeoReport v2 names it."""

    STRING = "string"
    NUMBER = "number"
    DATETIME = "datetime"
    TEXT = "text"
    ONE = "singlevaluelist"
    MANY = "multivaluelist"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked besides where and what; `values` are the choices of a list, by key."""

    text: Text
    kind: QuestionKind = QuestionKind.STRING
    required: bool = False
    values: Mapping[str, Text] = {}


class ReportKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of report: who handles it (`agency`), and within how many days."""

    name: Text
    description: Text = {}
    group: str = ""
    keywords: tuple[str, ...] = ()
    agency: str
    days: Annotated[int, Meta(ge=1, le=3650)] = 14
    questions: Mapping[str, Question] = {}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report as anybody may read it. `answers` are by question; `place` is (longitude, latitude) in degrees."""

    id: str
    kind: str
    status: str
    description: str
    requested_at: datetime
    updated_at: datetime
    expected_at: datetime
    agency: str
    channel: str
    place: tuple[float, float] | None = None
    address: str = ""
    address_id: str = ""
    media_url: str = ""
    status_notes: str = ""
    answers: Mapping[str, tuple[str, ...]] = {}


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom to answer, where somebody said so."""

    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    device_id: str = ""
    account_id: str = ""


CONTACTS: Final = {name: f"contact{name.title().replace('_', '')}" for name in Contact.__struct_fields__}
"""The attribute of a report that each member of a contact is."""

CONTACT: Final = tuple(CONTACTS.values())
"""Their attributes that say who reported."""
