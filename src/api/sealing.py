"""What the administrator does about the sealed log: verify, keys, witness, backup, restore."""

import asyncio
import signal
import threading
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from psycopg.conninfo import make_conninfo

from api.composition import (
    access_to,
    changed_guards_and_lists,
    open_ledger,
    read_master_key,
    read_origin,
    read_rulebook,
)
from api.keeping import DATABASE, Say, database, make_home, make_ready
from api.settings import Settings, SettingsError
from application import backups, keeping
from application.catalogue import read_unlike
from application.database import load_access
from application.sealing import NotSealed, SealKeys, current_log, read_seal_keys, rotate, verify_ledger
from application.sealing import export as hand_over
from application.seals import KeyStore
from embedded import postgres
from sealedlog.errors import SealedLogError
from sealedlog.notes import Checkpoint, Cosigner, VerifierKey, parse_note, verify_note
from sealedlog.policy import parse_policy
from sealedlog.verify import verify_bundle
from sealedlog.witness import Witness, serve

VERIFIED, TAMPERED, INCOMPLETE = 0, 1, 3


def verify(settings: Settings, outside: Sequence[Path], say: Say) -> int:
    """Every entry computed anew and compared with all that was signed over it: 0 verified, 1 tampered, 3 incomplete."""
    keys = read_seal_keys(settings.seal_folder)
    notes = [_read(path) for path in outside]
    with database(settings):
        access = access_to(settings)
        origin, _ = read_origin(access, settings.origin)
        witnesses = [VerifierKey.parse(key) for key, _ in settings.witnesses]
        started = time.monotonic()
        found = verify_ledger(access.of("sealer"), settings.log_folder, origin, keys, notes, witnesses)
        faults = [found.fault.says] if found.fault else [*changed_guards_and_lists(access), *read_unlike(access)]
    for fault in faults:
        say(f"✗ 有改动 · tampered: {fault}")
    if faults:
        return TAMPERED
    say(
        f"{found.entries} 条 · entries，封存至第 {found.sealed} 条 · sealed up to {found.sealed}，"
        f"见证 · witnessed by: {', '.join(found.witnessed) or '无 · nobody'}（{time.monotonic() - started:.1f} s）"
    )
    if found.sealed < found.entries:
        say(
            f"✗ 尚有 {found.entries - found.sealed} 条未封存：请启动封存进程 · not sealed yet, start the sealer: "
            "xuncha seal"
        )
        return INCOMPLETE
    say("属实 · verified")
    return VERIFIED


def verify_folder(folder: Path, policy_file: Path, say: Say) -> int:
    """Check a folder somebody handed over, by a policy that came another way; no ledger is needed."""
    try:
        policy = parse_policy(_read(policy_file))
    except SealedLogError as e:
        raise SettingsError(f"策略文件无法使用 · the policy cannot be used: {policy_file}: {e}") from e
    verdict = verify_bundle(folder, policy)
    say(verdict.line())
    say(verdict.sentence())
    return verdict.code


def export(settings: Settings, to: Path, streams: Sequence[str], say: Say) -> int:
    """Hand over whole streams, provably whole, for somebody else to check."""
    keys = read_seal_keys(settings.seal_folder)
    with database(settings):
        access = access_to(settings)
        origin, _ = read_origin(access, settings.origin)
        entries, sealed = hand_over(access.of("sealer"), settings.log_folder, origin, keys, streams, to)
    say(f"{to}：{entries} 条 · entries，封存至第 {sealed} 条 · sealed up to {sealed}")
    say("请把信任策略另行交给核对者 · give the policy to whoever checks by another way: xuncha policy")
    return 0


def policy(settings: Settings, say: Say) -> int:
    """What whoever checks must be given apart: the log's keys and its witnesses, as a policy (C2SP `tlog-policy`)."""
    keys = read_seal_keys(settings.seal_folder)
    with database(settings):
        name = _log_of(settings)
    for signer in keys.log_signers(name):
        say(f"log {signer.key}")
    names = []
    for key, url in settings.witnesses:
        parsed = VerifierKey.parse(key).as_cosigner()
        names.append(parsed.name)
        say(f"witness {parsed.name} {parsed} {url}")
    if len(names) > 1:
        say(f"group witnesses any {' '.join(names)}")
    say(f"quorum {'witnesses' if len(names) > 1 else names[0] if names else 'none'}")
    return 0


def rotate_key(settings: Settings, which: str, say: Say) -> int:
    """A new key beside the old: the old ones stay good until they are taken out of the file by hand."""
    rotate(settings.seal_folder, f"{which}.key")
    say(
        "已加新密钥，重启后使用 · a new key was added, it is used after a restart: "
        f"{settings.seal_folder / f'{which}.key'}"
    )
    return 0


# --- witness ---------------------------------------------------------------------------------------------------


