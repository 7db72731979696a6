"""Who must have signed for a checkpoint to be believed: C2SP `tlog-policy`.

The policy is the trust root: it is given to whoever checks, apart from what is checked.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from sealedlog.canonical import decimal
from sealedlog.errors import Malformed, QuorumMissing, Unsigned
from sealedlog.notes import Checkpoint, Kind, Note, VerifierKey, parse_note, verify_note

NONE = "none"
_RESERVED = {NONE, "all", "any"}
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")


class Group(NamedTuple):
    """Named witnesses and groups, of which so many must have signed."""

    needed: int
    members: tuple[str, ...]


class Believed(NamedTuple):
    """A checkpoint with the log that signed it and the witnesses who did, each with its time."""

    checkpoint: Checkpoint
    log: VerifierKey
    witnessed: dict[str, int]


class Policy(NamedTuple):
    """Logs, any of which may have signed; witnesses and groups by name; the name that must be satisfied."""

    logs: tuple[VerifierKey, ...]
    witnesses: dict[str, VerifierKey]
    groups: dict[str, Group]
    quorum: str

    def signed(self, data: bytes) -> tuple[Note, VerifierKey]:
        """A note signed by one of the logs, and by which. Raises Malformed, SignatureFailed or Unsigned."""
        note = parse_note(data)
        return note, next(iter(verify_note(note, self.logs)))

    def believe(self, data: bytes) -> Believed:
        """The checkpoint of a note, if it is to be believed.

        Raises Malformed, SignatureFailed (a known key's signature does not fit), Unsigned (not by the log whose name
        is the origin) or QuorumMissing.
        """
        note = parse_note(data)
        checkpoint = Checkpoint.parse(note.text)
        signed = verify_note(note, [*self.logs, *self.witnesses.values()])
        log = next((key for key in self.logs if key in signed and key.name == checkpoint.origin), None)
        if log is None:
            raise Unsigned(f"检查点没有日志 {checkpoint.origin} 的签名 · the log has not signed the checkpoint")
        witnessed = {name: at for name, key in self.witnesses.items() if (at := signed.get(key)) is not None}
        if not self.satisfied(witnessed):
            raise QuorumMissing(f"见证人不足：{', '.join(witnessed) or '无'} · too few witnesses have signed")
        return Believed(checkpoint, log, witnessed)

    def satisfied(self, witnesses: Iterable[str]) -> bool:
        """Whether the quorum is reached by these witnesses, given by their names here."""
        reached = {NONE, *witnesses}
        for name, group in self.groups.items():  # a group names only what stands above it
            if sum(member in reached for member in group.members) >= group.needed:
                reached.add(name)
        return self.quorum in reached


def parse_policy(data: bytes) -> Policy:
    """Read a policy. Raises Malformed.

    Stricter than some: no comment after an item, no key twice among the logs or among the witnesses (it would count
    twice). A witness's key may be given as a plain Ed25519 key.
    """
    if found := _FORBIDDEN.search(data):
        raise Malformed(f"策略含控制字符 · the policy holds a control character: {found[0]!r}")
    logs: list[VerifierKey] = []
    witnesses: dict[str, VerifierKey] = {}
    groups: dict[str, Group] = {}
    quorum: list[str] = []
    members: set[str] = set()

    def new(name: str) -> str:
        if name in _RESERVED or name in witnesses or name in groups:
            raise Malformed(f"名称重复或保留 · the name is taken or reserved: {name}")
        return name

    def known(name: str) -> str:
        if name not in witnesses and name not in groups:
            raise Malformed(f"名称未在前文定义 · no such name above: {name}")
        return name

    # Octets, says the specification: names are compared as bytes, and Latin-1 keeps each as it is.
    for line in data.decode("latin-1").split("\n"):
        words = [word for word in re.split("[ \t]+", line) if word]
        match words:
            case []:
                continue
            case [first, *_] if first.startswith("#"):
                continue
            case ["log", vkey] | ["log", vkey, _]:
                logs.append(_key(vkey, Kind.ED25519, logs))
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                witnesses[new(name)] = _key(vkey, Kind.COSIGNATURE, witnesses.values())
            case ["group", name, needed, *named] if named:
                for member in named:
                    if known(member) in members:
                        raise Malformed(f"一名不得入两组 · a name is a member of one group only: {member}")
                    members.add(member)
                number = {"all": len(named), "any": 1}.get(needed) or decimal(needed)
                if not 1 <= number <= len(named):
                    raise Malformed(f"人数不在 1 至 {len(named)} 之间 · not so many members: {needed}")
                groups[new(name)] = Group(number, tuple(named))
            case ["quorum", name] if not quorum:
                quorum.append(name if name == NONE else known(name))
            case _:
                raise Malformed(f"策略中的这一行无法理解 · a line of the policy is not understood: {line[:80]!r}")
    if not quorum:
        raise Malformed("策略没有 quorum 行 · the policy has no quorum")
    return Policy(tuple(logs), witnesses, groups, quorum[0])


def _key(text: str, kind: Kind, others: Iterable[VerifierKey]) -> VerifierKey:
    try:
        key = VerifierKey.parse(text.encode("latin-1").decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Malformed("公钥名称不是 UTF-8 · the name of a key is not UTF-8") from error
    if key.kind is not kind:
        if kind is Kind.ED25519:
            raise Malformed(f"日志不得用见证人的密钥类型 · a log's key is not a witness's: {text[:80]}")
        key = key.as_cosigner()
    if any(key.public == other.public for other in others):
        raise Malformed(f"同一密钥列了两次 · the same key is listed twice: {text[:80]}")
    return key
