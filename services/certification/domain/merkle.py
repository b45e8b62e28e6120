"""The Merkle tree of RFC 6962 and RFC 9162 over an append-only list: roots, and proofs that anybody can follow.

`node(level, index)` gives the hash of the complete subtree over the 2**level entries from index * 2**level on.
"""

import hashlib
from collections.abc import Callable, Sequence

Node = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\x00" + data).digest()


def parent(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(node: Node, size: int) -> bytes:
    """The root over the first `size` entries."""
    return _subtree(node, 0, size) if size else hashlib.sha256(b"").digest()


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(node: Node, start: int, end: int) -> bytes:
    size = end - start
    if size & size - 1 == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(size)
    return parent(_subtree(node, start, middle), _subtree(node, middle, end))


def inclusion_path(node: Node, index: int, size: int) -> list[bytes]:
    """The path from entry `index` to the root over `size` entries (RFC 9162 section 2.1.3.1)."""
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_subtree(node, middle, end))
            end = middle
        else:
            path.append(_subtree(node, start, middle))
            start = middle
    return path[::-1]


def consistency_path(node: Node, first: int, second: int) -> list[bytes]:
    """The proof that the first `first` entries are the beginning of the first `second` (section 2.1.4.1)."""
    if first in {0, second}:
        return []
    path: list[bytes] = []
    start, end, whole = 0, second, True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(_subtree(node, middle, end))
            end = middle
        else:
            path.append(_subtree(node, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(_subtree(node, start, end))
    return path[::-1]


def root_of_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that `path` leads to from `leaf` (section 2.1.3.2).

    Raises:
        ValueError: the path is not one for this place.
    """
    if not 0 <= index < size:
        raise ValueError("the index lies outside the tree")
    found, last = leaf, size - 1
    for hash_ in path:
        if last == 0:
            raise ValueError("the path is too long")
        if index & 1 or index == last:
            found = parent(hash_, found)
            index, last = _climb(index, last, until_odd=True)
        else:
            found = parent(found, hash_)
        index, last = index >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return found


def _climb(index: int, last: int, *, until_odd: bool) -> tuple[int, int]:
    """Up to where the node is a right child (`until_odd`), or no longer one; a node without a sibling is skipped."""
    while index and bool(index & 1) != until_odd:
        index, last = index >> 1, last >> 1
    return index, last


def is_consistent(first: int, second: int, roots: tuple[bytes, bytes], path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the tree of the first root is the beginning of that of the second (2.1.4.2)."""
    if first == second:
        return not path and roots[0] == roots[1]
    if not 0 < first < second:
        return first == 0 and not path
    rest = list(path) if first & first - 1 else [roots[0], *path]
    if not rest:
        return False
    index, last = _climb(first - 1, second - 1, until_odd=False)
    old = new = rest[0]
    for hash_ in rest[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            old, new = parent(hash_, old), parent(hash_, new)
            index, last = _climb(index, last, until_odd=True)
        else:
            new = parent(new, hash_)
        index, last = index >> 1, last >> 1
    return last == 0 and (old, new) == roots
