"""The inspection report: drafts keep their versions, the leader signs, the office gets it (Art. 6, 7, 14, 16)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.kernel import Manner, Refused, Secret, derived_id
from domain.reports import (
    AttachedClue,
    DraftSaved,
    Material,
    Omission,
    Report,
    ReportedProblem,
    ReportProblem,
    ReportSigned,
    ReportSubmitted,
    ReportSupplemented,
    SaveDraft,
    Signing,
    SignReport,
    StatedProblem,
    SubmitReport,
    SupplementReport,
    evolve,
    report_of,
    save_draft,
    sign,
    submit,
    supplement,
)

ON, DAY = date(2015, 10, 20), timedelta(days=1)
TEXT, CAUSES, ADVICE = Secret("问题"), Secret("原因"), Secret("建议")
ROUND, UNIT, INSPECTION = derived_id("round", "1"), derived_id("body", "unit"), derived_id("inspection", "1")
REPORT = report_of(INSPECTION)
LEADER, AUTHOR, CLERK, SUSPECT = (derived_id("person", name) for name in ("leader", "author", "clerk", "suspect"))
P1, P2, P3, NEW = (derived_id("problem", name) for name in ("1", "2", "3", "new"))
C1, C2, C3 = (derived_id("clue", name) for name in "123")
PETITION = derived_id("petition", "1")
ITEMS = {"organisational_discipline": ("no_collective_decision",), "integrity_discipline": ()}
MATTER = {"report": REPORT, "round": ROUND, "inspection": INSPECTION, "unit": UNIT}
MATERIAL = Material(title=Secret("专题"), content=Secret("材料"))
LEFT_OUT = Omission(clue=C2, reason=Secret("查无实据"))


def problem(id_: str = P1, **changes: Any) -> ReportProblem:
    given = {"category": "organisational_discipline", "text": TEXT, "causes": CAUSES, "suggestion": ADVICE}
    return ReportProblem.model_validate({"problem": id_, "sources": (PETITION,), **given, **changes})


def draft(number: int = 1, **changes: Any) -> DraftSaved:
    given = {
        **MATTER,
        "draft": number,
        "author": AUTHOR,
        "overview": TEXT,
        "problems": (problem(),),
        "clues": (C1,),
        "omissions": (LEFT_OUT,),
        "materials": (MATERIAL,),
        "dropped": (),
        "withheld_from": (),
        "saved_on": ON,
    }
    return DraftSaved.model_validate({**given, **changes})


DRAFTED = Report(ROUND, UNIT, draft(), (P1,))
SIGNED = replace(DRAFTED, signed=1, signed_on=ON)
SUBMITTED = replace(SIGNED, submitted_on=ON, reported={P1: "organisational_discipline"})
READY = Signing("leader", (C1, C2), (C3,), explained=True)


def stated(**changes: Any) -> StatedProblem:
    return StatedProblem.model_validate({"category": "organisational_discipline", "text": TEXT, **changes})


def saved(
    state: Report | None = None, concerned: tuple[str, ...] = (), leaders: tuple[str, ...] = (LEADER,), **changes: Any
) -> list[Any]:
    command = SaveDraft.model_validate({"inspection": INSPECTION, "overview": TEXT, "saved_on": ON, **changes})
    return save_draft(
        state,
        REPORT,
        command,
        round_=ROUND,
        unit=UNIT,
        author=AUTHOR,
        new_problems=[NEW if i == 0 else derived_id("problem", f"new{i}") for i in range(len(command.problems))],
        items=ITEMS,
        concerned=concerned,
        leaders=leaders,
    )


def signed(
    state: Report = DRAFTED,
    signing: Signing = READY,
    ended_on: date | None = ON,
    discussed: bool = True,
    **changes: Any,
) -> list[Any]:
    command = SignReport.model_validate({"inspection": INSPECTION, "draft": 1, "signed_on": ON, **changes})
    return sign(state, command, signing, ended_on=ended_on, discussed=discussed)


REPORTED = AttachedClue(clue=C1, report=Secret("上报内容"))


def submitted(
    state: Report = SIGNED, signing: Signing = READY, attached: tuple[AttachedClue, ...] = (REPORTED,), **changes: Any
) -> list[Any]:
    given = {"inspection": INSPECTION, "recipients": (CLERK,), "submitted_on": ON, **changes}
    return submit(
        state,
        SubmitReport.model_validate(given),
        signing,
        again=state.last,
        attached=attached,
        of_the_office=(CLERK, SUSPECT),
    )


def supplemented(
    state: Report = SUBMITTED,
    duty: str = "leader",
    attached: tuple[AttachedClue, ...] = (),
    concerned: tuple[str, ...] = (),
    **changes: Any,
) -> list[Any]:
    given = {
        "inspection": INSPECTION,
        "reason": TEXT,
        "text": TEXT,
        "recipients": (CLERK,),
        "supplemented_on": ON,
        **changes,
    }
    command = SupplementReport.model_validate(given)
    return supplement(
        state,
        command,
        duty=duty,
        new_problems=[NEW] * len(command.problems),
        items=ITEMS,
        attached=attached,
        concerned=concerned,
        leaders=(LEADER,),
        of_the_office=(CLERK, SUSPECT),
    )


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


def test_a_draft_is_on_record_whole_with_ids_for_its_problems() -> None:
    """Article 16: what is attached, what is left out and why, and what each problem rests on."""
    (fact,) = saved(
        problems=(stated(item="no_collective_decision", sources=(PETITION, C1)),),
        clues=(C1,),
        omissions=(LEFT_OUT,),
        materials=(MATERIAL,),
        concerned=(SUSPECT,),
    )
    assert fact == draft(
        problems=(problem(NEW, item="no_collective_decision", causes=None, suggestion=None, sources=(PETITION, C1)),),
        withheld_from=(SUSPECT,),
    )
    state = evolve(None, fact)
    assert state == Report(ROUND, UNIT, fact, (NEW,), withheld_from=(SUSPECT,))
    assert state.names == (C1, C2, PETITION, C1)


def test_a_later_draft_keeps_problems_by_their_ids_and_says_which_were_taken_out() -> None:
    """Article 16: drafts keep their versions, so that who took what out is seen."""
    first = evolve(None, draft(problems=(problem(P1), problem(P2))))
    (fact,) = saved(first, problems=(stated(problem=P2), stated()), saved_on=ON + DAY)
    assert (fact.draft, fact.dropped, fact.author) == (2, (P1,), AUTHOR)
    assert [p.problem for p in fact.problems] == [P2, derived_id("problem", "new1")]
    second = evolve(first, fact)
    assert second.stated == (P1, P2, derived_id("problem", "new1"))
    (third,) = saved(second, problems=(stated(problem=P1),), saved_on=ON + DAY)
    assert (third.draft, third.dropped) == (3, (P2, derived_id("problem", "new1")))


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: saved(SUBMITTED), ("inspection_report_submitted_once", "16", None)),
        (lambda: saved(DRAFTED, saved_on=ON - DAY), ("draft_not_before_the_last", "16", "saved_on")),
        (lambda: saved(problems=(stated(category="weather"),)), ("category_known", "9", "problems.0.category")),
        (
            lambda: saved(problems=(stated(), stated(item="elsewhere"))),
            ("item_of_the_category", "9", "problems.1.item"),
        ),
        (lambda: saved(problems=(stated(problem=P1),)), ("kept_problem_of_an_earlier_draft", "16", "problems")),
        (
            lambda: saved(DRAFTED, problems=(stated(problem=P1), stated(problem=P1))),
            ("kept_problem_of_an_earlier_draft", "16", "problems"),
        ),
        (lambda: saved(clues=(C2,), omissions=(LEFT_OUT,)), ("clue_attached_or_left_out", "16", "omissions")),
        (lambda: saved(clues=(C1, C1)), ("clue_attached_or_left_out", "16", "omissions")),
        (
            lambda: saved(clues=(C1,), concerned=(SUSPECT, LEADER)),
            ("signer_not_concerned_by_the_report", "23", None),
        ),
    ],
)
def test_a_draft_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 9, 16, 23."""
    assert refusal(ask) == expected


