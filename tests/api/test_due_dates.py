"""A due date explains itself, and its state follows the day (Art. 11(6), 17; promises.md §2)."""

from datetime import date
from typing import Any

import pytest

PEOPLE = (
    *("office-clerk", "party-secretary", "group-head", "group-member", "team-leader", "team-registrar", "team-member"),
    *("other-leader", "town-head", "bureau-head", "discipline-contact"),
)
FIELDS = "id publication { dueOn state metOn provisional article support owedBy owedTo edition calendar why }"


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """The same city in the autumn of 2015: the notice is received on the eve of National Day."""
    c = application.city
    c.origin = date(2015, 11, 19)
    c.found(*PEOPLE)
    c.begin(publish=False)
    return c


def publication(city: Any, unit: str, language: str = "zh") -> dict[str, Any]:
    answer = city.post(
        f"{unit}-head", {"query": f"{{ inspections {{ items {{ {FIELDS} }} }} }}"}, Accept_Language=language
    )
    return dict(answer.json()["data"]["inspections"]["items"][0]["publication"])


def test_three_working_days_across_national_day_are_explained_day_by_day(city: Any) -> None:
    """Art. 11(6): received on 2015-09-30; the Saturday worked to make up counts."""
    due = publication(city, "town")
    assert due["dueOn"] == "2015-10-10"
    assert (due["article"], due["support"], due["provisional"]) == ("11(6)", "text", False)
    assert (due["edition"], due["owedBy"]) == ("yiwu-2015", "unit")
    assert due["why"] == [
        "2015年9月30日（周三）被巡查单位接到巡查通知书，为起算之日，当日不计。",
        "期限为3个工作日，自次日起逐日计算。",
        "2015年10月1日（周四）至10月7日（周三）是国庆节放假，共7天，不计入。",
        "2015年10月10日（周六）是国庆节调休上班，计为工作日。",
        "第1个工作日为2015年10月8日（周四），第3个工作日为2015年10月10日（周六）。",
        "届满日为2015年10月10日（周六）；在当日24时（北京时间）以前办结，即为按期。",
        f"所据日历版本：{due['calendar']}。",
        "依据：第十一条第（六）项（条文明定）。",
    ]
    assert publication(city, "town", "en")["why"][:3] == [
        "The count starts from Wed 2015-09-30 (the unit received the notice); that day itself is not counted.",
        "The period is 3 working days, counted from the next day on.",
        "Thu 2015-10-01 to Wed 2015-10-07 (7 days) are off for National Day: not counted.",
    ]


@pytest.mark.parametrize(
    ("unit", "published", "state"), [("town", "2015-10-10", "met"), ("bureau", "2015-10-11", "met_late")]
)
def test_met_on_the_due_day_is_met_and_the_day_after_is_late(unit: str, published: str, state: str, city: Any) -> None:
    """promises.md §2: met if met before the end of the due day."""
    assert publication(city, unit)["state"] == "overdue"
    city.done(
        f"{unit}-head",
        "publishNotice",
        inspection=city.ids[f"{unit}/inspection"],
        publishedOn=published,
        account="已公布",
    )
    city.settle()
    due = publication(city, unit)
    assert (due["state"], due["metOn"], due["dueOn"]) == (state, published, "2015-10-10")


def test_a_month_is_rolled_on_from_a_saturday_and_stays_open_until_it_is_over(city: Any) -> None:
    """Art. 17: one month from receipt; the same day number, rolled on to the next working day."""
    fields = "id answerDue { dueOn state why } "
    petition = city.petition(1)
    city.instruct(petition)
    transfer = city.transfer(city.clue(petition))
    city.done("discipline-contact", "receiveTransfer", transfer=transfer, receivedOn="2015-10-28")
    city.settle()
    due = city.rows("discipline-contact", "transfers", fields)[0]["answerDue"]
    assert (due["dueOn"], due["state"]) == ("2015-11-30", "overdue")
    assert "到期之月的同日为2015年11月28日（周六）。" in "".join(due["why"])

    petition = city.petition(2)
    city.instruct(petition)
    today = city.today.isoformat()
    transfer = city.transfer(city.clue(petition), transferredOn=today)
    city.done("discipline-contact", "receiveTransfer", transfer=transfer, receivedOn=today)
    city.settle()
    rows = city.rows("discipline-contact", "transfers", fields)
    assert next(r for r in rows if r["id"] == transfer)["answerDue"]["state"] == "open"
