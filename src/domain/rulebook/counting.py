"""期限计算：从哪天起、跳过哪些天、哪天届满。 Counting time: from which day, past which days, to which day.

The text gives 3 working days (Art. 11), 5 working days (16) and 1 month (17, 19, 28) and no way of counting.
What stands here is convention: the day of the trigger is not counted; working days follow the State
Council's arrangement, make-up Saturdays and Sundays included; a month is the same day number, clamped to the
month's end and rolled on to the next working day; met if met before the end of the due day in Shanghai.
"""

import calendar as gregorian
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Annotated, Literal

from pydantic import Field

from domain.rulebook.calendars import ONE_DAY, Calendar, Day, Frozen, Label, Language, Reason, days_between

Unit = Literal["working_days", "calendar_days", "months"]
Support = Literal["text", "interpretation", "convention"]

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""A fixed offset: China has kept +08:00 all year since 1991, and the domain reads no time-zone files."""


class Period(Frozen):
    """A length of time in the unit the text uses.

    **Units** working days, calendar days or months, never converted into each other.
    """

    n: Annotated[int, Field(strict=True, ge=1, le=400)]
    unit: Unit


class NamedDay(Frozen):
    """A day that was passed over, or a make-up day that counted, with the reason. Stored for ever."""

    date: date
    reason: Reason
    name: Label | None = None


SkippedDay = NamedDay
MadeUpDay = NamedDay


class Count(Frozen):
    """A due date with all that it rests on. Stored in facts for ever: it may only gain optional fields.

    **Shape** `skipped` and `made_up` ascend, each day once: for working days all between trigger and due
    date, for months those met in rolling on, for calendar days none.
    `provisional` where a day that mattered lies in a year whose arrangement was not announced.
    """

    trigger: date
    period: Period
    first_day_counted: date
    due: date
    provisional: bool
    calendar_version: str
    skipped: tuple[SkippedDay, ...] = ()
    made_up: tuple[MadeUpDay, ...] = ()
    nominal: date | None = None
    clamped: bool = False
    rolled_from: date | None = None


class ChangedDay(Frozen):
    """A day of a count that a later calendar made other than it was, and by which notice. Stored for ever.

    **Source** `notice` cites the later calendar's notice; absent where it only leaves the day out.
    """

    date: date
    was: Reason
    now: Reason
    name: Label | None = None
    notice: str | None = None


def changed_days(before: Calendar, after: Calendar, counted: Count, again: Count) -> tuple[ChangedDay, ...]:
    """The days a count looked at that were worked in one calendar and are not in the other.

    **Shape** ascending, each day once.
    """
    first = counted.nominal or counted.trigger + ONE_DAY
    found: list[ChangedDay] = []
    for d in days_between(first, max(counted.due, again.due)):
        was, now = before.day(d), after.day(d)
        if was.working != now.working:
            notice = now.notice.citation if now.notice else None
            found.append(ChangedDay(date=d, was=was.reason, now=now.reason, name=now.name, notice=notice))
    return tuple(found)


def count(period: Period, trigger: date, calendar: Calendar, *, roll_months_to_working_day: bool) -> Count:
    """Count a period from its trigger to its due date, keeping every step.

    **Units** as the period's own. Calendar days are never rolled on; months are where the edition says so.
    """
    match period.unit:
        case "working_days":
            return _working_days(period, trigger, calendar)
        case "calendar_days":
            return Count(
                trigger=trigger,
                period=period,
                first_day_counted=trigger + ONE_DAY,
                due=trigger + timedelta(days=period.n),
                provisional=False,
                calendar_version=calendar.version,
            )
        case "months":
            return _months(period, trigger, calendar, roll_months_to_working_day)


def _working_days(period: Period, trigger: date, calendar: Calendar) -> Count:
    looked_at: list[Day] = []
    worked: list[Day] = []
    while len(worked) < period.n:
        day = calendar.day(trigger + ONE_DAY * (len(looked_at) + 1))
        looked_at.append(day)
        if day.working:
            worked.append(day)
    return Count(
        trigger=trigger,
        period=period,
        first_day_counted=worked[0].date,
        due=worked[-1].date,
        provisional=any(day.provisional for day in looked_at),
        calendar_version=calendar.version,
        skipped=_skipped(looked_at),
        made_up=_made_up(looked_at),
    )


def _months(period: Period, trigger: date, calendar: Calendar, roll: bool) -> Count:
    nominal, clamped = _same_day_number(trigger, period.n)
    due = nominal
    while roll and not calendar.day(due).working:
        due += ONE_DAY
    looked_at = [calendar.day(d) for d in days_between(nominal, due)] if roll else []
    return Count(
        trigger=trigger,
        period=period,
        first_day_counted=trigger + ONE_DAY,
        due=due,
        provisional=any(day.provisional for day in looked_at),
        calendar_version=calendar.version,
        skipped=_skipped(looked_at),
        made_up=_made_up(looked_at),
        nominal=nominal,
        clamped=clamped,
        rolled_from=nominal if due != nominal else None,
    )


def _same_day_number(trigger: date, months: int) -> tuple[date, bool]:
    """The same day number so many months on, or the month's last day where it has none such."""
    year, month0 = divmod(trigger.year * 12 + trigger.month - 1 + months, 12)
    last = gregorian.monthrange(year, month0 + 1)[1]
    return date(year, month0 + 1, min(trigger.day, last)), trigger.day > last


