"""Inspections: given where one stands, when notice, receipt, entry or end come, then facts or a refusal."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from domain.inspections import (
    AnnouncementPublished,
    EndInspection,
    EnterUnit,
    Inspection,
    InspectionAssigned,
    InspectionDayCorrected,
    InspectionEnded,
    NoticePublished,
    NoticeReceived,
    NoticeServed,
    NoticeServiceRecorded,
    PublishAnnouncement,
    PublishNotice,
    ReceiveNotice,
    RecordNoticeService,
    ServeNotice,
    UnitEntered,
    announce,
    assign,
    correct,
    end,
    enter,
    evolve,
    publish_notice,
    receive_notice,
    record_notice_service,
    serve_notice,
)
from domain.kernel import CorrectDay, DayOf, Manner, Paper, Refused, Secret, derived_id
from domain.rulebook import calendars
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import Obligation, Recounted, owed, recounted, state_of
from domain.rulebook.posts import Duty

DATA = Path(calendars.__file__).parent / "data"
YIWU = parse_edition((DATA / "yiwu-2015.toml").read_text("utf-8"), "yiwu-2015.toml")
CALENDAR = parse_calendar((DATA / "calendar-cn.toml").read_text("utf-8"), "calendar-cn.toml")

INSPECTION, ROUND, TEAM = derived_id("inspection", "1"), derived_id("round", "1"), derived_id("team", "1")
UNIT = derived_id("body", "1")
HEAD, CONTACT, OTHER = derived_id("person", "1"), derived_id("person", "2"), derived_id("person", "3")
ON = date(2015, 9, 30)
DAY = timedelta(days=1)
TEXT = Secret("巡查内容")
PAPER, SAID = Paper(reference=TEXT), UUID(int=1)

ASSIGNED = Inspection(ROUND, TEAM, UNIT)
SERVED = replace(ASSIGNED, notice_on=ON)
RECEIVED = replace(SERVED, received_on=ON)
PUBLISHED = replace(RECEIVED, published_on=ON)
ENTERED = replace(RECEIVED, entered_on=ON)
ENDED = replace(ENTERED, ended_on=ON)
RECORDED = replace(SERVED, service_recorded_on=date(2015, 10, 12))
OPENS, CLOSES = datetime(2015, 10, 8, 0, 30, tzinfo=UTC), datetime(2015, 11, 6, 9, 0, tzinfo=UTC)


def serve(
    state: Inspection,
    until_on: date = ON + 30 * DAY,
    duty: str = "leader",
    recipients: tuple[str, ...] = (HEAD,),
    of_the_unit: tuple[str, ...] = (HEAD, CONTACT),
    how: Manner = Manner.ELECTRONIC,
    talked_on: date = ON,
) -> list[Any]:
    command = ServeNotice(
        inspection=INSPECTION,
        talked_on=talked_on,
        served_on=ON,
        recipients=recipients,
        how=how,
        content=TEXT,
        from_on=ON,
        until_on=until_on,
    )
    return [*serve_notice(state, command, duty=duty, of_the_unit=of_the_unit)]


def receive(state: Inspection, on: date = ON) -> list[object]:
    publication = owed(YIWU, CALENDAR, "notice_publication", on)
    command = ReceiveNotice(inspection=INSPECTION, received_on=on, how=Manner.BY_POST)
    return [*receive_notice(state, command, received_by=HEAD, publication=publication)]


def publishing(on: date = ON) -> PublishNotice:
    return PublishNotice(inspection=INSPECTION, published_on=on, account=TEXT)


def entered(state: Inspection, on: date = ON, duty: str = "leader") -> list[Any]:
    return [*enter(state, EnterUnit(inspection=INSPECTION, entered_on=on), duty=duty)]


def ended(state: Inspection, on: date = ON, duty: str = "leader", report: Obligation | None = None) -> list[Any]:
    return [*end(state, EndInspection(inspection=INSPECTION, ended_on=on), duty=duty, report=report)]


def record_service(state: Inspection, on: date = date(2015, 10, 12)) -> list[Any]:
    period = owed(YIWU, CALENDAR, "service_record", state.notice_on) if state.notice_on else None
    publication = owed(YIWU, CALENDAR, "notice_publication", on, started_by="service_recorded")
    command = RecordNoticeService(inspection=INSPECTION, recorded_on=on, reason=TEXT)
    last_day = period.count.due if period else None
    return [*record_notice_service(state, command, last_day=last_day, publication=publication)]


def announced(
    state: Inspection, on: date = ON, duty: str = "leader", opens_at: datetime = OPENS, closes_at: datetime = CLOSES
) -> list[Any]:
    command = PublishAnnouncement(
        inspection=INSPECTION,
        text=TEXT,
        telephone=Secret("号码"),
        mailbox=Secret("信箱"),
        opens_at=opens_at,
        closes_at=closes_at,
        published_on=on,
    )
    return [*announce(state, command, duty=duty)]


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
    """Article 11(6): with the persons it was given to and how."""
    (fact,) = serve(ASSIGNED, ON + days * DAY, recipients=(HEAD, CONTACT))
    assert fact == NoticeServed(
        inspection=INSPECTION,
        round=ROUND,
        unit=UNIT,
        served_on=ON,
        recipients=(HEAD, CONTACT),
        how=Manner.ELECTRONIC,
        content=TEXT,
        from_on=ON,
        until_on=ON + days * DAY,
        talked_on=ON,
    )
    assert evolve(ASSIGNED, fact) == replace(SERVED, talked_on=fact.talked_on)


def test_receipt_starts_the_three_working_days_for_publication() -> None:
    """Article 11(6): after 30 September 2015 they are 8, 9 and 10 October, a make-up Saturday."""
    (fact,) = receive(SERVED)
    assert isinstance(fact, NoticeReceived)
    assert (fact.round, fact.unit, fact.received_by, fact.how) == (ROUND, UNIT, HEAD, Manner.BY_POST)
    assert fact.publication is not None
    assert (fact.publication.article, fact.publication.count.due) == ("11(6)", date(2015, 10, 10))
    states = [state_of(fact.publication.count.due, None, date(2015, 10, day)) for day in (9, 10, 11)]
    assert states == ["open", "open", "overdue"]
    met = [state_of(fact.publication.count.due, date(2015, 10, day), date(2016, 1, 1)) for day in (9, 10, 11)]
    assert met == ["met", "met", "met_late"]
    assert evolve(SERVED, fact) == replace(RECEIVED, publication_owed=fact.publication)


def test_the_unit_says_how_it_published_the_notice() -> None:
    """Article 11(6)."""
    facts = publish_notice(RECEIVED, publishing())
    assert facts == [NoticePublished(inspection=INSPECTION, round=ROUND, unit=UNIT, published_on=ON, account=TEXT)]
    assert evolve(RECEIVED, facts[0]) == PUBLISHED


@pytest.mark.parametrize("state", [SERVED, RECEIVED])
def test_a_unit_is_entered_after_the_notice(state: Inspection) -> None:
    """Articles 11(6), 12: its receipt is not waited for."""
    facts = entered(state)
    assert facts == [UnitEntered(inspection=INSPECTION, round=ROUND, unit=UNIT, entered_on=ON)]
    assert evolve(state, facts[0]).entered_on == ON


def test_the_end_starts_the_five_working_days_for_the_report() -> None:
    """Articles 12, 16: after 30 September 2015 it is due on 13 October."""
    report = owed(YIWU, CALENDAR, "inspection_report", ON)
    facts = ended(ENTERED, report=report)
    assert facts == [
        InspectionEnded(inspection=INSPECTION, round=ROUND, team=TEAM, unit=UNIT, ended_on=ON, report=report)
    ]
    assert report is not None
    assert report.count.due == date(2015, 10, 13)
    assert replace(evolve(ENTERED, facts[0]), report_owed=None) == ENDED


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: serve(SERVED), ("notice_once", "11(6)", None)),
        (lambda: serve(ASSIGNED, ON - DAY), ("notice_period_runs_forward", "11(6)", "until_on")),
        (lambda: serve(ASSIGNED, talked_on=ON + DAY), ("talked_before_notice", "11(6)", "talked_on")),
        (lambda: announced(ASSIGNED), ("announced_after_notice", "11(7)", "published_on")),
        (lambda: announced(SERVED, ON - DAY), ("announced_after_notice", "11(7)", "published_on")),
        (
            lambda: announced(SERVED, closes_at=OPENS),
            ("announcement_closes_after_it_opens", "11(7)", "closes_at"),
        ),
        (
            lambda: publish_notice(RECORDED, publishing(date(2015, 10, 11))),
            ("publication_not_before_receipt", "11(6)", "published_on"),
        ),
        (lambda: receive(ASSIGNED), ("notice_before_receipt", "11(6)", None)),
        (lambda: receive(RECEIVED), ("notice_before_receipt", "11(6)", None)),
        (lambda: receive(SERVED, ON - DAY), ("receipt_not_before_service", "11(6)", "received_on")),
        (lambda: publish_notice(SERVED, publishing()), ("received_before_published", "11(6)", None)),
        (lambda: publish_notice(PUBLISHED, publishing()), ("published_once", "11(6)", None)),
        (
            lambda: publish_notice(RECEIVED, publishing(ON - DAY)),
            ("publication_not_before_receipt", "11(6)", "published_on"),
        ),
        (lambda: entered(ASSIGNED), ("entry_only_after_notice", "11(6)", "entered_on")),
        (lambda: entered(SERVED, ON - DAY), ("entry_only_after_notice", "11(6)", "entered_on")),
        (lambda: entered(ENTERED), ("entry_once", "12", None)),
        (lambda: ended(RECEIVED), ("end_only_after_entry", "12", "ended_on")),
        (lambda: ended(ENTERED, ON - DAY), ("end_only_after_entry", "12", "ended_on")),
        (lambda: ended(ENDED), ("end_only_after_entry", "12", "ended_on")),
    ],
)
def test_a_step_out_of_order_is_refused(ask: Callable[[], object], expected: tuple[str, str, str | None]) -> None:
    """Articles 11(6), 12: notice, receipt, entry, end, each once and none before the other."""
    assert refusal(ask) == expected


@pytest.mark.parametrize("duty", list(Duty))
def test_notice_entry_and_end_are_the_leaders_or_the_deputys_who_assists(duty: Duty) -> None:
    """Article 6(1): no other duty of the team bears them, whatever power its mandate gives."""
    acts: list[Callable[[], list[Any]]] = [
        lambda: serve(ASSIGNED, duty=duty),
        lambda: announced(SERVED, duty=duty),
        lambda: entered(SERVED, duty=duty),
        lambda: ended(ENTERED, duty=duty),
    ]
    if duty in (Duty.LEADER, Duty.DEPUTY_LEADER):
        assert [len(act()) for act in acts] == [1, 1, 1, 1]
    else:
        assert [refusal(act) for act in acts] == [("led_by_the_leader", "6(1)", None)] * 4


@pytest.mark.parametrize(
    ("recipients", "of_the_unit"),
    [((), (HEAD,)), ((HEAD,), ()), ((OTHER,), (HEAD,)), ((HEAD, OTHER), (HEAD,)), ((HEAD, HEAD), (HEAD,))],
    ids=["nobody", "nobody of the unit", "another", "one of two", "one of them twice"],
)
def test_a_notice_not_given_to_named_persons_of_the_unit_is_refused(
    recipients: tuple[str, ...], of_the_unit: tuple[str, ...]
) -> None:
    """Article 11(6)."""
    no = refusal(lambda: serve(ASSIGNED, recipients=recipients, of_the_unit=of_the_unit))
    assert no == ("delivered_to_named_persons", "11(6), 17", "recipients")


def test_a_notice_is_served_in_writing() -> None:
    """Article 11(6)."""
    no = refusal(lambda: serve(ASSIGNED, how=Manner.ORAL))
    assert no == ("delivered_in_writing", "11(6), 17", "how")


def test_a_notice_is_handed_over_where_nothing_else_is_said() -> None:
    """Article 11(6)."""
    given = {"inspection": INSPECTION, "talked_on": ON, "served_on": ON, "recipients": [HEAD], "content": TEXT}
    assert ServeNotice.model_validate({**given, "from_on": ON, "until_on": ON}).how is Manner.IN_PERSON


@pytest.mark.parametrize("days", [0, 1])
def test_receipt_publication_entry_and_end_may_fall_on_the_same_day_or_later(days: int) -> None:
    """Articles 11(6), 12: the day before is refused above."""
    later = ON + days * DAY
    assert receive(SERVED, later)
    assert publish_notice(RECEIVED, publishing(later))
    assert entered(SERVED, later)
    assert ended(ENTERED, later)
    assert announced(SERVED, later)
    assert serve(ASSIGNED, talked_on=ON - days * DAY)


def test_the_announcement_says_how_the_team_is_reached_and_from_when_to_when() -> None:
    """Article 11(7): opening and closing are known to the minute."""
    (fact,) = announced(SERVED)
    assert fact == AnnouncementPublished(
        inspection=INSPECTION,
        round=ROUND,
        team=TEAM,
        unit=UNIT,
        text=TEXT,
        telephone=Secret("号码"),
        mailbox=Secret("信箱"),
        opens_at=OPENS,
        closes_at=CLOSES,
        published_on=ON,
    )
    assert evolve(SERVED, fact) == replace(SERVED, announced_on=fact.published_on)
    assert announced(SERVED, closes_at=OPENS + timedelta(minutes=1))
    for inexact in (OPENS.replace(second=1), OPENS.replace(microsecond=1), OPENS.replace(tzinfo=None)):
        with pytest.raises(ValidationError):
            announced(SERVED, opens_at=inexact)


SERVICE = ("service_recorded_after_the_period", "recorded_on")


@pytest.mark.parametrize(("day", "allowed"), [(9, False), (10, False), (11, True), (12, True)])
def test_service_is_recorded_when_the_three_working_days_for_a_receipt_are_over(day: int, allowed: bool) -> None:
    """Article 11(6) (c): after 30 September 2015 they are 8, 9 and 10 October; hard before their end."""
    on = date(2015, 10, day)
    if allowed:
        assert record_service(SERVED, on)
    else:
        name, article, path = refusal(lambda: record_service(SERVED, on))
        assert (name, path) == SERVICE
        assert "11(6)" in article


def test_a_recorded_service_stands_in_for_the_receipt_and_the_due_date_says_so() -> None:
    """Article 11(6) (c): publication is counted from the record, and works as after a receipt."""
    (fact,) = record_service(SERVED)
    assert isinstance(fact, NoticeServiceRecorded)
    assert (fact.round, fact.unit, fact.recorded_on, fact.reason) == (ROUND, UNIT, date(2015, 10, 12), TEXT)
    assert fact.publication is not None
    assert (fact.publication.trigger, fact.publication.count.due) == ("service_recorded", date(2015, 10, 15))
    assert replace(evolve(SERVED, fact), publication_owed=None) == RECORDED
    assert publish_notice(RECORDED, publishing(date(2015, 10, 12)))


def test_publication_follows_the_receipt_or_the_record_whichever_came_first() -> None:
    """Article 11(6): a receipt of before the record, learnt of later, is the receipt."""
    both = replace(RECORDED, received_on=ON)
    assert publish_notice(both, publishing(ON))
    assert refusal(lambda: publish_notice(both, publishing(ON - DAY)))[0] == "publication_not_before_receipt"


@pytest.mark.parametrize("state", [ASSIGNED, RECEIVED, RECORDED], ids=["not served", "received", "recorded"])
def test_service_is_not_recorded_where_there_is_nothing_to_record(state: Inspection) -> None:
    """Article 11(6)."""
    assert refusal(lambda: record_service(state))[0] == "service_of_what_was_not_acknowledged"


@pytest.mark.parametrize(("day", "counts"), [(11, True), (12, False), (13, False)])
def test_a_late_receipt_moves_nothing(day: int, counts: bool) -> None:
    """Article 11(6): a receipt on or after the day of the record is on record, and the due date stays."""
    (fact,) = receive(RECORDED, date(2015, 10, day))
    assert isinstance(fact, NoticeReceived)
    assert (fact.publication is not None) == counts


# --- a wrong day put right -----------------------------------------------------------------------------------------


def correcting(which: DayOf, day: date) -> CorrectDay:
    return CorrectDay(matter=INSPECTION, day_of=which, day=day, reason=TEXT, paper=PAPER, corrected_on=ON + 30 * DAY)


ALL_DAYS = replace(
    ASSIGNED,
    talked_on=ON,
    notice_on=ON + 2 * DAY,
    received_on=ON + 4 * DAY,
    published_on=ON + 6 * DAY,
    announced_on=ON + 20 * DAY,
    entered_on=ON + 10 * DAY,
    ended_on=ON + 14 * DAY,
)
BY_SERVICE = replace(ALL_DAYS, service_recorded_on=ON + 5 * DAY)


@pytest.mark.parametrize(
    ("state", "which", "days", "fits"),
    [
        (ALL_DAYS, DayOf.NOTICE_SERVED, -1, False),
        (ALL_DAYS, DayOf.NOTICE_SERVED, 0, True),
        (ALL_DAYS, DayOf.NOTICE_SERVED, 4, True),
        (ALL_DAYS, DayOf.NOTICE_SERVED, 5, False),
        (ALL_DAYS, DayOf.NOTICE_RECEIVED, 1, False),
        (ALL_DAYS, DayOf.NOTICE_RECEIVED, 2, True),
        (ALL_DAYS, DayOf.NOTICE_RECEIVED, 6, True),
        (ALL_DAYS, DayOf.NOTICE_RECEIVED, 7, False),
        (BY_SERVICE, DayOf.NOTICE_RECEIVED, 7, True),
        (ALL_DAYS, DayOf.ENTERED, 1, False),
        (ALL_DAYS, DayOf.ENTERED, 2, True),
        (ALL_DAYS, DayOf.ENTERED, 14, True),
        (ALL_DAYS, DayOf.ENTERED, 15, False),
        (ALL_DAYS, DayOf.ENDED, 9, False),
        (ALL_DAYS, DayOf.ENDED, 10, True),
        (ALL_DAYS, DayOf.ENDED, 18, True),
        (ALL_DAYS, DayOf.ENDED, 19, False),
    ],
)
def test_a_day_is_corrected_to_one_that_contradicts_no_other(
    state: Inspection, which: DayOf, days: int, fits: bool
) -> None:
    """Article 28 (c): the day before, on the day, the day after those it lies between; the report came on day 18."""
    command = correcting(which, ON + days * DAY)
    later = (ON + 18 * DAY, None) if which is DayOf.ENDED else ()
    if not fits:
        no = refusal(lambda: correct(state, command, entry=SAID, later=later))
        assert no == ("corrected_day_fits_the_others", "28", "day")
        return
    (fact,) = correct(state, command, entry=SAID, later=later)
    assert isinstance(fact, InspectionDayCorrected)
    before = state.between(which).day
    assert (fact.corrected.before, fact.corrected.day, fact.publication, fact.report) == (
        before,
        command.day,
        None,
        None,
    )
    after = evolve(state, fact)
    assert after.between(which).day == command.day
    assert (
        replace(after, **{k: getattr(state, k) for k in ("notice_on", "received_on", "entered_on", "ended_on")})
        == state
    )


@pytest.mark.parametrize(
    "which", [d for d in DayOf if d.value in ("notice_served", "notice_received", "entered", "ended")]
)
def test_the_day_that_stands_is_not_corrected_to_itself(which: DayOf) -> None:
    """Article 28 (c): nothing to do."""
    assert correct(ALL_DAYS, correcting(which, ALL_DAYS.between(which).day or ON), entry=SAID) == []


def test_what_is_no_day_of_an_inspection_is_not_there() -> None:
    """Article 28 (c)."""
    assert ALL_DAYS.between(DayOf.PETITION_RECEIVED).day is None
    assert ASSIGNED.between(DayOf.ENDED).day is None


def test_what_is_owed_by_a_corrected_day_is_counted_anew() -> None:
    """Articles 11(6), 16: the old due day and the new one, in the same fact; the next correction starts from there."""
    first = owed(YIWU, CALENDAR, "inspection_report", ON)
    state = evolve(ENTERED, ended(ENTERED, report=first)[0])
    assert first is not None
    assert state.report_owed == first
    again = recounted(first, ON + 3 * DAY, ON + DAY, CALENDAR, YIWU)
    assert again == Recounted(due_before=ON + 3 * DAY, obligation=owed(YIWU, CALENDAR, "inspection_report", ON + DAY))
    (fact,) = correct(state, correcting(DayOf.ENDED, ON + DAY), entry=SAID, report=again)
    assert isinstance(fact, InspectionDayCorrected)
    assert fact.report == again
    assert evolve(state, fact).report_owed == again.obligation
    (served,) = correct(state, correcting(DayOf.NOTICE_SERVED, ON - DAY), entry=SAID, publication=again, report=again)
    assert isinstance(served, InspectionDayCorrected)
    assert (served.publication, served.report) == (None, None)


def test_publication_is_owed_anew_by_a_corrected_receipt() -> None:
    """Article 11(6): only where it was counted at all."""
    counted = owed(YIWU, CALENDAR, "notice_publication", ON)
    state = evolve(
        SERVED,
        receive_notice(
            SERVED, ReceiveNotice(inspection=INSPECTION, received_on=ON), received_by=HEAD, publication=counted
        )[0],
    )
    assert counted is not None
    again = recounted(counted, counted.count.due, ON + DAY, CALENDAR, YIWU)
    for before, expected in ((state, again), (RECEIVED, None)):
        (fact,) = correct(before, correcting(DayOf.NOTICE_RECEIVED, ON + DAY), entry=SAID, publication=again)
        assert isinstance(fact, InspectionDayCorrected)
        assert fact.publication == expected
