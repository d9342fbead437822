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
    "channel", "address", "addressId", "mediaUrl", "answers", "location", "supporters", "mergedInto", "district",
    "photos",
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
    """A kind of report: who handles it (`agency`; in some districts, by their ids, one of `agencies`), and within how
    many days. An open report of the same kind within `near_m` metres, filed in the last `near_days`, may be the same
    matter. `look_first`: its photos are seen by the staff before anybody else, whatever was removed."""

    name: Text
    description: Text = {}
    group: str = ""
    keywords: tuple[str, ...] = ()
    agency: str
    agencies: Mapping[str, str] = {}
    days: Annotated[int, Meta(ge=1, le=3650)] = 14
    near_m: Annotated[float, Meta(ge=0, le=5000)] = 60.0
    near_days: Annotated[int, Meta(ge=1, le=365)] = 30
    look_first: bool = False
    questions: Mapping[str, Question] = {}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report as anybody may read it. `answers` are by question; `place` is (longitude, latitude) in degrees.
    `supporters` joined it instead of filing the same again; `merged_into` is the report that it turned out to be;
    `photos` are the names of those that may be shown."""

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
    supporters: int = 0
    merged_into: str = ""
    district: str = ""
    photos: tuple[str, ...] = ()


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom to answer, where somebody said so: by `email` or a `webhook`, in a `language`. `subject` is the person's URI
    where one was signed in; `age_group` is what one said of oneself, for the table of who is reached."""

    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    device_id: str = ""
    account_id: str = ""
    webhook: str = ""
    language: str = ""
    age_group: str = ""
    subject: str = ""


class Remark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a report's log: what `by` (``reporter``, ``anybody``, ``staff``) did (``said``, ``opened``, ``closed``,
    ``merged``, ``assigned``, ``pictured``) and wrote."""

    at: datetime
    by: str
    act: str
    text: str = ""
    name: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A report with what only who reported, by its link, and the staff may read. `secret` is the SHA-256 of the link's;
    `held` are photos that staff has to look at first; `handler` is whose work it is."""

    report: Report
    contact: Contact
    secret: str = ""
    log: tuple[Remark, ...] = ()
    held: tuple[str, ...] = ()
    handler: str = ""


CONTACTS: Final = {name: f"contact{name.title().replace('_', '')}" for name in Contact.__struct_fields__}
"""The attribute of a report that each member of a contact is."""

CONTACT: Final = (*CONTACTS.values(), "caseSecret", "caseLog", "heldPhotos", "handler")
"""Their attributes that say who reported, what was written about it, and whose work it is: personal data."""