def _skipped(days: Sequence[Day]) -> tuple[SkippedDay, ...]:
    return tuple(SkippedDay(date=d.date, reason=d.reason, name=d.name) for d in days if not d.working)


def _made_up(days: Sequence[Day]) -> tuple[MadeUpDay, ...]:
    made_up = Reason.MAKE_UP_WORKDAY
    return tuple(MadeUpDay(date=d.date, reason=d.reason, name=d.name) for d in days if d.reason is made_up)


def due_instant(due: date) -> datetime:
    """The first instant that is too late: the next midnight in Shanghai, as UTC."""
    return datetime.combine(due + ONE_DAY, time(), SHANGHAI).astimezone(UTC)


def met(due: date, at: date | datetime) -> bool:
    """Whether what was done at a time, or on a day, was done before the end of the due day.

    **Raises** `ValueError` for a time without time zone: it could be either side of midnight.
    """
    if not isinstance(at, datetime):
        return at <= due
    if at.tzinfo is None:
        msg = f"a time without time zone cannot be compared with a due date: {at.isoformat()}"
        raise ValueError(msg)
    return at < due_instant(due)


# The explanation


def explain(
    count: Count,
    *,
    language: Language,
    article: str | None = None,
    support: Support | None = None,
    trigger_name: tuple[str, str] | None = None,
    hint: bool = False,
) -> tuple[str, ...]:
    """Explain a due date: trigger, day zero, each day passed over, result, calendar version, article.

    `trigger_name` is what happened on the trigger day, Chinese and English. `hint`: it is hoped for, not due.
    """
    sentences = _zh(count, trigger_name, hint) if language == "zh" else _en(count, trigger_name, hint)
    if article is not None:
        sentences.append(_resting_on(article, support, language))
    return tuple(sentences)


def _zh(c: Count, trigger_name: tuple[str, str] | None, hint: bool) -> list[str]:
    n = c.period.n
    period, last = ("提示期限", "提示日") if hint else ("期限", "届满日")
    what = f"{trigger_name[0]}，" if trigger_name else ""
    steps = [f"{_zh_day(c.trigger)}{what}当日不计，自次日起算。"]
    if c.period.unit == "working_days":
        steps.append(f"{period}为{n}个工作日。")
    elif c.period.unit == "calendar_days":
        steps.append(f"{period}为{n}个自然日，自{_zh_day(c.first_day_counted)}起计，含周末和节假日。")
    elif c.nominal is not None:
        steps.append(f"{period}为{n}个月，" + _zh_nominal(c, c.nominal))
    steps += [_zh_run(run, c, last) for run in _runs((*c.skipped, *c.made_up))]
    if c.period.unit == "working_days":
        first = f"第1个工作日为{_zh_day(c.first_day_counted)}，" if n > 1 else ""
        steps.append(f"{first}第{n}个工作日为{_zh_day(c.due)}。")
    elif c.rolled_from is not None:
        steps.append(f"顺延至其后第一个工作日，即{_zh_day(c.due)}。")
    what_of_it = "只作提示，不是期限，超过不算违反。" if hint else "在当日24时（北京时间）以前办结，即为按期。"
    steps.append(f"{last}为{_zh_day(c.due)}；{what_of_it}")
    if c.provisional:
        steps.append(f"所涉年份的放假安排尚未收入本日历，仅按周末推算，此{last}为暂定。")
    steps.append(f"所据日历版本：{c.calendar_version}。")
    return steps


