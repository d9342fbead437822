"""The log over the ledger's entries: it grows with them, and proves that an entry is in it and that it was only ever
appended to."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from madang.account import head as heads
from madang.account.adoption import adopt
from madang.account.fault import LedgerError
from madang.account.head import Consistency, Head, Proof
from madang.account.key import Key
from madang.account.leaf import leaf_of
from madang.account.merkle import Node, Range, consistency, inclusion, root, subtrees
from madang.account.tree import Tree, hash_in
from madang.account.trunk import load
from madang.errors import BadRequestData, MadangError, ResourceNotFound
from madang.model.ledger import Entry, Place
from madang.ports import Ledger


class Log:
    """`now` is the wall's time, which heads state."""

    def __init__(self, ledger: Ledger, key: Key, now: Callable[[], datetime]) -> None:
        self.key = key
        self._ledger = ledger
        self._now = now
        self._tree: Tree | None = None
        self._loading = asyncio.Lock()

    async def tree(self) -> Tree:
        """The tree as it is now. Entries from before the log become its first leaves."""
        if self._tree is not None:
            return self._tree
        async with self._loading:
            if self._tree is None:
                last = await self._ledger.last()
                if last is not None and not last.commitment:
                    await adopt(self._ledger, last.sequence)
                self._tree = await load(self._ledger, last.sequence if last else 0)
            return self._tree

    async def extend(self, entries: Sequence[Entry], blobs: Mapping[str, bytes] | None = None) -> None:
        """Append entries, sealed and numbered; one writer at a time. What is not durable is not in the tree."""
        grown, tiles = (await self.tree()).grown([bytes.fromhex(entry.hash) for entry in entries])
        try:
            await self._ledger.append(entries, blobs=blobs, tiles=tiles)
        except MadangError:
            self._tree = None
            raise
        self._tree = grown

    async def head(self, size: int | None = None) -> Head:
        """The signed head, now or of the first `size` entries. Raises BadRequestData."""
        tree = await self.tree()
        size = self._size(tree, size)
        found = root((0, size), await self._hashes(tree, [(0, size)]))
        return heads.sign(self.key, size=size, root=found, at=self._now())

    async def proof(self, id: str, size: int | None = None) -> Proof:
        """That the entry with that id is in the log. Raises ResourceNotFound, BadRequestData."""
        entry = await self._ledger.read(id)
        if entry is None:
            raise ResourceNotFound(f"the ledger has no entry '{id[:80]}'; GET /ledger/entries lists them")
        tree = await self.tree()
        size = self._size(tree, size)
        if entry.sequence > size:
            raise BadRequestData(f"entry {entry.sequence} is not among the first {size}; ask for a larger size")
        path = await self._path(tree, inclusion(entry.sequence - 1, size))
        leaf = msgspec.to_builtins(leaf_of(entry), builtin_types=(datetime,))
        return Proof(leaf=leaf, index=entry.sequence - 1, path=path, head=await self.head(size))

    async def consistency(self, first: int, second: int | None = None) -> Consistency:
        """That the first `second` entries (None: all) begin with the first `first`. Raises BadRequestData."""
        tree = await self.tree()
        second = self._size(tree, second)
        if first > second:
            raise BadRequestData(f"from ({first}) is more than to ({second}): the smaller log comes first")
        path = await self._path(tree, consistency(first, second))
        return Consistency(first=await self.head(first), second=await self.head(second), path=path)

    def _size(self, tree: Tree, size: int | None) -> int:
        if size is not None and size > tree.size:
            raise BadRequestData(f"the log has {tree.size} entries, not {size} yet")
        return tree.size if size is None else size

    async def _path(self, tree: Tree, spans: Sequence[Range]) -> tuple[str, ...]:
        hashes = await self._hashes(tree, spans)
        return tuple(root(span, hashes).hex() for span in spans)

    async def _hashes(self, tree: Tree, spans: Sequence[Range]) -> dict[Node, bytes]:
        tiles: dict[Place, bytes] = {}
        found: dict[Node, bytes] = {}
        for span in spans:
            for node in subtrees(span):
                place = tree.tile(node)
                if place not in tiles:
                    tile = tree.at_edge(place) or await self._ledger.tile(place)
                    if tile is None:
                        raise LedgerError(f"the tile {place} of the ledger's log is missing")
                    tiles[place] = tile
                found[node] = hash_in(tiles[place], node)
        return found
