"""Canonical JSON: RFC 8785 restricted to objects with ASCII names, lists, strings, and integers from 0 below 2^53.

Within this the standard library writes what RFC 8785 asks. Reading refuses everything that would be written otherwise:
two programs then cannot read one file as two things (a name given twice, 1.0 for 1, half a surrogate pair).
"""

import json
import re
from typing import Any

from sealedlog.errors import Malformed

LIMIT = 2**53
"""Integers stay below: beyond it, not every language reads what was written."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def quoted(text: str) -> str:
    """A string as canonical JSON writes it."""
    return _encode(text)


def canonical(value: Any) -> bytes:
    """The one form of a value. Raises Malformed for what has none here: floats, null, true, large numbers."""
    _check(value)
    try:
        return _encode(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise Malformed("文字中有半个代理对 · half a surrogate pair in a text") from error


def parse(data: bytes) -> Any:
    """The value of canonical bytes; raises Malformed for any other bytes."""
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"不是 JSON · not JSON: {error}") from error
    try:
        same = canonical(value) == data
    except RecursionError as error:
        raise Malformed("嵌套过深 · nested too deeply") from error
    if not same:
        raise Malformed("JSON 不是规范形式 · the JSON is not in canonical form")
    return value


def decimal(text: str) -> int:
    """A number as C2SP's formats write it: ASCII digits, no sign, no leading zero, below 2^53."""
    if not _DECIMAL.fullmatch(text) or int(text) >= LIMIT:
        raise Malformed(f"不是规范的十进制数 · not a plain decimal number: {text[:40]!r}")
    return int(text)


def _check(value: Any) -> None:
    if isinstance(value, str):
        return
    if isinstance(value, list):
        for item in value:
            _check(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if not (isinstance(name, str) and name.isascii()):
                raise Malformed(f"名称不是 ASCII · a name is not ASCII: {name!r}")
            _check(item)
    elif type(value) is not int or not 0 <= value < LIMIT:
        raise Malformed(f"规范 JSON 中没有这种值 · canonical JSON has no such value here: {str(value)[:40]}")