def witness(folder: Path, name: str, logs: Sequence[str], host: str, port: int, say: Say) -> int:
    """Run a witness until it is stopped. It belongs on another machine, under somebody else's hand."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    seed = read_master_key(folder / "witness.key", make=True)
    known: dict[str, list[VerifierKey]] = {}
    try:
        cosigner = Cosigner(name, seed)
        for text in logs:
            key = VerifierKey.parse(text)
            known.setdefault(key.name, []).append(key)
    except SealedLogError as e:
        raise SettingsError(str(e)) from e
    server = serve(Witness(folder, cosigner, known, time.time), host, port)
    say(f"见证 · witness: http://{host}:{server.server_address[1]}")
    say(f"公钥 · verifier key: {cosigner.key}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    server.shutdown()
    server.server_close()
    return 0


# --- backup and restore ----------------------------------------------------------------------------------------


def backup(settings: Settings, ledger_to: Path, keys_to: Path, say: Say) -> int:
    """Copy the ledger to one folder and the keys to another, in this order; both new."""
    if ledger_to.absolute() == keys_to.absolute() or keys_to.exists():
        raise SettingsError(
            f"账本与密钥须备份到两个不同的新文件夹 · ledger and keys go to two new folders, not to one: {keys_to}"
        )
    with database(settings):
        manifest = backups.back_up_ledger(access_to(settings).of("sealer"), ledger_to)
    backups.back_up_keys(settings.keys_folder, settings.seal_folder, keys_to)
    say(f"账本 · ledger: {ledger_to}，{manifest.entries} 条 · entries")
    say(
        f"密钥 · keys: {keys_to}（不含主密钥，请另存 · without the master key, which is kept apart: "
        f"{settings.master_key_file}）"
    )
    say("两处请分开保管 · keep the two apart")
    return 0


def restore(settings: Settings, ledger_from: Path, keys_from: Path, outside: Sequence[Path], say: Say) -> int:
    """Put a backup into an empty home and database, and check it against everything signed over it.

    0 where it holds all that was sealed, as far as is known; 1 where it is older than a checkpoint known outside.
    """
    manifest = backups.read_manifest(ledger_from)
    make_home(settings.home)
    if not settings.master_key_file.exists():
        raise SettingsError(
            "请先放好主密钥 · put the master key in its place first: "
            f"{settings.master_key_file}（XUNCHA_MASTER_KEY_FILE）"
        )
    notes = [_read(path) for path in outside]
    read_master_key(settings.master_key_file, make=False)
    backups.restore_keys(keys_from, settings.keys_folder, settings.seal_folder)
    # What opens nothing here must be said now, not at the first start.
    KeyStore(settings.keys_folder, read_master_key(settings.master_key_file, make=False), manifest.origin).close()
    keys = read_seal_keys(settings.seal_folder)
    if settings.database_url:
        with database(settings, make=True):
            return _restore(settings, settings.database_url, ledger_from, keys, notes, say)
    with postgres.start(settings.home) as server:
        make_ready(server, settings.home, say)
        return _restore(settings, server.dsn(dbname=DATABASE), ledger_from, keys, notes, say)


def _restore(settings: Settings, admin: str, folder: Path, keys: SealKeys, notes: Sequence[bytes], say: Say) -> int:
    access = load_access(settings.home)
    manifest = backups.restore_ledger(
        make_conninfo(admin, dbname=access.conninfo["dbname"]), f"{access.conninfo['dbname']}_owner", folder
    )
    say(f"已恢复 {manifest.entries} 条 · restored {manifest.entries} entries: {manifest.origin}")
    found = verify_ledger(access.of("sealer"), settings.log_folder, manifest.origin, keys, notes)
    if found.fault:
        say(f"✗ {found.fault.says}")
        return 1
    say(f"与封存点相符 · as it was sealed, up to {found.sealed}")
    return 0


def restored(settings: Settings, checkpoint: Path, decided_by: str, decided_on: date, basis: str, say: Say) -> int:
    """Put on record that the ledger was restored to an older state: by whom it was decided, on what basis."""
    keys = read_seal_keys(settings.seal_folder)
    note = _read(checkpoint)

    async def recording() -> None:
        async with open_ledger(settings, though_changed=True) as ledger:
            await keeping.record_restore(
                ledger,
                read_rulebook(),
                sealed=sealed,
                checkpoint=note,
                decided_by=decided_by,
                decided_on=decided_on,
                basis=basis,
            )

    with database(settings):
        sealed = _our_checkpoint(note, keys, _log_of(settings)).size
        asyncio.run(recording())
    say("已记入账本；此后以新的日志封存 · on record; from here on it is sealed in a new log")
    return 0


def _log_of(settings: Settings) -> str:
    access = access_to(settings)
    origin, _ = read_origin(access, settings.origin)
    return current_log(access.of("sealer"), origin)


def _our_checkpoint(note: bytes, keys: SealKeys, name: str) -> Checkpoint:
    try:
        read = parse_note(note)
        verify_note(read, [signer.key for signer in keys.log_signers(name)])
        return Checkpoint.parse(read.text)
    except SealedLogError as e:
        raise NotSealed(f"不是本日志所签的检查点 · no checkpoint signed by this log: {e}") from e


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as e:
        raise SettingsError(f"无法读取 · cannot be read: {path}: {e.strerror}") from e
