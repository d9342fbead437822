"""What the hub keeps besides entities: subscriptions, registrations and the like, each by kind and id."""

from enum import StrEnum

import msgspec


class RecordKind(StrEnum):
    """What a record is of."""

    SUBSCRIPTION = "subscription"
    REGISTRATION = "registration"
    REGISTRATION_SUBSCRIPTION = "registration-subscription"
    CONTEXT = "context"
    IDENTITY = "identity"
    CONSENT = "consent"
    NOTICE = "notice"
    PETITION = "petition"
    PHOTO = "photo"
    PHOTO_NAME = "photo-name"


class Record(msgspec.Struct, frozen=True):
    """One of them; `body` is JSON, of a photo a JPEG; opaque to the store."""

    kind: RecordKind
    id: str
    body: bytes
