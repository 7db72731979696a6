"""The tree of RFC 6962 and RFC 9162 over SHA-256: hashes, root, proofs made and proofs checked.

Proofs are made from a `Node`, a function that gives the hash of any perfect subtree; where it finds them (tiles, a
list) is its own affair.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from sealedlog.errors import Malformed, Unproven

Node = Callable[[int, int], bytes]
"""Level and index to the hash over the leaves `index << level` up to `(index + 1) << level`."""

EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf; its first byte keeps a leaf from passing for a node."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return sha256(b"\x01" + left + right).digest()


class Range:
    """A tree grown leaf by leaf that remembers only the roots of its perfect subtrees: log2(size) hashes at most.

    `size` and `peaks` are all there is to it; given back, they go on where they stopped.
    """

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)
        if size < 0 or len(self._peaks) != size.bit_count():
            raise Malformed("哈希个数与树的大小不符 · the number of hashes does not fit the size of the tree")

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The roots of the perfect subtrees, the largest first."""
        return tuple(self._peaks)

    def append(self, hashed: bytes) -> None:
        """Add the hash of a leaf."""
        rest = self.size
        while rest & 1:
            hashed = node_hash(self._peaks.pop(), hashed)
            rest >>= 1
        self._peaks.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return fold(self._peaks)


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    grown = Range()
    for hashed in leaf_hashes:
        grown.append(hashed)
    return grown.root()


def root_at(size: int, node: Node) -> bytes:
    """The root of the first `size` leaves."""
    return _span(node, 0, size)


def range_at(size: int, node: Node) -> Range:
    """The tree of the first `size` leaves, to be grown from there."""
    peaks, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            peaks.append(node(level, start >> level))
            start += 1 << level
    return Range(size, peaks)


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves, from the leaf's sibling up."""
    if not 0 <= index < size:
        raise Unproven(f"第 {index} 叶不在 {size} 叶的树中 · leaf {index} is not in a tree of {size}")
    proof = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_span(node, middle, end))
            end = middle
        else:
            proof.append(_span(node, start, middle))
            start = middle
    return proof[::-1]


def consistency(old: int, new: int, node: Node) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with that of `old`; empty where `old` is 0 or `new`."""
    if not 0 <= old <= new:
        raise Unproven(f"{new} 叶的树不含 {old} 叶 · a tree of {new} does not begin with one of {old}")
    if old in {0, new}:
        return []
    proof = []
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_span(node, middle, end))
            end = middle
        else:
            proof.append(_span(node, start, middle))
            start = middle
    if start:  # the old tree is no subtree of its own here, so its right edge must be told
        proof.append(_span(node, start, end))
    return proof[::-1]


def check_inclusion(hashed: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> None:
    """RFC 9162, 2.1.3.2. Raises Unproven unless the leaf hash is at `index` under the root."""
    _sized(hashed, expected, *proof)
    if not 0 <= index < size:
        raise Unproven(f"第 {index} 叶不在 {size} 叶的树中 · leaf {index} is not in a tree of {size}")
    place, last = index, size - 1
    for sibling in proof:
        if last == 0:
            raise Unproven("证明过长 · the proof is too long")
        if place & 1 or place == last:
            hashed = node_hash(sibling, hashed)
            while place and not place & 1:
                place >>= 1
                last >>= 1
        else:
            hashed = node_hash(hashed, sibling)
        place >>= 1
        last >>= 1
    if last or hashed != expected:
        raise Unproven("包含证明与根不符 · the inclusion proof does not lead to the root")


def check_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """RFC 9162, 2.1.4.2. Raises Unproven unless the new tree begins with the old one.

    From the empty tree, the proof is empty and the old root that of nothing (tlog-witness).
    """
    _sized(old_root, new_root, *proof)
    if not 0 <= old <= new:
        raise Unproven(f"{new} 叶的树不含 {old} 叶 · a tree of {new} does not begin with one of {old}")
    if old in {0, new}:
        if proof or old_root != (new_root if old == new else EMPTY):
            raise Unproven("一致性证明与根不符 · the consistency proof does not lead to both roots")
        return
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not proof:
        raise Unproven("缺少一致性证明 · there is no consistency proof")
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise Unproven("证明过长 · the proof is too long")
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while place and not place & 1:
                place >>= 1
                last >>= 1
        else:
            after = node_hash(after, step)
        place >>= 1
        last >>= 1
    if last or before != old_root or after != new_root:
        raise Unproven("一致性证明与根不符 · the consistency proof does not lead to both roots")


def _split(size: int) -> int:
    """The largest power of two below a size above one."""
    return 1 << ((size - 1).bit_length() - 1)


def _span(node: Node, start: int, end: int) -> bytes:
    """The hash over some leaves, `start` being where RFC 6962 would begin a subtree of that size."""
    peaks = []
    while start < end:
        level = (end - start).bit_length() - 1
        peaks.append(node(level, start >> level))
        start += 1 << level
    return fold(peaks)


def fold(peaks: Sequence[bytes]) -> bytes:
    """The root over the roots of perfect subtrees, the largest first."""
    if not peaks:
        return EMPTY
    hashed = peaks[-1]
    for peak in reversed(peaks[:-1]):
        hashed = node_hash(peak, hashed)
    return hashed


def _sized(*hashes: bytes) -> None:
    if any(len(hashed) != len(EMPTY) for hashed in hashes):
        raise Unproven("哈希须为 32 字节 · a hash must be 32 bytes")
