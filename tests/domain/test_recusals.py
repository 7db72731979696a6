"""Recusals: given what was declared or asked for, when one declares, asks, answers or decides, then facts, a refusal,
or nothing to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import CorrectDay, DayOf, Paper, Refused, Secret, derived_id
from domain.recusals import (
    AnswerRecusalRequest,
    Asker,
    DecideRecusal,
    DeclareRecusal,
    Outcome,
    Recusal,
    RecusalAnswered,
    RecusalDayCorrected,
    RecusalDecided,
    RecusalDeclared,
    RecusalFact,
    RecusalRequested,
    Request,
    RequestRecusal,
    answer,
    correct,
    decide,
    declare,
    evolve,
    recusal_of,
    request,
)
from domain.rulebook.posts import Duty, Standing

ROUND, UNIT, INSPECTION = derived_id("round", "1"), derived_id("body", "1"), derived_id("inspection", "1")
WHO, DECIDER = derived_id("person", "1"), derived_id("person", "2")
RECUSAL = recusal_of(ROUND, UNIT, WHO)
ON = date(2015, 10, 8)
DAY = timedelta(days=1)
KNOWN = ("near_relative", "own_interest", "other")
TEXT = Secret("说明")
PAPER, SAID = Paper(reference=TEXT), UUID(int=1)

NONE = Recusal(ROUND, INSPECTION, UNIT, WHO, (), ON, ON)
AWAITING = replace(NONE, grounds=("near_relative",))
UPHELD = replace(AWAITING, outcome=Outcome.UPHELD, decided_on=ON)
NOT_UPHELD = replace(AWAITING, outcome=Outcome.NOT_UPHELD, decided_on=ON)


def declaring(*grounds: str, statement: Secret | None = TEXT, on: date = ON) -> DeclareRecusal:
    return DeclareRecusal(inspection=INSPECTION, grounds=grounds, statement=statement, declared_on=on)


def declared(state: Recusal | None, command: DeclareRecusal) -> list[RecusalFact]:
    return declare(state, command, round_=ROUND, unit=UNIT, person=WHO, known=KNOWN)


def decided(
    state: Recusal,
    outcome: Outcome = Outcome.UPHELD,
    on: date = ON,
    by: str = DECIDER,
    unheard: Secret | None = None,
) -> list[RecusalFact]:
    command = DecideRecusal(recusal=RECUSAL, outcome=outcome, reason=TEXT, unheard=unheard, decided_on=on)
    return decide(state, command, decider=by, decided_by=Standing.OFFICE)


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


@pytest.mark.parametrize("grounds", [(), ("near_relative",), ("near_relative", "other")])
def test_grounds_or_none_are_declared_for_a_unit(grounds: tuple[str, ...]) -> None:
    """Article 23: "none" is a declaration too, and awaits no decision."""
    facts = declared(None, declaring(*grounds))
    assert facts == [
        RecusalDeclared(
            recusal=RECUSAL,
            round=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            person=WHO,
            grounds=grounds,
            statement=TEXT,
            declared_on=ON,
        )
    ]
    state = evolve(None, facts[0])
    assert (state, state.awaiting, state.upheld) == (replace(NONE, grounds=grounds), bool(grounds), False)


@pytest.mark.parametrize(
    "command", [declaring("native_place"), declaring("near_relative", statement=None)], ids=["unknown", "unexplained"]
)
def test_a_ground_unknown_or_unexplained_is_refused(command: DeclareRecusal) -> None:
    """Article 23."""
    assert refusal(lambda: declared(None, command)) == ("grounds_known_and_stated", "23", "grounds")


def test_none_needs_no_explanation() -> None:
    """Article 23."""
    assert declared(None, declaring(statement=None))


@pytest.mark.parametrize(
    ("state", "grounds", "adds"),
    [
        (NONE, (), False),
        (NONE, ("other",), True),
        (AWAITING, ("near_relative",), False),
        (AWAITING, (), False),
        (AWAITING, ("other",), True),
        (UPHELD, ("near_relative",), False),
        (UPHELD, (), False),
        (UPHELD, ("other",), True),
        (NOT_UPHELD, (), False),
        (NOT_UPHELD, ("near_relative",), True),
    ],
)
def test_a_declaration_that_adds_nothing_is_not_recorded(state: Recusal, grounds: tuple[str, ...], adds: bool) -> None:
    """Article 23: a further ground is never lost, nor withdrawn by silence; one not upheld may arise again."""
    facts = declared(state, declaring(*grounds))
    assert bool(facts) is adds
    if adds:
        after = evolve(state, facts[0])
        assert set(grounds) <= set(after.grounds)
        assert after.upheld is state.upheld
        assert after.awaiting is not state.upheld
    if adds and state.awaiting:
        assert evolve(state, facts[0]).grounds == ("near_relative", "other")


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("days", [0, 1])
def test_an_awaiting_recusal_is_decided(outcome: Outcome, days: int) -> None:
    """Article 23: on the day of declaration or later."""
    facts = decided(AWAITING, outcome, ON + days * DAY)
    assert facts == [
        RecusalDecided(
            recusal=RECUSAL,
            round=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            person=WHO,
            outcome=outcome,
            reason=TEXT,
            decided_by=Standing.OFFICE,
            decided_on=ON + days * DAY,
        )
    ]
    state = evolve(AWAITING, facts[0])
    assert state == replace(AWAITING, outcome=outcome, decided_on=ON + days * DAY, decided_after=ON)
    assert (state.awaiting, state.upheld) == (False, outcome is Outcome.UPHELD)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: decided(NONE), ("recusal_awaits_decision", "23", None)),
        (lambda: decided(UPHELD), ("recusal_awaits_decision", "23", None)),
        (lambda: decided(NOT_UPHELD), ("recusal_awaits_decision", "23", None)),
        (lambda: decided(AWAITING, by=WHO), ("nobody_decides_their_own_recusal", "23", None)),
        (
            lambda: decided(AWAITING, on=ON - DAY),
            ("recusal_decision_not_before_declaration", "23", "decided_on"),
        ),
    ],
)
def test_a_recusal_not_awaiting_ones_own_or_not_yet_declared_is_not_decided(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Article 23."""
    assert refusal(ask) == expected


