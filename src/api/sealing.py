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
    refuse_a_servers_home,
)
from api.keeping import DATABASE, Say, database, make_home, make_ready
from api.settings import Settings, SettingsError
from application import backups, keeping
from application.catalogue import read_unlike
from application.database import load_access
from application.sealing.checking import check_restore, verify_ledger
from application.sealing.handing_over import export as hand_over
from application.sealing.keys import SealKeys, read_seal_keys, retire, rotate
from application.sealing.logs import CHECKPOINT, Logs, current_logs, high_water, store
from application.seals import KeyStore
from embedded import postgres
from sealedlog.errors import SealedLogError
from sealedlog.notes import Checkpoint, Cosigner, VerifierKey, parse_note
from sealedlog.policy import parse_policy
from sealedlog.verify import verify_bundle
from sealedlog.witness import Client, Witness, serve

VERIFIED, TAMPERED, INCOMPLETE = 0, 1, 3


def verify(settings: Settings, outside: Sequence[Path], say: Say) -> int:
    """Every entry computed anew and compared with all that was signed over it: 0 verified, 1 tampered, 3 incomplete."""
    keys = read_seal_keys(settings.seal_folder)
    notes = [_checkpoint(path) for path in outside]
    witnesses = [Client(url, VerifierKey.parse(key)) for key, url in settings.witnesses]
    with database(settings):
        access = access_to(settings)
        origin, _ = read_origin(access, settings.origin)
        started = time.monotonic()
        found = verify_ledger(access.of("sealer"), settings.log_folder, origin, keys, notes, ask=witnesses)
        faults = [found.fault.says] if found.fault else [*changed_guards_and_lists(access), *read_unlike(access)]
        for fault in faults:
            say(f"✗ 有改动 · tampered: {fault}")
        if faults:
            return TAMPERED
        place = current_logs(access.of("sealer"), settings.log_folder, origin, keys).place()
    say(
        f"{found.entries} 条 · entries，封存至第 {found.sealed} 条 · sealed up to {found.sealed}，"
        f"见证 · witnessed by: {', '.join(found.witnessed) or '无 · nobody'}（{time.monotonic() - started:.1f} s）"
    )
    say(f"封存点 · checkpoint: {place / CHECKPOINT}")
    for name in found.silent:
        say(
            f"✗ 见证 {name} 没有应答，它所见过的无从比较 · the witness {name} has not answered, what it has seen "
            "could not be compared"
        )
    if found.sealed < found.entries:
        say(
            f"✗ 尚有 {found.entries - found.sealed} 条未封存：请启动封存进程 · not sealed yet, start the sealer: "
            "xuncha seal"
        )
    if found.silent or found.sealed < found.entries:
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
        name = _logs_of(settings, keys).current
    for signer in keys.log_signers(name):
        say(f"log {signer.key}")
    for old in keys.retired_log_keys(name):
        # For folders handed over before it was retired; whoever checks decides, so it is no line of the policy.
        say(f"# 已停用，只用于核对以前交出的 · retired, for what was handed over before: log {old}")
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
    """A new key beside the old: the old ones sign on until they are retired."""
    rotate(settings.seal_folder, f"{which}.key")
    say(
        "已加新密钥，重启后使用 · a new key was added, it is used after a restart: "
        f"{settings.seal_folder / f'{which}.key'}"
    )
    return 0


def retire_keys(settings: Settings, which: str, say: Say) -> int:
    """Let the older keys sign no more; their public halves stay, and with them all that they have signed."""
    retired = retire(settings.seal_folder, f"{which}.key")
    say(
        f"已停用 {retired} 把旧密钥，重启后生效；公钥留存，不可删去 · {retired} older keys are retired from the next "
        f"start on; their public halves stay and may not be deleted: {settings.seal_folder / f'{which}.key'}"
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
    try:
        server = serve(Witness(folder, cosigner, known, time.time), host, port)
    except (OSError, OverflowError) as e:
        why = getattr(e, "strerror", None) or type(e).__name__
        raise SettingsError(
            f"见证不能在 {host}:{port} 监听，请以 --host、--port 另选 · the witness cannot listen at {host}:{port}, "
            f"choose others with --host and --port: {why}"
        ) from e
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
    for folder in (ledger_to, keys_to):
        if folder.exists():
            raise SettingsError(f"文件夹已存在，请另选 · the folder is there already, choose another: {folder}")
    if ledger_to.absolute() == keys_to.absolute():
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
    if settings.embedded:
        refuse_a_servers_home(settings)
    manifest = backups.read_manifest(ledger_from)
    make_home(settings.home)
    if not settings.master_key_file.exists():
        raise SettingsError(
            "请先放好主密钥 · put the master key in its place first: "
            f"{settings.master_key_file}（XUNCHA_MASTER_KEY_FILE）"
        )
    notes = [_checkpoint(path) for path in outside]
    if notes:
        logs = Logs(settings.log_folder, manifest.origin, read_seal_keys(keys_from), ())
        notes.sort(key=lambda note: logs.believed(note, "--checkpoint").size)
    read_master_key(settings.master_key_file, make=False)
    backups.restore_keys(keys_from, settings.keys_folder, settings.seal_folder)
    # What opens nothing here must be said now, not at the first start.
    KeyStore(settings.keys_folder, read_master_key(settings.master_key_file, make=False), manifest.origin).close()
    keys = read_seal_keys(settings.seal_folder)
    if notes:
        # So that nothing is served or sealed here that has less, until it is explained.
        store(high_water(keys), notes[-1])
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
    note = _checkpoint(checkpoint)

    async def recording() -> str:
        async with open_ledger(settings, though_changed=True) as ledger:
            return await keeping.record_restore(
                ledger,
                read_rulebook(),
                lost=lost.origin,
                sealed=lost.size,
                checkpoint=note,
                decided_by=decided_by,
                decided_on=decided_on,
                basis=basis,
            )

    with database(settings):
        access = access_to(settings)
        origin, _ = read_origin(access, settings.origin)
        lost = check_restore(access.of("sealer"), settings.log_folder, origin, keys, note)
        log = asyncio.run(recording())
    say(f"已记入账本；此后以新的日志封存 · on record; from here on it is sealed in a new log: {log}")
    return 0


def _logs_of(settings: Settings, keys: SealKeys) -> Logs:
    access = access_to(settings)
    origin, _ = read_origin(access, settings.origin)
    return current_logs(access.of("sealer"), settings.log_folder, origin, keys)


def _checkpoint(path: Path) -> bytes:
    """A checkpoint from a file. Whose it is, is not looked at. Raises SettingsError for what is none."""
    note = _read(path)
    try:
        Checkpoint.parse(parse_note(note).text)
    except SealedLogError as e:
        raise SettingsError(f"不是封存点文件 · the file is no checkpoint: {path}: {e}") from e
    return note


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as e:
        raise SettingsError(f"无法读取 · cannot be read: {path}: {e.strerror}") from e
