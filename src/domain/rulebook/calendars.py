"""工作日历：某日是否工作日，依据哪件通知。 The working calendar: is a day worked, and by which notice.

The calendar is data (`data/calendar-cn.toml`), read from text and versioned; a new version never changes what
was counted under an earlier one. How rulebook files are read, and how they say what is wrong with them,
stands here too, because the edition of a city is read in the same way.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Language = Literal["zh", "en"]
Text = Annotated[str, StringConstraints(strict=True, pattern=r"\S")]
"""Words for a reader, never empty."""
Day_ = Annotated[date, Field(strict=True)]

SATURDAY = 5
ONE_DAY = timedelta(days=1)


class Frozen(BaseModel):
    """A value of the rulebook: frozen, and no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(Frozen):
    """A name in the two languages, Chinese first."""

    zh: Text
    en: Text

    def text(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


# How a rulebook file is read, and what it says when it is wrong


class Fault(Frozen):
    """One thing wrong in a rulebook file: where, what stands there, what was expected."""

    file: str
    key: str
    value: str
    expected: Label

    def __str__(self) -> str:
        return f"{self.file}: {self.key} = {self.value}: 应为{self.expected.zh} · expected {self.expected.en}"


class EditionError(Exception):
    """A rulebook file (edition or calendar) cannot be used; names every fault found, not only the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


MISSING = "（缺）(missing)"


def read_toml(text: str, source: str) -> dict[str, Any]:
    """Read TOML; `source` is the file's name as the reader knows it.

    **Raises** `EditionError` with the line that does not parse.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        lines = text.splitlines() or [""]
        found = re.search(r"at line (\d+)", str(error))
        number = min(int(found[1]), len(lines)) if found else len(lines)
        unreadable = Fault(
            file=source,
            key=f"第{number}行 line {number}",
            value=lines[number - 1].strip() or "（空）(empty)",
            expected=Label(zh=f"合乎 TOML 格式的内容（{error}）", en=f"valid TOML ({error})"),
        )
        raise EditionError([unreadable]) from error


def sha256(text: str) -> str:
    """Digest of a rulebook file: SHA-256 of its UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def faults_of(error: ValidationError, raw: dict[str, Any], source: str) -> list[Fault]:
    """Turn pydantic's errors into faults named by dotted keys of the file."""
    return [
        Fault(
            file=source,
            key=dotted(raw, found["loc"]),
            value=MISSING if found["type"] == "missing" else shown(found["input"]),
            expected=_expected(found["type"], found.get("ctx", {}), found["msg"]),
        )
        for found in error.errors()
    ]


def dotted(raw: object, path: Sequence[str | int]) -> str:
    """Name a place in the file: table entries by their code where they have one, else by position from 0."""
    parts: list[str] = []
    here: Any = raw
    for step in path:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            here = None
        code = here.get("code", here.get("body")) if isinstance(step, int) and isinstance(here, dict) else None
        parts.append(code if isinstance(code, str) and code else str(step))
    return ".".join(parts)


def shown(value: object) -> str:
    """Show a value in an error, in one line of bearable length."""
    text = value.isoformat() if isinstance(value, date) else repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


_EXPECTED = {
    "missing": Label(zh="必填的键", en="this key, which is required"),
    "extra_forbidden": Label(zh="已知的键；没有这个键", en="a known key; there is no such key"),
    "string_type": Label(zh="引号内的文字", en="text in quotes"),
    "int_type": Label(zh="整数", en="a whole number"),
    "bool_type": Label(zh="true 或 false", en="true or false"),
    "tuple_type": Label(zh="列表", en="a list"),
    "dict_type": Label(zh="表", en="a table"),
    "model_type": Label(zh="表", en="a table"),
    "date_type": Label(zh="日期，如 2015-09-24，不加引号", en="a date such as 2015-09-24, without quotes"),
}


def _expected(kind: str, context: dict[str, Any], message: str) -> Label:
    match kind:
        case "literal_error":
            return Label(zh=f"以下之一：{context['expected']}", en=f"one of {context['expected']}")
        case "greater_than_equal" | "less_than_equal":
            return PERIOD_RANGE
        case "string_pattern_mismatch" if context["pattern"] == r"\S":
            return Label(zh="不空的文字", en="text that is not empty")
        case "string_pattern_mismatch":
            return Label(zh=f"合乎 {context['pattern']} 的文字", en=f"text matching {context['pattern']}")
        case _:
            return _EXPECTED.get(kind, Label(zh=f"其他内容（{message}）", en=f"something else ({message})"))


PERIOD_RANGE = Label(zh="1 至 400 的整数", en="a whole number from 1 to 400")


# The calendar


class Reason(StrEnum):
    """Why a day is worked or not; stored with due dates, for ever."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP_WORKDAY = "make_up_workday"


class Notice(Frozen):
    """A notice of the State Council or its General Office on days off and make-up working days.

    **Source** the notice itself, cited by title, number and address.
    **Shape** `announced` is left out where it is not known for sure.
    """

    year: Annotated[int, Field(strict=True)]
    title: Text
    number: Text | None = None
    cited: Text
    dated: Day_ | None = None
    announced: Day_ | None = None

    @property
    def citation(self) -> str:
        return f"《{self.title}》" + (f"（{self.number}）" if self.number else "")


class Day(Frozen):
    """One day of the calendar: worked or not, why, after which holiday, by which notice.

    `provisional` where the year's arrangement is not in this calendar, so that only weekends are known.
    """

    date: date
    working: bool
    reason: Reason
    name: Label | None = None
    notice: Notice | None = None
    provisional: bool = False


class Calendar(Frozen):
    """The working days of China as announced up to one version of the calendar.

    **Units** calendar days in, working days out.
    **Source** the text read; `digest` is its SHA-256.
    """

    version: str
    digest: str
    text: str
    notices: tuple[Notice, ...]
    listed: dict[date, Day]
    """Days a notice speaks of; all others are plain workdays and weekends."""

    def covers(self, year: int) -> bool:
        """Whether the year's arrangement is known to this version."""
        return any(notice.year == year for notice in self.notices)

    def day(self, d: date) -> Day:
        """Say what a day is."""
        if d in self.listed:
            return self.listed[d]
        weekend = d.weekday() >= SATURDAY
        return Day(
            date=d,
            working=not weekend,
            reason=Reason.WEEKEND if weekend else Reason.WORKDAY,
            provisional=not self.covers(d.year),
        )


class _NoticeInFile(Notice):
    off: tuple[Text, ...]
    work: tuple[Text, ...]
    replaces: tuple[Text, ...] = ()


class _CalendarInFile(Frozen):
    version: Text
    names: dict[str, Text]
    notices: Annotated[tuple[_NoticeInFile, ...], Field(min_length=1)]


def parse_calendar(text: str, source: str) -> Calendar:
    """Read a calendar from the text of its file.

    A later notice may change a day only by naming it under `replaces`; any other day listed twice is a fault.

    **Raises** `EditionError` naming file, key, value and what is expected, for all faults found.
    """
    raw = read_toml(text, source)
    try:
        file = _CalendarInFile.model_validate(raw)
    except ValidationError as error:
        raise EditionError(faults_of(error, raw, source)) from error

    faults: list[Fault] = []

    def fault(key: str, value: str, zh: str, en: str) -> None:
        faults.append(Fault(file=source, key=key, value=value, expected=Label(zh=zh, en=en)))

    notices: list[Notice] = []
    listed: dict[date, Day] = {}
    where: dict[date, str] = {}
    for i, entry in enumerate(file.notices):
        notices.append(Notice(**entry.model_dump(exclude={"off", "work", "replaces"})))
        for j, line in enumerate(entry.replaces):
            key = f"notices.{i}.replaces.{j}"
            replaced = _read_date(line)
            if replaced is None:
                fault(key, repr(line), *_A_DATE)
            elif listed.pop(replaced, None) is None:
                fault(key, repr(line), "此前通知已列的日子", "a day listed by an earlier notice")
        lines = [("off", j, line) for j, line in enumerate(entry.off)]
        lines += [("work", j, line) for j, line in enumerate(entry.work)]
        for kind, j, line in lines:
            key = f"notices.{i}.{kind}.{j}"
            days, name = _read_line(line)
            if not days:
                fault(key, repr(line), *_A_LINE)
            elif name not in file.names:
                fault(key, repr(line), "names 表中已有的节日名", "a holiday named in the table names")
            for d in days if name in file.names else ():
                if d in listed:
                    fault(
                        key,
                        d.isoformat(),
                        f"尚未列出的日子（已见于 {where[d]}）",
                        f"a day not listed in {where[d]}",
                    )
                elif kind == "work" and d.weekday() < SATURDAY:
                    fault(key, d.isoformat(), "周六或周日（调休上班日）", "a Saturday or Sunday, to be made up")
                elif not _belongs(d, entry.year):
                    fault(
                        key,
                        d.isoformat(),
                        f"{entry.year}年的日子（元旦可及上年末）",
                        f"a day of {entry.year}",
                    )
                else:
                    listed[d] = Day(
                        date=d,
                        working=kind == "work",
                        reason=Reason.MAKE_UP_WORKDAY if kind == "work" else Reason.HOLIDAY,
                        name=Label(zh=name, en=file.names[name]),
                        notice=notices[-1],
                    )
                    where[d] = key
    years = {notice.year for notice in notices}
    for year in sorted(set(range(min(years), max(years) + 1)) - years):
        fault("notices", f"{year}", f"{year}年也有通知", f"a notice for {year} too, between the years given")
    if faults:
        raise EditionError(faults)
    return Calendar(version=file.version, digest=sha256(text), text=text, notices=tuple(notices), listed=listed)


_A_DATE = ("日期，如 2015-10-01", "a date such as 2015-10-01")
_A_LINE = (
    "“日期 节日名”或“起..止 节日名”，如 2015-10-01..2015-10-07 国庆节",
    "'date name' or 'first..last name', such as '2015-10-01..2015-10-07 国庆节'",
)


def _read_line(line: str) -> tuple[list[date], str]:
    """Read `first..last name` or `date name`; no days where it does not read or runs backwards."""
    span, _, name = line.strip().partition(" ")
    first, _, last = span.partition("..")
    start, end = _read_date(first), _read_date(last or first)
    if start is None or end is None or not name.strip():
        return [], name
    return list(days_between(start, end)), name.strip()


def _read_date(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _belongs(d: date, year: int) -> bool:
    """New Year's arrangement may reach back into the last days of the year before, as in 2018 and 2022."""
    return d.year == year or (d.year == year - 1 and d >= date(year - 1, 12, 25))


def days_between(first: date, last: date) -> Iterator[date]:
    """Days from the first to the last, both included."""
    while first <= last:
        yield first
        first += ONE_DAY