@pytest.mark.parametrize(("days", "off"), [(-1, False), (0, True), (1, True)], ids=["day before", "on", "day after"])
def test_a_person_is_off_the_unit_from_the_day_of_the_decision_on(days: int, off: bool) -> None:
    """Article 23: not from the declaration, and only where the recusal is upheld."""
    decided_on = ON + 5 * DAY
    day = decided_on + days * DAY
    upheld = evolve(AWAITING, decided(AWAITING, Outcome.UPHELD, decided_on)[0])
    refused = evolve(AWAITING, decided(AWAITING, Outcome.NOT_UPHELD, decided_on)[0])
    assert upheld.upheld_by(day) is off
    assert [state.upheld_by(day) for state in (NONE, AWAITING, refused)] == [False, False, False]


@pytest.mark.parametrize(("days", "there"), [(-1, False), (0, True), (1, True)], ids=["day before", "on", "day after"])
@pytest.mark.parametrize("grounds", [(), ("near_relative",)], ids=["none", "a ground"])
def test_a_declaration_is_there_from_its_own_day_on(grounds: tuple[str, ...], days: int, there: bool) -> None:
    """Article 23: "none" as well, and whatever is decided on it."""
    first = evolve(None, declared(None, declaring(*grounds))[0])
    assert first.declared_by(ON + days * DAY) is there
    assert [state.declared_by(ON + days * DAY) for state in (UPHELD, NOT_UPHELD)] == [there, there]


@pytest.mark.parametrize(
    "state", [NONE, AWAITING, UPHELD, NOT_UPHELD], ids=["none", "awaiting", "upheld", "not upheld"]
)
@pytest.mark.parametrize(("days", "first"), [(-1, -1), (0, 0), (1, 0)], ids=["day before", "on", "day after"])
def test_a_further_declaration_leaves_the_first_day_or_moves_it_back(state: Recusal, days: int, first: int) -> None:
    """Article 23: who declared on a day has declared by it, though more was declared later."""
    after = evolve(state, declared(state, declaring("other", on=ON + days * DAY))[0])
    assert (after.first_declared_on, after.declared_on) == (ON + first * DAY, ON + days * DAY)


def test_what_is_declared_after_an_upheld_recusal_leaves_the_person_off_the_unit() -> None:
    """Article 23: since the day it was decided; all grounds count."""
    after = evolve(UPHELD, declared(UPHELD, declaring("other", on=ON + DAY))[0])
    assert after == replace(UPHELD, grounds=("near_relative", "other"), declared_on=ON + DAY)
    assert [after.upheld_by(ON + days * DAY) for days in (-1, 0, 1)] == [False, True, True]
    assert refusal(lambda: decided(after, on=ON + DAY)) == ("recusal_awaits_decision", "23", None)