def test_the_leader_signs_off_the_last_draft() -> None:
    """Articles 6(3), 16."""
    (fact,) = signed()
    assert fact == ReportSigned(**MATTER, draft=1, withheld_from=(), signed_on=ON)
    assert evolve(DRAFTED, fact) == SIGNED


@pytest.mark.parametrize("days", [0, 1])
def test_a_report_is_signed_on_the_day_of_the_end_or_later(days: int) -> None:
    """Article 16: the day before is refused below."""
    assert signed(signed_on=ON + days * DAY)


def test_a_report_without_problems_says_why() -> None:
    """Article 16: full and true."""
    none = replace(DRAFTED, last=draft(problems=(), no_problems=Secret("未发现问题")))
    assert signed(none)
    assert refusal(lambda: signed(replace(DRAFTED, last=draft(problems=()))))[0] == "report_full_and_true"
    both = replace(DRAFTED, last=draft(no_problems=Secret("未发现问题")))
    assert refusal(lambda: signed(both))[0] == "report_full_and_true"


@pytest.mark.parametrize("duty", ["deputy_leader", "registrar", "member"])
def test_nobody_signs_for_the_leader(duty: str) -> None:
    """Article 6(3): nobody else, the deputy leader neither; and what goes upward is the leader's (6(2))."""
    other = replace(READY, duty=duty)
    assert refusal(lambda: signed(signing=other)) == ("signed_by_the_leader", "6(3)", None)
    assert refusal(lambda: submitted(signing=other)) == ("reported_by_the_leader", "6(2)", None)
    assert refusal(lambda: supplemented(duty=duty)) == ("reported_by_the_leader", "6(2)", None)


