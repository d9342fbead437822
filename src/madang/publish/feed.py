"""Releases as items of a feed."""

from collections.abc import Sequence

from madang.model.dataset import text_of
from madang.model.feed import Item
from madang.publish.archive import Kept
from madang.publish.licence import licence


def items(releases: Sequence[Kept], address: str) -> list[Item]:
    """An item a release, the newest first; `address` is where this hub is."""
    return [_item(kept, address) for kept in releases]


def _item(kept: Kept, address: str) -> Item:
    made = kept.manifest
    here = f"{address}/datasets/{made.dataset}/releases/{made.version}"
    files = [
        {"rel": "enclosure", "href": f"{here}/{file.name}", "type": file.media, "length": str(file.size)}
        for file in (made.files if kept.whole else ())
    ]
    return Item(
        id=here,
        page=here,
        title=f"{text_of(made.title)}, release {made.version}",
        at=made.made,
        summary=summary(kept),
        category=made.dataset,
        rights=made.licence,
        links=({"rel": "license", "href": licence(made.licence).url}, *files),
    )


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
