"""Inspections: given where one stands, when notice, receipt, entry or end come, then facts or a refusal."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.inspections import (
    EndInspection,
    EnterUnit,
    Inspection,
    InspectionAssigned,
    InspectionEnded,
    NoticePublished,
    NoticeReceived,
    NoticeServed,
    PublishNotice,
    ReceiveNotice,
    ServeNotice,
    UnitEntered,
    assign,
    end,
    enter,
    evolve,
    publish_notice,
    receive_notice,
    serve_notice,
)
from domain.kernel import Manner, Refused, Secret, derived_id
from domain.rulebook import calendars
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import owed, state_of

DATA = Path(calendars.__file__).parent / "data"
YIWU = parse_edition((DATA / "yiwu-2015.toml").read_text("utf-8"), "yiwu-2015.toml")
CALENDAR = parse_calendar((DATA / "calendar-cn.toml").read_text("utf-8"), "calendar-cn.toml")

INSPECTION, ROUND, TEAM = derived_id("inspection", "1"), derived_id("round", "1"), derived_id("team", "1")
UNIT, HEAD = derived_id("body", "1"), derived_id("person", "1")
ON = date(2015, 9, 30)
DAY = timedelta(days=1)
TEXT = Secret("巡查内容")

ASSIGNED = Inspection(ROUND, TEAM, UNIT)
SERVED = replace(ASSIGNED, notice_on=ON)
RECEIVED = replace(SERVED, received_on=ON)
PUBLISHED = replace(RECEIVED, published_on=ON)
ENTERED = replace(RECEIVED, entered_on=ON)
ENDED = replace(ENTERED, ended_on=ON)


def serving(until_on: date = ON + 30 * DAY) -> ServeNotice:
    return ServeNotice(inspection=INSPECTION, served_on=ON, content=TEXT, from_on=ON, until_on=until_on)


def receive(state: Inspection, on: date = ON) -> list[object]:
    publication = owed(YIWU, CALENDAR, "notice_publication", on)
    command = ReceiveNotice(inspection=INSPECTION, received_on=on, how=Manner.BY_POST)
    return [*receive_notice(state, command, received_by=HEAD, publication=publication)]


def publishing(on: date = ON) -> PublishNotice:
    return PublishNotice(inspection=INSPECTION, published_on=on, account=TEXT)


def entering(on: date = ON) -> EnterUnit:
    return EnterUnit(inspection=INSPECTION, entered_on=on)


def ending(on: date = ON) -> EndInspection:
    return EndInspection(inspection=INSPECTION, ended_on=on)


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


def test_a_unit_is_assigned_once() -> None:
    """Articles 10, 11(2)."""
    facts = assign(None, INSPECTION, round_=ROUND, team=TEAM, unit=UNIT)
    assert facts == [InspectionAssigned(inspection=INSPECTION, round=ROUND, team=TEAM, unit=UNIT)]
    assert evolve(None, facts[0]) == ASSIGNED
    assert assign(ASSIGNED, INSPECTION, round_=ROUND, team=TEAM, unit=UNIT) == []


@pytest.mark.parametrize("days", [0, 1])
def test_a_notice_is_served_with_its_period(days: int) -> None:
    """Article 11(6)."""
    (fact,) = serve_notice(ASSIGNED, serving(ON + days * DAY))
    assert fact == NoticeServed(
        inspection=INSPECTION,
        round=ROUND,
        unit=UNIT,
        served_on=ON,
        content=TEXT,
        from_on=ON,
        until_on=ON + days * DAY,
    )
    assert evolve(ASSIGNED, fact) == SERVED


def test_receipt_starts_the_three_working_days_for_publication() -> None:
    """Article 11(6): after 30 September 2015 they are 8, 9 and 10 October, a make-up Saturday."""
    (fact,) = receive(SERVED)
    assert isinstance(fact, NoticeReceived)
    assert (fact.round, fact.unit, fact.received_by, fact.how) == (ROUND, UNIT, HEAD, Manner.BY_POST)
    assert fact.publication is not None
    assert (fact.publication.article, fact.publication.count.due) == ("11(6)", date(2015, 10, 10))
    states = [state_of(fact.publication, None, date(2015, 10, day)) for day in (9, 10, 11)]
    assert states == ["open", "open", "overdue"]
    met = [state_of(fact.publication, date(2015, 10, day), date(2016, 1, 1)) for day in (9, 10, 11)]
    assert met == ["met", "met", "met_late"]
    assert evolve(SERVED, fact) == RECEIVED


def test_the_unit_says_how_it_published_the_notice() -> None:
    """Article 11(6)."""
    facts = publish_notice(RECEIVED, publishing())
    assert facts == [NoticePublished(inspection=INSPECTION, round=ROUND, unit=UNIT, published_on=ON, account=TEXT)]
    assert evolve(RECEIVED, facts[0]) == PUBLISHED


@pytest.mark.parametrize("state", [SERVED, RECEIVED])
def test_a_unit_is_entered_after_the_notice(state: Inspection) -> None:
    """Articles 11(6), 12: its receipt is not waited for."""
    facts = enter(state, entering())
    assert facts == [UnitEntered(inspection=INSPECTION, round=ROUND, unit=UNIT, entered_on=ON)]
    assert evolve(state, facts[0]).entered_on == ON


def test_the_end_starts_the_five_working_days_for_the_report() -> None:
    """Articles 12, 16: after 30 September 2015 it is due on 13 October."""
    report = owed(YIWU, CALENDAR, "inspection_report", ON)
    facts = end(ENTERED, ending(), report=report)
    assert facts == [InspectionEnded(inspection=INSPECTION, round=ROUND, unit=UNIT, ended_on=ON, report=report)]
    assert report is not None
    assert report.count.due == date(2015, 10, 13)
    assert evolve(ENTERED, facts[0]) == ENDED


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: serve_notice(SERVED, serving()), ("notice_once", "11(6)", None)),
        (lambda: serve_notice(ASSIGNED, serving(ON - DAY)), ("notice_period_runs_forward", "11(6)", "until_on")),
        (lambda: receive(ASSIGNED), ("notice_before_receipt", "11(6)", None)),
        (lambda: receive(RECEIVED), ("notice_before_receipt", "11(6)", None)),
        (lambda: receive(SERVED, ON - DAY), ("receipt_not_before_service", "11(6)", "received_on")),
        (lambda: publish_notice(SERVED, publishing()), ("received_before_published", "11(6)", None)),
        (lambda: publish_notice(PUBLISHED, publishing()), ("published_once", "11(6)", None)),
        (
            lambda: publish_notice(RECEIVED, publishing(ON - DAY)),
            ("publication_not_before_receipt", "11(6)", "published_on"),
        ),
        (lambda: enter(ASSIGNED, entering()), ("entry_only_after_notice", "11(6)", "entered_on")),
        (lambda: enter(SERVED, entering(ON - DAY)), ("entry_only_after_notice", "11(6)", "entered_on")),
        (lambda: enter(ENTERED, entering()), ("entry_once", "12", None)),
        (lambda: end(RECEIVED, ending()), ("end_only_after_entry", "12", "ended_on")),
        (lambda: end(ENTERED, ending(ON - DAY)), ("end_only_after_entry", "12", "ended_on")),
        (lambda: end(ENDED, ending()), ("end_only_after_entry", "12", "ended_on")),
    ],
)
def test_a_step_out_of_order_is_refused(ask: Callable[[], object], expected: tuple[str, str, str | None]) -> None:
    """Articles 11(6), 12: notice, receipt, entry, end, each once and none before the other."""
    assert refusal(ask) == expected


@pytest.mark.parametrize("days", [0, 1])
def test_receipt_publication_entry_and_end_may_fall_on_the_same_day_or_later(days: int) -> None:
    """Articles 11(6), 12: the day before is refused above."""
    later = ON + days * DAY
    assert receive(SERVED, later)
    assert publish_notice(RECEIVED, publishing(later))
    assert enter(SERVED, entering(later))
    assert end(ENTERED, ending(later))
