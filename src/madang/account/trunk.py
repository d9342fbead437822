"""The tree of a log as it is stored: its edge follows from the newest entries and tiles."""

from madang.account.fault import LedgerError
from madang.account.tree import HEIGHT, WIDTH, Tree, root_of
from madang.ports import Ledger


async def load(ledger: Ledger, size: int) -> Tree:
    """The tree over the first `size` entries. Raises LedgerError where a tile is missing."""
    loose = size % WIDTH
    newest = await ledger.find(before=size + 1, limit=loose) if loose else ()
    edge = [tuple(bytes.fromhex(entry.hash) for entry in reversed(newest))] if size else []
    level = 1
    while count := size >> (HEIGHT * level):
        row: list[bytes] = []
        for number in range(count - count % WIDTH, count):
            tile = await ledger.tile((level - 1, number))
            if tile is None:
                raise LedgerError(f"the tile {(level - 1, number)} of the ledger's log is missing")
            row.append(root_of(tile))
        edge.append(tuple(row))
        level += 1
    return Tree(size, tuple(edge))
