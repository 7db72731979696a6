"""Transfers: given one, when it is made, received, served, urged, returned or answered, then facts or a refusal."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.arrangements import edition_with_guidance

from domain.kernel import CorrectDay, DayOf, Manner, Paper, Refused, Secret, derived_id
from domain.rulebook import calendars
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import hoped, owed, recounted, state_of
from domain.transfers import (
    AnswerTransfer,
    Basis,
    ReceiveTransfer,
    RecordTransferService,
    ReturnTransfer,
    Transfer,
    TransferAnswered,
    TransferDayCorrected,
    TransferItem,
    TransferMade,
    TransferReceived,
    TransferReturned,
    TransferServiceRecorded,
    TransferUrged,
    UrgeAnswer,
    answer,
    correct,
    evolve,
    make,
    receive,
    record_service,
    return_,
    urge,
)

DATA = Path(calendars.__file__).parent / "data"
YIWU = parse_edition((DATA / "yiwu-2015.toml").read_text("utf-8"), "yiwu-2015.toml")
CALENDAR = parse_calendar((DATA / "calendar-cn.toml").read_text("utf-8"), "calendar-cn.toml")

TRANSFER, CLUE = derived_id("transfer", "1"), derived_id("clue", "1")
ROUND, UNIT, ORGAN = derived_id("round", "1"), derived_id("body", "unit"), derived_id("body", "organ")
INSPECTION, PETITION = derived_id("inspection", "1"), derived_id("petition", "1")
CLERK, CONTACT, SUSPECT = (derived_id("person", name) for name in "123")
ON = date(2016, 1, 31)
DAY = timedelta(days=1)
TEXT = Secret("移交材料")
PAPER, SAID = Paper(reference=TEXT), UUID(int=1)
MATTER = {"transfer": TRANSFER, "round": ROUND, "item": CLUE, "unit": UNIT, "organ": ORGAN}

MADE = Transfer(ROUND, CLUE, Basis.DISPOSAL, UNIT, ORGAN, "discipline", ON)
RECEIVED = replace(MADE, received_on=ON)
SERVED = replace(MADE, served_on=ON)
RETURNED = replace(RECEIVED, returned_on=ON)
ANSWERED = replace(RECEIVED, answered_on=ON)
SERVICE = owed(YIWU, CALENDAR, "service_record", date(2015, 9, 30))
"""Three working days after 30 September 2015, National Day in between: due on 10 October, a day to make up for it."""


def made(
    state: Transfer | None,
    recipients: tuple[str, ...] = (CLERK,),
    of_the_organ: tuple[str, ...] = (CLERK, CONTACT),
    withheld_from: tuple[str, ...] = (),
    how: Manner = Manner.BY_POST,
) -> list[Any]:
    return make(
        state,
        TRANSFER,
        TransferItem(item=CLUE, recipients=recipients, how=how, material=TEXT, transferred_on=ON),
        basis=Basis.DISPOSAL,
        round_=ROUND,
        inspection=INSPECTION,
        unit=UNIT,
        organ=ORGAN,
        organ_class="discipline",
        disposal_class="integrity",
        of_the_organ=of_the_organ,
        withheld_from=withheld_from,
    )


def received(state: Transfer = MADE, on: date = ON, organ_class: str = "discipline") -> list[Any]:
    command = ReceiveTransfer(transfer=TRANSFER, received_on=on)
    due = owed(YIWU, CALENDAR, "transfer_answer", on, organ_class)
    return receive(state, command, received_by=CLERK, answer=due)


def answered(state: Transfer = RECEIVED, on: date = ON, handling: str = "filing_a_case") -> list[Any]:
    command = AnswerTransfer(transfer=TRANSFER, handling=handling, account=TEXT, answered_on=on)
    return answer(state, command, handlings=("filing_a_case",))


def served(state: Transfer = MADE, on: date = date(2016, 2, 4), receipt: Any = SERVICE) -> list[Any]:
    command = RecordTransferService(transfer=TRANSFER, account=TEXT, recorded_on=on)
    due = owed(YIWU, CALENDAR, "transfer_answer", on, state.organ_class, started_by="service_recorded")
    return record_service(state, command, receipt=receipt, answer=due)


def urged(state: Transfer = MADE, on: date = ON) -> list[Any]:
    return urge(state, UrgeAnswer(transfer=TRANSFER, note=TEXT, urged_on=on))


def returned(state: Transfer = RECEIVED, on: date = ON) -> list[Any]:
    return return_(state, ReturnTransfer(transfer=TRANSFER, reason=TEXT, returned_on=on))


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


def test_a_transfer_is_made_once() -> None:
    """Article 17: with the persons it was given to and how."""
    fact = TransferMade(
        **MATTER,
        inspection=INSPECTION,
        basis=Basis.DISPOSAL,
        organ_class="discipline",
        disposal_class="integrity",
        recipients=(CLERK, CONTACT),
        how=Manner.BY_POST,
        material=TEXT,
        transferred_on=ON,
    )
    assert made(None, (CLERK, CONTACT)) == [fact]
    assert evolve(None, fact) == MADE
    assert made(MADE) == []


def test_a_transfer_is_withheld_from_those_its_clue_concerns() -> None:
    """Articles 3, 17: it goes to others of the organ."""
    (fact,) = made(None, (CLERK,), (CLERK, SUSPECT), (SUSPECT,))
    assert (fact.recipients, fact.withheld_from) == ((CLERK,), (SUSPECT,))
    assert evolve(None, fact) == replace(MADE, withheld_from=(SUSPECT,))


def test_a_transfer_is_made_in_writing() -> None:
    """Article 17."""
    no = refusal(lambda: made(None, how=Manner.ORAL))
    assert no == ("delivered_in_writing", "11(6), 17", "how")


def test_a_transfer_is_handed_over_where_nothing_else_is_said() -> None:
    """Article 17."""
    assert TransferItem(item=CLUE, recipients=(CLERK,), material=TEXT, transferred_on=ON).how is Manner.IN_PERSON


@pytest.mark.parametrize(
    ("recipients", "of_the_organ", "withheld_from"),
    [
        ((), (CLERK,), ()),
        ((CLERK,), (), ()),
        ((CONTACT,), (CLERK,), ()),
        ((CLERK, CONTACT), (CLERK,), ()),
        ((SUSPECT,), (CLERK, SUSPECT), (SUSPECT,)),
        ((CLERK, SUSPECT), (CLERK, SUSPECT), (SUSPECT,)),
    ],
    ids=["nobody", "nobody of the organ", "another", "one of two", "the concerned", "the concerned among others"],
)
def test_a_transfer_not_given_to_named_persons_whom_it_does_not_concern_is_refused(
    recipients: tuple[str, ...], of_the_organ: tuple[str, ...], withheld_from: tuple[str, ...]
) -> None:
    """Articles 3, 17."""
    no = refusal(lambda: made(None, recipients, of_the_organ, withheld_from))
    assert no == ("delivered_to_named_persons", "11(6), 17", "recipients")


def test_receipt_starts_the_month_for_the_answer() -> None:
    """Article 17: a month after 31 January 2016 is 29 February, clamped."""
    (fact,) = received()
    due = owed(YIWU, CALENDAR, "transfer_answer", ON, "discipline")
    assert fact == TransferReceived(**MATTER, received_by=CLERK, received_on=ON, how=Manner.IN_PERSON, answer=due)
    assert due is not None
    assert (due.article, due.count.due) == ("17", date(2016, 2, 29))
    days = [date(2016, 2, 28), date(2016, 2, 29), date(2016, 3, 1)]
    assert [state_of(due.count.due, None, day) for day in days] == ["open", "open", "overdue"]
    assert [state_of(due.count.due, day, date(2017, 1, 1)) for day in days] == ["met", "met", "met_late"]
    assert replace(evolve(MADE, fact), answer_owed=None) == RECEIVED


def test_an_organ_the_edition_sets_no_period_for_owes_no_day() -> None:
    """Article 17: one month binds discipline and organisation only."""
    assert received(organ_class="other")[0].answer is None


def test_a_transfer_received_is_answered_with_a_handling_and_an_account() -> None:
    """Article 17."""
    facts = answered()
    assert facts == [TransferAnswered(**MATTER, handling="filing_a_case", account=TEXT, answered_on=ON)]
    assert evolve(RECEIVED, facts[0]) == ANSWERED


def test_service_recorded_stands_in_for_a_receipt_and_the_due_date_says_so() -> None:
    """Article 17 (c): once the period is over; a month after 4 February 2016 is 4 March."""
    (fact,) = served()
    assert isinstance(fact, TransferServiceRecorded)
    assert fact.answer is not None
    assert (fact.recorded_on, fact.answer.trigger) == (date(2016, 2, 4), "service_recorded")
    assert fact.answer.count.due == date(2016, 3, 4)
    assert YIWU.entry("triggers", fact.answer.trigger).support == "convention"
    after = evolve(MADE, fact)
    assert after == replace(MADE, served_on=date(2016, 2, 4))
    (late,) = received(after, on=date(2016, 2, 5))
    assert late.answer is None, "what is due stays counted from the service"
    assert answered(after, on=date(2016, 2, 4))


@pytest.mark.parametrize(("day", "over"), [(date(2015, 10, 9), False), (date(2015, 10, 10), False),
                                           (date(2015, 10, 11), True)], ids=["before", "on it", "after"])  # fmt: skip
def test_service_is_recorded_after_the_period_for_a_receipt(day: date, over: bool) -> None:
    """Article 17 (c): three working days, the make-up Saturday included; on the last of them not yet."""
    assert SERVICE is not None
    assert SERVICE.count.due == date(2015, 10, 10)
    before = replace(MADE, transferred_on=date(2015, 9, 30))
    if over:
        assert served(before, on=day)
    else:
        expected = ("transfer_served_after_the_period", "17", "recorded_on")
        assert refusal(lambda: served(before, on=day)) == expected


@pytest.mark.parametrize("state", [MADE, RECEIVED, SERVED], ids=["made", "received", "served"])
def test_an_organ_is_urged_until_it_answers(state: Transfer) -> None:
    """Articles 4(4), 17: as often as need be."""
    (fact,) = urged(state)
    assert fact == TransferUrged(**MATTER, note=TEXT, urged_on=ON)
    assert evolve(state, fact) == state


@pytest.mark.parametrize("state", [MADE, RECEIVED, SERVED], ids=["made", "received", "served"])
def test_an_organ_returns_what_it_objects_to_with_its_reason(state: Transfer) -> None:
    """Article 17 (c): before its answer."""
    (fact,) = returned(state)
    assert fact == TransferReturned(**MATTER, reason=TEXT, returned_on=ON)
    assert evolve(state, fact) == replace(state, returned_on=ON)


@pytest.mark.parametrize(
    ("state", "is_open"),
    [
        (MADE, True),
        (RECEIVED, True),
        (ANSWERED, False),
        (RETURNED, False),
        (replace(MADE, item=PETITION, basis=Basis.PASSED_ON), True),
        (replace(RECEIVED, item=PETITION, basis=Basis.PASSED_ON), False),
    ],
)
def test_a_transfer_is_open_until_answered_or_returned_and_what_was_passed_on_until_received(
    state: Transfer, is_open: bool
) -> None:
    """Articles 13, 17: a key is not destroyed while something is awaited."""
    assert state.open is is_open


@pytest.mark.parametrize("days", [0, 1])
def test_receipt_and_answer_come_on_the_same_day_or_later(days: int) -> None:
    """Article 17: the day before is refused below."""
    assert received(on=ON + days * DAY)
    assert answered(on=ON + days * DAY)
    assert returned(on=ON + days * DAY)
    assert urged(on=ON + days * DAY)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: received(RECEIVED), ("receipt_once", "17", None)),
        (lambda: received(on=ON - DAY), ("receipt_not_before_transfer", "17", "received_on")),
        (lambda: answered(MADE), ("received_before_answered", "17", None)),
        (lambda: answered(ANSWERED), ("answered_once", "17", None)),
        (lambda: answered(handling="acquittal"), ("handling_known", "17", "handling")),
        (lambda: answered(on=ON - DAY), ("answer_not_before_receipt", "17", "answered_on")),
        (lambda: answered(SERVED, on=ON - DAY), ("answer_not_before_receipt", "17", "answered_on")),
        (lambda: answered(RETURNED), ("transfer_not_returned", "17", None)),
        (lambda: received(RETURNED), ("transfer_not_returned", "17", None)),
        (lambda: served(RETURNED), ("transfer_not_returned", "17", None)),
        (lambda: served(RECEIVED), ("service_recorded_without_receipt", "17", None)),
        (lambda: served(SERVED), ("service_recorded_without_receipt", "17", None)),
        (lambda: served(receipt=None), ("transfer_served_after_the_period", "17", "recorded_on")),
        (lambda: urged(RETURNED), ("transfer_not_returned", "17", None)),
        (lambda: urged(ANSWERED), ("urged_until_answered", "17", None)),
        (lambda: urged(on=ON - DAY), ("urged_not_before_transfer", "17", "urged_on")),
        (lambda: returned(RETURNED), ("transfer_not_returned", "17", None)),
        (lambda: returned(ANSWERED), ("returned_before_answered", "17", None)),
        (lambda: returned(MADE, on=ON - DAY), ("return_not_before_transfer", "17", "returned_on")),
        (
            lambda: returned(replace(RECEIVED, received_on=ON + DAY)),
            ("return_not_before_transfer", "17", "returned_on"),
        ),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Article 17."""
    assert refusal(ask) == expected


