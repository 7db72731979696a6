"""The calendar as it was before an arrangement was announced in the middle of a year, and an edition with guidance."""
# ruff: noqa: E501 - an entry of an edition is one line

import re
from importlib.resources import files

from domain.rulebook.calendars import Calendar, parse_calendar
from domain.rulebook.editions import Edition, parse_edition

FILE = "calendar-cn.toml"
VICTORY_DAY_2015 = "国务院关于中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日调休放假的通知"
"""Announced on 2015-05-13: 3 to 5 September 2015 off, Sunday the 6th worked."""
SPRING_FESTIVAL_2020 = "国务院办公厅关于延长2020年春节假期的通知"
"""Announced on 2020-01-27: off until 2 February 2020, Saturday the 1st no longer worked."""


def text_before(title: str, version: str = "cn-before") -> str:
    """The text of the calendar that ships, without one notice and under another name."""
    text = (files("domain.rulebook") / "data" / FILE).read_text(encoding="utf-8")
    head, *notices = re.split(r"(?m)^(?=\[\[notices\]\])", text)
    kept = [notice for notice in notices if f'title = "{title}"' not in notice]
    assert len(kept) == len(notices) - 1, title
    head, renamed = re.subn(r'(?m)^version = ".*"', f'version = "{version}"', head)
    assert renamed == 1
    return head + "".join(kept)


def calendar_before(title: str, version: str = "cn-before") -> Calendar:
    return parse_calendar(text_before(title, version), FILE)


def without_years_from(year: int, version: str) -> str:
    """The text of the calendar that ships, without the notices of a year and of all later ones."""
    text = (files("domain.rulebook") / "data" / FILE).read_text(encoding="utf-8")
    head, *notices = re.split(r"(?m)^(?=\[\[notices\]\])", text)
    kept = [n for n in notices if int(re.findall(r"(?m)^year = (\d+)", n)[0]) < year]
    assert kept != notices
    return re.sub(r'(?m)^version = ".*"', f'version = "{version}"', head) + "".join(kept)


GUIDANCE = """guidance = [
    { code = "clue_to_office", zh = "及时报告", en = "report promptly", n = 3, unit = "working_days", article = "14", support = "convention" },
    { code = "handling_proposed", zh = "及时提出意见", en = "propose promptly", n = 10, unit = "calendar_days", applies_to = ["discipline"], article = "17", support = "convention" },
    { code = "feedback_given", zh = "及时反馈", en = "give promptly", n = 1, unit = "months", article = "18", support = "convention" },
]"""


def text_with_guidance(guidance: str = GUIDANCE) -> str:
    """The text of the edition that ships under another name, with guidance for what it wants done promptly."""
    text = (files("domain.rulebook") / "data" / "yiwu-2015.toml").read_text(encoding="utf-8")
    assert text.count("guidance = []") == 1
    return text.replace("guidance = []", guidance).replace('id = "yiwu-2015"', 'id = "guided-2015"')


def edition_with_guidance() -> Edition:
    return parse_edition(text_with_guidance(), "guided-2015.toml")
