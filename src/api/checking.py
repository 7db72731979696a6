"""`xuncha check`: ledger, seals, keys and lists held against each other, and what differs named by position."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b, sha256
from typing import Any

import psycopg
from psycopg import sql

from api.composition import (
    VIEWS,
    access_to,
    built,
    changed_guards_and_lists,
    open_ledger,
)
from api.keeping import Say, database
from api.settings import Settings
from application.catalogue import read_unlike
from application.database import Access, check_server
from application.ledger import ENTRY_COLUMNS, canonical
from application.sealing.errors import NotSealed
from application.sealing.keys import read_seal_keys
from application.sealing.logs import refuse_an_older_ledger
from application.seals import KeyStore, KeyStoreError, TextState
from domain.facts import decode
from domain.keeping import CalendarAdopted, EditionAdopted, KeyDestructionDecided
from domain.kernel import Entry, Sealed, Value
from projections.rows import Row
from projections.shelf import BUILDING_LOCK, View

_SHOWN = 20


class _Findings:
    """What a check found: counts, and faults by place."""

    def __init__(self) -> None:
        self.read = 0
        self.not_built = 0
        self.seals: Counter[TextState] = Counter()
        self.faults: list[str] = []
        self.places: set[int] = set()
        """The positions named already."""

    def add(self, fault: str) -> None:
        self.faults.append(fault)

    def at(self, position: int, zh: str, en: str) -> None:
        self.places.add(position)
        self.add(f"位置 {position}：{zh} · position {position}: {en}")


def check(settings: Settings, say: Say) -> int:
    """Read the whole ledger, compare the views with it, try every seal. Exit code 1 where anything is wrong.

    Views are made at the next start, not by `init` nor a restore: those that are not there, or are of another version
    of this program, are said not to be built yet, and nothing is held against the ledger.

    What this cannot see: a change in the clear that keeps the entry's form and that no view shows. It takes the
    tree over the entries and its witnesses to see that.
    """
    found = _Findings()
    with database(settings):
        asyncio.run(_check(settings, found))
    say(
        f"{found.read} 条 · entries，{found.seals[TextState.READABLE]} 处封签完好 · seals good，"
        f"{found.seals[TextState.DESTROYED]} 处已销毁 · destroyed，{len(VIEWS) - found.not_built} 个视图 · views"
    )
    if found.not_built:
        say(
            f"{found.not_built} 个视图尚未建立，没有核对，启动后自动建立 · "
            f"{found.not_built} views are not built yet and were not compared, the next start builds them"
        )
    for fault in found.faults[:_SHOWN]:
        say(f"✗ {fault}")
    if len(found.faults) > _SHOWN:
        say(f"✗ 另有 {len(found.faults) - _SHOWN} 处 · and {len(found.faults) - _SHOWN} more")
    if not found.faults:
        say("账本完好 · the ledger is well" if found.not_built else "完好 · all is well")
    return 1 if found.faults else 0


async def _check(settings: Settings, found: _Findings) -> None:
    access = access_to(settings)
    async with open_ledger(settings, though_changed=True) as ledger:
        with psycopg.connect(access.of("writer")) as connection:
            check_server(connection)
        found.faults += [*changed_guards_and_lists(access), *read_unlike(access)]
        with psycopg.connect(access.of("projector"), autocommit=True) as connection:
            # No tables are replaced meanwhile: of new ones, the picture taken before would show nothing.
            connection.execute("SELECT pg_advisory_lock_shared(%s)", (BUILDING_LOCK,))
            with connection.transaction():
                # One picture of ledger and shelf, whoever writes meanwhile.
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                try:
                    with _as_shown(access, connection) as shown:
                        _check_all(connection, shown, ledger.keys, found)
                except psycopg.errors.InsufficientPrivilege:
                    found.add("有的角色读不到应读的 · a role may not read what it serves from")
        try:
            seal = read_seal_keys(settings.seal_folder)
            refuse_an_older_ledger(access.of("sealer"), settings.log_folder, ledger.keys.origin, seal)
        except NotSealed as e:
            if e.position not in found.places:
                found.add(str(e))


@contextmanager
def _as_shown(access: Access, connection: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """The same picture by the role that lists are read by: what it is shown is what people are shown."""
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    with psycopg.connect(access.of("reader")) as shown:
        shown.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        shown.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(row and row[0])))
        yield shown


def _check_all(
    connection: psycopg.Connection[Any], shown: psycopg.Connection[Any], keys: KeyStore, found: _Findings
) -> None:
    """Every entry once: order, form, seals; and what it makes of the views, compared with their rows at the end."""
    replays = [_Replay(shown, view) for view in built(shown)]
    found.not_built = len(VIEWS) - len(replays)
    versions: Counter[str] = Counter()
    destroyed: dict[str, int] = {}
    last: tuple[Any, ...] | None = None
    with connection.cursor("check") as cursor:
        cursor.execute(f"SELECT {ENTRY_COLUMNS} FROM ledger.entries ORDER BY position")
        for row in cursor:
            position, stream, version = row[:3]
            found.read += 1
            if position != found.read:
                found.places.add(found.read)
                found.add(f"位置 {found.read} 缺失 · position {found.read} is missing")
                return
            versions[stream] += 1
            if version != versions[stream]:
                found.at(position, "流中缺一条", "its stream misses an entry before it")
                versions[stream] = version
            _check_order(position, last, row, found)
            last = row
            entry = _check_entry(row, keys, found)
            if entry is not None and isinstance(entry.fact, KeyDestructionDecided):
                destroyed[entry.fact.key] = position
            for replay in replays:
                replay.take_in(entry, position)
    _check_keys(keys, any(stream.startswith("sign-in:") for stream in versions), destroyed, found)
    for replay in replays:
        replay.compare(shown, found)


def _check_order(position: int, last: tuple[Any, ...] | None, row: tuple[Any, ...], found: _Findings) -> None:
    recorded_at, command, ordinal = row[4:7]
    before = (last[4], last[5], last[6]) if last else (None, None, 0)
    if before[0] and recorded_at < before[0]:
        found.at(position, "时间倒退", "time runs back")
    if ordinal != (before[2] + 1 if command == before[1] else 0):
        found.at(position, "命令的事实不全", "its command's facts are not complete")


def _check_entry(row: tuple[Any, ...], keys: KeyStore, found: _Findings) -> Entry[Any] | None:
    """The entry, if it is sound: its bytes are the ones we would write, its seals open or are known to be destroyed."""
    position, body = row[0], bytes(row[7])
    try:
        raw = json.loads(body)
        if canonical(raw) != body:
            raise ValueError
        entry = decode(*row)
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        found.at(position, f"内容被改动（{type(e).__name__}）", "its content was changed")
        return None
    fact = entry.fact
    if isinstance(fact, EditionAdopted | CalendarAdopted) and sha256(fact.text.encode()).hexdigest() != fact.digest:
        found.at(position, "规程文本与摘要不符", "the rulebook's text is not what was adopted")
        return None
    for sealed in (*sealed_in(fact), *sealed_in(entry.stamp)):
        try:
            state = keys.verify(sealed)
        except (KeyStoreError, ValueError):
            found.at(position, "封签被改动", "a seal was changed")
            return None
        found.seals[state] += 1
        if state is TextState.MISSING:
            en = f"a seal's key is missing, restore the key store: {sealed.key}"
            found.at(position, "封签缺钥，请从备份恢复密钥库", en)
    return entry


def _check_keys(keys: KeyStore, somebody_signs_in: bool, destroyed: dict[str, int], found: _Findings) -> None:
    kept = {row.subject for row in keys.rows()}
    for row in keys.rows():
        if row.id in destroyed and row.destroyed_at is None:
            en = "a key whose destruction is on record is there (an old key store restored?), run xuncha init"
            found.at(
                destroyed[row.id],
                "已决定销毁的密钥仍在（恢复了旧密钥库？），请运行 xuncha init",
                f"{en}: {row.id}",
            )
    if somebody_signs_in and "digest:sign-in" not in kept:
        found.add("缺登录密钥，无人能登录 · the key of sign-ins is missing, nobody can sign in: restore the key store")


class _Replay:
    """One view computed anew, up to the entry its table has reached."""

    def __init__(self, connection: psycopg.Connection[Any], view: View) -> None:
        self.view = view
        self.rows: dict[str, Row] = {}
        self.history: defaultdict[str, list[tuple[int, bytes]]] = defaultdict(list)
        """By row: from which entry on it was as it was, and the digest of that."""
        self.broken: int | None = None
        row = connection.execute(
            "SELECT notification_id FROM shelf.positions WHERE application_name = %s", (view.name,)
        ).fetchone()
        self.until = int(row[0]) if row else 0
        # Each row that waits, and from which entry on: until there it is compared like any other.
        statement = "SELECT key, min(position) FROM shelf.parked WHERE view = %s GROUP BY key"
        self.parked: dict[str, int] = dict(connection.execute(statement, (view.name,)).fetchall())
        statement = "SELECT position, error FROM shelf.halted WHERE view = %s"
        self.halted = connection.execute(statement, (view.name,)).fetchone()

    def take_in(self, entry: Entry[Any] | None, position: int) -> None:
        """An entry; None for one that cannot be read: what comes after it cannot be compared."""
        if position > self.until or self.broken:
            return
        try:
            if entry is None:
                raise ValueError
            for key in self.view.keys(entry):
                if position >= self.parked.get(key, position + 1):
                    continue
                before = self.rows.get(key)
                after = self.view.after(before, entry, key)
                if after == before:
                    continue
                self.history[key].append((position, _digest_of(after)))
                if after is None:
                    del self.rows[key]
                else:
                    self.rows[key] = after
        except Exception:
            self.broken = position

    def compare(self, connection: psycopg.Connection[Any], found: _Findings) -> None:
        """Say which rows, and what they were before, differ, and from which entry on; and what stands still."""
        name = self.view.name
        if self.parked:
            first, count = min(self.parked.values()), len(self.parked)
            en = f"in view {name} {count} row(s) are parked and wait for a mend"
            found.at(first, f"视图 {name} 有 {count} 行停在原处，等待修复", en)
        if self.halted:
            position, error = self.halted
            en = f"view {name} stands still after this entry and waits for a mend"
            found.at(position, f"视图 {name} 停在此条之后，等待修复（{error}）", en)
        if self.broken:
            return  # the entry itself has been named
        self._compare_rows(connection, found)
        self._compare_history(connection, found)

    def _compare_rows(self, connection: psycopg.Connection[Any], found: _Findings) -> None:
        name, missing = self.view.name, dict.fromkeys(self.rows)
        statement = sql.SQL("SELECT id, position, ord, readers, withheld_from, row FROM shelf.{}")
        with connection.cursor("rows") as cursor:
            for key, position, *stored in cursor.execute(statement.format(sql.Identifier(name))):
                at, digest = self.history[key][-1] if key in missing else (position, b"")
                missing.pop(key, None)
                if (position, _digest(stored)) != (at, digest):
                    en = f"view {name} differs from the ledger, one of them was changed: {key}"
                    found.at(at, f"视图 {name} 与账本不符，二者之一被改动", en)
        for key in missing:
            at, _ = self.history[key][-1]
            found.at(at, f"视图 {name} 缺一行", f"a row is missing in view {name}: {key}")

    def _compare_history(self, connection: psycopg.Connection[Any], found: _Findings) -> None:
        """Each row's past, in order; the first that differs is named."""
        name, read, different = self.view.name, Counter[str](), set[str]()

        def differs(key: str, at: int) -> None:
            different.add(key)
            en = f"the history of view {name} differs from the ledger, one of them was changed: {key}"
            found.at(at, f"视图 {name} 的历史与账本不符，二者之一被改动", en)

        statement = sql.SQL(
            "SELECT id, from_position, until_position, ord, readers, withheld_from, row FROM shelf.{}"
            " ORDER BY id, from_position"
        )
        with connection.cursor("history") as cursor:
            for key, since, until, *stored in cursor.execute(statement.format(sql.Identifier(f"{name}_history"))):
                known, n = self.history.get(key, []), read[key]
                read[key] += 1
                if key in different:
                    continue
                following = known[n + 1][0] if n + 1 < len(known) else None
                if n >= len(known) or (since, until, _digest(stored)) != (known[n][0], following, known[n][1]):
                    differs(key, known[n][0] if n < len(known) else since)
        for key, known in self.history.items():
            if read[key] < len(known) and key not in different:
                differs(key, known[read[key]][0])


def _digest_of(row: Row | None) -> bytes:
    """What decides whether a row is the same: its order, its readers, what it shows; of none, that it is gone."""
    if row is None:
        return _digest([None] * 4)
    return _digest([row.order, row.readers, row.withheld_from, row.model_dump(mode="json")])


def _digest(values: Sequence[Any]) -> bytes:
    return blake2b(json.dumps(values, sort_keys=True, ensure_ascii=False).encode(), digest_size=16).digest()


def sealed_in(value: Value) -> list[Sealed]:
    """Every sealed text in a fact or a stamp."""
    found: list[Sealed] = []
    for name in type(value).model_fields:
        item = getattr(value, name)
        for part in item if isinstance(item, tuple) else (item,):
            if isinstance(part, Sealed):
                found.append(part)
            elif isinstance(part, Value):
                found += sealed_in(part)
    return found
