"""The tree, against a naive one written down from RFC 6962, and against the vectors."""

import json
import tracemalloc
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealedlog import merkle
from sealedlog.errors import Malformed, Unproven
from sealedlog.merkle import Range, check_consistency, check_inclusion, consistency, inclusion, leaf_hash, node_hash

SHARED = Path(__file__).parents[2].parent / "shared" / "vectors" / "merkle"


def naive(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = split(len(leaves))
    return sha256(b"\1" + naive(leaves[:k]) + naive(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive(leaves[:k])]


def naive_consistency(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962, 2.1.2."""
    if m == len(leaves):
        return [] if whole else [naive(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*naive_consistency(m, leaves[:k], whole), naive(leaves[k:])]
    return [*naive_consistency(m - k, leaves[k:], False), naive(leaves[:k])]


def split(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def node_of(leaves: list[bytes]) -> merkle.Node:
    return lambda level, index: naive(leaves[index << level : (index + 1) << level])


SIZES = st.integers(1, 70)


def made(size: int) -> list[bytes]:
    return [f"leaf {n}".encode() for n in range(size)]


def test_known_answers() -> None:
    """Of our own, from RFC 6962's definition: an empty tree, one leaf, three leaves."""
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    a, b, c = (leaf_hash(bytes([n])) for n in range(3))
    assert merkle.root([a, b, c]) == node_hash(node_hash(a, b), c)


@given(st.integers(0, 70))
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert merkle.root(map(leaf_hash, made(size))) == naive(made(size))


@given(SIZES, st.data())
def test_an_inclusion_proof_is_that_of_the_definition_and_proves_this_leaf_only(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves, root = made(size), naive(made(size))
    proof = inclusion(index, size, node_of(leaves))
    assert proof == naive_path(index, leaves)
    check_inclusion(leaf_hash(leaves[index]), index, size, proof, root)
    other = data.draw(st.integers(0, size + 2).filter(lambda other: other != index))
    for wrong in (
        (leaf_hash(b"other"), index, size, proof, root),
        (leaf_hash(leaves[index]), other, size, proof, root),
        (leaf_hash(leaves[index]), index, size, [*proof, root], root),
        (leaf_hash(leaves[index]), index, size, proof[1:], root) if proof else (root, 0, size, [b""], root),
    ):
        with pytest.raises(Unproven):
            check_inclusion(*wrong)


@given(SIZES, st.data())
def test_a_consistency_proof_is_that_of_the_definition_and_proves_these_roots_only(
    new: int, data: st.DataObject
) -> None:
    old = data.draw(st.integers(1, new))
    leaves = made(new)
    before, after = naive(leaves[:old]), naive(leaves)
    proof = consistency(old, new, node_of(leaves))
    assert proof == naive_consistency(old, leaves)
    check_consistency(old, new, proof, before, after)
    forked = naive([*leaves[: old - 1], b"forked"])
    wrong: list[tuple[int, int, list[bytes], bytes, bytes]] = [
        (old, new, proof, forked, after),
        (old, new, proof, before, forked),
        (old, new, [*proof, after], before, after),
    ]
    if old < new:
        wrong.append((old, new, proof[:-1], before, after))
    for arguments in wrong:
        with pytest.raises(Unproven):
            check_consistency(*arguments)


def test_everything_is_consistent_with_the_empty_tree_and_nothing_with_a_longer_one() -> None:
    """c2sp.org/tlog-witness: from size 0, the proof is empty."""
    root = naive(made(5))
    check_consistency(0, 5, [], merkle.EMPTY, root)
    for arguments in ((0, 5, [root], merkle.EMPTY, root), (0, 5, [], root, root), (6, 5, [], root, root)):
        with pytest.raises(Unproven):
            check_consistency(*arguments)


@settings(max_examples=30)
@given(st.integers(0, 300), st.integers(0, 300))
def test_a_range_goes_on_where_another_stopped(first: int, more: int) -> None:
    leaves = [leaf_hash(leaf) for leaf in made(first + more)]
    one = Range()
    for leaf in leaves[:first]:
        one.append(leaf)
    two = Range(one.size, one.peaks)
    for leaf in leaves[first:]:
        two.append(leaf)
    assert two.root() == merkle.root(leaves)
    with pytest.raises(Malformed):
        Range(first + 1, one.peaks[:-1] if first % 2 == 0 else (*one.peaks, *one.peaks, b"", b""))


def test_a_hundred_thousand_leaves_leave_no_more_than_their_peaks() -> None:
    """Memory is log2 of the size."""
    grown = Range()
    hashed = leaf_hash(b"")
    tracemalloc.start()
    for _ in range(100_000):
        grown.append(hashed)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(grown.peaks) <= 17
    assert peak < 100_000


# --- vectors ---------------------------------------------------------------------------------------------------------


def vectors(name: str) -> Any:
    return json.loads((SHARED / name).read_text("utf-8"))


def decoded(probe: dict[str, Any], name: str) -> bytes:
    return b64decode(probe[name] or "")


def proves(check: Any, *arguments: Any) -> bool:
    try:
        check(*arguments)
    except Unproven:
        return False
    return True


@pytest.mark.shared
def test_the_reference_tree() -> None:
    """Hashes, roots, paths and consistency proofs of the eight leaves of RFC 6962's own implementation."""
    tree = vectors("rfc6962_reference_tree.json")
    leaves = [bytes.fromhex(leaf) for leaf in tree["leaves_hex"]]
    for probe in tree["hasher"]:
        got = {
            "empty": lambda: merkle.EMPTY,
            "leaf": lambda probe=probe: leaf_hash(bytes.fromhex(probe["data_hex"])),
            "node": lambda probe=probe: node_hash(bytes.fromhex(probe["left_hex"]), bytes.fromhex(probe["right_hex"])),
        }[probe["kind"]]()
        assert got.hex() == probe["want"], probe["desc"]
    for size, root in enumerate(tree["roots_hex_size_1_to_8"], 1):
        assert merkle.root(map(leaf_hash, leaves[:size])).hex() == root
    for probe in tree["inclusion_paths"]:
        if probe["leaf_1based"]:
            path = inclusion(probe["leaf_1based"] - 1, probe["tree_size"], node_of(leaves))
            assert [hashed.hex() for hashed in path] == probe["path_hex"]
        else:  # "leaf 0" counted from 1 is no leaf; the old implementation gave an empty path for it
            with pytest.raises(Unproven):
                inclusion(-1, 0, node_of(leaves))
    for probe in tree["consistency_proofs"]:
        proof = consistency(probe["size1"], probe["size2"], node_of(leaves))
        assert [hashed.hex() for hashed in proof] == probe["proof_hex"]


@pytest.mark.shared
def test_inclusion_probes() -> None:
    """All of them, none excepted."""
    probes = vectors("inclusion.json")["probes"]
    assert len(probes) == 98
    for probe in probes:
        proof = [b64decode(hashed) for hashed in probe["proof"] or []]
        where = (probe["leafIdx"], probe["treeSize"], proof, decoded(probe, "root"))
        assert proves(check_inclusion, decoded(probe, "leafHash"), *where) is not probe["wantErr"], probe["_file"]


CONSISTENCY_EXCEPTIONS = {
    "sizes-are-equal-one-and-proof-is-empty": "its roots have 12 bytes; ours must have 32, so it is refused",
}
FROM_EMPTY = "c2sp.org/tlog-witness: everything is consistent with the empty tree; upstream refuses every size1 of 0"


@pytest.mark.shared
def test_consistency_probes() -> None:
    """All but one by name, and those from the empty tree, which are judged as tlog-witness says (`FROM_EMPTY`)."""
    probes = vectors("consistency.json")["probes"]
    assert len(probes) == 98
    excepted = set()
    for probe in probes:
        proof = [b64decode(hashed) for hashed in probe["proof"] or []]
        roots = decoded(probe, "root1"), decoded(probe, "root2")
        got = proves(check_consistency, probe["size1"], probe["size2"], proof, *roots)
        name = Path(probe["_file"]).stem
        if name in CONSISTENCY_EXCEPTIONS:
            excepted.add(name)
            assert got is False
        elif probe["size1"] == 0:
            empty = not proof and roots[0] == merkle.EMPTY and (probe["size2"] > 0 or roots[1] == merkle.EMPTY)
            assert got is (empty and len(roots[1]) == 32), (probe["_file"], FROM_EMPTY)
        else:
            assert got is not probe["wantErr"], probe["_file"]
    assert excepted == set(CONSISTENCY_EXCEPTIONS)


SUBTREES = "proofs of subtrees that begin elsewhere than at leaf 0 are a draft's, for certificates; this log makes none"


@pytest.mark.shared
def test_subtree_probes_that_begin_at_the_first_leaf() -> None:
    """They are ordinary proofs. The others are excepted: `SUBTREES`."""
    tried = 0
    for probe in vectors("subtreeinclusion.json")["probes"]:
        if probe["start"] == 0 and probe["end"] > 0:
            proof = [b64decode(hashed) for hashed in probe["proof"] or []]
            where = (probe["leafIdx"], probe["end"], proof, decoded(probe, "root"))
            got = proves(check_inclusion, decoded(probe, "leafHash"), *where)
            assert got is not probe["wantErr"], probe["_file"]
            tried += 1
    for probe in vectors("subtreeconsistency.json")["probes"]:
        if probe["start"] == 0 and probe["end"] > 0 and Path(probe["_file"]).stem not in CONSISTENCY_EXCEPTIONS:
            proof = [b64decode(hashed) for hashed in probe["proof"] or []]
            roots = decoded(probe, "root1"), decoded(probe, "root2")
            got = proves(check_consistency, probe["end"], probe["size"], proof, *roots)
            assert got is not probe["wantErr"], probe["_file"]
            tried += 1
    assert tried > 100, SUBTREES