@pytest.mark.parametrize("grounds", ["near_relative", "other"])
def test_what_is_declared_after_a_recusal_not_upheld_awaits_a_decision_of_its_own(grounds: str) -> None:
    """Article 23: the earlier outcome, its day and its grounds count no more."""
    after = evolve(NOT_UPHELD, declared(NOT_UPHELD, declaring(grounds, on=ON + DAY))[0])
    assert after == replace(NOT_UPHELD, grounds=(grounds,), declared_on=ON + DAY, outcome=None, decided_on=None)
    assert (after.awaiting, after.upheld_by(ON + DAY)) == (True, False)
    early = ("recusal_decision_not_before_declaration", "23", "decided_on")
    assert refusal(lambda: decided(after, on=ON)) == early
    again = evolve(after, decided(after, on=ON + DAY)[0])
    assert [again.upheld_by(ON + days * DAY) for days in (0, 1, 2)] == [False, True, True]


def test_a_person_has_one_recusal_for_a_unit_in_a_round() -> None:
    """Article 23: another round, unit or person is another."""
    assert recusal_of(ROUND, UNIT, WHO) == RECUSAL
    assert (
        len({RECUSAL, recusal_of(ROUND, WHO, UNIT), recusal_of(UNIT, UNIT, WHO), recusal_of(ROUND, UNIT, DECIDER)}) == 4
    )


# --- asked for by others -------------------------------------------------------------------------------------------

ASKER, REQUEST = derived_id("person", "3"), derived_id("recusal-request", "1")
BARE = Recusal(ROUND, INSPECTION, UNIT, WHO)
PENDING = Request(REQUEST, ASKER, frozenset({"near_relative"}), ON)
ASKED = replace(BARE, requests=(PENDING,))
ANSWERED = replace(BARE, requests=(replace(PENDING, answered=True),))
BOTH = replace(AWAITING, requests=(PENDING,))


def asked(
    state: Recusal | None,
    *grounds: str,
    by: str = ASKER,
    as_: Asker = Asker.TEAM,
    on: date = ON,
    person: str = WHO,
    id_: str = REQUEST,
) -> list[RecusalFact]:
    command = RequestRecusal(
        inspection=INSPECTION, person=person, grounds=grounds, reason=TEXT, statement=TEXT, requested_on=on
    )
    return request(
        state, id_, command, round_=ROUND, unit=UNIT, asked_by=by, asked_as=as_, of_the_leader=False, known=KNOWN
    )


def answered(state: Recusal, on: date = ON) -> list[RecusalFact]:
    return answer(state, AnswerRecusalRequest(recusal=RECUSAL, answer=TEXT, answered_on=on))


@pytest.mark.parametrize("as_", Asker)
@pytest.mark.parametrize("state", [None, NONE, AWAITING, NOT_UPHELD], ids=["nothing", "none", "awaiting", "not upheld"])
def test_others_ask_for_a_recusal_declared_or_not(state: Recusal | None, as_: Asker) -> None:
    """Articles 6(4), 23: it awaits a decision, and is no declaration."""
    facts = asked(state, "other", as_=as_)
    assert facts == [
        RecusalRequested(
            recusal=RECUSAL,
            request=REQUEST,
            round=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            person=WHO,
            asked_by=ASKER,
            asked_as=as_,
            grounds=("other",),
            reason=TEXT,
            statement=TEXT,
            requested_on=ON,
        )
    ]
    after = evolve(state, facts[0])
    assert (after.awaiting, after.upheld) == (True, False)
    assert after.declared is (state is not None)
    assert after.requests == (Request(REQUEST, ASKER, frozenset({"other"}), ON),)


