"""The subscription as the hub keeps it."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from madang.model.context import CORE, Context
from madang.model.query import Condition
from madang.model.query.parse import parse_query

MOST_HOPS: Final = 5
"""Over so many relationships a path of q may lead."""


class Phrase(msgspec.Struct, frozen=True):
    """Where a text with names in it (q, csf) comes from: the @context that it was written in, and what its names stand
    for there. The text itself is in the document, as it was written: to print it anew could change it. `terms` are the
    attributes, as written, whose values are terms of a vocabulary (expandValues); `linked`: its paths may lead into
    linked entities."""

    source: Any
    names: Mapping[str, str]
    terms: tuple[str, ...] = ()
    linked: bool = False

    def expand(self, name: str) -> str:
        """The canonical name."""
        return self.names.get(name, name)

    def tree(self, text: str) -> Condition:
        """The conditions of the text."""
        return read_text(text, self.expand, terms=self.terms, linked=self.linked)


def read_text(
    text: str, expand: Callable[[str], str], *, terms: Collection[str] = (), linked: bool = False
) -> Condition:
    """The conditions of the text of a q or csf in a body; `linked`: it may ask for linked entities. Raises
    BadRequestData, TooComplexQuery.

    The standard has one grammar for URLs and bodies (4.9), and the published test suite writes the text in a body as in
    a URL: ``name=="City%20Hall"``. So it is decoded like a URL's; a % that begins no such code stands for itself.
    """
    return parse_query(unquote(text), expand, terms=terms, hops=MOST_HOPS if linked else 0)


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """`document` has the members that its subscriber gave, names canonical, without id and type; `phrases` tell of
    those of them that are texts with names.

    `source`, `terms` and `prefixes` are of the @context that notifications are told in (jsonldContext, else the one it
    was created with); `prefixes` is None in what was kept before they were: then the terms tell. `owner` is the role,
    name and purpose of the caller who created it, of a member `roles`, `country` and `subject` too: what they may see,
    it may tell. `leased`: of a member whom the hub cannot ask after later (a token of another provider): it has an
    end that is near, and each renewal takes what the member is then.
    """

    id: str
    document: Mapping[str, Any]
    phrases: Mapping[str, Phrase] = {}
    source: Any = None
    terms: Mapping[str, str] = {}
    prefixes: tuple[str, ...] | None = None
    owner: tuple[str, str, str] = ("public", "", "")
    roles: tuple[str, ...] = ()
    country: str = ""
    subject: str = ""
    leased: bool = False
    created_at: datetime | None = None
    modified_at: datetime | None = None

    def told_in(self, context: Context) -> "Subscription":
        """The subscription with its notifications told in that @context."""
        return msgspec.structs.replace(
            self, source=context.source, terms=context.terms, prefixes=tuple(sorted(context.prefixes))
        )

    def context(self) -> Context:
        """The @context that notifications are told in."""
        return Context(self.terms, source=self.source, prefixes=self.prefixes) if self.terms else CORE

    @property
    def notification(self) -> Mapping[str, Any]:
        """NotificationParams (5.2.14)."""
        return self.document["notification"]

    @property
    def endpoint(self) -> Mapping[str, Any]:
        """Endpoint (5.2.15)."""
        return self.notification["endpoint"]

    @property
    def active(self) -> bool:
        """It is not paused."""
        return self.document.get("isActive", True)