SECOND = replace(SIGNED, last=draft(2))


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: signed(SUBMITTED), ("inspection_report_submitted_once", "16", None)),
        (lambda: signed(draft=2), ("last_draft_signed", "6(3)", "draft")),
        (lambda: signed(SECOND, draft=1), ("last_draft_signed", "6(3)", "draft")),
        (lambda: signed(SIGNED), ("draft_signed_once", "6(3)", "draft")),
        (lambda: signed(ended_on=None), ("report_signed_after_the_end", "16", "signed_on")),
        (lambda: signed(ended_on=ON + DAY), ("report_signed_after_the_end", "16", "signed_on")),
        (
            lambda: signed(ended_on=ON - DAY, signed_on=ON - DAY),
            ("signature_not_before_draft", "6(3)", "signed_on"),
        ),
        (lambda: signed(discussed=False), ("report_discussed_first", "7(3)", None)),
        (
            lambda: signed(replace(DRAFTED, last=draft(problems=(problem(causes=None),)))),
            ("report_full_and_true", "16", None),
        ),
        (
            lambda: signed(replace(DRAFTED, last=draft(problems=(problem(), problem(P2, suggestion=None))))),
            ("report_full_and_true", "16", None),
        ),
        (
            lambda: signed(signing=replace(READY, listed=(C1, C2, derived_id("clue", "more")))),
            ("every_clue_attached_or_explained", "16", None),
        ),
        (
            lambda: signed(signing=replace(READY, restricted=(C1,))),
            ("nothing_restricted_in_the_report", "14", None),
        ),
        (
            lambda: signed(signing=replace(READY, restricted=(C2,))),
            ("nothing_restricted_in_the_report", "14", None),
        ),
        (
            lambda: signed(replace(DRAFTED, last=draft(problems=(problem(sources=(C3,)),)))),
            ("nothing_restricted_in_the_report", "14", None),
        ),
        (
            lambda: signed(signing=replace(READY, explained=False)),
            ("restricted_clues_explained_apart", "14", None),
        ),
    ],
)
def test_a_signature_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 6(3), 7(3), 14, 16."""
    assert refusal(ask) == expected


def test_the_office_gets_the_report_without_its_sources() -> None:
    """Article 16: problems, causes, suggestions; clues by what was reported; what was left out, and why."""
    (fact,) = submitted(how=Manner.ELECTRONIC)
    reported = ReportedProblem(
        problem=P1, category="organisational_discipline", text=TEXT, causes=CAUSES, suggestion=ADVICE
    )
    assert fact == ReportSubmitted(
        **MATTER,
        draft=1,
        overview=TEXT,
        problems=(reported,),
        clues=(REPORTED,),
        omissions=(LEFT_OUT,),
        materials=(MATERIAL,),
        recipients=(CLERK,),
        how=Manner.ELECTRONIC,
        withheld_from=(),
        submitted_on=ON,
    )
    assert PETITION not in str(fact)
    assert evolve(SIGNED, fact) == SUBMITTED


WITHHELD = replace(SIGNED, last=draft(withheld_from=(SUSPECT,)))


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: submitted(SUBMITTED), ("inspection_report_submitted_once", "16", None)),
        (lambda: submitted(DRAFTED), ("signed_before_submitted", "16", None)),
        (lambda: submitted(SECOND), ("signed_before_submitted", "16", None)),
        (lambda: submitted(submitted_on=ON - DAY), ("submission_not_before_signature", "16", "submitted_on")),
        (
            lambda: submitted(signing=replace(READY, listed=(C1, C2, C3))),
            ("every_clue_attached_or_explained", "16", None),
        ),
        (
            lambda: submitted(signing=replace(READY, restricted=(C1,))),
            ("nothing_restricted_in_the_report", "14", None),
        ),
        (lambda: submitted(attached=()), ("attached_clues_reported_first", "16", None)),
        (lambda: submitted(recipients=()), ("delivered_to_named_persons", "11(6), 17", "recipients")),
        (lambda: submitted(recipients=(AUTHOR,)), ("delivered_to_named_persons", "11(6), 17", "recipients")),
        (
            lambda: submitted(WITHHELD, recipients=(SUSPECT,)),
            ("delivered_to_named_persons", "11(6), 17", "recipients"),
        ),
        (lambda: submitted(how=Manner.ORAL), ("delivered_in_writing", "11(6), 17", "how")),
    ],
)
def test_a_submission_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 14, 16."""
    assert refusal(ask) == expected


