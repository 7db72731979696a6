"""A witness (C2SP `tlog-witness`): cosigns a log's checkpoint only where it continues the newest one it has seen.

It remembers one checkpoint for each log, on disk before it answers. A log that shows two histories to two people needs
a witness that has forgotten.
"""

import os
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from sealedlog.canonical import decimal
from sealedlog.errors import Malformed, SealedLogError, SignatureFailed, Unproven, Unsigned
from sealedlog.merkle import check_consistency
from sealedlog.notes import (
    Checkpoint,
    Cosigner,
    Note,
    Signature,
    VerifierKey,
    base64,
    parse_note,
    verify_note,
)

PATH = "/add-checkpoint"
SIZE = "text/x.tlog.size"
_MOST_BYTES = 64 * 1024
_MOST_HASHES = 63
_ANSWER_WITHIN_SECONDS = 5.0


class Request(NamedTuple):
    """What a log asks of a witness: the size it believes the witness knows, the proof from there on, the checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def encode(self) -> bytes:
        """The body of the request."""
        lines = [f"old {self.old}", *(b64encode(hashed).decode() for hashed in self.proof), ""]
        return ("\n".join(lines) + "\n").encode() + self.note.encode()

    @classmethod
    def parse(cls, data: bytes) -> "Request":
        """Read the body of a request. Raises Malformed."""
        head, blank, below = data.partition(b"\n\n")
        try:
            first, *hashes = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise Malformed("请求不是 ASCII 开头 · the request does not begin in ASCII") from error
        if not blank or not first.startswith("old ") or len(hashes) > _MOST_HASHES:
            raise Malformed("不是 add-checkpoint 请求 · not a request to add a checkpoint")
        proof = tuple(base64(line) for line in hashes)
        if any(len(hashed) != 32 for hashed in proof):
            raise Malformed("哈希须为 32 字节 · a hash must be 32 bytes")
        return cls(decimal(first.removeprefix("old ")), proof, parse_note(below))


class Answer(NamedTuple):
    """What a witness says: a status of HTTP, a body, and its type."""

    status: int
    body: bytes
    media: str = "text/plain; charset=utf-8"


class Witness:
    """Cosigns for the logs it knows. `folder` holds the newest checkpoint of each, and belongs to one witness."""

    def __init__(
        self,
        folder: Path,
        cosigner: Cosigner,
        logs: Mapping[str, Sequence[VerifierKey]],
        now: Callable[[], float],
    ) -> None:
        self._folder, self._cosigner, self._logs, self._now = folder, cosigner, logs, now
        self._lock = threading.Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer one request: 200 with the cosignature, or 400, 403, 404, 409, 422 as the specification says."""
        try:
            asked = Request.parse(body)
            checkpoint = Checkpoint.parse(asked.note.text)
        except Malformed as error:
            return _says(400, str(error))
        keys = self._logs.get(checkpoint.origin)
        if keys is None:
            return _says(404, f"不认识这个日志 · unknown log: {checkpoint.origin}")
        try:
            verify_note(asked.note, keys)
        except (SignatureFailed, Unsigned) as error:
            return _says(403, f"{error} · invalid signature")
        if asked.old > checkpoint.size:
            return _says(400, "旧的大小大于检查点 · the old size is larger than the checkpoint")
        with self._lock:
            return self._judge(asked, checkpoint)

    def newest(self, origin: str) -> Note | None:
        """The newest checkpoint seen of a log, if any."""
        try:
            return parse_note(self._file(origin).read_bytes())
        except FileNotFoundError:
            return None

    def _judge(self, asked: Request, checkpoint: Checkpoint) -> Answer:
        newest = self.newest(checkpoint.origin)
        known = Checkpoint.parse(newest.text) if newest else None
        size = known.size if known else 0
        if asked.old != size:
            return Answer(409, f"{size}\n".encode(), SIZE)
        if known is not None and known.size == checkpoint.size and known.root != checkpoint.root:
            return Answer(409, f"{size}\n".encode(), SIZE)
        try:
            if known is not None:
                check_consistency(size, checkpoint.size, asked.proof, known.root, checkpoint.root)
            elif asked.proof:
                raise Unproven("自空树起不需要证明 · from the empty tree there is no proof")
        except Unproven as error:
            return _says(422, f"{error} (consistency proof)")
        _store(self._file(checkpoint.origin), asked.note.encode())
        return Answer(200, str(self._cosigner.cosign(asked.note.text, int(self._now()))).encode())

    def _file(self, origin: str) -> Path:
        return self._folder / f"{sha256(origin.encode()).hexdigest()}.checkpoint"