@pytest.mark.parametrize(("as_", "shown"), [*zip(Asker, [True, False, True, False], strict=True)])
def test_who_asked_is_shown_only_of_leader_and_office(as_: Asker, shown: bool) -> None:
    """Article 23 (c): whoever else asks is protected."""
    assert as_.shown is shown


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: asked(None, "other", by=WHO), ("own_recusal_is_declared", "23", "person")),
        (lambda: asked(None), ("recusal_request_names_a_ground", "23", "grounds")),
        (lambda: asked(None, "native_place"), ("grounds_known_and_stated", "23", "grounds")),
        (lambda: answered(NONE), ("recusal_request_awaits_an_answer", "23", None)),
        (lambda: answered(AWAITING), ("recusal_request_awaits_an_answer", "23", None)),
        (lambda: answered(ANSWERED), ("recusal_request_awaits_an_answer", "23", None)),
        (lambda: answered(ASKED, ON - DAY), ("recusal_answer_not_before_request", "23", "answered_on")),
        (lambda: decided(ASKED), ("recusal_upheld_after_hearing", "23", "unheard")),
        (lambda: decided(ANSWERED, by=ASKER), ("recusal_not_decided_by_who_asked", "23", None)),
        (lambda: decided(ANSWERED, by=WHO), ("nobody_decides_their_own_recusal", "23", None)),
        (lambda: decided(ANSWERED, on=ON - DAY), ("recusal_decision_not_before_request", "23", "decided_on")),
        (
            lambda: decided(replace(BOTH, declared_on=ON + DAY)),
            ("recusal_decision_not_before_declaration", "23", "decided_on"),
        ),
    ],
)
def test_what_is_asked_answered_or_decided_amiss_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Article 23."""
    assert refusal(ask) == expected


@pytest.mark.parametrize(
    ("state", "by", "grounds", "adds"),
    [
        (ASKED, ASKER, ("near_relative",), False),
        (ASKED, ASKER, ("other",), True),
        (ASKED, DECIDER, ("near_relative",), True),
        (UPHELD, ASKER, ("other",), False),
        (NOT_UPHELD, ASKER, ("near_relative",), True),
    ],
)
def test_a_request_that_adds_nothing_is_not_recorded(
    state: Recusal, by: str, grounds: tuple[str, ...], adds: bool
) -> None:
    """Article 23: the same by somebody else is another; what was not upheld may be asked for again."""
    assert bool(asked(state, *grounds, by=by)) is adds


@pytest.mark.parametrize("days", [0, 1], ids=["on", "day after"])
def test_the_person_concerned_is_heard(days: int) -> None:
    """Article 23: on the day of the request or later; a further request is to be answered again."""
    facts = answered(ASKED, ON + days * DAY)
    assert facts == [
        RecusalAnswered(
            recusal=RECUSAL,
            round=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            person=WHO,
            requests=(REQUEST,),
            answer=TEXT,
            answered_on=ON + days * DAY,
        )
    ]
    after = evolve(ASKED, facts[0])
    assert (after, ASKED.heard, after.heard) == (ANSWERED, False, True)
    again = evolve(after, asked(after, "other", id_=derived_id("recusal-request", "2"))[0])
    assert again.heard is False
    assert [f.requests for f in answered(again) if isinstance(f, RecusalAnswered)] == [
        (derived_id("recusal-request", "2"),)
    ]


@pytest.mark.parametrize(
    ("state", "outcome", "unheard", "kept"),
    [
        (ANSWERED, Outcome.UPHELD, None, False),
        (ANSWERED, Outcome.UPHELD, TEXT, False),
        (ASKED, Outcome.UPHELD, TEXT, True),
        (ASKED, Outcome.NOT_UPHELD, None, False),
        (BOTH, Outcome.UPHELD, None, False),
    ],
    ids=["heard", "heard, and a reason", "not heard, and why", "not upheld", "declared as well"],
)
def test_what_others_asked_for_is_decided(state: Recusal, outcome: Outcome, unheard: Any, kept: bool) -> None:
    """Article 23: upheld, the person was heard, or it says why not; the decision names what it answers."""
    (fact,) = decided(state, outcome, unheard=unheard)
    assert isinstance(fact, RecusalDecided)
    assert (fact.requests, fact.unheard) == ((REQUEST,), TEXT if kept else None)
    after = evolve(state, fact)
    assert (after.awaiting, after.upheld, after.requests) == (False, outcome is Outcome.UPHELD, ())
    assert [after.upheld_by(ON + days * DAY) for days in (-1, 0, 1)] == [False, after.upheld, after.upheld]


@pytest.mark.parametrize("outcome", [None, *Outcome])
def test_none_is_still_to_be_declared_after_others_asked(outcome: Outcome | None) -> None:
    """Article 23: a request and its outcome are no declaration, and "none" takes no outcome back."""
    state = ASKED if outcome is None else evolve(ANSWERED, decided(ANSWERED, outcome)[0])
    assert [state.declared_by(ON + days * DAY) for days in (-1, 0, 1)] == [False, False, False]
    facts = declared(state, declaring(statement=None))
    after = evolve(state, facts[0])
    assert (after.declared, after.outcome, after.requests) == (True, outcome, state.requests)
    assert declared(after, declaring(statement=None)) == []


def test_what_others_ask_for_after_a_recusal_not_upheld_awaits_a_decision_of_its_own() -> None:
    """Article 23: what was declared and not upheld counts no more."""
    after = evolve(NOT_UPHELD, asked(NOT_UPHELD, "other")[0])
    assert (after.grounds, after.outcome, after.decided_on, after.awaiting) == ((), None, None, True)
    assert after.declared


@pytest.mark.parametrize(
    ("outcome", "duties", "freed"),
    [
        (Outcome.UPHELD, (Duty.REGISTRAR, Duty.MEMBER), (Duty.REGISTRAR, Duty.MEMBER)),
        (Outcome.UPHELD, (), None),
        (Outcome.NOT_UPHELD, (Duty.REGISTRAR,), None),
    ],
)
def test_an_upheld_recusal_says_which_duties_are_free(outcome: Outcome, duties: Any, freed: Any) -> None:
    """Article 23 (c): so that a replacement is named; not upheld, nothing is."""
    command = DecideRecusal(recusal=RECUSAL, outcome=outcome, reason=TEXT, decided_on=ON)
    (fact,) = decide(AWAITING, command, decider=DECIDER, decided_by=Standing.OFFICE, duties=duties)
    assert isinstance(fact, RecusalDecided)
    assert fact.duties == freed


# --- a wrong day put right -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [UPHELD, NOT_UPHELD], ids=["upheld", "not upheld"])
@pytest.mark.parametrize(
    ("days", "fits"),
    [(-1, False), (0, True), (9, True), (10, False)],
    ids=["day before it was declared", "on it", "day of the replacement", "day after"],
)
def test_the_day_of_the_decision_is_corrected(state: Recusal, days: int, fits: bool) -> None:
    """Articles 23, 28 (c): off the unit from the corrected day on; not before what it decided on."""
    state = evolve(AWAITING, decided(AWAITING, state.outcome or Outcome.UPHELD, ON + DAY)[0])
    day = ON + days * DAY
    command = CorrectDay(
        matter=RECUSAL, day_of=DayOf.RECUSAL_DECIDED, day=day, reason=TEXT, paper=PAPER, corrected_on=ON + 30 * DAY
    )
    replaced_on = (ON + 9 * DAY,)
    if not fits:
        no = refusal(lambda: correct(state, command, entry=SAID, replaced_on=replaced_on))
        assert no == ("corrected_day_fits_the_others", "28", "day")
        return
    (fact,) = correct(state, command, entry=SAID, replaced_on=replaced_on)
    assert isinstance(fact, RecusalDayCorrected)
    after = evolve(state, fact)
    assert (fact.corrected.before, after.decided_on) == (ON + DAY, day)
    assert fact.requests is None  # it was declared, and nobody asked
    assert [after.upheld_by(day + n * DAY) for n in (-1, 0, 1)] == [False, state.upheld, state.upheld]
    assert correct(after, command, entry=SAID) == []
    assert after.between(DayOf.ENDED).day is None


def test_a_decision_on_a_request_is_corrected_to_no_day_before_it_was_asked_for() -> None:
    """Article 23: a later declaration of none does not bind it."""
    state = evolve(ANSWERED, decided(ANSWERED, on=ON + DAY)[0])
    state = evolve(state, declared(state, declaring(on=ON + 5 * DAY))[0])
    for days, fits in ((-1, False), (0, True)):
        command = CorrectDay(
            matter=RECUSAL,
            day_of=DayOf.RECUSAL_DECIDED,
            day=ON + days * DAY,
            reason=TEXT,
            paper=PAPER,
            corrected_on=ON + 9 * DAY,
        )
        if fits:
            (fact,) = correct(state, command, entry=SAID)
            assert isinstance(fact, RecusalDayCorrected)
            assert fact.requests == tuple(r.id for r in ANSWERED.requests) != ()
        else:
            assert refusal(lambda c=command: correct(state, c, entry=SAID))[0] == "corrected_day_fits_the_others"