def test_a_supplement_stands_beside_what_was_submitted() -> None:
    """Article 16 (c): it corrects a problem, or adds one; what was submitted stays."""
    attached = (AttachedClue(clue=C3, report=TEXT),)
    problems = (stated(problem=P1, sources=(PETITION,)), stated(category="integrity_discipline"))
    (fact,) = supplemented(problems=problems, clues=(C3,), attached=attached, concerned=(SUSPECT,))
    assert isinstance(fact, ReportSupplemented)
    assert ([p.problem for p in fact.problems], fact.clues, fact.withheld_from) == ([P1, NEW], attached, (SUSPECT,))
    state = evolve(SUBMITTED, fact)
    assert state.reported == {P1: "organisational_discipline", NEW: "integrity_discipline"}
    assert (state.last, state.withheld_from) == (SUBMITTED.last, (SUSPECT,))


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: supplemented(SIGNED), ("supplement_after_submission", "16", None)),
        (
            lambda: supplemented(supplemented_on=ON - DAY),
            ("supplement_not_before_submission", "16", "supplemented_on"),
        ),
        (lambda: supplemented(problems=(stated(category="x"),)), ("category_known", "9", "problems.0.category")),
        (
            lambda: supplemented(problems=(stated(problem=P3),)),
            ("kept_problem_of_an_earlier_draft", "16", "problems"),
        ),
        (lambda: supplemented(clues=(C3, C3)), ("clue_attached_or_left_out", "16", "clues")),
        (lambda: supplemented(concerned=(LEADER,)), ("signer_not_concerned_by_the_report", "23", None)),
        (lambda: supplemented(clues=(C3,)), ("attached_clues_reported_first", "16", None)),
        (
            lambda: supplemented(recipients=(SUSPECT,), concerned=(SUSPECT,)),
            ("delivered_to_named_persons", "11(6), 17", "recipients"),
        ),
        (lambda: supplemented(how=Manner.ORAL), ("delivered_in_writing", "11(6), 17", "how")),
    ],
)
def test_a_supplement_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Article 16."""
    assert refusal(ask) == expected
