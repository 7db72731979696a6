"""The log as files: paths, what is written, and what is read back from nothing but the files."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealedlog import merkle
from sealedlog.errors import Malformed, NotThere, TileConflict
from sealedlog.merkle import check_consistency, check_inclusion, leaf_hash
from sealedlog.notes import Checkpoint, VerifierKey, parse_note, verify_note
from sealedlog.tiles import ENTRIES, Tile, TileLog, bundle, edge_root, right_edge, tile_at, tiles_of, unbundle

SHARED = Path(__file__).parents[2].parent / "shared" / "vectors"


def made(size: int) -> list[bytes]:
    return [f"leaf {n}".encode() for n in range(size)]


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(ENTRIES, 1000, 7), "tile/entries/x001/000.p/7"),
        (Tile(63, 999, 255), "tile/63/999.p/255"),
    ],
)
def test_a_path_is_read_as_it_was_written(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/0",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/0/000.p",
        "tile/0/000.p/5/",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/0/٠٠٠",
        "tile/0/" + "x001/" * 6 + "000",
    ],
)
def test_another_path_is_refused(path: str) -> None:
    with pytest.raises(Malformed):
        Tile.parse(path)


def test_a_bundle_is_read_as_it_was_written_and_not_otherwise() -> None:
    leaves = [b"", b"one", b"x" * 65535]
    data = bundle(leaves)
    assert unbundle(data, 3) == leaves
    for wrong, width in ((data, 2), (data, 4), (data[:-1], 3), (data + b"\0", 3), (data[:1], 1)):
        with pytest.raises(Malformed):
            unbundle(wrong, width)
    with pytest.raises(Malformed):
        bundle([b"x" * 65536])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 65536, 65537])
def test_the_root_comes_from_the_right_edge_alone(tmp_path: Path, size: int) -> None:
    log = TileLog(tmp_path)
    grown, root = log.append(0, made(size))
    assert (grown, root) == (size, merkle.root(map(leaf_hash, made(size))))
    assert edge_root(log.hashes(tile) for tile in right_edge(size)) == root == log.root(size)
    assert set(files(tmp_path)) == {tile.path for tile in tiles_of(size)} | {
        tile_at(ENTRIES, tile.number, size).path for tile in tiles_of(size) if tile.level == 0
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 400), min_size=1, max_size=5), st.data())
def test_leaves_added_in_parts_make_the_same_tree_and_its_proofs_prove(
    tmp_path_factory: pytest.TempPathFactory, parts: list[int], data: st.DataObject
) -> None:
    log = TileLog(tmp_path_factory.mktemp("log"))
    leaves = made(sum(parts))
    sizes, roots = [0], [merkle.EMPTY]
    for part in parts:
        size, root = log.append(sizes[-1], leaves[sizes[-1] : sizes[-1] + part])
        assert root == merkle.root(map(leaf_hash, leaves[:size]))
        sizes.append(size)
        roots.append(root)
    old = data.draw(st.integers(0, len(sizes) - 1))
    check_consistency(sizes[old], size, log.consistency(sizes[old], size), roots[old], root)
    if size:
        index = data.draw(st.integers(0, size - 1))
        check_inclusion(leaf_hash(leaves[index]), index, size, log.inclusion(index, size), root)
        assert log.leaves(index // 256, size)[index % 256] == leaves[index]


def test_the_same_leaves_again_change_nothing_and_others_are_refused(tmp_path: Path) -> None:
    """After a crash between files and checkpoint the sealer appends again; a second history is not taken for it."""
    log = TileLog(tmp_path)
    log.append(0, made(256))
    log.append(256, made(600)[256:])
    before = files(tmp_path)
    assert log.append(100, made(600)[100:])[0] == 600
    assert {name: content for name, content in files(tmp_path).items() if name in before} == before
    for size in (0, 256, 512):
        with pytest.raises(TileConflict):
            TileLog(tmp_path).append(size, [b"other", *made(600)[size + 1 :]])
    assert {name: content for name, content in files(tmp_path).items() if name in before} == before


def test_partial_tiles_replaced_by_full_ones_can_go(tmp_path: Path) -> None:
    log = TileLog(tmp_path)
    size = 0
    for _ in range(6):
        size, root = log.append(size, made(600)[size : size + 100])
    assert log.drop_partials(600) > 0
    assert log.root(600) == root
    assert log.root(300) == merkle.root(map(leaf_hash, made(300))), "the full tiles serve for the partial ones"
    assert log.leaves(1, 300) == made(300)[256:]
    assert log.drop_partials(600) == 0
    with pytest.raises(NotThere):
        log.leaves(2, 550)


def test_a_tree_that_is_not_there_is_not_added_to(tmp_path: Path) -> None:
    with pytest.raises(NotThere):
        TileLog(tmp_path).append(5, [b"leaf"])


def test_no_unfinished_file_is_left(tmp_path: Path) -> None:
    """Temporary files are renamed or, after a crash, overwritten; they are never read as tiles."""
    (tmp_path / "tile" / "0").mkdir(parents=True)
    (tmp_path / "tile" / "0" / ".000.new").write_bytes(b"torn")
    log = TileLog(tmp_path)
    log.append(0, made(256))
    assert not [name for name in files(tmp_path) if name.endswith(".new")]


# --- vectors ---------------------------------------------------------------------------------------------------------

HEIGHTS = (
    "Go's tiles have a height in the path, C2SP's are all of height 8: number, `x` and width are compared without it"
)
COUNTS = "go_new_tiles_for_size_height_10 counts tiles of another height; excepted"


@pytest.mark.shared
def test_path_vectors() -> None:
    """`HEIGHTS`, `COUNTS`."""
    file = json.loads((SHARED / "signed_note" / "tile_paths.json").read_text("utf-8"))
    for probe in file["go_tile_paths"]:
        partial = ".p/" in probe["path"]
        tile = Tile(probe["L"], probe["N"], probe["W"] if partial else 256)
        path = probe["path"].replace(f"tile/{probe['H']}/", "tile/", 1)
        assert tile.path == path, HEIGHTS
        assert Tile.parse(path) == tile
    for path in file["go_tile_paths_invalid"]:
        with pytest.raises(Malformed):
            Tile.parse("tile/" + path.split("/", 2)[2])
    facts = file["c2sp_tile_facts"]
    assert Tile(0, 1234067).path == f"tile/0/{facts['index_1234067']}"
    for size in (70000, 256):
        found: dict[str, int] = {}
        for tile in tiles_of(size):
            name = f"level{tile.level}_full" if tile.full else f"level{tile.level}_partial_width"
            found[name] = found.get(name, 0) + 1 if tile.full else tile.width
        assert found == facts[f"tree_size_{size}"]


@pytest.mark.shared
def test_the_log_of_another_implementation(tmp_path: Path) -> None:
    """Every checkpoint, tile and bundle of a log of sizes 0 to 15: signatures, roots, and the same bytes from us."""
    folder = SHARED / "tessera_log"
    key = VerifierKey.parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
    leaves = unbundle((folder / "tile/entries/000.p/15").read_bytes(), 15)
    assert [leaves[0], leaves[14]] == [b"one", b"fivten"]
    log, ours = TileLog(folder), TileLog(tmp_path)
    checkpoints = {}
    for size in range(16):
        note = parse_note((folder / f"checkpoint.{size}").read_bytes())
        assert list(verify_note(note, [key])) == [key]
        checkpoints[size] = checkpoint = Checkpoint.parse(note.text)
        assert (checkpoint.origin, checkpoint.size) == ("example.com/log/testdata", size)
        assert log.root(size) == checkpoint.root
        if size:
            assert ours.append(size - 1, [leaves[size - 1]]) == (size, checkpoint.root)
    last = checkpoints[15]
    for size, checkpoint in checkpoints.items():
        check_consistency(size, 15, log.consistency(size, 15), checkpoint.root, last.root)
    for index in range(15):
        check_inclusion(leaf_hash(leaves[index]), index, 15, log.inclusion(index, 15), last.root)
    theirs = {name: content for name, content in files(folder).items() if name.startswith("tile/")}
    assert files(tmp_path) == theirs
    newest = Checkpoint.parse(parse_note((folder / "checkpoint").read_bytes()).text)
    assert checkpoints[newest.size] == newest
    assert newest.root == b64decode(newest.text.split("\n")[2])
