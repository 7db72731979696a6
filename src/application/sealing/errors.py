"""What sealing and checking raise. Every message says what does not fit and what to do."""


class SealingError(Exception):
    """It cannot be sealed; the message says what does not fit and what to do."""


class NotSealed(SealingError):
    """What was sealed and what the ledger holds are not the same: nothing is signed until it is explained.

    `position`: the entry it is seen at first, where it is seen at one.
    """

    def __init__(self, says: str, position: int = 0) -> None:
        super().__init__(says)
        self.position = position


def older(head: int, sealed: int, witness: str = "") -> NotSealed:
    """The ledger holds less than was sealed; `witness` is who says so, where it is not a note of our own."""
    zh, en = (f"（见证 {witness} 所见）", f" (says the witness {witness})") if witness else ("", "")
    return NotSealed(
        f"账本只有 {head} 条，而已封存至第 {sealed} 条{zh}：恢复了旧备份，或者末尾被删。查明之前不封存；如确系恢复"
        f"旧备份，由主任决定并记入账本：xuncha restored · the ledger has {head} entries, {sealed} were sealed{en}: an "
        "old backup was restored, or its end was removed. Nothing is sealed until it is explained; where it is a "
        "restore, the director decides and puts it on record: xuncha restored"
    )