def test_a_handling_is_hoped_for_from_the_receipt_or_the_recorded_service() -> None:
    """Art. 17, promptly: of the classes of organs the guidance is for, and once."""
    edition = edition_with_guidance()
    hope = hoped(edition, CALENDAR, "handling_proposed", ON, "discipline")
    assert hope is not None
    assert hope.count.due == ON + timedelta(10)
    assert hoped(edition, CALENDAR, "handling_proposed", ON, "organisation") is None
    assert hoped(YIWU, CALENDAR, "handling_proposed", ON, "discipline") is None
    command = ReceiveTransfer(transfer=TRANSFER, received_on=ON)
    (fact,) = receive(MADE, command, received_by=CLERK, answer=None, handling=hope)
    assert fact.handling_hoped == hope
    (late,) = receive(replace(MADE, served_on=ON), command, received_by=CLERK, answer=None, handling=hope)
    assert late.handling_hoped is None
    service = RecordTransferService(transfer=TRANSFER, account=TEXT, recorded_on=date(2016, 2, 4))
    (served_,) = record_service(MADE, service, receipt=SERVICE, answer=None, handling=hope)
    assert served_.handling_hoped == hope
    assert received()[0].handling_hoped is None


# --- a wrong day put right -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "fits"),
    [(-1, False), (0, True), (9, True), (10, False)],
    ids=["day before the transfer", "on it", "day of the answer", "day after"],
)
def test_the_day_of_receipt_is_corrected_and_the_answer_owed_anew(days: int, fits: bool) -> None:
    """Articles 17, 28 (c): between transfer and answer; old due day and new in the same fact."""
    state = evolve(MADE, received(on=ON + 2 * DAY)[0])
    state = replace(state, answered_on=ON + 9 * DAY)
    day = ON + days * DAY
    command = CorrectDay(
        matter=TRANSFER, day_of=DayOf.TRANSFER_RECEIVED, day=day, reason=TEXT, paper=PAPER, corrected_on=ON + 30 * DAY
    )
    assert state.answer_owed is not None
    anew = recounted(state.answer_owed, state.answer_owed.count.due, day, CALENDAR, YIWU)
    assert anew.obligation == owed(YIWU, CALENDAR, "transfer_answer", day, "discipline")
    if not fits:
        no = refusal(lambda: correct(state, command, entry=SAID, answer=anew))
        assert no == ("corrected_day_fits_the_others", "28", "day")
        return
    (fact,) = correct(state, command, entry=SAID, answer=anew)
    assert isinstance(fact, TransferDayCorrected)
    assert fact.answer == anew
    after = evolve(state, fact)
    assert (after.received_on, after.answer_owed) == (day, anew.obligation)
    assert correct(after, command, entry=SAID, answer=anew) == []
    assert after.between(DayOf.ENDED).day is None


MONTH = owed(YIWU, CALENDAR, "transfer_answer", ON, "discipline")


@pytest.mark.parametrize(
    "state", [replace(RECEIVED, served_on=ON, answer_owed=MONTH), RECEIVED, replace(RETURNED, answer_owed=MONTH)]
)
def test_an_answer_not_counted_from_the_receipt_is_not_counted_anew(state: Transfer) -> None:
    """Article 17: counted from the service recorded, or not at all; what was returned is owed no more."""
    command = CorrectDay(
        matter=TRANSFER, day_of=DayOf.TRANSFER_RECEIVED, day=ON, reason=TEXT, paper=PAPER, corrected_on=ON
    )
    state = replace(state, received_on=ON + DAY, returned_on=state.returned_on and ON + DAY)
    assert MONTH is not None
    (fact,) = correct(state, command, entry=SAID, answer=recounted(MONTH, ON, ON, CALENDAR, YIWU))
    assert isinstance(fact, TransferDayCorrected)
    assert fact.answer is None
