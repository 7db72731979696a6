"""The ledger's rows as leaves and openings: whole appends, each with its writer's signature."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from application.ledger import EntryRow
from application.sealing.errors import NotSealed
from application.sealing.keys import SealKeys, leaf_of
from sealedlog.errors import SignatureFailed
from sealedlog.leaf import Blinding, Opening, batch_statement, instant, opening
from sealedlog.notes import verify

COLUMNS = "position, stream, version, kind, recorded_at, command, ordinal, body, writer, signature"


class Append(NamedTuple):
    """The entries of one append: where they end, and their leaves."""

    last: int
    leaves: list[bytes]


def appends(rows: Iterable[tuple[Any, ...]], keys: SealKeys, after: int) -> Iterator[Append]:
    """Entries in order as whole appends, each with its writer's signature. Raises NotSealed naming the position.

    Entries after the last signature are not given: whoever reads a part has read into the midst of an append.
    """
    verifiers = keys.writer_keys()
    first, whose = after + 1, ""
    waiting: list[bytes] = []
    for stored in rows:
        position, *_, writer, signature = stored
        if position != first + len(waiting):
            raise missing(first + len(waiting))
        if waiting and writer != whose:
            raise unsigned(position - 1)
        whose = writer
        waiting.append(_leaf_of(keys, stored))
        if signature is not None:
            if not _signed(verifiers, bytes(signature), batch_statement(writer, first, waiting)):
                raise NotSealed(
                    f"位置 {first} 至 {position}：写入者签名不符，有改动 · positions {first} to {position}: the "
                    "writer's signature does not fit, something was changed"
                )
            yield Append(position, waiting)
            first, waiting = position + 1, []


def _leaf_of(keys: SealKeys, stored: tuple[Any, ...]) -> bytes:
    """The leaf of an entry as it is stored. Raises NotSealed where no writer can have written it so."""
    position, stream, version, kind, recorded_at, command, ordinal, body, writer, _ = stored
    row = EntryRow(stream, version, kind, command, ordinal, bytes(body))
    try:
        return leaf_of(keys.blinding, position, row, instant(recorded_at), writer)
    except UnicodeDecodeError:
        raise NotSealed(
            f"位置 {position}：内容不是文字 · position {position}: its content is no text", position
        ) from None


def same(keys: SealKeys, stored: tuple[Any, ...], sealed: bytes) -> None:
    """Raises NotSealed where an entry is not the one of this leaf."""
    if _leaf_of(keys, stored) != sealed:
        raise other(stored[0])


def other(position: int) -> NotSealed:
    """An entry is not what was sealed."""
    return NotSealed(f"位置 {position}：与封存时不同 · position {position}: it is not what was sealed", position)


def missing(position: int) -> NotSealed:
    """An entry is not there."""
    return NotSealed(f"位置 {position} 缺失 · position {position} is missing", position)


def unsigned(position: int) -> NotSealed:
    """Somebody put an entry there that no writer has signed."""
    return NotSealed(f"位置 {position}：没有写入者签名 · position {position}: no writer has signed it", position)


def _signed(verifiers: Sequence[bytes], signature: bytes, statement: bytes) -> bool:
    for public in verifiers:
        with suppress(SignatureFailed):
            verify(public, signature, statement)
            return True
    return False


def opened(blinding: Blinding, row: tuple[Any, ...]) -> Opening:
    """What an entry's leaf was made from."""
    position, stream, version, kind, recorded_at, command, ordinal, body, writer, _ = row
    return opening(
        blinding.of(stream),
        stream=stream,
        version=version,
        kind=kind,
        command=str(command),
        ordinal=ordinal,
        body=bytes(body),
        position=position,
        recorded_at=instant(recorded_at),
        writer=writer,
    )
