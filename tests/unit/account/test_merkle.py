"""The tree's arithmetic, held against the definition in RFC 6962 itself, and its proofs against every forgery."""

from hypothesis import given
from hypothesis import strategies as st

from madang.account import merkle
from madang.account.merkle import (
    EMPTY,
    consistency,
    consistent,
    included,
    inclusion,
    leaf_hash,
    node_hash,
    root,
    subtrees,
)
from madang.account.peaks import Peaks
from madang.account.tree import Tree, hash_in
from madang.model.ledger import Place

SIZES = st.integers(1, 700)


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % n) for n in range(count)]


def defined(hashes: list[bytes]) -> bytes:
    """MTH as RFC 6962, 2.1 writes it."""
    if len(hashes) < 2:
        return hashes[0] if hashes else EMPTY
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return node_hash(defined(hashes[:half]), defined(hashes[half:]))


class Grown:
    """A tree with its tiles, as a store has them."""

    def __init__(self, hashes: list[bytes], portions: list[int]) -> None:
        self.tree, self.tiles = Tree(), dict[Place, bytes]()
        start = 0
        for portion in [*portions, len(hashes)]:
            self.tree, tiles = self.tree.grown(hashes[start : start + portion])
            assert not self.tiles.keys() & tiles.keys(), "a tile is written once"
            self.tiles.update(tiles)
            start = min(start + portion, len(hashes))

    def over(self, span: merkle.Range) -> bytes:
        hashes: dict[merkle.Node, bytes] = {}
        for node in subtrees(span):
            place = self.tree.tile(node)
            hashes[node] = hash_in(self.tree.at_edge(place) or self.tiles[place], node)
        return root(span, hashes)


@given(size=SIZES, portions=st.lists(st.integers(0, 90), max_size=8))
def test_the_root_is_the_one_that_is_defined(size: int, portions: list[int]) -> None:
    grown, peaks = Grown(leaves(size), portions), Peaks()
    for leaf in leaves(size):
        peaks.push(leaf)
    assert grown.tree.size == size
    assert grown.over((0, size)) == defined(leaves(size)) == peaks.root()


def test_the_roots_of_the_specifications_example() -> None:
    """RFC 6962 has no vectors; these are those that certificate transparency's implementations test against."""
    data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    peaks = Peaks()
    assert peaks.root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for text in data:
        peaks.push(leaf_hash(bytes.fromhex(text)))
    assert peaks.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(size=SIZES, data=st.data())
def test_every_leaf_is_proven_and_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    grown, whole = Grown(hashes, []), defined(hashes)
    path = [grown.over(span) for span in inclusion(index, size)]
    assert included(hashes[index], index=index, size=size, path=path, root=whole)
    assert not included(leaf_hash(b"forged"), index=index, size=size, path=path, root=whole)
    assert not included(hashes[index], index=index, size=size, path=path, root=leaf_hash(b"other"))
    assert not included(hashes[index], index=index, size=size, path=[*path, EMPTY], root=whole)
    assert not included(hashes[index], index=size, size=size, path=path, root=whole)
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        forged = [*path[:place], EMPTY, *path[place + 1 :]]
        assert not included(hashes[index], index=index, size=size, path=forged, root=whole)
        assert not included(hashes[index], index=index, size=size, path=path[:-1], root=whole)
        assert not included(hashes[index], index=(index + 1) % size, size=size, path=path, root=whole)


@given(second=SIZES, data=st.data())
def test_growth_is_proven_and_a_fork_is_not(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, second))
    hashes = leaves(second)
    grown, new, old = Grown(hashes, []), defined(hashes), defined(hashes[:first])
    path = [grown.over(span) for span in consistency(first, second)]
    assert consistent(first, second, path=path, old=old, new=new)
    if first > 0:
        other = defined([leaf_hash(b"fork"), *hashes[1:first]])
        assert not consistent(first, second, path=path, old=other, new=new)
        assert not consistent(first, second, path=path, old=old, new=leaf_hash(b"other"))
    assert not consistent(first, second, path=[*path, EMPTY], old=old, new=new)
    if path:
        assert not consistent(first, second, path=path[:-1], old=old, new=new)
        assert not consistent(first, second, path=[EMPTY, *path[1:]], old=old, new=new)
