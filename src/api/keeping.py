"""What the administrator does from the command line: init, check, rebuild, keys."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

import psycopg

from api.auth import DEVELOPMENT_ISSUER
from api.composition import VIEWS, open_ledger, read_rulebook
from api.settings import Settings, SettingsError
from application import keeping
from application.database import check_server, load_access, prepare
from application.seals import KeyStoreError, TextState
from domain.facts import decode
from domain.kernel import Sealed, Value
from projections.shelf import Shelf

Say = Callable[[str], None]


async def init(settings: Settings, office_director: str | None, say: Say) -> int:
    """Make roles, schema, master key and ledger; adopt the rulebook; register the first director, once."""
    book = read_rulebook()
    if settings.database_url:
        prepare(settings.database_url, settings.home, say)
    async with open_ledger(settings, first_start=True) as ledger:
        await keeping.open_ledger(ledger, ledger.keys.origin)
        await keeping.adopt(ledger, book)
        for key in await keeping.finish_destructions(ledger):
            say(f"补完销毁 · destruction completed: {key}")
        if office_director:
            issuer = settings.jwt_issuer or (DEVELOPMENT_ISSUER if settings.embedded else None)
            if issuer is None:
                raise SettingsError("请先设置 XUNCHA_JWT_ISSUER 与 XUNCHA_JWT_KEYS · set them first")
            person = await keeping.appoint_first_director(ledger, book, issuer, office_director)
            say(f"首任主任 · first director: {person}")
        say(f"账本就绪 · ledger ready: {ledger.keys.origin}，{await ledger.head()} 条 · entries")
    return 0


def rebuild(settings: Settings, names: Sequence[str], say: Say) -> int:
    """Drop views and replay them. Stop the projector first, or let it do the replaying."""
    unknown = set(names) - {view.name for view in VIEWS}
    if unknown:
        known = ", ".join(view.name for view in VIEWS)
        raise SettingsError(f"没有这些视图 · no such views: {', '.join(sorted(unknown))}（{known}）")
    shelf = Shelf(load_access(settings.home).of("projector"), VIEWS)
    try:
        shelf.prepare()
        chosen = [view for view in VIEWS if not names or view.name in names]
        shelf.drop(chosen)
        say(f"重放 {len(chosen)} 个视图 · replaying {len(chosen)} views …")
        while shelf.step():
            say(f"  {min(shelf.positions().values())}")
        say("完成 · done")
    finally:
        shelf.close()
    return 0


def check(settings: Settings, say: Say) -> int:
    """Read the whole ledger: server settings, dense positions, rising times, known kinds, seals that open."""
    return asyncio.run(_check(settings, say))


async def _check(settings: Settings, say: Say) -> int:
    access = load_access(settings.home)
    faults: list[str] = []
    read = 0
    states: Counter[TextState] = Counter()
    async with open_ledger(settings) as ledger:
        with psycopg.connect(access.of("writer")) as connection:
            check_server(connection)
            last = None
            with connection.cursor("check") as cursor:
                cursor.execute(
                    "SELECT position, stream, version, kind, recorded_at, command, ordinal, body"
                    " FROM ledger.entries ORDER BY position"
                )
                for row in cursor:
                    read += 1
                    if row[0] != read:
                        faults.append(f"位置 {read} 缺失 · position {read} is missing")
                        break
                    if last and row[4] < last:
                        faults.append(f"位置 {read} 的时间倒退 · time runs back at {read}")
                    last = row[4]
                    try:
                        entry = decode(*row)
                        for sealed in sealed_in(entry.fact):
                            states[ledger.keys.verify(sealed)] += 1
                    except (ValueError, KeyError, KeyStoreError) as e:
                        faults.append(f"位置 {read}：{type(e).__name__} · position {read}: {type(e).__name__}")
    if states[TextState.MISSING]:
        faults.append(f"{states[TextState.MISSING]} 处封签缺钥 · seals whose key is missing: restore the key store")
    say(
        f"{read} 条 · entries，{states[TextState.READABLE]} 处封签完好 · seals good，"
        f"{states[TextState.DESTROYED]} 处已销毁 · destroyed"
    )
    for fault in faults:
        say(f"✗ {fault}")
    return 1 if faults else 0


def sealed_in(value: Value) -> list[Sealed]:
    """Every sealed text in a fact."""
    found: list[Sealed] = []
    for name in type(value).model_fields:
        item = getattr(value, name)
        for part in item if isinstance(item, tuple) else (item,):
            if isinstance(part, Sealed):
                found.append(part)
            elif isinstance(part, Value):
                found += sealed_in(part)
    return found


def list_keys(settings: Settings, say: Say) -> int:
    """Every key by subject: its id, when it was made and destroyed."""

    async def listing() -> None:
        async with open_ledger(settings) as ledger:
            for row in ledger.keys.rows():
                say(f"{row.id}  {row.subject}  {row.made_at}  {row.destroyed_at or ''}".rstrip())

    asyncio.run(listing())
    return 0


def destroy(settings: Settings, key: str, decided_on: date, basis: str, say: Say) -> int:
    """Destroy a key by decision; what it sealed shows as destroyed in every answer from then on."""

    async def destroying() -> bool:
        async with open_ledger(settings) as ledger:
            return await keeping.destroy_key(ledger, read_rulebook(), key, decided_on, basis)

    done = asyncio.run(destroying())
    say("已销毁 · destroyed" if done else "早已销毁 · was destroyed before")
    return 0
