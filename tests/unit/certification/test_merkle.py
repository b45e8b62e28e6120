"""The tree of the transparency log against RFC 6962: its definition, its test vectors, and every forgery of a proof."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certification.domain.merkle import (
    Node,
    consistency_path,
    inclusion_path,
    is_consistent,
    leaf_hash,
    parent,
    root,
    root_of_inclusion,
)

# The entries and roots of the reference implementation (google/certificate-transparency, merkletree tests).
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def definition(leaves: Sequence[bytes]) -> bytes:
    """MTH as section 2.1 defines it, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return parent(definition(leaves[:k]), definition(leaves[k:]))


def tree(leaves: Sequence[bytes]) -> Node:
    def node(level: int, index: int) -> bytes:
        covered = leaves[index << level : (index + 1) << level]
        assert len(covered) == 1 << level, "only complete subtrees are asked for"
        return definition(covered)

    return node


def some(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


def test_the_roots_are_those_of_the_reference_implementation() -> None:
    leaves = [leaf_hash(entry) for entry in ENTRIES]
    for size in range(1, len(leaves) + 1):
        assert root(tree(leaves), size).hex() == ROOTS[size - 1]


@pytest.mark.parametrize("size", range(1, 34))
def test_every_entry_is_proven_in_every_tree_and_no_other_place(size: int) -> None:
    leaves = some(size)
    node, expected = tree(leaves), definition(leaves)
    for index, leaf in enumerate(leaves):
        path = inclusion_path(node, index, size)
        assert root_of_inclusion(leaf, index, size, path) == expected
        for wrong in {index - 1, index + 1} & set(range(size)):
            assert _refused(leaf, wrong, size, path, expected)
        assert _refused(leaf_hash(b"another"), index, size, path, expected)
        assert _refused(leaf, index, size, [*path, leaf], expected)
        assert not path or _refused(leaf, index, size, path[:-1], expected)


def _refused(leaf: bytes, index: int, size: int, path: list[bytes], expected: bytes) -> bool:
    try:
        return root_of_inclusion(leaf, index, size, path) != expected
    except ValueError:
        return True


@pytest.mark.parametrize("second", range(1, 34))
def test_every_tree_is_consistent_with_every_beginning_of_it(second: int) -> None:
    leaves = some(second)
    node = tree(leaves)
    for first in range(1, second + 1):
        roots = definition(leaves[:first]), definition(leaves)
        path = consistency_path(node, first, second)
        assert is_consistent(first, second, roots, path)
        split = definition([*leaves[: first - 1], leaf_hash(b"another")]), roots[1]
        assert not is_consistent(first, second, split, path)
        assert not is_consistent(first, second, roots, [*path, leaves[0]])
        assert not path or not is_consistent(first, second, roots, path[:-1])


@given(st.integers(1, 60), st.data())
def test_a_changed_hash_of_a_proof_proves_nothing(size: int, data: st.DataObject) -> None:
    leaves = some(size)
    first = data.draw(st.integers(1, size))
    roots = definition(leaves[:first]), definition(leaves)
    path = consistency_path(tree(leaves), first, size)
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        path[place] = leaf_hash(path[place])
        assert not is_consistent(first, size, roots, path)
