"""Deliveries: given where one comes from and goes to, when it is made, received or its service recorded, then facts,
a refusal, or nothing to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.deliveries import (
    AcknowledgeDelivery,
    Deliver,
    Delivery,
    DeliveryMade,
    DeliveryReceived,
    DeliveryServiceRecorded,
    RecordService,
    Way,
    acknowledge,
    evolve,
    make,
    reaches_the_office,
    receipt_of,
    record_service,
)
from domain.kernel import Manner, Refused, Secret, derived_id
from domain.rulebook import calendars
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import owed
from domain.rulebook.posts import Standing

DATA = Path(calendars.__file__).parent / "data"
YIWU = parse_edition((DATA / "yiwu-2015.toml").read_text("utf-8"), "yiwu-2015.toml")
CALENDAR = parse_calendar((DATA / "calendar-cn.toml").read_text("utf-8"), "calendar-cn.toml")

ON, DAY = date(2015, 9, 30), timedelta(days=1)
SERVED_AFTER = date(2015, 10, 10)  # 8, 9 and 10 October, a make-up Saturday
DELIVERY, OTHER = derived_id("delivery", "1"), derived_id("delivery", "2")
ROUND, TEAM, INSPECTION = derived_id("round", "1"), derived_id("team", "1"), derived_id("inspection", "1")
UNIT, ORGAN = derived_id("body", "unit"), derived_id("body", "organ")
MAKER, ANNA, BERT, HEAD = (derived_id("person", name) for name in ("maker", "anna", "bert", "head"))
TEXT = Secret("了解班子有关情况")
WAY = Way(
    round=ROUND,
    sender="team",
    to="organ",
    made_by=MAKER,
    team=TEAM,
    about=INSPECTION,
    inspection=INSPECTION,
    unit=UNIT,
    body=ORGAN,
)


def made(
    state: Delivery | None = None,
    way: Way = WAY,
    fitting: tuple[str, ...] = (ANNA, BERT),
    of_the_unit: tuple[str, ...] = (HEAD,),
    replied_to: Delivery | None = None,
    answers: str | None = None,
    **changes: Any,
) -> list[Any]:
    given = {
        "round": ROUND,
        "occasion": "inquiry_to_organ",
        "team": TEAM,
        "about": INSPECTION,
        "body": ORGAN,
        "recipients": (ANNA,),
        "how": Manner.ORAL,
        "content": TEXT,
        "delivered_on": ON,
        **changes,
    }
    command = Deliver.model_validate(given)
    return [
        *make(
            state,
            DELIVERY,
            command,
            way=way,
            fitting=fitting,
            of_the_unit=of_the_unit,
            replied_to=replied_to,
            answers=answers,
            service=owed(YIWU, CALENDAR, "service_record", command.delivered_on),
        )
    ]


ASKED = evolve(None, made(recipients=(ANNA, BERT))[0])


def received(state: Delivery, by: str = ANNA, on: date = ON) -> list[Any]:
    return [*acknowledge(state, AcknowledgeDelivery(delivery=DELIVERY, received_on=on), received_by=by)]


def recorded(state: Delivery, on: date = SERVED_AFTER + DAY) -> list[Any]:
    return [*record_service(state, RecordService(delivery=DELIVERY, recorded_on=on, reason=TEXT))]


def refusal(ask: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.path


def test_a_delivery_names_persons_and_says_where_it_comes_from() -> None:
    """Articles 11(4), 11(5): telling by word of mouth is a delivery too; sent twice, there is nothing to do."""
    (fact,) = made()
    assert fact == DeliveryMade(
        delivery=DELIVERY,
        round=ROUND,
        occasion="inquiry_to_organ",
        sender="team",
        to="organ",
        made_by=MAKER,
        team=TEAM,
        about=INSPECTION,
        inspection=INSPECTION,
        unit=UNIT,
        body=ORGAN,
        recipients=(ANNA,),
        how=Manner.ORAL,
        content=TEXT,
        delivered_on=ON,
        service=owed(YIWU, CALENDAR, "service_record", ON),
    )
    state = evolve(None, fact)
    assert (state.recipients, state.outstanding, state.served_after) == ((ANNA,), (ANNA,), SERVED_AFTER)
    assert made(state) == []


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: made(recipients=()), ("delivery_names_its_recipients", "recipients")),
        (lambda: made(recipients=(ANNA, ANNA)), ("delivery_names_its_recipients", "recipients")),
        (lambda: made(recipients=(ANNA, MAKER)), ("recipients_fit_the_occasion", "recipients")),
        (
            lambda: made(recipients=(ANNA, HEAD), fitting=(ANNA, HEAD)),
            ("delivery_past_the_unit_concerned", "recipients"),
        ),
        (lambda: made(about=derived_id("petition", "1")), ("delivery_about_what_may_be_told", "about")),
        (lambda: made(about=derived_id("clue", "1")), ("delivery_about_what_may_be_told", "about")),
        (lambda: made(answers="inquiry_to_organ"), ("answer_names_its_inquiry", "reply_to")),
        (
            lambda: made(answers="assistance", replied_to=ASKED, reply_to=OTHER),
            ("answer_names_its_inquiry", "reply_to"),
        ),
        (
            lambda: made(replied_to=ASKED, reply_to=OTHER, delivered_on=ON - DAY),
            ("reply_not_before_what_it_replies_to", "delivered_on"),
        ),
        (lambda: received(ASKED, on=ON - DAY), ("delivery_received_not_before_made", "received_on")),
        (lambda: received(replace(ASKED, received=(ANNA,))), ("delivery_received_once", None)),
        (lambda: recorded(replace(ASKED, received=(ANNA, BERT))), ("service_of_what_was_not_acknowledged", None)),
        (
            lambda: recorded(replace(ASKED, received=(ANNA,), recorded=(BERT,))),
            ("service_of_what_was_not_acknowledged", None),
        ),
    ],
)
def test_what_does_not_hold_is_refused(ask: Callable[[], object], expected: tuple[str, str | None]) -> None:
    """Articles 11(4), 11(5), 13."""
    assert refusal(ask) == expected


@pytest.mark.parametrize("days", [0, 1])
def test_an_answer_names_its_inquiry_and_comes_with_it_or_later(days: int) -> None:
    """Article 11(5): the day before is refused above."""
    (fact,) = made(answers="inquiry_to_organ", replied_to=ASKED, reply_to=OTHER, delivered_on=ON + days * DAY)
    assert (fact.reply_to, fact.replies_to_sender) == (OTHER, "team")
    assert received(ASKED, on=ON + days * DAY)


def test_each_recipient_acknowledges_for_themselves() -> None:
    """Article 11(4): one's receipt is not another's."""
    (fact,) = received(ASKED)
    assert fact == DeliveryReceived(
        delivery=DELIVERY, round=ROUND, received_by=ANNA, received_on=ON, how=Manner.IN_PERSON
    )
    state = evolve(ASKED, fact)
    assert (state.received, state.outstanding) == ((ANNA,), (BERT,))
    assert received(state, BERT)
    assert receipt_of(DELIVERY, ANNA) != receipt_of(DELIVERY, BERT)


@pytest.mark.parametrize(("day", "allowed"), [(9, False), (10, False), (11, True), (12, True)])
def test_service_is_recorded_when_the_three_working_days_are_over(day: int, allowed: bool) -> None:
    """Article 11(6) (c): hard before; for those only who have not acknowledged."""
    on = date(2015, 10, day)
    state = replace(ASKED, received=(ANNA,))
    if not allowed:
        assert refusal(lambda: recorded(state, on)) == ("service_recorded_after_the_period", "recorded_on")
        return
    (fact,) = recorded(state, on)
    assert fact == DeliveryServiceRecorded(
        delivery=DELIVERY, round=ROUND, recipients=(BERT,), recorded_on=on, reason=TEXT
    )
    after = evolve(state, fact)
    assert after.outstanding == ()
    assert received(after, BERT)  # who acknowledges later, has received it


@pytest.mark.parametrize(
    ("sender", "standing", "replies_to_sender", "reaches"),
    [
        ("office", None, None, True),
        ("team", None, None, False),
        ("team", Standing.OFFICE, None, True),
        ("organ", Standing.PARTY_COMMITTEE, None, False),
        ("organ", None, "office", True),
        ("organ", None, "team", False),
    ],
)
def test_the_office_sees_its_own_what_it_got_and_the_replies(
    sender: str, standing: Standing | None, replies_to_sender: str | None, reaches: bool
) -> None:
    """Article 4: what a team and an organ tell each other does not reach the office."""
    assert reaches_the_office(sender, standing, replies_to_sender) is reaches
    state = replace(ASKED, sender=sender, standing=standing, replies_to_sender=replies_to_sender)
    assert state.of_the_office is reaches