def serve(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """The service, bound and not yet running: `serve_forever` runs it, `shutdown` ends it."""

    class Handler(BaseHTTPRequestHandler):
        """One path, one method; nothing of who asks is kept."""

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != PATH:
                answer = _says(404, "没有此路径 · no such path")
            elif not length.isdigit() or int(length) > _MOST_BYTES:
                answer = _says(413, "请求过大 · the request is too large")
            else:
                answer = witness.add_checkpoint(self.rfile.read(int(length)))
            self.send_response_only(answer.status)
            self.send_header("Content-Type", answer.media)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """No log of requests."""

    Handler.timeout = _ANSWER_WITHIN_SECONDS
    return ThreadingHTTPServer((host, port), Handler)


class Behind(SealedLogError):
    """The witness has seen more than the log has: the log was put back to an older state."""

    def __init__(self, name: str, theirs: int, ours: int) -> None:
        super().__init__(
            f"见证 {name} 已见 {theirs} 条，账本只有 {ours} 条 · {name} has seen {theirs}, the log has {ours}"
        )
        self.theirs = theirs


class Unreachable(SealedLogError):
    """The witness does not answer, or not as a witness does."""


class Client:
    """A log's side: asks one witness to cosign.

    Nothing is asked of anybody but the address given: no redirect is followed, and no proxy of the environment's is
    used. An answer that has not come whole within the deadline counts for none, however it drips.
    """

    def __init__(self, url: str, key: VerifierKey, within: float = _ANSWER_WITHIN_SECONDS) -> None:
        self.url, self.key = url.rstrip("/"), key.as_cosigner()
        self._within = within
        self._known = 0
        self._talking: threading.Thread | None = None

    def cosign(self, note: Note, prove: Callable[[int, int], Sequence[bytes]]) -> Signature:
        """The witness's signature under the note.

        Raises Behind where the witness has seen more, Unproven where it takes ours for another history, Unreachable.
        """
        try:
            return self._cosigned(note, prove, time.monotonic() + self._within)
        except SealedLogError:
            self._known = 0  # what it said it knew may have been wrong: the next time it is asked anew
            raise

    def _cosigned(self, note: Note, prove: Callable[[int, int], Sequence[bytes]], until: float) -> Signature:
        checkpoint = Checkpoint.parse(note.text)
        for _ in range(2):
            if self._known > checkpoint.size:
                raise Behind(self.key.name, self._known, checkpoint.size)
            status, body = self._ask(note, checkpoint, prove, until)
            if status != 409:
                break
            try:
                number, end, _ = body.decode("ascii", "replace").partition("\n")
                self._known = decimal(number if end else "")  # without its end it was cut off: another number
            except Malformed as error:
                raise Unreachable(f"见证 {self.key.name} 的答复无法解读 · {self.key.name} answers nonsense") from error
        if status in (409, 422):
            raise Unproven(
                f"见证 {self.key.name} 所见与账本不是同一历史 · what {self.key.name} has seen is another history"
            )
        if status != 200:
            raise Unreachable(f"见证 {self.key.name} 不签（{status}）· {self.key.name} does not sign ({status})")
        try:
            (signature,) = parse_note(note.text.encode() + b"\n" + body).signatures
            if not self.key.made(signature):
                raise Malformed("签名者不符 · signed by somebody else")
            self.key.check(note.text, signature)
        except (ValueError, SealedLogError) as error:
            raise Unreachable(
                f"见证 {self.key.name} 的签名无效 · the signature of {self.key.name} is not valid: {error}"
            ) from error
        self._known = checkpoint.size
        return signature

    def _ask(
        self, note: Note, checkpoint: Checkpoint, prove: Callable[[int, int], Sequence[bytes]], until: float
    ) -> tuple[int, bytes]:
        proof = tuple(prove(self._known, checkpoint.size)) if 0 < self._known < checkpoint.size else ()
        asked = Request(self._known, proof, note).encode()
        said: list[tuple[int, bytes]] = []
        sockets: list[socket.socket] = []
        late = True
        if self._talking is None or not self._talking.is_alive():  # else it is still being looked up since last time
            # In a thread of its own: a timeout of the socket begins anew with every byte, and covers no look-up.
            self._talking = threading.Thread(target=self._talk, args=(asked, said, sockets), daemon=True)
            self._talking.start()
            self._talking.join(max(until - time.monotonic(), 0))
            late = self._talking.is_alive()
            for one in sockets if late else ():
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        if late or not said:
            raise Unreachable(f"见证 {self.key.name} 没有应答 · {self.key.name} does not answer: {self.url}")
        return said[0]

    def _talk(self, asked: bytes, said: list[tuple[int, bytes]], sockets: list[socket.socket]) -> None:
        # What is cut off in the midst, or is no HTTP at all, is no answer.
        with suppress(OSError, HTTPException, ValueError):
            at = urlsplit(self.url)
            kind = HTTPSConnection if at.scheme == "https" else HTTPConnection
            with closing(kind(at.netloc.rpartition("@")[2], timeout=self._within)) as connection:
                connection.connect()
                sockets.append(connection.sock)
                connection.request("POST", at.path + PATH, asked, {"Content-Type": "text/plain"})
                answer = connection.getresponse()
                said.append((answer.status, answer.read(_MOST_BYTES)))


def _says(status: int, text: str) -> Answer:
    return Answer(status, f"{text}\n".encode())


def _store(path: Path, data: bytes) -> None:
    """On disk whole, or not at all."""
    scratch = path.with_suffix(".new")
    with scratch.open("wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
    scratch.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