def _zh_nominal(c: Count, nominal: date) -> str:
    if c.clamped:
        return f"到期之月没有{c.trigger.day}日，取该月最后一日，即{_zh_day(nominal)}。"
    return f"到期之月的同日为{_zh_day(nominal)}。"


def _zh_run(run: Sequence[NamedDay], c: Count, last_day: str) -> str:
    first, last = run[0].date, run[-1].date
    days = _zh_day(first) if first == last else f"{_zh_day(first)}至{_zh_day(last, since=first)}"
    total = f"，共{len(run)}天" if len(run) > 1 else ""
    name = run[0].name.zh if run[0].name else ""
    passed = "不计入" if c.period.unit == "working_days" else f"不作{last_day}"
    match run[0].reason:
        case Reason.MAKE_UP_WORKDAY:
            return f"{days}是{name}调休上班{total}，计为工作日。"
        case Reason.HOLIDAY:
            return f"{days}是{name}放假{total}，{passed}。"
        case _:
            return f"{days}是周末{total}，{passed}。"


def _en(c: Count, trigger_name: tuple[str, str] | None, hint: bool) -> list[str]:
    n = c.period.n
    what = f" ({trigger_name[1]})" if trigger_name else ""
    steps = [f"The count starts from {_en_day(c.trigger)}{what}; that day itself is not counted."]
    if c.period.unit == "working_days":
        steps.append(f"The period is {_plural(n, 'working day')}, counted from the next day on.")
    elif c.period.unit == "calendar_days":
        first = _en_day(c.first_day_counted)
        steps.append(f"The period is {_plural(n, 'calendar day')} from {first}, days off included.")
    elif c.nominal is not None:
        nominal = _en_day(c.nominal)
        clamped = f"that month has no day {c.trigger.day}, so its last day is taken: {nominal}."
        same = f"the same day of that month is {nominal}."
        steps.append(f"The period is {_plural(n, 'month')}; {clamped if c.clamped else same}")
    steps += [_en_run(run, c, hint) for run in _runs((*c.skipped, *c.made_up))]
    if c.period.unit == "working_days":
        first = f"Working day 1 is {_en_day(c.first_day_counted)}, w" if n > 1 else "W"
        steps.append(f"{first}orking day {n} is {_en_day(c.due)}.")
    elif c.rolled_from is not None:
        steps.append(f"It is rolled on to the next working day, {_en_day(c.due)}.")
    if hint:
        steps.append(f"It is hoped for by {_en_day(c.due)}: a hint, no due date, and no breach where it passes.")
    else:
        steps.append(f"It is due on {_en_day(c.due)}: met if done before that day ends (Beijing time).")
    if c.provisional:
        steps.append(
            "The arrangement of a year concerned is not in this calendar: "
            f"only weekends were left out, and the {'hoped-for day' if hint else 'due date'} is provisional."
        )
    steps.append(f"Calendar version: {c.calendar_version}.")
    return steps


def _en_run(run: Sequence[NamedDay], c: Count, hint: bool) -> str:
    first, last = run[0].date, run[-1].date
    days = _en_day(first) if first == last else f"{_en_day(first)} to {_en_day(last)} ({len(run)} days)"
    verb = "is" if first == last else "are"
    name = run[0].name.en if run[0].name else ""
    passed = "not counted" if c.period.unit == "working_days" else f"cannot be the {'hoped-for' if hint else 'due'} day"
    match run[0].reason:
        case Reason.MAKE_UP_WORKDAY:
            return f"{days} {verb} worked to make up for {name}: counted as working."
        case Reason.HOLIDAY:
            return f"{days} {verb} off for {name}: {passed}."
        case _:
            return f"{days} {verb} a weekend: {passed}."


