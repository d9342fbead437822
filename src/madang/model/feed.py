"""News as an Atom feed (RFC 4287): who reads feeds hears of each, and nobody has to know who reads."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from xml.etree import ElementTree as Tree

import msgspec

from madang.model import time as times

MEDIA: Final = "application/atom+xml"
_ATOM: Final = "http://www.w3.org/2005/Atom"
_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NEVER: Final = "1970-01-01T00:00:00Z"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of news; `id` is an address of its own that stays, `page` where a person reads of it. `links` are more
    of Atom's, by attribute."""

    id: str
    page: str
    title: str
    at: datetime
    summary: str
    category: str = ""
    language: str = ""
    rights: str = ""
    links: Sequence[dict[str, str]] = ()


def legal(text: str) -> str:
    """The text without what XML 1.0 has no way to say (2.2)."""
    return _ILLEGAL.sub("", text)


def atom(title: str, items: Sequence[Item], *, here: str, page: str, author: str) -> bytes:
    """The feed of these, the newest first, at the address `here`; `page` has the same for people."""
    Tree.register_namespace("", _ATOM)
    feed = Tree.Element(f"{{{_ATOM}}}feed")
    _add(feed, "id", here)
    _add(feed, "title", title)
    # A feed has a time also before its first entry.
    _add(feed, "updated", times.text(items[0].at) if items else _NEVER)
    _add(feed, "link", rel="self", href=here, type=MEDIA)
    _add(feed, "link", rel="alternate", href=page, type="text/html")
    _add(_add(feed, "author"), "name", author)
    for item in items:
        _entry(feed, item)
    return Tree.tostring(feed, encoding="utf-8", xml_declaration=True)


def _entry(feed: Tree.Element, item: Item) -> None:
    entry = _add(feed, "entry")
    if item.language:
        entry.set("{http://www.w3.org/XML/1998/namespace}lang", item.language)
    _add(entry, "id", item.id)
    _add(entry, "title", item.title)
    _add(entry, "updated", times.text(item.at))
    _add(entry, "published", times.text(item.at))
    for link in ({"rel": "alternate", "href": item.page, "type": "text/html"}, *item.links):
        _add(entry, "link", **link)
    if item.category:
        _add(entry, "category", term=item.category)
    if item.rights:
        _add(entry, "rights", item.rights)
    _add(entry, "summary", item.summary, type="text")


def _add(above: Tree.Element, name: str, text: str = "", **attributes: str) -> Tree.Element:
    made = Tree.SubElement(above, f"{{{_ATOM}}}{name}", attributes)
    made.text = legal(text) or None
    return made
