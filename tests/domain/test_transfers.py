"""Transfers: given one, when it is made, received or answered, then facts, a refusal, or nothing to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.kernel import Manner, Refused, Secret, derived_id
from domain.rulebook import calendars
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import owed, state_of
from domain.transfers import (
    AnswerTransfer,
    ReceiveTransfer,
    Transfer,
    TransferAnswered,
    TransferClue,
    TransferMade,
    TransferReceived,
    answer,
    evolve,
    make,
    receive,
)

DATA = Path(calendars.__file__).parent / "data"
YIWU = parse_edition((DATA / "yiwu-2015.toml").read_text("utf-8"), "yiwu-2015.toml")
CALENDAR = parse_calendar((DATA / "calendar-cn.toml").read_text("utf-8"), "calendar-cn.toml")

TRANSFER, CLUE = derived_id("transfer", "1"), derived_id("clue", "1")
ROUND, UNIT, ORGAN = derived_id("round", "1"), derived_id("body", "unit"), derived_id("body", "organ")
CLERK, CONTACT, SUSPECT = (derived_id("person", name) for name in "123")
ON = date(2016, 1, 31)
DAY = timedelta(days=1)
TEXT = Secret("移交材料")
MATTER = {"transfer": TRANSFER, "round": ROUND, "clue": CLUE, "unit": UNIT, "organ": ORGAN}

MADE = Transfer(ROUND, CLUE, UNIT, ORGAN, "discipline", ON)
RECEIVED = replace(MADE, received_on=ON)
ANSWERED = replace(RECEIVED, answered_on=ON)


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
        TransferClue(clue=CLUE, recipients=recipients, how=how, material=TEXT, transferred_on=ON),
        round_=ROUND,
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


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


def test_a_transfer_is_made_once() -> None:
    """Article 17: with the persons it was given to and how."""
    fact = TransferMade(
        **MATTER,
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
    assert TransferClue(clue=CLUE, recipients=(CLERK,), material=TEXT, transferred_on=ON).how is Manner.IN_PERSON


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
    assert [state_of(due, None, day) for day in days] == ["open", "open", "overdue"]
    assert [state_of(due, day, date(2017, 1, 1)) for day in days] == ["met", "met", "met_late"]
    assert evolve(MADE, fact) == RECEIVED


def test_an_organ_the_edition_sets_no_period_for_owes_no_day() -> None:
    """Article 17: one month binds discipline and organisation only."""
    assert received(organ_class="other")[0].answer is None


def test_a_transfer_received_is_answered_with_a_handling_and_an_account() -> None:
    """Article 17."""
    facts = answered()
    assert facts == [TransferAnswered(**MATTER, handling="filing_a_case", account=TEXT, answered_on=ON)]
    assert evolve(RECEIVED, facts[0]) == ANSWERED


@pytest.mark.parametrize("days", [0, 1])
def test_receipt_and_answer_come_on_the_same_day_or_later(days: int) -> None:
    """Article 17: the day before is refused below."""
    assert received(on=ON + days * DAY)
    assert answered(on=ON + days * DAY)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: received(RECEIVED), ("receipt_once", "17", None)),
        (lambda: received(on=ON - DAY), ("receipt_not_before_transfer", "17", "received_on")),
        (lambda: answered(MADE), ("received_before_answered", "17", None)),
        (lambda: answered(ANSWERED), ("answered_once", "17", None)),
        (lambda: answered(handling="acquittal"), ("handling_known", "17", "handling")),
        (lambda: answered(on=ON - DAY), ("answer_not_before_receipt", "17", "answered_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Article 17."""
    assert refusal(ask) == expected
