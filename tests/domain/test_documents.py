"""Requests for documents: made, answered, completed, refused (Art. 12(6), 25(2))."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.documents import (
    AnswerDocumentRequest,
    DocumentRequest,
    DocumentsAnswered,
    DocumentsRequested,
    Given,
    RequestDocuments,
    answer,
    evolve,
    request,
)
from domain.kernel import Manner, Refused, Secret, derived_id

REQUEST, INSPECTION = derived_id("document-request", "1"), derived_id("inspection", "1")
ROUND, UNIT = derived_id("round", "1"), derived_id("body", "unit")
HEAD, OTHER = derived_id("person", "head"), derived_id("person", "other")
ENTERED, ON, ENDED, DAY = date(2015, 10, 8), date(2015, 10, 20), date(2015, 11, 6), timedelta(days=1)
WHAT, ACCOUNT, REASON = Secret("三年会议记录"), Secret("已提供"), Secret("尚在外借")
MADE = DocumentRequest(ROUND, INSPECTION, UNIT, ON)
PARTLY = replace(MADE, answered_on=ON + DAY, outcome=Given.PARTLY)
ALL = replace(MADE, answered_on=ON + DAY, outcome=Given.GIVEN)


def requested(state: DocumentRequest | None = None, ended_on: date | None = None, **changes: Any) -> list[Any]:
    given = {"inspection": INSPECTION, "what": WHAT, "recipients": (HEAD,), "wanted_by": ON, "requested_on": ON}
    command = RequestDocuments(**{**given, **changes})
    about: dict[str, Any] = {"round_": ROUND, "unit": UNIT, "entered_on": ENTERED, "of_the_unit": (HEAD,)}
    return request(state, REQUEST, command, ended_on=ended_on, **about)


def answered(
    state: DocumentRequest = MADE, outcome: Given = Given.GIVEN, on: date = ON, reason: Secret | None = None
) -> list[Any]:
    command = AnswerDocumentRequest(request=REQUEST, outcome=outcome, account=ACCOUNT, reason=reason, answered_on=on)
    return answer(state, command, answered_by=HEAD)


def test_documents_are_requested_once_from_named_persons() -> None:
    """Article 12(6)."""
    (fact,) = requested()
    assert fact == DocumentsRequested(
        request=REQUEST,
        round=ROUND,
        inspection=INSPECTION,
        unit=UNIT,
        what=WHAT,
        recipients=(HEAD,),
        how=Manner.IN_PERSON,
        wanted_by=ON,
        requested_on=ON,
    )
    assert evolve(None, fact) == MADE
    assert requested(MADE) == []


@pytest.mark.parametrize(("outcome", "reason"), [(Given.GIVEN, None), (Given.PARTLY, REASON), (Given.REFUSED, REASON)])
@pytest.mark.parametrize("days", [0, 1])
def test_the_unit_answers_what_it_gave_and_why_not_all(outcome: Given, reason: Secret | None, days: int) -> None:
    """Articles 12(6), 25(2): on the same day or later."""
    (fact,) = answered(outcome=outcome, on=ON + days * DAY, reason=reason)
    assert fact == DocumentsAnswered(
        request=REQUEST,
        round=ROUND,
        inspection=INSPECTION,
        unit=UNIT,
        outcome=outcome,
        account=ACCOUNT,
        reason=reason,
        answered_by=HEAD,
        answered_on=ON + days * DAY,
    )
    assert evolve(MADE, fact) == replace(MADE, answered_on=ON + days * DAY, outcome=outcome)


def test_what_was_given_in_part_may_be_completed() -> None:
    """Article 12(6)."""
    (fact,) = answered(PARTLY, on=ON + DAY)
    assert evolve(PARTLY, fact).outcome is Given.GIVEN


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (
            lambda: requested(requested_on=ENTERED - DAY),
            ("on_site_during_the_inspection", "12", "requested_on"),
        ),
        (
            lambda: requested(ended_on=ENDED, requested_on=ENDED + DAY),
            ("on_site_during_the_inspection", "12", "requested_on"),
        ),
        (lambda: requested(recipients=()), ("delivered_to_named_persons", "11(6), 17", "recipients")),
        (lambda: requested(recipients=(OTHER,)), ("delivered_to_named_persons", "11(6), 17", "recipients")),
        (lambda: requested(wanted_by=ON - DAY), ("wanted_not_before_request", "12(6)", "wanted_by")),
        (lambda: answered(ALL, on=ON + DAY), ("documents_not_yet_given", "12(6)", None)),
        (lambda: answered(on=ON - DAY), ("document_answer_not_before_request", "12(6)", "answered_on")),
        (lambda: answered(PARTLY, on=ON), ("document_answer_not_before_request", "12(6)", "answered_on")),
        (lambda: answered(outcome=Given.PARTLY), ("not_given_for_a_stated_reason", "25(2)", "reason")),
        (lambda: answered(outcome=Given.REFUSED), ("not_given_for_a_stated_reason", "25(2)", "reason")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 12(6), 25(2)."""
    with pytest.raises(Refused) as no:
        ask()
    assert (no.value.rule.name, no.value.rule.article, no.value.path) == expected
