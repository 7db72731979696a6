"""The log as files, C2SP `tlog-tiles`: 256 hashes to a tile, 256 leaves to an entry bundle, and what is made of them.

What a file must hold follows from the leaves alone, and leaves never change. So writing twice is harmless, a file that
is there with other bytes means that two histories have met, and a crash between files and checkpoint is mended by
appending the same leaves again.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sealedlog.errors import Malformed, NotThere, TileConflict
from sealedlog.merkle import (
    EMPTY,
    Node,
    Range,
    consistency,
    fold,
    inclusion,
    leaf_hash,
    node_hash,
    range_at,
    root,
    root_at,
)

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH = len(EMPTY)
ENTRIES = -1
"""The "level" of entry bundles."""
LONGEST_LEAF = 65535
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)
_MOST_GROUPS = 5  # of three digits: more tiles than a tree of 2^53 leaves has


class Tile(NamedTuple):
    """A place in the log: 256 hashes of a level, or 256 leaves; `width` below 256 where it is not full yet."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it stands, from the log's folder."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        digits = f"{self.number:03d}"
        digits = digits.zfill((len(digits) + 2) // 3 * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        path = "/".join(["tile", level, *(f"x{group}" for group in groups[:-1]), groups[-1]])
        return path if self.width == WIDTH else f"{path}.p/{self.width}"

    @classmethod
    def parse(cls, path: str) -> "Tile":
        """The tile at a path. Raises Malformed."""
        found = _PATH.fullmatch(path)
        if found is None:
            raise Malformed(f"不是瓦片的路径 · not the path of a tile: {path[:120]!r}")
        level = ENTRIES if found["level"] == "entries" else int(found["level"])
        groups = found["index"].replace("x", "").split("/")
        width = int(found["width"] or WIDTH)
        tile = cls(level, int("".join(groups)), width)
        # The path is compared with what it would be written as: so no needless zeros, no width of 256 or more.
        if level > 63 or len(groups) > _MOST_GROUPS or (found["width"] and width >= WIDTH) or tile.path != path:
            raise Malformed(f"不是瓦片的路径 · not the path of a tile: {path[:120]!r}")
        return tile

    @property
    def full(self) -> bool:
        return self.width == WIDTH

    @property
    def hashes(self) -> "Tile":
        """The tile of hashes beside an entry bundle."""
        return self._replace(level=0)

    def parent(self, size: int) -> "Tile":
        """The tile that holds the root of this full one, in a tree of a size."""
        return tile_at(self.level + 1, self.number >> HEIGHT, size)

    def within(self, size: int) -> bool:
        """Whether a tree of this size has it, in this width."""
        return self.width == width_at(self.level, self.number, size)


def width_at(level: int, index: int, size: int) -> int:
    """How wide a tile is in a tree of a size; 0 where there is none."""
    have = size >> (HEIGHT * max(level, 0))
    return max(0, min(WIDTH, have - index * WIDTH))


def tile_at(level: int, index: int, size: int) -> Tile:
    """The tile at a place in a tree of a size."""
    return Tile(level, index, width_at(level, index, size))


def right_edge(size: int) -> list[Tile]:
    """The partial tiles of a tree, from level 0 up: their hashes alone give its root."""
    edge = []
    level = 0
    while have := size >> (HEIGHT * level):
        if have % WIDTH:
            edge.append(Tile(level, have // WIDTH, have % WIDTH))
        level += 1
    return edge


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of hashes of a tree, level by level."""
    level = 0
    while have := size >> (HEIGHT * level):
        for index in range(-(-have // WIDTH)):
            yield tile_at(level, index, size)
        level += 1


def split(data: bytes, width: int) -> list[bytes]:
    """The hashes of a tile. Raises Malformed."""
    if len(data) != width * HASH:
        raise Malformed(f"瓦片长度不符 · the tile has {len(data)} bytes, not {width * HASH}")
    return [data[at : at + HASH] for at in range(0, len(data), HASH)]


def bundle(leaves: Iterable[bytes]) -> bytes:
    """Leaves as an entry bundle. Raises Malformed where one is too long."""
    parts = []
    for leaf in leaves:
        if len(leaf) > LONGEST_LEAF:
            raise Malformed(f"叶过长 · the leaf is too long: {len(leaf)}")
        parts += [len(leaf).to_bytes(2, "big"), leaf]
    return b"".join(parts)


def unbundle(data: bytes, width: int) -> list[bytes]:
    """The leaves of an entry bundle. Raises Malformed unless it holds exactly so many."""
    leaves: list[bytes] = []
    at = 0
    while at < len(data) and len(leaves) < width:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise Malformed("叶包中途截断 · the entry bundle is cut short")
        leaves.append(data[at + 2 : end])
        at = end
    if at != len(data) or len(leaves) != width:
        raise Malformed(f"叶包中的叶不是 {width} 条 · the entry bundle does not hold {width} leaves")
    return leaves


class TileLog:
    """The tiles of one log in a folder; whoever appends is alone in doing so, readers are not counted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read = lru_cache(maxsize=4096)(self._read_hashes)

    def append(
        self, size: int, leaves: Iterable[bytes], on_stray: Callable[[str], None] | None = None
    ) -> tuple[int, bytes]:
        """Add leaves to the tree of a size; the new size and root, once everything is on disk.

        Memory is one tile for each level, however many the leaves. Files beyond `size` left by a crash are found equal;
        one with other bytes is refused, or overwritten where `on_stray` is there to be told of it: whoever knows that
        nothing beyond `size` was ever signed. Raises TileConflict, NotThere (the tree of this size is not here) or
        Malformed.
        """
        files = _Files(self.folder, on_stray)
        levels: list[list[bytes]] = []
        firsts: list[int] = []  # the index of the tile being filled, level by level
        held = width_at(ENTRIES, size // WIDTH, size)
        entries = self.leaves(size // WIDTH, size) if held else []
        level = 0
        while have := size >> (HEIGHT * level):
            tile = tile_at(level, have // WIDTH, size)
            levels.append(list(self.hashes(tile)) if tile.width else [])
            firsts.append(have // WIDTH)
            level += 1
        # A tree's root is that of the hashes still waiting in each level, the largest subtrees first.
        for leaf in leaves:
            entries.append(leaf)
            hashed = leaf_hash(leaf)
            size += 1
            if len(entries) == WIDTH:
                files.write(Tile(ENTRIES, size // WIDTH - 1).path, bundle(entries))
                entries = []
            level = 0
            while True:
                if level == len(levels):
                    levels.append([])
                    firsts.append(0)
                levels[level].append(hashed)
                if len(levels[level]) < WIDTH:
                    break
                files.write(Tile(level, firsts[level]).path, b"".join(levels[level]))
                hashed = root(levels[level])
                levels[level] = []
                firsts[level] += 1
                level += 1
        if entries:
            files.write(tile_at(ENTRIES, size // WIDTH, size).path, bundle(entries))
        for level, (first, hashes) in enumerate(zip(firsts, levels, strict=True)):
            if hashes:
                files.write(Tile(level, first, len(hashes)).path, b"".join(hashes))
        files.sync()
        self._read.cache_clear()  # partial tiles of before are still right, but nobody will ask for them again
        return size, edge_root(levels)

    def hashes(self, tile: Tile) -> tuple[bytes, ...]:
        """The hashes of a tile; where a partial one is not there, a wider one serves. Raises NotThere, Malformed."""
        return self._read(tile)

    def _read_hashes(self, tile: Tile) -> tuple[bytes, ...]:
        try:
            return tuple(split(self.read(tile), tile.width))
        except NotThere:
            wider = None if tile.full else self._wider(tile)
            if wider is None:
                raise
            return tuple(split(self.read(wider), wider.width)[: tile.width])

    def _wider(self, tile: Tile) -> Tile | None:
        """The same tile as a larger tree has it: its hashes begin with this one's."""
        full = tile._replace(width=WIDTH)
        if (self.folder / full.path).exists():
            return full
        names = (path.name for path in (self.folder / tile.path).parent.glob("[1-9]*"))
        widths = [int(name) for name in names if name.isdecimal() and tile.width < int(name) < WIDTH]
        return tile._replace(width=min(widths)) if widths else None

    def leaves(self, index: int, size: int) -> list[bytes]:
        """The leaves of an entry bundle in a tree of a size. Raises NotThere, Malformed."""
        tile = tile_at(ENTRIES, index, size)
        try:
            return unbundle(self.read(tile), tile.width)
        except NotThere:
            if tile.full:
                raise
            return unbundle(self.read(tile._replace(width=WIDTH)), WIDTH)[: tile.width]

    def read(self, tile: Tile) -> bytes:
        """The bytes of a tile. Raises NotThere."""
        try:
            return (self.folder / tile.path).read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotThere(f"缺少瓦片 · a tile is not there: {tile.path}") from error

    def node(self, size: int) -> Node:
        """The perfect subtrees of the tree of a size, read from its tiles."""

        def perfect(level: int, index: int) -> bytes:
            stored, within = divmod(level, HEIGHT)
            start = index << within
            hashes = self.hashes(tile_at(stored, start // WIDTH, size))
            start %= WIDTH
            row = list(hashes[start : start + (1 << within)])
            while len(row) > 1:
                row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
            return row[0]

        return perfect

    def root(self, size: int) -> bytes:
        """The root of the tree of a size."""
        return root_at(size, self.node(size))

    def range(self, size: int) -> Range:
        """The tree of a size, to be grown from there."""
        return range_at(size, self.node(size))

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that a leaf is in the tree of a size."""
        return inclusion(index, size, self.node(size))

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the tree of `new` leaves begins with that of `old`."""
        return consistency(old, new, self.node(new))

    def drop_partials(self, size: int) -> int:
        """Remove partial tiles that a full one has replaced in the tree of a size; how many."""
        dropped = 0
        for path in sorted(self.folder.glob("tile/**/*.p/*")):
            try:
                tile = Tile.parse(path.relative_to(self.folder).as_posix())
            except Malformed:
                continue  # a file being written
            full = tile._replace(width=WIDTH)
            if full.within(size) and (self.folder / full.path).exists():
                path.unlink()
                dropped += 1
        return dropped


def edge_root(levels: Iterable[Iterable[bytes]]) -> bytes:
    """The root of a tree from the hashes of its partial tiles, level 0 first; empty levels stand too."""
    peaks: list[bytes] = []
    for hashes in levels:
        grown = Range()
        for hashed in hashes:
            grown.append(hashed)
        peaks = [*grown.peaks, *peaks]
    return fold(peaks)


class _Files:
    """Files written whole or not at all, and on disk after `sync`."""

    def __init__(self, folder: Path, on_stray: Callable[[str], None] | None) -> None:
        self._folder, self._on_stray = folder, on_stray
        self._touched: set[Path] = set()

    def write(self, name: str, content: bytes) -> None:
        """A file; equal bytes that are there already are left alone. Raises TileConflict."""
        path = self._folder / name
        try:
            self._write(path, name, content)
        except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
            raise TileConflict(
                f"这里不该有它，请移走：{error.filename} · it does not belong there, move it elsewhere; for: {path}"
            ) from error

    def _write(self, path: Path, name: str, content: bytes) -> None:
        try:
            there = path.read_bytes()
        except FileNotFoundError:
            pass
        else:
            if there == content:
                self._touched.add(path.parent)  # whoever wrote it may have died before syncing
                return
            if self._on_stray is None:
                raise TileConflict(
                    f"瓦片已存在而内容不同，请查明后移走 · the tile is there with other bytes, find out why and "
                    f"move it elsewhere: {path}"
                )
            self._on_stray(name)
        for parent in reversed(path.parents[: len(Path(name).parents)]):
            if not parent.is_dir():
                parent.mkdir()
                self._touched.add(parent.parent)
        new = path.with_name(f".{path.name}.new")
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        self._touched.add(path.parent)

    def sync(self) -> None:
        """Make the names durable too."""
        for folder in sorted(self._touched):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
