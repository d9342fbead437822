"""A log's tree as it grows: its right edge in memory, what is whole in tiles.

A tile has the hashes of sixteen neighbouring subtrees of one size: of single leaves at level 0, of 16 leaves at level
1, of 256 at level 2. It is written once, when it is whole, and never changes; what is not whole yet follows from the
newest leaves and tiles. A proof over ten million leaves reads about a dozen tiles and takes as many dozens of hashes.
"""

from collections.abc import Sequence

import msgspec

from madang.account.merkle import Node, fold
from madang.model.ledger import Place, Tiles

HEIGHT = 4
WIDTH = 1 << HEIGHT
"""Hashes in a tile."""

HASH = 32
"""Bytes of a hash."""


class Tree(msgspec.Struct, frozen=True):
    """A log of `size` leaves; `edge` has for each level of tiles the hashes that do not fill a tile yet."""

    size: int = 0
    edge: tuple[tuple[bytes, ...], ...] = ()

    def grown(self, leaves: Sequence[bytes]) -> tuple["Tree", Tiles]:
        """The tree with these leaves' hashes appended, and the tiles that became whole."""
        tiles: dict[Place, bytes] = {}
        edge = list(self.edge)
        level, row = 0, list(leaves)
        while row:
            before = edge[level] if level < len(edge) else ()
            number = self.size >> (HEIGHT * (level + 1))
            row = [*before, *row]
            whole = len(row) // WIDTH * WIDTH
            above: list[bytes] = []
            for place in range(0, whole, WIDTH):
                hashes = row[place : place + WIDTH]
                tiles[level, number + place // WIDTH] = b"".join(hashes)
                above.append(fold(hashes))
            edge[level : level + 1] = [tuple(row[whole:])]
            level, row = level + 1, above
        return Tree(self.size + len(leaves), tuple(edge)), tiles

    def tile(self, node: Node) -> Place:
        """The tile that the subtree's hash is in, or follows from."""
        level, rest = divmod(node[0], HEIGHT)
        return level, (node[1] << rest) >> HEIGHT

    def at_edge(self, place: Place) -> bytes | None:
        """The hashes of a tile that is not whole yet; None for one that is."""
        level, number = place
        if number < self.size >> (HEIGHT * (level + 1)):
            return None
        return b"".join(self.edge[level])


def hash_in(tile: bytes, node: Node) -> bytes:
    """The hash of a subtree from its tile."""
    rest = node[0] % HEIGHT
    first = (node[1] << rest) % WIDTH
    return fold([tile[HASH * place : HASH * (place + 1)] for place in range(first, first + (1 << rest))])


def root_of(tile: bytes) -> bytes:
    """The hash over a whole tile."""
    return fold([tile[place : place + HASH] for place in range(0, len(tile), HASH)])