def _runs(days: Sequence[NamedDay]) -> Iterator[list[NamedDay]]:
    """Days in order, neighbours of one reason and one name taken together."""
    run: list[NamedDay] = []
    for day in sorted(days, key=lambda d: d.date):
        if run and (run[-1].date + ONE_DAY, run[-1].reason, run[-1].name) != (day.date, day.reason, day.name):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def _zh_day(d: date, *, since: date | None = None) -> str:
    year = "" if since and since.year == d.year else f"{d.year}年"
    return f"{year}{d.month}月{d.day}日（周{'一二三四五六日'[d.weekday()]}）"


def _en_day(d: date) -> str:
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[d.weekday()]
    return f"{weekday} {d.isoformat()}"


def _plural(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def explain_set_day(
    due: date, *, how: str, set_on: date, article: str, support: Support, language: Language
) -> tuple[str, ...]:
    """Explain a day that somebody set: when, how, which day, by which article. `how` is in the reader's language."""
    if language == "zh":
        first = f"{_zh_day(set_on)}{how}：{_zh_day(due)}。"
        then = "届满日由人确定，不按期限计算；在当日24时（北京时间）以前办结，即为按期。"
    else:
        first = f"On {_en_day(set_on)} {how}: {_en_day(due)}."
        then = "The day was set, not counted: met if done before it ends (Beijing time)."
    return first, then, _resting_on(article, support, language)


def explain_change(day: ChangedDay, language: Language) -> str:
    """Say what a later calendar made of a day, and by which notice."""
    name = day.name.text(language) if day.name else ""
    if language == "zh":
        what = {Reason.HOLIDAY: f"{name}放假", Reason.MAKE_UP_WORKDAY: f"{name}调休上班"}.get(
            day.now, _ZH_PLAIN[day.now]
        )
        return f"{_zh_day(day.date)}由{_ZH_PLAIN[day.was]}改为{what}" + (
            f"，依据{day.notice}。" if day.notice else "。"
        )
    what = {Reason.HOLIDAY: f"off for {name}", Reason.MAKE_UP_WORKDAY: f"worked to make up for {name}"}.get(
        day.now, _EN_PLAIN[day.now]
    )
    return f"{_en_day(day.date)} was {_EN_PLAIN[day.was]} and is {what}" + (
        f", by {day.notice}." if day.notice else "."
    )


_ZH_PLAIN = {
    Reason.WORKDAY: "工作日",
    Reason.WEEKEND: "周末",
    Reason.HOLIDAY: "放假",
    Reason.MAKE_UP_WORKDAY: "调休上班日",
}
_EN_PLAIN = {
    Reason.WORKDAY: "a working day",
    Reason.WEEKEND: "a weekend",
    Reason.HOLIDAY: "a day off",
    Reason.MAKE_UP_WORKDAY: "a make-up working day",
}

_SUPPORT = {
    "text": Label(zh="条文明定", en="the text itself"),
    "interpretation": Label(zh="依解释", en="by interpretation"),
    "convention": Label(zh="条文未定，依惯例", en="by convention, the text being silent"),
}


def _resting_on(article: str, support: Support | None, language: Language) -> str:
    grade = _SUPPORT[support].text(language) if support else ""
    if language == "zh":
        return f"依据：{cite(article, 'zh')}" + (f"（{grade}）。" if grade else "。")
    return f"It rests on {cite(article, 'en')}" + (f" ({grade})." if grade else ".")


def cite(article: str, language: Language) -> str:
    """Cite articles as a reader would: "11(6), 17" is 第十一条第（六）项、第十七条, Art. 11(6), Art. 17."""
    parts = [part.strip() for part in article.split(",")]
    if language == "en":
        return ", ".join(f"Art. {part}" for part in parts)
    return "、".join(_zh_article(part) for part in parts)


def _zh_article(article: str) -> str:
    number, _, item = article.rstrip(")").partition("(")
    return f"第{_zh_number(int(number))}条" + (f"第（{_zh_number(int(item))}）项" if item else "")


def _zh_number(n: int) -> str:
    """A number below one hundred in Chinese characters, as articles are numbered."""
    digits = "零一二三四五六七八九"
    tens, units = divmod(n, 10)
    if tens == 0:
        return digits[units]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[units] if units else "")
