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
        "2015年9月30日（周三）被巡查单位接到巡查通知书，当日不计，自次日起算。",
        "期限为3个工作日。",
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


DUTY = "id matter deadline owedBy dueOn status due { dueOn state urgency metOn why }"


def test_each_audience_finds_its_own_duties_in_one_list_in_the_order_of_the_days(city: Any) -> None:
    """Art. 4(4), 11(6), 16, 17: the office all of them, everybody else what they owe, with the reason."""
    petition = city.petition(3)
    city.instruct(petition)
    transfer = city.transfer(city.clue(petition))
    city.done("discipline-contact", "receiveTransfer", transfer=transfer, receivedOn="2015-10-29")
    town, bureau = (city.ids[f"{unit}/inspection"] for unit in ("town", "bureau"))
    city.settle()
    office = city.rows("office-clerk", "duties", DUTY)
    assert {(d["matter"], d["deadline"], d["owedBy"]) for d in office} >= {
        (town, "notice_publication", city.ids["town"]),
        (bureau, "notice_publication", city.ids["bureau"]),
        (transfer, "transfer_answer", city.ids["discipline"]),
    }
    assert [d["dueOn"] for d in office] == sorted(d["dueOn"] for d in office)
    for subject, owes in (("town-head", "town"), ("bureau-head", "bureau"), ("discipline-contact", "discipline")):
        own = city.rows(subject, "duties", DUTY)
        assert {d["owedBy"] for d in own} == {city.ids[owes]}
        assert own == [d for d in office if d["owedBy"] == city.ids[owes]]
    (mine,) = [d for d in city.rows("discipline-contact", "duties", DUTY) if d["matter"] == transfer]
    assert (mine["status"], mine["due"]["state"], mine["due"]["urgency"]) == ("owed", "overdue", "late")
    assert mine["due"]["why"]
    city.done(
        "discipline-contact",
        "answerTransfer",
        transfer=transfer,
        handling="preliminary_verification",
        account="已初核",
        answeredOn="2015-11-30",
    )
    city.settle()
    (mine,) = [d for d in city.rows("discipline-contact", "duties", DUTY) if d["matter"] == transfer]
    assert (mine["status"], mine["due"]["state"], mine["due"]["metOn"]) == ("met", "met", "2015-11-30")
    assert mine["due"]["urgency"] == "done"


def test_the_end_of_an_inspection_makes_the_report_the_teams_duty(city: Any) -> None:
    """Art. 16: five working days; the team sees it, the unit does not."""
    city.done("other-leader", "endInspection", inspection=city.ids["bureau/inspection"], endedOn="2015-11-19")
    city.settle()
    (report,) = city.rows("other-leader", "duties", DUTY)
    assert (report["deadline"], report["owedBy"], report["dueOn"]) == (
        "inspection_report",
        city.ids["bureau/team"],
        "2015-11-26",
    )
    assert {d["deadline"] for d in city.rows("bureau-head", "duties", DUTY)} == {"notice_publication"}
    assert city.rows("team-leader", "duties", DUTY) == []


def test_a_duty_about_a_clue_is_not_shown_to_whom_the_clue_concerns(city: Any) -> None:
    """Art. 3 (c), 17: not even that an answer is owed."""
    petition = city.petition(4)
    city.instruct(petition)
    clue = city.clue(petition, concerned=[city.ids["office-clerk"]])
    director = "office-director"
    city.done("team-leader", "reportClue", clue=clue, reportedOn=city.ago(30), report="上报内容")
    city.hear()
    given = {"disposalClass": "cadre_discipline", "organ": city.ids["discipline"]}
    city.done(director, "proposeDisposal", item=clue, paper="材料", reason="属其职责", proposedOn=city.ago(28), **given)
    city.done("group-head", "decideDisposal", item=clue, decidedOn=city.ago(25), **given)
    to = [city.ids["discipline-contact"]]
    transfer = city.done(
        director, "transferItem", item=clue, recipients=to, material="材料", transferredOn=city.ago(22)
    )
    city.done("discipline-contact", "receiveTransfer", transfer=transfer, receivedOn=city.ago(21))
    city.settle()
    assert transfer in {d["matter"] for d in city.rows(director, "duties", DUTY)}
    assert transfer not in {d["matter"] for d in city.rows("office-clerk", "duties", DUTY)}
