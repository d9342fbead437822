"""Releases as an Atom feed (RFC 4287): who reads feeds hears of each."""

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as Tree

from madang.model import time as times
from madang.model.city import City
from madang.model.dataset import text_of
from madang.publish.archive import Kept
from madang.publish.licence import licence

MEDIA: Final = "application/atom+xml"
_ATOM: Final = "http://www.w3.org/2005/Atom"


def atom(city: City, releases: Sequence[Kept], address: str) -> bytes:
    """The feed of these releases, the newest first; `address` is where this hub is."""
    Tree.register_namespace("", _ATOM)
    here = f"{address}/releases.atom"
    feed = Tree.Element(f"{{{_ATOM}}}feed")
    _add(feed, "id", here)
    _add(feed, "title", f"{text_of(city.name)}: releases of data")
    # A feed has a time also before its first entry.
    _add(feed, "updated", times.text(releases[0].manifest.made) if releases else "1970-01-01T00:00:00Z")
    _add(feed, "link", rel="self", href=here, type=MEDIA)
    _add(feed, "link", rel="alternate", href=f"{address}/releases", type="application/json")
    _add(_add(feed, "author"), "name", text_of(city.name))
    for kept in releases:
        _entry(feed, kept, address)
    return Tree.tostring(feed, encoding="utf-8", xml_declaration=True)


def _entry(feed: Tree.Element, kept: Kept, address: str) -> None:
    made = kept.manifest
    here = f"{address}/datasets/{made.dataset}/releases/{made.version}"
    entry = _add(feed, "entry")
    _add(entry, "id", here)
    _add(entry, "title", f"{text_of(made.title)}, release {made.version}")
    _add(entry, "updated", times.text(made.made))
    _add(entry, "published", times.text(made.made))
    _add(entry, "link", rel="alternate", href=here, type="application/json")
    _add(entry, "link", rel="license", href=licence(made.licence).url)
    for file in made.files if kept.whole else ():
        _add(entry, "link", rel="enclosure", href=f"{here}/{file.name}", type=file.media, length=str(file.size))
    _add(entry, "category", term=made.dataset)
    _add(entry, "rights", made.licence)
    _add(entry, "summary", summary(kept), type="text")


def summary(kept: Kept) -> str:
    """A release in a sentence or three."""
    made = kept.manifest
    parts = [made.citation, f"{made.rows:,} rows."]
    if made.changes.get("since"):
        counts = ", ".join(f"{made.changes[name]:,} {name}" for name in ("added", "removed", "changed"))
        parts.append(f"Since release {made.previous}: {counts}.")
    if made.guarantee is not None:
        parts.append(f"Guarantee: {made.guarantee['kind']}.")
    return " ".join(parts)


def _add(above: Tree.Element, name: str, text: str = "", **attributes: str) -> Tree.Element:
    made = Tree.SubElement(above, f"{{{_ATOM}}}{name}", attributes)
    made.text = text or None
    return made
